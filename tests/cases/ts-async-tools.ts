// Typed calls of tools: Promise types, generic fetch helper, typed errors, async iterables.
import type { Tool } from "./types";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

interface Page<T> {
  items: T[];
  next: number | null;
}

interface Order {
  id: number;
  total: number;
  status: "open" | "paid";
}

const isFailure = (e: unknown): e is Error & { kind: string } => e instanceof ToolError;

async function page(start: number): Promise<Page<Order>> {
  const items = Array.from({ length: 2 }, (_, i): Order => ({
    id: start + i,
    total: (start + i) * 10,
    status: (start + i) % 2 ? "open" : "paid",
  }));
  return (await tools.echo({ items, next: start < 5 ? start + 2 : null })) as Page<Order>;
}

async function* orders(): AsyncGenerator<Order, void, undefined> {
  for (let start: number | null = 1; start !== null; ) {
    const { items, next }: Page<Order> = await page(start);
    yield* items;
    start = next;
  }
}

async function attempt<T extends Json>(task: () => Promise<T>, fallback: T): Promise<T> {
  try {
    return await task();
  } catch (e) {
    if (!isFailure(e)) throw e;
    console.warn(`${e.kind}: ${e.message}`);
    return fallback;
  }
}

const sums: Record<Order["status"], number> = { open: 0, paid: 0 };
for await (const { status, total } of orders()) sums[status] += total;

const safe = await attempt<number>(() => tools.fail({ message: "down" }), -1);
const total: number = await tools.add({ x: sums.open, y: sums.paid } satisfies { x: number; y: number });
return { sums, safe, total };
