// Owns what the tests of test262 expect of their host. Goes before their own harness, in the same script.

// Archives made for another engine end each test with a call of this.
globalThis.reportCompare = function () {};
globalThis.print = function () {};

// No second realm, no agents, no collection that can be asked for: the sandbox has none.
globalThis.$262 = {
    global: globalThis,
    detachArrayBuffer(buffer) {
        buffer.transfer();
    },
};

// What an asynchronous test tells by `$DONE` settles this; the last line of its script waits for it.
const asynchronousOutcome = Promise.withResolvers();
globalThis.$DONE = function (error) {
    if (error) asynchronousOutcome.reject(error);
    else asynchronousOutcome.resolve();
};
