// A tokenizer for arithmetic built on sticky regexes, and a recursive-descent evaluator on top of it.
const TOKENS = [
  ["number", /\d+(?:\.\d+)?/y],
  ["name", /[a-z_]\w*/iy],
  ["operator", /\*\*|[-+*\/%()=,]/y],
  ["space", /\s+/y],
];

function tokenize(source) {
  const tokens = [];
  let position = 0;
  outer: while (position < source.length) {
    for (const [type, pattern] of TOKENS) {
      pattern.lastIndex = position;
      const match = pattern.exec(source);
      if (match === null) continue;
      if (type !== "space") tokens.push({ type, text: match[0], at: position });
      position = pattern.lastIndex;
      continue outer;
    }
    throw new SyntaxError(`unexpected ${JSON.stringify(source[position])} at ${position}`);
  }
  return tokens;
}

function evaluate(source, scope = {}) {
  const tokens = tokenize(source);
  let i = 0;
  const peek = () => tokens[i]?.text;
  const next = () => tokens[i++];
  const binary = (operand, table) => () => {
    let left = operand();
    while (Object.hasOwn(table, peek() ?? "")) left = table[next().text](left, operand());
    return left;
  };
  const primary = () => {
    const token = next();
    if (token?.text === "(") { const value = sum(); next(); return value; }
    if (token?.text === "-") return -power();
    if (token?.type === "number") return Number(token.text);
    if (token?.type === "name") return scope[token.text];
    throw new SyntaxError(`expected a value, got ${token?.text ?? "the end"}`);
  };
  const power = () => {
    const base = primary();
    if (peek() !== "**") return base;
    next();
    return base ** power();
  };
  const product = binary(power, { "*": (a, b) => a * b, "/": (a, b) => a / b, "%": (a, b) => a % b });
  const sum = binary(product, { "+": (a, b) => a + b, "-": (a, b) => a - b });
  return sum();
}

const results = ["1 + 2 * 3", "(1+2)*3", "2 ** 3 ** 2", "-x ** 2 + 10 % 4", "7 / 2 - 0.5", "2 * (3"].map((s) => [
  s,
  evaluate(s, { x: 3 }),
]);
const errors = ["3 $ 4", "2 *"].map((s) => {
  try {
    return evaluate(s);
  } catch (e) {
    return `${e.name}: ${e.message}`;
  }
});
console.log(tokenize("rate=1.5").map((t) => `${t.type}@${t.at}`).join(" "));
return { results, errors };
