// Owns `TextEncoder` and `TextDecoder` (Encoding Standard), `atob` and `btoa` (HTML).
(function (native) {
    "use strict";
    const { encode, encodeInto, decode, toBase64, fromBase64, expose } = native;
    const { DOMException, Map, RangeError, TypeError, Uint8Array } = globalThis;
    const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { isView } = ArrayBuffer;
    const { fromCharCode } = String;
    const { min } = Math;
    const uncurry = (method) => (self, ...rest) => apply(method, self, rest);
    const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);
    const typed = getPrototypeOf(Uint8Array.prototype);
    const typedTag = getter(typed, Symbol.toStringTag);
    const typedBuffer = getter(typed, "buffer");
    const typedOffset = getter(typed, "byteOffset");
    const typedBytes = getter(typed, "byteLength");
    const viewBuffer = getter(DataView.prototype, "buffer");
    const viewOffset = getter(DataView.prototype, "byteOffset");
    const viewBytes = getter(DataView.prototype, "byteLength");
    const bufferBytes = getter(ArrayBuffer.prototype, "byteLength");
    const setBytes = uncurry(typed.set);
    const subarray = uncurry(typed.subarray);
    const charCode = uncurry(String.prototype.charCodeAt);
    const isWellFormed = uncurry(String.prototype.isWellFormed);
    const toWellFormed = uncurry(String.prototype.toWellFormed);
    const toLowerCase = uncurry(String.prototype.toLowerCase);
    const replace = uncurry(RegExp.prototype[Symbol.replace]);

    class TextEncoder {
        #brand;

        get encoding() {
            this.#brand;
            return "utf-8";
        }

        encode(input = "") {
            this.#brand;
            return encode(`${input}`);
        }

        encodeInto(source, destination) {
            this.#brand;
            const text = `${source}`;
            if (!isView(destination) || typedTag(destination) !== "Uint8Array") {
                throw new TypeError("encodeInto takes a string and a Uint8Array");
            }
            return typedBytes(destination) === 0 ? { read: 0, written: 0 } : encodeInto(text, destination);
        }
    }

    // The bytes of a view or buffer, in place. A detached one has none.
    function bytesOf(input) {
        if (input === undefined) return new Uint8Array(0);
        if (!isView(input)) {
            let length;
            try {
                length = bufferBytes(input);
            } catch {
                throw new TypeError("decode takes an ArrayBuffer, a typed array or a DataView");
            }
            return length === 0 ? new Uint8Array(0) : new Uint8Array(input);
        }
        if (typedTag(input) === undefined) {
            return new Uint8Array(viewBuffer(input), viewOffset(input), viewBytes(input));
        }
        const length = typedBytes(input);
        return length === 0 ? new Uint8Array(0) : new Uint8Array(typedBuffer(input), typedOffset(input), length);
    }

    function joined(a, b) {
        if (a.length === 0) return b;
        const bytes = new Uint8Array(a.length + b.length);
        setBytes(bytes, a, 0);
        setBytes(bytes, b, a.length);
        return bytes;
    }

    // How many bytes at the end begin a sequence of UTF-8 that may yet be completed.
    function unfinishedUtf8(bytes) {
        const { length } = bytes;
        for (let back = 1; back <= min(3, length); back++) {
            const lead = bytes[length - back];
            if (lead >= 0x80 && lead <= 0xBF) continue;
            const size = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
            if (lead > 0xF4 || size <= back) return 0;
            const second = back > 1 ? bytes[length - back + 1] : undefined;
            const low = lead === 0xE0 ? 0xA0 : lead === 0xF0 ? 0x90 : 0x80;
            const high = lead === 0xED ? 0x9F : lead === 0xF4 ? 0x8F : 0xBF;
            return second < low || second > high ? 0 : back;
        }
        return 0;
    }

    const CHUNK_UNITS = 2048;

    // A string of `count` code units.
    function stringOf(count, unitAt) {
        let text = "";
        for (let start = 0; start < count; start += CHUNK_UNITS) {
            const units = [];
            for (let i = start; i < min(start + CHUNK_UNITS, count); i++) units[i - start] = unitAt(i);
            text += apply(fromCharCode, undefined, units);
        }
        return text;
    }

    // `low` and `high`: where the two bytes of a code unit are.
    function utf16(name, low, high) {
        const unitAt = (bytes, i) => bytes[2 * i + low] | bytes[2 * i + high] << 8;
        return {
            name,
            bom: low === 0 ? [0xFF, 0xFE] : [0xFE, 0xFF],
            unfinished(bytes) {
                const odd = bytes.length % 2;
                const count = (bytes.length - odd) / 2;
                return odd + (count > 0 && (unitAt(bytes, count - 1) & 0xFC00) === 0xD800 ? 2 : 0);
            },
            decode(bytes, fatal) {
                const odd = bytes.length % 2;
                const text = stringOf((bytes.length - odd) / 2, (i) => unitAt(bytes, i));
                if (fatal) return odd || !isWellFormed(text) ? undefined : text;
                // What is cut short at the end is one error, be it half a pair, half a unit or both.
                const half = odd && (charCode(text, text.length - 1) & 0xFC00) !== 0xD800;
                return toWellFormed(text) + (half ? "\uFFFD" : "");
            },
        };
    }

    // What windows-1252 has in place of the C1 controls.
    const C1 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ";

    const encodings = [
        [{
            name: "utf-8",
            bom: [0xEF, 0xBB, 0xBF],
            unfinished: unfinishedUtf8,
            decode: (bytes, fatal) => (bytes.length === 0 ? "" : decode(bytes, fatal)),
        }, "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "utf-8", "utf8", "x-unicode20utf8"],
        [utf16("utf-16le", 0, 1),
            "csunicode", "iso-10646-ucs-2", "ucs-2", "unicode", "unicodefeff", "utf-16", "utf-16le"],
        [utf16("utf-16be", 1, 0), "unicodefffe", "utf-16be"],
        [{
            name: "windows-1252",
            bom: undefined,
            unfinished: () => 0,
            decode: (bytes) => stringOf(bytes.length, (i) => {
                const byte = bytes[i];
                return byte >= 0x80 && byte <= 0x9F ? charCode(C1, byte - 0x80) : byte;
            }),
        }, "ansi_x3.4-1968", "ascii", "cp1252", "cp819", "csisolatin1", "ibm819", "iso-8859-1", "iso-ir-100",
        "iso8859-1", "iso88591", "iso_8859-1", "iso_8859-1:1987", "l1", "latin1", "us-ascii", "windows-1252",
        "x-cp1252"],
    ];
    const byLabel = new Map();
    for (const [encoding, ...labels] of encodings) {
        for (const label of labels) byLabel.set(label, encoding);
    }
    const encodingOf = Map.prototype.get.bind(byLabel);

    function dictionary(options, what) {
        if (options === undefined || options === null) return {};
        if (typeof options === "object" || typeof options === "function") return options;
        throw new TypeError(`${what} must be an object`);
    }

    class TextDecoder {
        #encoding;
        #fatal;
        #ignoreBOM;
        // Bytes that the last call, with `stream`, left for this one.
        #pending = new Uint8Array(0);
        // Whether anything was decoded, so that a byte order mark is none.
        #started = false;
        #streams = false;

        constructor(label = "utf-8", options = undefined) {
            const name = replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, `${label}`, "");
            const encoding = encodingOf(toLowerCase(name));
            if (encoding === undefined) {
                throw new RangeError(`there is no encoding "${name}"; use utf-8, utf-16le, utf-16be or latin1`);
            }
            const { fatal, ignoreBOM } = dictionary(options, "the second argument of TextDecoder");
            this.#encoding = encoding;
            this.#fatal = !!fatal;
            this.#ignoreBOM = !!ignoreBOM;
        }

        get encoding() {
            return this.#encoding.name;
        }

        get fatal() {
            return this.#fatal;
        }

        get ignoreBOM() {
            return this.#ignoreBOM;
        }

        decode(input = undefined, options = undefined) {
            const encoding = this.#encoding;
            const given = bytesOf(input);
            const stream = !!dictionary(options, "the second argument of decode").stream;
            if (!this.#streams) this.#restart();
            this.#streams = stream;
            let bytes = joined(this.#pending, given);
            const end = bytes.length - (stream ? encoding.unfinished(bytes) : 0);
            // A copy: the script may write to the buffer before it calls again.
            this.#pending = joined(subarray(bytes, end), new Uint8Array(0));
            bytes = subarray(bytes, this.#markIn(bytes, end), end);
            const text = encoding.decode(bytes, this.#fatal);
            if (text === undefined) {
                this.#restart();
                this.#streams = false;
                throw new TypeError(`the bytes are not valid ${encoding.name}`);
            }
            return text;
        }

        #restart() {
            this.#pending = new Uint8Array(0);
            this.#started = false;
        }

        // The length of the byte order mark to leave out.
        #markIn(bytes, end) {
            if (this.#started || end === 0) return 0;
            this.#started = true;
            const { bom } = this.#encoding;
            if (this.#ignoreBOM || bom === undefined || end < bom.length) return 0;
            for (let i = 0; i < bom.length; i++) {
                if (bytes[i] !== bom[i]) return 0;
            }
            return bom.length;
        }
    }

    const functions = {
        atob(data) {
            if (arguments.length === 0) throw new TypeError("atob takes a string");
            const text = fromBase64(`${data}`);
            if (text === undefined) throw new DOMException("the string is not valid base64", "InvalidCharacterError");
            return text;
        },
        btoa(data) {
            if (arguments.length === 0) throw new TypeError("btoa takes a string");
            const text = toBase64(`${data}`);
            if (text === undefined) {
                throw new DOMException(
                    "btoa takes characters up to U+00FF; for others, new TextEncoder().encode(text).toBase64()",
                    "InvalidCharacterError",
                );
            }
            return text;
        },
    };

    expose(TextEncoder);
    expose(TextDecoder);
    for (const name of ["atob", "btoa"]) {
        Object.defineProperty(globalThis, name, { value: functions[name], writable: true, configurable: true });
    }
})
