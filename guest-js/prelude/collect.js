// Owns what scripts in the form of TypeScript AgentLoop use: they collect calls, which are made when the script has ended.
//
//     function callTools() {
//         toolCalls.push(toolSchemas.weather.parse({ city: "Oslo", note: LiteralLoader("note") }));
//         return toolCalls;
//     }
(function (native) {
    "use strict";
    const { submit, suggestion, hasTool } = native;
    const { apply } = Reflect;
    const { isArray } = Array;
    const { create, defineProperty, freeze, hasOwn, keys } = Object;
    const { Promise, Proxy, String, TypeError } = globalThis;
    const { then } = Promise.prototype;
    const slice = Function.prototype.call.bind(String.prototype.slice);

    const NAME_MAX = 128;

    function schema(name) {
        return freeze({
            // The host checks the arguments against the tool's schema when it makes the call.
            parse(args) {
                if (args === null || typeof args !== "object" || isArray(args)) {
                    throw new TypeError(`toolSchemas.${name}.parse takes one object with the arguments of the tool`);
                }
                return { ...args, toolName: name };
            },
        });
    }

    const toolSchemas = new Proxy(freeze(create(null)), freeze({
        get(_, key) {
            if (typeof key === "symbol" || key === "then" || key === "toJSON") return undefined;
            if (hasTool(key)) return schema(key);
            const asked = slice(key, 0, NAME_MAX);
            throw new TypeError(`there is no tool "${asked}"; ${suggestion(asked)}`);
        },
        has: (_, key) => hasTool(key),
    }));

    let literals = create(null);

    function takeLiterals(pairs) {
        for (let i = 0; i < pairs.length; i += 2) literals[pairs[i]] = pairs[i + 1];
    }

    // A method, so that it has no `prototype`.
    const { LiteralLoader } = {
        LiteralLoader(id) {
            if (typeof id === "string" && hasOwn(literals, id)) return literals[id];
            const ids = keys(literals);
            const there = ids.length === 0 ? "this run has none" : `there are: ${ids.slice(0, 20).join(", ")}`;
            throw new TypeError(`there is no literal "${slice(String(id), 0, NAME_MAX)}"; ${there}`);
        },
    };

    // The script's own list: not frozen, unlike everything else that a script finds.
    const toolCalls = [];

    function checkCollected(calls) {
        if (!isArray(calls)) throw new TypeError("callTools must return an array of calls, such as toolCalls");
        for (let i = 0; i < calls.length; i++) {
            const name = calls[i]?.toolName;
            const wrong = typeof name !== "string" ? "has no toolName" : hasTool(name) ? undefined :
                `asks for "${slice(name, 0, NAME_MAX)}", which is no tool; ${suggestion(name)}`;
            if (wrong !== undefined) throw new TypeError(`call ${i} of callTools ${wrong}`);
        }
    }

    // Makes all calls at once and promises their reports, in order.
    function makeCollected(calls) {
        checkCollected(calls);
        const reports = [];
        let waiting = calls.length;
        return new Promise((resolve) => {
            if (waiting === 0) resolve(reports);
            for (let i = 0; i < calls.length; i++) {
                const { toolName, ...args } = calls[i];
                const settle = (report) => {
                    reports[i] = report;
                    if (--waiting === 0) resolve(reports);
                };
                apply(then, submit(toolName, args), [
                    (output) => settle({ toolName, success: true, output }),
                    (error) => settle({ toolName, success: false, error: error.message }),
                ]);
            }
        });
    }

    function forgetCollected() {
        literals = create(null);
        toolCalls.length = 0;
    }

    for (const [name, value] of [["toolSchemas", toolSchemas], ["LiteralLoader", LiteralLoader], ["toolCalls", toolCalls]]) {
        defineProperty(globalThis, name, { value, writable: true, configurable: true });
    }

    return { takeLiterals, makeCollected, toolCalls, forgetCollected, mutable: [toolCalls] };
})
