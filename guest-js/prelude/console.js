// Owns `console` and the text form of values that people read. Nothing here decides anything: it is for reading only.
(function (write) {
    "use strict";
    const { apply, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { isArray } = Array;
    const { stringify } = JSON;
    const uncurry = (method) => (self, ...rest) => apply(method, self, rest);
    const join = uncurry(Array.prototype.join);
    const push = uncurry(Array.prototype.push);
    const includes = uncurry(Array.prototype.includes);
    const slice = uncurry(String.prototype.slice);
    const replaceAll = uncurry(String.prototype.replaceAll);
    const split = uncurry(String.prototype.split);
    const hasText = uncurry(String.prototype.includes);
    const repeat = uncurry(String.prototype.repeat);
    const test = uncurry(RegExp.prototype.test);
    const forEachMap = uncurry(Map.prototype.forEach);
    const forEachSet = uncurry(Set.prototype.forEach);
    const mapSize = uncurry(getOwnPropertyDescriptor(Map.prototype, "size").get);
    const setSize = uncurry(getOwnPropertyDescriptor(Set.prototype, "size").get);
    const dateText = uncurry(Date.prototype.toISOString);
    const regexpText = uncurry(RegExp.prototype.toString);
    const typedTag = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);
    const typedLength = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), "length").get);
    const identifier = /^[A-Za-z_$][\w$]*$/;

    const DEPTH_MAX = 4;
    const ITEMS_MAX = 100;
    const STRING_MAX = 10_000;
    const LINE_MAX = 76;

    const DEBUG = 0, LOG = 1, INFO = 2, WARN = 3, ERROR = 4;

    function attempt(read) {
        try {
            return read();
        } catch {
            return undefined;
        }
    }

    function quote(text) {
        const shown = text.length > STRING_MAX ? slice(text, 0, STRING_MAX) : text;
        const rest = text.length - shown.length;
        return stringify(shown) + (rest > 0 ? `… ${rest} more characters` : "");
    }

    function keyText(key) {
        if (typeof key === "symbol") return `[${String(key)}]`;
        return test(identifier, key) ? key : quote(key);
    }

    function className(object) {
        const prototype = getPrototypeOf(object);
        if (prototype === null) return "[Object: null prototype]";
        const constructor = getOwnPropertyDescriptor(prototype, "constructor")?.value;
        const name = typeof constructor === "function" ? getOwnPropertyDescriptor(constructor, "name")?.value : undefined;
        return typeof name === "string" ? name : "Object";
    }

    function wrap(prefix, open, items, close, indent) {
        if (items.length === 0) return `${prefix}${open}${close}`;
        const line = join(items, ", ");
        if (line.length <= LINE_MAX && !includesNewline(items)) return `${prefix}${open} ${line} ${close}`;
        const pad = repeat("  ", indent + 1);
        return `${prefix}${open}\n${pad}${join(items, `,\n${pad}`)}\n${repeat("  ", indent)}${close}`;
    }

    function includesNewline(items) {
        for (let i = 0; i < items.length; i++) if (hasText(items[i], "\n")) return true;
        return false;
    }

    function properties(object, keys, state) {
        const items = [];
        for (let i = 0; i < keys.length; i++) {
            if (items.length === ITEMS_MAX) {
                push(items, `… ${keys.length - i} more`);
                break;
            }
            const property = getOwnPropertyDescriptor(object, keys[i]);
            if (property === undefined || !property.enumerable) continue;
            // A getter is named, not called.
            const value = "value" in property ? inspect(property.value, deeper(state)) : "[Getter]";
            push(items, `${keyText(keys[i])}: ${value}`);
        }
        return items;
    }

    function deeper(state) {
        return { depth: state.depth + 1, ancestors: state.ancestors };
    }

    function arrayItems(length, at, state) {
        const items = [];
        for (let i = 0; i < length && i < ITEMS_MAX; i++) push(items, inspect(at(i), deeper(state)));
        if (length > ITEMS_MAX) push(items, `… ${length - ITEMS_MAX} more`);
        return items;
    }

    function collected(forEach, size, item) {
        const items = [];
        forEach((value, key) => {
            if (items.length < ITEMS_MAX) push(items, item(value, key));
        });
        if (size > ITEMS_MAX) push(items, `… ${size - ITEMS_MAX} more`);
        return items;
    }

    // Frames of the script, as it names them; those of the prelude and of native functions say nothing to its author.
    function scriptFrames(stack) {
        const lines = split(slice(stack, 0, STRING_MAX), "\n");
        let text = "";
        for (let i = 0; i < lines.length; i++) {
            if (hasText(lines[i], "script.js:")) text += `\n${replaceAll(lines[i], "<eval>", "script")}`;
        }
        return text;
    }

    function errorText(error, state) {
        const stack = attempt(() => error.stack);
        const name = attempt(() => String(error.name)) ?? "Error";
        const message = attempt(() => String(error.message)) ?? "";
        const head = message === "" ? name : `${name}: ${message}`;
        let text = typeof stack === "string" ? head + scriptFrames(stack) : head;
        const cause = getOwnPropertyDescriptor(error, "cause");
        if (cause !== undefined && "value" in cause) text += `\n  cause: ${inspect(cause.value, deeper(state))}`;
        return text;
    }

    function objectText(object, state) {
        if (includes(state.ancestors, object)) return "[Circular]";
        if (state.depth > DEPTH_MAX) return isArray(object) ? "[Array]" : `[${className(object)}]`;
        push(state.ancestors, object);
        try {
            return containerText(object, state);
        } finally {
            state.ancestors.length--;
        }
    }

    function containerText(object, state) {
        const { depth } = state;
        if (isArray(object)) return wrap("", "[", arrayItems(object.length, (i) => object[i], state), "]", depth);
        if (Error.isError?.(object) ?? object instanceof Error) return errorText(object, state);
        const size = attempt(() => mapSize(object));
        if (size !== undefined) {
            const entries = collected((visit) => forEachMap(object, visit), size,
                (value, key) => `${inspect(key, deeper(state))} => ${inspect(value, deeper(state))}`);
            return wrap(`Map(${size}) `, "{", entries, "}", depth);
        }
        const count = attempt(() => setSize(object));
        if (count !== undefined) {
            const values = collected((visit) => forEachSet(object, visit), count, (value) => inspect(value, deeper(state)));
            return wrap(`Set(${count}) `, "{", values, "}", depth);
        }
        const tag = typedTag(object);
        if (tag !== undefined) {
            const length = typedLength(object);
            return wrap(`${tag}(${length}) `, "[", arrayItems(length, (i) => object[i], state), "]", depth);
        }
        const date = attempt(() => dateText(object));
        if (date !== undefined) return date;
        if (object instanceof RegExp) return attempt(() => regexpText(object)) ?? "RegExp";
        if (object instanceof Promise) return "Promise {}";
        const name = className(object);
        return wrap(name === "Object" ? "" : `${name} `, "{", properties(object, ownKeys(object), state), "}", depth);
    }

    function inspect(value, state) {
        switch (typeof value) {
            case "string":
                return quote(value);
            case "bigint":
                return `${value}n`;
            case "function": {
                const name = getOwnPropertyDescriptor(value, "name")?.value;
                return typeof name === "string" && name !== "" ? `[Function: ${name}]` : "[Function]";
            }
            case "object":
                if (value === null) return "null";
                return attempt(() => objectText(value, state)) ?? "[object that cannot be shown]";
            case "number":
                return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
            default:
                return String(value);
        }
    }

    // A string stands for itself; everything else is shown as in source.
    function describe(value) {
        return typeof value === "string" ? value : inspect(value, { depth: 0, ancestors: [] });
    }

    // One value for each placeholder of `console.log("%s of %d", …)`, as the Console Standard has it.
    function formatted(template, values) {
        const parts = split(template, "%");
        let text = parts[0];
        let used = 0;
        for (let i = 1; i < parts.length; i++) {
            const part = parts[i];
            if (part === "" && i + 1 < parts.length) {
                i++;
                text += `%${parts[i]}`;
            } else if (used < values.length && includes(placeholders, part[0])) {
                text += placeholder(part[0], values[used++]) + slice(part, 1);
            } else {
                text += `%${part}`;
            }
        }
        return [text, used];
    }

    const placeholders = ["s", "d", "i", "f", "j", "o", "O", "c"];
    function placeholder(kind, value) {
        switch (kind) {
            case "s":
                return describe(value);
            case "d":
            case "f":
                return typeof value === "number" || typeof value === "bigint" ? `${value}` : `${attempt(() => Number(value))}`;
            case "i":
                return `${attempt(() => parseInt(value, 10))}`;
            case "j":
                return `${attempt(() => stringify(value))}`;
            case "c":
                // A style, where there are none.
                return "";
            default:
                return inspect(value, { depth: 0, ancestors: [] });
        }
    }

    let indent = "";
    const counts = new Map();
    const countOf = Map.prototype.get.bind(counts);
    const setCount = Map.prototype.set.bind(counts);

    function emit(level, values) {
        const parts = [];
        let next = 0;
        if (values.length > 1 && typeof values[0] === "string" && hasText(values[0], "%")) {
            const [text, used] = formatted(values[0], values.slice(1));
            push(parts, text);
            next = 1 + used;
        }
        for (; next < values.length; next++) push(parts, describe(values[next]));
        const text = join(parts, " ");
        write(level, indent === "" ? text : indent + replaceAll(text, "\n", `\n${indent}`));
    }

    const console = {
        log(...values) { emit(LOG, values); },
        info(...values) { emit(INFO, values); },
        warn(...values) { emit(WARN, values); },
        error(...values) { emit(ERROR, values); },
        debug(...values) { emit(DEBUG, values); },
        trace(...values) { emit(DEBUG, values); },
        dir(value) { emit(LOG, [value]); },
        table(value) { emit(LOG, [value]); },
        assert(condition, ...values) {
            if (!condition) emit(ERROR, ["Assertion failed", ...values]);
        },
        count(label = "default") {
            const next = (countOf(label) ?? 0) + 1;
            setCount(label, next);
            emit(LOG, [`${label}: ${next}`]);
        },
        group(...values) {
            if (values.length > 0) emit(LOG, values);
            indent += "  ";
        },
        groupEnd() { indent = slice(indent, 2); },
        // The clock of a run stands still: there is no duration to tell.
        time() {},
        timeLog() {},
        timeEnd() {},
    };
    Object.defineProperty(globalThis, "console", { value: console, writable: true, configurable: true });

    function reportUnhandled(reason) {
        write(ERROR, `a promise was rejected and nothing handled it: ${describe(reason)}`);
    }

    function reportThrown(error) {
        write(ERROR, `the callback of a timer threw: ${describe(error)}`);
    }

    return { describe, reportUnhandled, reportThrown };
})
