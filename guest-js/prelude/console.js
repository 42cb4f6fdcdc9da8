// Owns `console`: levels, groups, counters, timers, placeholders. It is for reading only, and never keeps a script from
// going on: of what it is given, it runs nothing but the conversions that a placeholder or a label asks for.
(function (native) {
    "use strict";
    const { write, clock, classOf, objects, show, tableText } = native;
    const { kinds, isObject, unwrap, inherited, ownValue, scriptFrames } = objects;
    const { inspect, describe, numberText } = show;
    const { stringify } = JSON;
    const { floor } = Math;
    const { isInteger, parseFloat, parseInt } = Number;
    const { toPrimitive } = Symbol;
    const ErrorOf = Error;
    const NumberOf = Number;
    const StringOf = String;
    const uncurry = Function.prototype.bind.bind(Function.prototype.call);
    const hasText = uncurry(String.prototype.includes);
    const indexOf = uncurry(String.prototype.indexOf);
    const slice = uncurry(String.prototype.slice);
    const replaceAll = uncurry(String.prototype.replaceAll);
    const repeat = uncurry(String.prototype.repeat);
    const padStart = uncurry(String.prototype.padStart);
    const toFixed = uncurry(Number.prototype.toFixed);

    const DEBUG = 0, LOG = 1, INFO = 2, WARN = 3, ERROR = 4;
    const GROUPS_SHOWN_MAX = 50;
    const SECOND = 1_000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE;

    function attempt(read) {
        try {
            return read();
        } catch {
            return undefined;
        }
    }

    // Whether an object of the script says itself how it is to be read as a string.
    function hasOwnText(value) {
        const object = unwrap(value);
        if (object === undefined) return false;
        const isScript = (method) => typeof method === "function" && classOf(method) !== kinds.nativeFunction;
        return isScript(inherited(object, toPrimitive)) || isScript(inherited(object, "toString"));
    }

    function stringPlaceholder(value) {
        if (typeof value === "number") return numberText(value);
        if (typeof value === "bigint") return inspect(value);
        if (!isObject(value) || typeof value === "function" || hasOwnText(value)) {
            return attempt(() => StringOf(value)) ?? inspect(value, { depth: 0 });
        }
        return inspect(value, { depth: 0 });
    }

    function numberPlaceholder(value, convert) {
        if (typeof value === "bigint") return inspect(value);
        return numberText(attempt(() => convert(value)) ?? NaN);
    }

    function jsonPlaceholder(value) {
        try {
            return `${stringify(value)}`;
        } catch (error) {
            const message = isObject(error) ? ownValue(error, "message") : undefined;
            return typeof message === "string" && hasText(message, "circular") ? "[Circular]" : inspect(value);
        }
    }

    // Undefined for what is no placeholder.
    function placeholder(kind, value) {
        switch (kind) {
            case "s":
                return stringPlaceholder(value);
            case "d":
                return numberPlaceholder(value, NumberOf);
            case "i":
                return numberPlaceholder(value, parseInt);
            case "f":
                return typeof value === "bigint" ? numberText(NumberOf(value)) : numberPlaceholder(value, parseFloat);
            case "j":
                return jsonPlaceholder(value);
            case "o":
                return inspect(value, { depth: 4 });
            case "O":
                return inspect(value);
            case "c":
                // A style, where there are none.
                return "";
            default:
                return undefined;
        }
    }

    // One value for each placeholder of `console.log("%s of %d", …)`, then the rest.
    function formatted(values) {
        if (values.length === 0) return "";
        const first = values[0];
        if (values.length === 1 || typeof first !== "string") return joined(describe(first), values, 1);
        if (!hasText(first, "%")) return joined(first, values, 1);
        let text = "";
        let from = 0;
        let next = 1;
        for (let at = indexOf(first, "%"); at !== -1; at = indexOf(first, "%", at + 2)) {
            const kind = first[at + 1];
            let replacement;
            if (kind === "%") replacement = "%";
            else if (next < values.length) replacement = placeholder(kind, values[next]);
            if (replacement === undefined) {
                // The character after a lone `%` may be the next `%`.
                if (kind !== "%") at--;
                continue;
            }
            if (kind !== "%") next++;
            text += slice(first, from, at) + replacement;
            from = at + 2;
        }
        return joined(text + slice(first, from), values, next);
    }

    function joined(head, values, from) {
        let text = head;
        for (let i = from; i < values.length; i++) text += ` ${describe(values[i])}`;
        return text;
    }

    let groups = 0;
    let indentation = "";

    function setGroups(count) {
        groups = count;
        indentation = repeat("  ", count < GROUPS_SHOWN_MAX ? count : GROUPS_SHOWN_MAX);
    }

    function put(level, text) {
        write(level, groups === 0 ? text : indentation + replaceAll(text, "\n", `\n${indentation}`));
    }

    function startGroup(values) {
        if (values.length > 0) put(LOG, formatted(values));
        setGroups(groups + 1);
    }

    function assertion(values) {
        if (values.length === 0) return "Assertion failed";
        const [first, ...rest] = values;
        return isObject(first)
            ? formatted(["Assertion failed:", ...values])
            : formatted([`Assertion failed: ${StringOf(first)}`, ...rest]);
    }

    function durationText(ms) {
        if (ms < SECOND) return `${NumberOf(toFixed(ms, 3))}ms`;
        if (ms < MINUTE) return `${toFixed(ms / SECOND, 3)}s`;
        const hours = floor(ms / HOUR);
        const minutes = floor((ms % HOUR) / MINUTE);
        const seconds = padStart(toFixed((ms % MINUTE) / SECOND, 3), 6, "0");
        if (hours === 0) return `${minutes}:${seconds} (m:ss.mmm)`;
        return `${hours}:${padStart(`${minutes}`, 2, "0")}:${seconds} (h:mm:ss.mmm)`;
    }

    const counters = new Map();
    const counterOf = Map.prototype.get.bind(counters);
    const setCounter = Map.prototype.set.bind(counters);
    const removeCounter = Map.prototype.delete.bind(counters);
    const timers = new Map();
    const startOf = Map.prototype.get.bind(timers);
    const setStart = Map.prototype.set.bind(timers);
    const removeTimer = Map.prototype.delete.bind(timers);

    function putDuration(method, label, values) {
        const start = startOf(label);
        if (start === undefined) {
            put(WARN, `Warning: No such label '${label}' for console.${method}()`);
            return;
        }
        put(LOG, joined(`${label}: ${durationText(clock() - start)}`, values, 0));
    }

    // The options of `console.dir`: how many levels deep, where `null` is all of them.
    function depthOf(options) {
        const depth = isObject(options) ? attempt(() => options.depth) : undefined;
        return depth === null ? Infinity : isInteger(depth) || depth === Infinity ? depth : undefined;
    }

    const console = {
        log(...values) { put(LOG, formatted(values)); },
        info(...values) { put(INFO, formatted(values)); },
        warn(...values) { put(WARN, formatted(values)); },
        error(...values) { put(ERROR, formatted(values)); },
        debug(...values) { put(DEBUG, formatted(values)); },
        trace(...values) {
            const text = formatted(values);
            put(DEBUG, (text === "" ? "Trace" : `Trace: ${text}`) + scriptFrames(new ErrorOf()));
        },
        dir(value, options) { put(LOG, inspect(value, { depth: depthOf(options) })); },
        // There is no terminal to clear.
        clear() {},
        dirxml(...values) { put(LOG, formatted(values)); },
        table(value, properties) { put(LOG, attempt(() => tableText(value, properties)) ?? describe(value)); },
        assert(condition, ...values) {
            if (!condition) put(ERROR, assertion(values));
        },
        group(...values) { startGroup(values); },
        groupCollapsed(...values) { startGroup(values); },
        groupEnd() {
            if (groups > 0) setGroups(groups - 1);
        },
        count(label = "default") {
            const name = `${label}`;
            const next = (counterOf(name) ?? 0) + 1;
            setCounter(name, next);
            put(LOG, `${name}: ${next}`);
        },
        countReset(label = "default") {
            const name = `${label}`;
            if (!removeCounter(name)) put(WARN, `Warning: Count for '${name}' does not exist`);
        },
        time(label = "default") {
            const name = `${label}`;
            if (startOf(name) === undefined) setStart(name, clock());
            else put(WARN, `Warning: Label '${name}' already exists for console.time()`);
        },
        timeLog(label = "default", ...values) { putDuration("timeLog", `${label}`, values); },
        timeEnd(label = "default") {
            const name = `${label}`;
            putDuration("timeEnd", name, []);
            removeTimer(name);
        },
    };
    Object.defineProperty(globalThis, "console", { value: console, writable: true, configurable: true });

    function reportUnhandled(reason) {
        write(ERROR, `a promise was rejected and nothing handled it: ${describe(reason)}`);
    }

    function reportThrown(error) {
        write(ERROR, `the callback of a timer threw: ${describe(error)}`);
    }

    function reportListener(error) {
        write(ERROR, `an event listener threw: ${describe(error)}`);
    }

    return { describe, reportUnhandled, reportThrown, reportListener };
})
