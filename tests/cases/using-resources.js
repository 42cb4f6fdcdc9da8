// `using` releases resources in reverse order, also when the block throws, and collects errors of disposal.
const log = [];

class Connection {
  constructor(name, { failsToClose = false } = {}) {
    this.name = name;
    this.failsToClose = failsToClose;
    log.push(`open ${name}`);
  }
  query(text) {
    log.push(`${this.name}: ${text}`);
    return text.length;
  }
  [Symbol.dispose]() {
    log.push(`close ${this.name}`);
    if (this.failsToClose) throw new Error(`cannot close ${this.name}`);
  }
}

function work(shouldThrow) {
  using first = new Connection("first");
  using nothing = null;
  using second = new Connection("second");
  first.query("select 1");
  if (shouldThrow) throw new Error("work failed");
  return second.query("select 22");
}

const length = work(false);
let caught;
try { work(true); } catch (error) { caught = error.message; }

let suppressed;
try {
  using bad = new Connection("bad", { failsToClose: true });
  throw new Error("body");
} catch (error) {
  suppressed = { name: error.name, error: error.error.message, suppressed: error.suppressed.message };
}

for (using each of [new Connection("loop 1"), new Connection("loop 2")]) log.push(`in ${each.name}`);

const stack = new DisposableStack();
stack.use(new Connection("stacked"));
stack.defer(() => log.push("deferred"));
stack.adopt(7, (value) => log.push(`adopted ${value}`));
stack.dispose();

console.log(log.join("\n"));
return { length, caught, suppressed, disposed: stack.disposed };
