// A typed event bus: mapped event types, generic listeners, index access types, Required and Readonly.
type Events = {
  login: { user: string; at?: number };
  logout: { user: string; reason: "manual" | "timeout" };
  tick: number;
};

type Listener<T> = (payload: Readonly<T>) => void | Promise<void>;
type Unsubscribe = () => boolean;

class Bus<E extends Record<string, any>> {
  #listeners: { [K in keyof E]?: Set<Listener<E[K]>> } = {};

  constructor(private readonly options: Required<Pick<{ max: number; name?: string }, "max">>) {}

  on<K extends keyof E>(type: K, listener: Listener<E[K]>): Unsubscribe {
    const set = (this.#listeners[type] ??= new Set());
    if (set.size >= this.options.max) throw new RangeError(`too many listeners for ${String(type)}`);
    set.add(listener);
    return () => set.delete(listener);
  }

  async emit<K extends keyof E>(type: K, payload: E[K]): Promise<number> {
    const set: Set<Listener<E[K]>> | undefined = this.#listeners[type];
    await Promise.all([...(set ?? [])].map((listener) => listener(payload)));
    return set?.size ?? 0;
  }
}

const bus = new Bus<Events>({ max: 2 });
const seen: Array<string | number> = [];

const off = bus.on("login", ({ user, at = 0 }) => void seen.push(`${user}@${at}`));
bus.on("login", async (e) => {
  const { user }: { user: string } = await tools.echo({ user: e.user.toUpperCase() });
  seen.push(user);
});
bus.on("tick", (n) => {
  seen.push(n * 2);
});

let refused = "";
try {
  bus.on("login", () => {});
} catch (e: any) {
  refused = e.message;
}

const counts: number[] = [
  await bus.emit("login", { user: "ann", at: 5 }),
  await bus.emit("tick", 21),
  await bus.emit("logout", { user: "ann", reason: "manual" }),
];
const removed = [off(), off()];
counts.push(await bus.emit("login", { user: "bob" }));

console.log(seen);
return { seen, counts, removed, refused };
