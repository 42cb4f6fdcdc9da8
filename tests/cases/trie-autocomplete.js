// A trie with prefix search, wildcard match and fuzzy suggestions.
class Trie {
  #root = { children: new Map(), count: 0 };

  add(word) {
    let node = this.#root;
    for (const char of word) {
      if (!node.children.has(char)) node.children.set(char, { children: new Map(), count: 0 });
      node = node.children.get(char);
    }
    node.count++;
    return this;
  }

  *#walk(node, prefix) {
    if (node.count > 0) yield [prefix, node.count];
    for (const [char, child] of [...node.children].sort(([a], [b]) => (a < b ? -1 : 1)))
      yield * this.#walk(child, prefix + char);
  }

  suggest(prefix, limit = 3) {
    let node = this.#root;
    for (const char of prefix) {
      node = node.children.get(char);
      if (!node) return [];
    }
    return [...this.#walk(node, prefix)].sort(([, a], [, b]) => b - a).slice(0, limit).map(([word]) => word);
  }

  match(pattern, node = this.#root, prefix = "") {
    if (pattern === "") return node.count > 0 ? [prefix] : [];
    const [char, ...rest] = pattern;
    const next = char === "?" ? [...node.children.keys()] : node.children.has(char) ? [char] : [];
    return next.flatMap((c) => this.match(rest.join(""), node.children.get(c), prefix + c));
  }

  fuzzy(word, max) {
    const found = [];
    const visit = (node, prefix, previous) => {
      if (node.count > 0 && previous.at(-1) <= max) found.push([prefix, previous.at(-1)]);
      if (Math.min(...previous) > max) return;
      for (const [char, child] of node.children) {
        const row = [previous[0] + 1];
        for (let i = 1; i < previous.length; i++) {
          row.push(Math.min(row[i - 1] + 1, previous[i] + 1, previous[i - 1] + (word[i - 1] === char ? 0 : 1)));
        }
        visit(child, prefix + char, row);
      }
    };
    visit(this.#root, "", Array.from({ length: word.length + 1 }, (_, i) => i));
    return found.sort(([a, x], [b, y]) => x - y || a.localeCompare(b));
  }

  get size() { return [...this.#walk(this.#root, "")].length; }
}

const words = "car card care cart cat dog dot door constructor const __proto__ car car care żaba".split(" ");
const trie = words.reduce((t, word) => t.add(word), new Trie());

console.log(trie.suggest("ca"), trie.suggest("con"), trie.suggest("__"));
return {
  size: trie.size,
  all: trie.suggest("car", 10),
  none: trie.suggest("xyz"),
  pattern: [trie.match("ca?"), trie.match("d?"), trie.match("d??"), trie.match("?aba")],
  fuzzy: trie.fuzzy("crat", 2),
  exact: trie.fuzzy("dog", 0),
};
