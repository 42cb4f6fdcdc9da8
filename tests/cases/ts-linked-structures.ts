// Generic data structures: a stack, a queue on two stacks, a binary search tree with an iterator.
export interface Collection<T> extends Iterable<T> {
  readonly size: number;
}

class Stack<T> implements Collection<T> {
  protected items: T[] = [];
  push = (item: T): number => this.items.push(item);
  pop = (): T | undefined => this.items.pop();
  get size(): number { return this.items.length; }
  *[Symbol.iterator](): Iterator<T> { yield* this.items.toReversed(); }
}

class Queue<T> {
  private readonly inbox = new Stack<T>();
  private readonly outbox = new Stack<T>();
  enqueue(item: T): void { this.inbox.push(item); }
  dequeue(): T | undefined {
    if (this.outbox.size === 0) {
      let item: T | undefined;
      while ((item = this.inbox.pop()) !== undefined) this.outbox.push(item as T);
    }
    return this.outbox.pop();
  }
}

type Tree<K, V> = { key: K; value: V; left: Tree<K, V> | null; right: Tree<K, V> | null };

class TreeMap<K extends string | number, V> implements Collection<[K, V]> {
  private root: Tree<K, V> | null = null;
  public size = 0;

  set(key: K, value: V): this {
    const insert = (node: Tree<K, V> | null): Tree<K, V> => {
      if (node === null) {
        this.size++;
        return { key, value, left: null, right: null };
      }
      if (key < node.key) return { ...node, left: insert(node.left) };
      if (key > node.key) return { ...node, right: insert(node.right) };
      return { ...node, value };
    };
    this.root = insert(this.root);
    return this;
  }

  *[Symbol.iterator](): Iterator<[K, V]> {
    const path: Tree<K, V>[] = [];
    for (let node = this.root; node !== null || path.length > 0;) {
      while (node !== null) {
        path.push(node);
        node = node.left;
      }
      node = path.pop()!;
      yield [node.key, node.value];
      node = node.right;
    }
  }

  height = (node: Tree<K, V> | null = this.root): number =>
    node ? 1 + Math.max(...[node.left, node.right].map((n) => (n ? this.height(n) : 0))) : 0;
}

const stack = new Stack<number>();
[1, 2, 3].forEach(stack.push);
const queue = new Queue<string>();
for (const s of "abc") queue.enqueue(s);
const order: (string | undefined)[] = [
  queue.dequeue(),
  (queue.enqueue("d"), queue.dequeue()),
  queue.dequeue(),
  queue.dequeue(),
  queue.dequeue(),
];

const list = [...stack];
console.log(list, order);
return { list, order, ...treeReport() };

function treeReport(): { size: number; height: number; entries: [string, number][]; keys: string } {
  const tree = new TreeMap<string, number>();
  for (const [i, key] of ["m", "c", "x", "a", "d", "c"].entries()) tree.set(key, i);
  return {
    size: tree.size,
    height: tree.height(),
    entries: [...tree],
    keys: Array.from(tree, ([key]) => key).join(""),
  };
}
