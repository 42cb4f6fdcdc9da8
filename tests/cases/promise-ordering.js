// The order in which synchronous code, microtasks and timers run.
const log = [];
const note = (entry) => () => log.push(entry);

setTimeout(note("timeout 0"), 0);
setTimeout(note("timeout 5"), 5);
queueMicrotask(note("microtask 1"));

const chained = Promise.resolve()
    .then(note("then 1"))
    .then(note("then 2"))
    .finally(note("finally"));

(async () => {
    log.push("async body");
    await null;
    log.push("after await");
    await { then(resolve) { log.push("thenable"); resolve(); } };
    log.push("after thenable");
})();

new Promise((resolve) => {
    log.push("executor");
    resolve("ignored later");
    resolve("again");
    throw new Error("swallowed: already resolved");
}).then(note("executor then"));

queueMicrotask(() => {
    log.push("microtask 2");
    queueMicrotask(note("nested microtask"));
});

log.push("sync end");
await chained;
await new Promise((resolve) => setTimeout(resolve, 10));

const nested = await Promise.resolve(Promise.resolve(Promise.resolve(3)));
const rejectedLater = await new Promise((resolve, reject) => resolve(Promise.reject(new Error("adopted")))).catch(
    (e) => e.message,
);

console.log(log.join("\n"));
return { steps: log.length, nested, rejectedLater };
