// Owns `Event`, `CustomEvent`, `EventTarget`, `AbortController` and `AbortSignal` (DOM). There is no tree: the path of
// an event is its target.
(function (native) {
    "use strict";
    const { clock, started, reportListener, expose } = native;
    const { DOMException, Set, TypeError, setTimeout } = globalThis;
    const { apply } = Reflect;
    const { defineProperty } = Object;
    const { isFinite, MAX_SAFE_INTEGER } = Number;
    const { trunc } = Math;
    const uncurry = (method) => (self, ...rest) => apply(method, self, rest);
    const slice = uncurry(Array.prototype.slice);
    const splice = uncurry(Array.prototype.splice);
    const indexOf = uncurry(Array.prototype.indexOf);
    const addSet = uncurry(Set.prototype.add);
    const forEachSet = uncurry(Set.prototype.forEach);

    const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

    function dictionary(options, what) {
        if (options === undefined || options === null) return {};
        if (!isObject(options)) throw new TypeError(`${what} must be an object`);
        return options;
    }

    function need(count, given, what) {
        if (given < count) throw new TypeError(`${what} takes ${count === 1 ? "an argument" : `${count} arguments`}`);
    }

    const NONE = 0, CAPTURING_PHASE = 1, AT_TARGET = 2, BUBBLING_PHASE = 3;
    // What the targets may do to an event, and a script may not.
    let begin, end, trust, isStopped, isCanceled, hear;

    class Event {
        #type;
        #bubbles;
        #cancelable;
        #composed;
        #time = clock();
        #target = null;
        #currentTarget = null;
        #phase = NONE;
        #trusted = false;
        #canceled = false;
        #stopped = false;
        #stoppedAtOnce = false;
        #passive = false;

        constructor(type, options = undefined) {
            need(1, arguments.length, "Event");
            this.#type = `${type}`;
            const { bubbles, cancelable, composed } = dictionary(options, "the second argument of Event");
            this.#bubbles = !!bubbles;
            this.#cancelable = !!cancelable;
            this.#composed = !!composed;
        }

        static {
            begin = (event, target) => {
                if (event.#phase !== NONE) throw new DOMException("the event is being dispatched", "InvalidStateError");
                event.#target = target;
                event.#currentTarget = target;
                event.#phase = AT_TARGET;
            };
            end = (event) => {
                event.#phase = NONE;
                event.#currentTarget = null;
                event.#stopped = false;
                event.#stoppedAtOnce = false;
            };
            isCanceled = (event) => event.#canceled;
            trust = (event) => {
                event.#trusted = true;
                return event;
            };
            isStopped = (event, atOnce) => (atOnce ? event.#stoppedAtOnce : event.#stopped);
            hear = (event, passive) => {
                event.#passive = passive;
            };
        }

        get type() { return this.#type; }
        get target() { return this.#target; }
        get srcElement() { return this.#target; }
        get currentTarget() { return this.#currentTarget; }
        get eventPhase() { return this.#phase; }
        get bubbles() { return this.#bubbles; }
        get cancelable() { return this.#cancelable; }
        get composed() { return this.#composed; }
        get defaultPrevented() { return this.#canceled; }
        get isTrusted() { return this.#trusted; }
        get timeStamp() { return this.#time - started(); }

        get returnValue() { return !this.#canceled; }
        set returnValue(value) {
            if (!value) this.preventDefault();
        }

        get cancelBubble() { return this.#stopped; }
        set cancelBubble(value) {
            if (value) this.#stopped = true;
        }

        composedPath() {
            return this.#currentTarget === null ? [] : [this.#currentTarget];
        }

        preventDefault() {
            if (this.#cancelable && !this.#passive) this.#canceled = true;
        }

        stopPropagation() {
            this.#stopped = true;
        }

        stopImmediatePropagation() {
            this.#stopped = true;
            this.#stoppedAtOnce = true;
        }
    }
    const PHASES = { NONE, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE };
    for (const name of Reflect.ownKeys(PHASES)) {
        const constant = { value: PHASES[name], enumerable: true };
        defineProperty(Event, name, constant);
        defineProperty(Event.prototype, name, constant);
    }

    class CustomEvent extends Event {
        #detail;

        constructor(type, options = undefined) {
            need(1, arguments.length, "CustomEvent");
            super(type, options);
            const { detail } = dictionary(options, "the second argument of CustomEvent");
            this.#detail = detail === undefined ? null : detail;
        }

        get detail() { return this.#detail; }
    }

    // Of AbortSignal, for the `signal` of a listener.
    let isAborted, whenAborted;

    class EventTarget {
        // In the order they were added: { type, callback, capture, once, passive, removed }.
        #listeners = [];

        addEventListener(type, callback, options = undefined) {
            const listeners = this.#listeners;
            need(2, arguments.length, "addEventListener");
            const name = `${type}`;
            if (callback !== null && callback !== undefined && !isObject(callback)) {
                throw new TypeError("addEventListener takes a function, or an object with handleEvent");
            }
            const { capture, once, passive, signal } = isObject(options) ? options : { capture: options };
            const aborted = signal === undefined ? false : isAborted(signal);
            if (aborted || callback === null || callback === undefined) return;
            if (find(listeners, name, callback, !!capture) >= 0) return;
            const listener = {
                type: name, callback, capture: !!capture, once: !!once, passive: !!passive, removed: false,
            };
            listeners[listeners.length] = listener;
            if (signal !== undefined) whenAborted(signal, () => removeFrom(listeners, listener));
        }

        removeEventListener(type, callback, options = undefined) {
            const listeners = this.#listeners;
            need(2, arguments.length, "removeEventListener");
            const name = `${type}`;
            const capture = !!(isObject(options) ? options.capture : options);
            const at = find(listeners, name, callback, capture);
            if (at >= 0) removeFrom(listeners, listeners[at]);
        }

        dispatchEvent(event) {
            const listeners = this.#listeners;
            begin(event, this);
            try {
                notify(listeners, event, this, true);
                if (!isStopped(event, false)) notify(listeners, event, this, false);
            } finally {
                end(event);
            }
            return !isCanceled(event);
        }
    }

    function find(listeners, type, callback, capture) {
        for (let i = 0; i < listeners.length; i++) {
            const listener = listeners[i];
            if (listener.type === type && listener.callback === callback && listener.capture === capture) return i;
        }
        return -1;
    }

    function removeFrom(listeners, listener) {
        listener.removed = true;
        const at = indexOf(listeners, listener);
        if (at >= 0) splice(listeners, at, 1);
    }

    const typeOf = uncurry(Reflect.getOwnPropertyDescriptor(Event.prototype, "type").get);

    function notify(listeners, event, target, capture) {
        const now = slice(listeners);
        const type = typeOf(event);
        for (let i = 0; i < now.length && !isStopped(event, true); i++) {
            const listener = now[i];
            if (listener.removed || listener.type !== type || listener.capture !== capture) continue;
            if (listener.once) removeFrom(listeners, listener);
            hear(event, listener.passive);
            call(listener.callback, event, target);
            hear(event, false);
        }
    }

    function call(callback, event, target) {
        try {
            if (typeof callback === "function") {
                apply(callback, target, [event]);
                return;
            }
            const { handleEvent } = callback;
            if (typeof handleEvent !== "function") throw new TypeError("handleEvent of a listener is not a function");
            apply(handleEvent, callback, [event]);
        } catch (error) {
            reportListener(error);
        }
    }

    const dispatch = uncurry(EventTarget.prototype.dispatchEvent);
    const listen = uncurry(EventTarget.prototype.addEventListener);

    // What only this file may pass to the constructor of AbortSignal.
    const KEY = {};
    let makeSignal, abortSignal;

    class AbortSignal extends EventTarget {
        #aborted = false;
        #reason = undefined;
        #algorithms = [];
        // Signals made by `any` that follow this one; and the ones that this one follows.
        #followers = new Set();
        #sources = undefined;
        #onabort = null;
        #listens = false;

        constructor() {
            if (arguments[0] !== KEY) throw new TypeError("AbortSignal is made by AbortController, not by new");
            super();
        }

        static {
            makeSignal = () => new AbortSignal(KEY);
            isAborted = (signal) => {
                if (!isObject(signal) || !(#aborted in signal)) throw new TypeError("signal must be an AbortSignal");
                return signal.#aborted;
            };
            whenAborted = (signal, algorithm) => {
                signal.#algorithms[signal.#algorithms.length] = algorithm;
            };
            abortSignal = (signal, reason) => {
                if (signal.#aborted) return;
                signal.#mark(reason);
                // The followers are aborted before any listener hears of it.
                const followers = [];
                forEachSet(signal.#followers, (follower) => {
                    if (follower.#aborted) return;
                    follower.#mark(signal.#reason);
                    followers[followers.length] = follower;
                });
                signal.#tell();
                for (let i = 0; i < followers.length; i++) followers[i].#tell();
            };
        }

        get aborted() { return this.#aborted; }
        get reason() { return this.#reason; }

        throwIfAborted() {
            if (this.#aborted) throw this.#reason;
        }

        get onabort() { return this.#onabort; }
        set onabort(handler) {
            this.#onabort = isObject(handler) ? handler : null;
            if (this.#listens || this.#onabort === null) return;
            this.#listens = true;
            listen(this, "abort", (event) => {
                if (typeof this.#onabort === "function") apply(this.#onabort, this, [event]);
            });
        }

        static abort(reason = undefined) {
            const signal = makeSignal();
            abortSignal(signal, reason);
            return signal;
        }

        static timeout(milliseconds) {
            need(1, arguments.length, "AbortSignal.timeout");
            const delay = trunc(+milliseconds);
            if (!isFinite(delay) || delay < 0 || delay > MAX_SAFE_INTEGER) {
                throw new TypeError("AbortSignal.timeout takes a number of milliseconds that is not negative");
            }
            const signal = makeSignal();
            const reason = new DOMException("The operation was aborted due to timeout", "TimeoutError");
            setTimeout(() => abortSignal(signal, reason), delay);
            return signal;
        }

        static any(signals) {
            need(1, arguments.length, "AbortSignal.any");
            const list = [...signals];
            for (let i = 0; i < list.length; i++) isAborted(list[i]);
            const result = makeSignal();
            for (let i = 0; i < list.length; i++) {
                if (list[i].#aborted) {
                    result.#mark(list[i].#reason);
                    return result;
                }
            }
            result.#sources = new Set();
            for (let i = 0; i < list.length; i++) list[i].#follow(result);
            return result;
        }

        // A signal made by `any` is left out: its own sources tell its followers.
        #follow(follower) {
            if (this.#sources === undefined) {
                addSet(follower.#sources, this);
                addSet(this.#followers, follower);
            } else {
                forEachSet(this.#sources, (source) => source.#follow(follower));
            }
        }

        #mark(reason) {
            this.#aborted = true;
            this.#reason = reason === undefined ? new DOMException("This operation was aborted", "AbortError") : reason;
        }

        #tell() {
            const algorithms = this.#algorithms;
            this.#algorithms = [];
            for (let i = 0; i < algorithms.length; i++) algorithms[i]();
            dispatch(this, trust(new Event("abort")));
        }
    }

    class AbortController {
        #signal = makeSignal();

        get signal() { return this.#signal; }

        abort(reason = undefined) {
            abortSignal(this.#signal, reason);
        }
    }

    for (const Class of [Event, CustomEvent, EventTarget, AbortSignal, AbortController]) expose(Class);
})
