// Owns `crypto` (Web Cryptography, without the cryptography) and `performance` (High Resolution Time). Both are a
// function of the run's environment: the bytes come from the generator of `Math.random`, whose seed the host knows, and
// are no secret.
(function (native) {
    "use strict";
    const { clock, started, expose } = native;
    const { DOMException, TypeError, Uint8Array, Uint32Array } = globalThis;
    const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { random } = Math;
    const uncurry = (method) => (self, ...rest) => apply(method, self, rest);
    const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);
    const typed = getPrototypeOf(Uint8Array.prototype);
    const typedTag = getter(typed, Symbol.toStringTag);
    const typedBuffer = getter(typed, "buffer");
    const typedOffset = getter(typed, "byteOffset");
    const typedBytes = getter(typed, "byteLength");
    const setBytes = uncurry(typed.set);
    const subarray = uncurry(typed.subarray);
    const toString = uncurry(Number.prototype.toString);
    const padStart = uncurry(String.prototype.padStart);
    const slice = uncurry(String.prototype.slice);
    const includes = uncurry(Array.prototype.includes);

    const RANDOM_BYTES_MAX = 65_536;
    const INTEGERS = [
        "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
        "BigInt64Array", "BigUint64Array",
    ];
    // What only this file may pass to the constructors.
    const KEY = {};

    const word = () => random() * 2 ** 32 >>> 0;
    const hex = (value) => padStart(toString(value, 16), 8, "0");

    class Crypto {
        #brand;

        constructor() {
            if (arguments[0] !== KEY) throw new TypeError("there is one Crypto: crypto");
        }

        getRandomValues(array) {
            this.#brand;
            const tag = typeof array === "object" && array !== null ? typedTag(array) : undefined;
            if (tag === undefined) throw new TypeError("getRandomValues takes a typed array");
            if (!includes(INTEGERS, tag)) {
                throw new DOMException(`getRandomValues fills arrays of integers, not a ${tag}`, "TypeMismatchError");
            }
            const length = typedBytes(array);
            if (length > RANDOM_BYTES_MAX) {
                throw new DOMException(
                    `getRandomValues gives ${RANDOM_BYTES_MAX} bytes at once, not ${length}`, "QuotaExceededError",
                );
            }
            if (length === 0) return array;
            const words = new Uint32Array(length + 3 >>> 2);
            for (let i = 0; i < words.length; i++) words[i] = word();
            const bytes = subarray(new Uint8Array(typedBuffer(words)), 0, length);
            setBytes(new Uint8Array(typedBuffer(array), typedOffset(array), length), bytes, 0);
            return array;
        }

        // Version 4, variant 1 (RFC 9562).
        randomUUID() {
            this.#brand;
            const a = hex(word());
            const b = hex((word() & 0xFFFF0FFF | 0x4000) >>> 0);
            const c = hex((word() & 0x3FFFFFFF | 0x80000000) >>> 0);
            const d = hex(word());
            return `${a}-${slice(b, 0, 4)}-${slice(b, 4)}-${slice(c, 0, 4)}-${slice(c, 4)}${d}`;
        }
    }

    // The clock of a run stands still, but for timers that fire: so does this one.
    class Performance {
        #brand;

        constructor() {
            if (arguments[0] !== KEY) throw new TypeError("there is one Performance: performance");
        }

        now() {
            this.#brand;
            return clock() - started();
        }

        get timeOrigin() {
            this.#brand;
            return started();
        }

        toJSON() {
            return { timeOrigin: this.timeOrigin };
        }
    }

    const instances = { crypto: new Crypto(KEY), performance: new Performance(KEY) };
    expose(Crypto);
    expose(Performance);
    for (const name of ["crypto", "performance"]) {
        Object.defineProperty(globalThis, name, { value: instances[name], writable: true, configurable: true });
    }
})
