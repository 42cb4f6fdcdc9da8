// A typed repository: interfaces, generics with constraints, optional members, readonly, keyof.
interface Entity {
  readonly id: number;
  createdAt?: Date;
}

interface Product extends Entity {
  name: string;
  price: number;
  tags?: string[];
}

type Patch<T extends Entity> = Partial<Omit<T, "id">>;
type Comparator<T> = (a: T, b: T) => number;

class Repository<T extends Entity> {
  private readonly items: Map<number, T> = new Map<number, T>();

  add(...items: T[]): this {
    for (const item of items) this.items.set(item.id, item);
    return this;
  }

  get(id: number): T | undefined {
    return this.items.get(id);
  }

  update(id: number, patch: Patch<T>): T {
    const current = this.get(id);
    if (!current) throw new Error(`no entity ${id}`);
    const next = { ...current, ...patch } as T;
    this.items.set(id, next);
    return next;
  }

  where<K extends keyof T>(key: K, test: (value: T[K]) => boolean): T[] {
    return [...this.items.values()].filter((item) => test(item[key]));
  }

  sorted(compare: Comparator<T>): readonly T[] {
    return [...this.items.values()].sort(compare);
  }
}

const by = <T, K extends keyof T>(key: K): Comparator<T> => (a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0);

const products = new Repository<Product>().add(
  { id: 1, name: "Lamp", price: 40 },
  { id: 2, name: "Desk", price: 250, tags: ["wood"] },
  { id: 3, name: "Chair", price: 90 },
);

products.update(1, { price: 35, tags: ["sale"] });
const cheap: Product[] = products.where("price", (price) => price < 100);
const first = products.sorted(by<Product, "name">("name"))[0]!;

console.log(cheap.map(({ name }: Product): string => name).join(", "));
return { cheap, first: first.name, missing: products.get(9)?.name ?? null, tags: products.get(2)!.tags!.length };
