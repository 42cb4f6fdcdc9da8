// A small event emitter with once, wildcard listeners, unsubscribe functions and error isolation.
class Emitter {
  #listeners = new Map();

  on(type, listener, { once = false } = {}) {
    const entry = { listener, once };
    const list = this.#listeners.get(type) ?? this.#listeners.set(type, []).get(type);
    list.push(entry);
    return () => {
      const index = list.indexOf(entry);
      if (index >= 0) list.splice(index, 1);
      return index >= 0;
    };
  }

  once(type, listener) {
    if (listener) return this.on(type, listener, { once: true });
    return new Promise((resolve) => this.on(type, (...args) => resolve(args), { once: true }));
  }

  emit(type, ...args) {
    let called = 0;
    for (const entry of [...(this.#listeners.get(type) ?? []), ...(this.#listeners.get("*") ?? [])]) {
      if (entry.once) this.#remove(type, entry);
      try {
        entry.listener.apply(this, args);
        called++;
      } catch (error) {
        if (type === "error") throw error;
        this.emit("error", error, type);
      }
    }
    return called;
  }

  #remove(type, entry) {
    const list = this.#listeners.get(type);
    list?.splice(list.indexOf(entry), 1);
  }
}

const bus = new Emitter();
const seen = [];
const off = bus.on("save", (file) => seen.push(`save ${file}`));
bus.once("save", (file) => seen.push(`first save ${file}`));
bus.on("*", (...args) => seen.push(`* ${args.length}`));
bus.on("crash", () => { throw new Error("listener broke"); });
bus.on("error", (error, type) => console.error(`error in ${type}: ${error.message}`));

const later = bus.once("ready");
const counts = [bus.emit("save", "a.txt"), bus.emit("save", "b.txt")];
const removed = [off(), off()];
counts.push(bus.emit("save", "c.txt"), bus.emit("crash"), bus.emit("toString"));
setTimeout(() => bus.emit("ready", 1, 2), 10);

const target = new EventTarget();
target.addEventListener("ping", (event) => seen.push(`${event.type} ${event instanceof Event}`), { once: true });
target.dispatchEvent(new Event("ping"));
target.dispatchEvent(new Event("ping"));

return { counts, removed, ready: await later, seen };
