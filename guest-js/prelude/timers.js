// Owns `setTimeout` and its kin (HTML, "Timers"): callbacks wait here, time passes in the host.
(function (native) {
    "use strict";
    const { startTimer, cancelTimer, clock, reportThrown } = native;
    const { apply } = Reflect;
    const { trunc, min } = Math;
    const { Number, RangeError, TypeError } = globalThis;
    const timers = new Map();
    const get = Map.prototype.get.bind(timers);
    const set = Map.prototype.set.bind(timers);
    const remove = Map.prototype.delete.bind(timers);
    const forgetTimers = Map.prototype.clear.bind(timers);

    // The longest delay of the web, 24.8 days: longer than any run.
    const DELAY_MAX_MS = 2 ** 31 - 1;
    let next = 1;

    function delayOf(value) {
        const delay = trunc(Number(value));
        return delay > 0 ? min(delay, DELAY_MAX_MS) : 0;
    }

    function begin(id, timer) {
        if (!startTimer(id, timer.delay)) throw new RangeError("this run has had all the timers it may have");
        timer.due = clock() + timer.delay;
        set(id, timer);
        return id;
    }

    function add(name, callback, delay, values, repeats) {
        if (typeof callback !== "function") {
            throw new TypeError(`${name} takes a function: text is not compiled in the sandbox`);
        }
        return begin(next++, { callback, delay: delayOf(delay), values, repeats });
    }

    function stop(id) {
        if (get(id) === undefined) return;
        remove(id);
        cancelTimer(id);
    }

    const globals = {
        setTimeout(callback, delay, ...values) {
            return add("setTimeout", callback, delay, values, false);
        },
        setInterval(callback, delay, ...values) {
            return add("setInterval", callback, delay, values, true);
        },
        clearTimeout(id) {
            stop(id);
        },
        clearInterval(id) {
            stop(id);
        },
    };
    for (const name of Reflect.ownKeys(globals)) {
        Object.defineProperty(globalThis, name, { value: globals[name], writable: true, configurable: true });
    }

    // Whether there was such a timer: one that fires may have cleared another of the same batch.
    function fireTimer(id) {
        const timer = get(id);
        if (timer === undefined) return false;
        remove(id);
        if (timer.due > clock()) clock(timer.due);
        try {
            // An interval is a new timer under the same number. It waits while its callback runs, so that the callback
            // can clear it.
            if (timer.repeats) begin(id, timer);
            apply(timer.callback, undefined, timer.values);
        } catch (error) {
            reportThrown(error);
        }
        return true;
    }

    return { fireTimer, forgetTimers: () => forgetTimers() };
})
