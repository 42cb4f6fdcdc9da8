// What try/catch/finally does with returns, breaks, nested throws and pending promises.
const log = [];

function override() {
  try {
    return "from try";
  } finally {
    log.push("finally after return");
  }
}

function replaced() {
  for (let i = 0; ; i++) {
    try {
      if (i === 2) return `returned at ${i}`;
      if (i === 1) continue;
      log.push(`body ${i}`);
    } finally {
      log.push(`finally ${i}`);
      if (i === 2) break;
    }
  }
  return "break won";
}

function nested() {
  try {
    try {
      throw new Error("first");
    } finally {
      log.push("inner finally");
    }
  } catch ({ message }) {
    try {
      throw new Error(`second after ${message}`);
    } catch (error) {
      return error.message;
    }
  }
}

async function asynchronous() {
  try {
    await Promise.reject(new Error("async"));
  } catch {
    await null;
    return "recovered";
  } finally {
    await tools.add({ x: 1, y: 1 });
    log.push("async finally");
  }
}

const value = { n: 1 };
const evaluated = (() => { try { return value.n; } finally { value.n = 2; } })();

const outcome = await Promise.reject(new Error("kept"))
  .finally(() => "ignored")
  .then(() => "not this", (error) => error.message)
  .finally(() => log.push("promise finally"));

const returned = [override(), replaced(), nested(), await asynchronous(), evaluated, value.n, outcome];
console.log(returned);
return { returned, log };
