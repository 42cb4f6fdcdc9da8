// Owns what else is told of an error that left the script: its cause, the errors it holds, and theirs.
(function (native) {
    "use strict";
    const { describe } = native;
    const { getOwnPropertyDescriptor } = Reflect;
    const { isArray } = Array;
    const { isError } = Error;
    const push = Function.prototype.call.bind(Array.prototype.push);

    const RELATED_MAX = 8;
    const SHOWN_MAX = 3;

    // A data property of an object that the script may have made: no getter runs.
    function own(object, name) {
        return getOwnPropertyDescriptor(object, name)?.value;
    }

    function inherited(error, name) {
        try {
            const value = error[name];
            return typeof value === "string" ? value : "";
        } catch {
            return "";
        }
    }

    // The errors behind `error` as [path, name, message, stack, path, …], breadth first: "cause", "errors[0]", "errors[0].cause".
    function related(error) {
        const flat = [];
        const queue = [["", error]];
        for (let i = 0; i < queue.length && i <= RELATED_MAX; i++) {
            const [path, value] = queue[i];
            const isObject = isError(value);
            if (i > 0) {
                if (isObject) push(flat, path, inherited(value, "name"), inherited(value, "message"), inherited(value, "stack"));
                else push(flat, path, "", describe(value), "");
            }
            if (!isObject) continue;
            const prefix = path === "" ? "" : `${path}.`;
            const cause = getOwnPropertyDescriptor(value, "cause");
            if (cause !== undefined && "value" in cause) push(queue, [`${prefix}cause`, cause.value]);
            const errors = own(value, "errors");
            for (let j = 0; isArray(errors) && j < errors.length && j < SHOWN_MAX; j++) {
                push(queue, [`${prefix}errors[${j}]`, own(errors, j)]);
            }
        }
        return flat;
    }

    return { related };
})
