// Classes in TypeScript: parameter properties, abstract members, access modifiers, override, implements.
interface Printable {
  print(indent?: number): string;
}

abstract class Node implements Printable {
  private static nextId = 1;
  protected readonly id: number = Node.nextId++;
  declare parent: Node | undefined;

  constructor(public readonly name: string, protected size = 0) {}

  abstract get total(): number;
  abstract print(indent?: number): string;

  protected line(indent: number): string {
    return `${" ".repeat(indent)}${this.id}:${this.name} (${this.total})`;
  }
}

class File extends Node {
  constructor(name: string, size: number, private readonly hidden: boolean = name.startsWith(".")) {
    super(name, size);
  }

  override get total(): number {
    return this.hidden ? 0 : this.size;
  }

  override print(indent = 0): string {
    return this.line(indent);
  }
}

class Folder extends Node {
  readonly #children: Node[] = [];

  add<T extends Node>(child: T): T {
    child.parent = this;
    this.#children.push(child);
    return child;
  }

  get total(): number {
    return this.#children.reduce((sum: number, child: Node) => sum + child.total, this.size);
  }

  print(indent: number = 0): string {
    return [this.line(indent), ...this.#children.map((child) => child.print(indent + 2))].join("\n");
  }
}

const root = new Folder("root");
const src = root.add(new Folder("src"));
src.add(new File("main.ts", 120));
src.add(new File(".cache", 9999));
const readme: File = root.add(new File("README.md", 30));

console.log(root.print());
return {
  total: root.total,
  parent: readme.parent?.name,
  path: [src.parent!.name, src.name].join("/"),
  keys: Object.keys(readme),
};
