// A sandbox without defences, for the positive controls. The script is spliced into a function, builtins are looked up
// when they are used, call ids are within reach, and console and result share one channel of lines.
"use strict";
const script = process.argv[1];
const print = (line) => process.stdout.write(`${line}\n`);

globalThis.__calls = [];
const call = (answer) => (args = {}) => {
    const text = JSON.stringify(args);
    const received = [];
    received.push(text);
    return new Promise((resolve, reject) => {
        __calls.push({ resolve, reject });
        setImmediate(() => {
            try {
                resolve(JSON.parse(answer(JSON.parse(received.join("")))));
            } catch (error) {
                reject(error);
            }
        });
    });
};
globalThis.tools = {
    echo: call((args) => JSON.stringify(args)),
    add: call(({ x, y }) => JSON.stringify(x + y)),
    raw: call(({ json }) => json),
    fail: call(({ message = "it broke" }) => {
        throw new Error(message);
    }),
};
globalThis.console = { log: (...values) => print(`console ${values.join(" ")}`) };

let program;
try {
    program = (0, eval)(`(async function () { "use strict"; ${script}\n})`);
} catch (error) {
    print(`syntax ${error}`);
}
if (typeof program === "function") {
    program().then(
        (value) => print(`finished ${JSON.stringify(value === undefined ? null : value)}`),
        (error) => print(`threw ${error}`),
    );
}
