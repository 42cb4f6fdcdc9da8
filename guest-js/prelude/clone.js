// Owns `structuredClone` (HTML, "Safe passing of structured data"). What an object is, the engine says, not its
// properties. The walk keeps a stack of its own: no graph is too deep for it.
(function (native) {
    "use strict";
    const { classOf, isDense, isPlatformObject } = native;
    const {
        AggregateError, ArrayBuffer, DOMException, DataView, Date, Error, EvalError, Map, Object, RangeError,
        ReferenceError, RegExp, Set, SyntaxError, TypeError, URIError, Uint8Array,
    } = globalThis;
    const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { create, defineProperty, hasOwn, keys, prototype: ObjectPrototype } = Object;
    const uncurry = (method) => (self, ...rest) => apply(method, self, rest);
    const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);
    const forEachMap = uncurry(Map.prototype.forEach);
    const forEachSet = uncurry(Set.prototype.forEach);
    const timeOf = uncurry(Date.prototype.getTime);
    const regexpSource = getter(RegExp.prototype, "source");
    const typed = getPrototypeOf(Uint8Array.prototype);
    const typedTag = getter(typed, Symbol.toStringTag);
    const typedBuffer = getter(typed, "buffer");
    const typedOffset = getter(typed, "byteOffset");
    const typedLength = getter(typed, "length");
    const setBytes = uncurry(typed.set);
    const viewBuffer = getter(DataView.prototype, "buffer");
    const viewOffset = getter(DataView.prototype, "byteOffset");
    const viewBytes = getter(DataView.prototype, "byteLength");
    const detached = getter(ArrayBuffer.prototype, "detached");
    const resizable = getter(ArrayBuffer.prototype, "resizable");
    const maxBytes = getter(ArrayBuffer.prototype, "maxByteLength");
    const sliceBuffer = uncurry(ArrayBuffer.prototype.slice);
    const transferBuffer = uncurry(ArrayBuffer.prototype.transfer);
    const domName = getter(DOMException.prototype, "name");
    const domMessage = getter(DOMException.prototype, "message");
    const stackOf = getter(Error.prototype, "stack");

    function refuse(what) {
        throw new DOMException(`${what} could not be cloned`, "DataCloneError");
    }

    function hide(target, key, value) {
        defineProperty(target, key, { value, writable: true, configurable: true });
    }

    // A walk: what was met, and the frames of the containers that are not full yet. `frame.next` goes on filling one
    // until it has opened another, and tells whether it is full.
    function begin(walk, source, target, next = undefined, parts = undefined) {
        walk.met.set(source, target);
        if (next !== undefined) walk.open[walk.open.length] = { next, source, target, parts, at: 0 };
        return target;
    }

    // By name: `parts` are the names. What a getter removed meanwhile is left out.
    function fillNamed(frame, walk) {
        const { source, target, parts } = frame;
        const { open } = walk;
        const depth = open.length;
        while (frame.at < parts.length) {
            const key = parts[frame.at++];
            if (!hasOwn(source, key)) continue;
            const value = cloneIn(walk, source[key]);
            if (key === "__proto__") {
                defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
            } else {
                target[key] = value;
            }
            if (open.length !== depth) return false;
        }
        return true;
    }

    // By index: `parts` is how many there are.
    function fillDense(frame, walk) {
        const { source, target, parts } = frame;
        const { open } = walk;
        const depth = open.length;
        while (frame.at < parts) {
            const index = frame.at++;
            if (hasOwn(source, index)) target[index] = cloneIn(walk, source[index]);
            if (open.length !== depth) return false;
        }
        // A getter may have removed the last of them.
        if (target.length !== parts) target.length = parts;
        return true;
    }

    function cloneObject(source, walk) {
        if (getPrototypeOf(source) !== ObjectPrototype && isPlatformObject(source)) refuse(`#<${nameOf(source)}>`);
        return begin(walk, source, {}, fillNamed, keys(source));
    }

    function cloneArray(source, walk) {
        const target = [];
        if (isDense(source)) return begin(walk, source, target, fillDense, source.length);
        target.length = source.length;
        return begin(walk, source, target, fillNamed, keys(source));
    }

    // `parts`: keys and values in turn.
    function fillMap(frame, walk) {
        const { target, parts } = frame;
        if (frame.at === parts.length) return true;
        const key = cloneIn(walk, parts[frame.at++]);
        target.set(key, cloneIn(walk, parts[frame.at++]));
        return false;
    }

    function cloneMap(source, walk) {
        const parts = [];
        forEachMap(source, (value, key) => {
            parts[parts.length] = key;
            parts[parts.length] = value;
        });
        return begin(walk, source, new Map(), fillMap, parts);
    }

    function fillSet(frame, walk) {
        const { target, parts } = frame;
        if (frame.at === parts.length) return true;
        target.add(cloneIn(walk, parts[frame.at++]));
        return false;
    }

    function cloneSet(source, walk) {
        const parts = [];
        forEachSet(source, (value) => {
            parts[parts.length] = value;
        });
        return begin(walk, source, new Set(), fillSet, parts);
    }

    const ERRORS = Object.setPrototypeOf(
        { AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError },
        null,
    );

    function domException(source) {
        let name;
        try {
            name = domName(source);
        } catch {
            return undefined;
        }
        return new DOMException(domMessage(source), name);
    }

    function cloneError(source, walk) {
        let target = domException(source);
        const parts = [];
        if (target === undefined) {
            const name = source.name;
            const kind = name === undefined ? "Error" : `${name}`;
            const message = getOwnPropertyDescriptor(source, "message");
            const Kind = ERRORS[kind] ?? Error;
            target = Kind === AggregateError ? new AggregateError([]) : new Kind();
            if (message !== undefined && "value" in message) hide(target, "message", `${message.value}`);
            for (const key of ["cause", "errors"]) {
                const property = getOwnPropertyDescriptor(source, key);
                const kept = key === "cause" || Kind === AggregateError;
                if (!kept || property === undefined || !("value" in property)) continue;
                parts[parts.length] = key;
                parts[parts.length] = property.value;
            }
        }
        const stack = getOwnPropertyDescriptor(source, "stack")?.value ?? stackOf(source);
        if (typeof stack === "string") hide(target, "stack", stack);
        return begin(walk, source, target, fillError, parts);
    }

    // `parts`: names, which are those of hidden properties, and values in turn.
    function fillError(frame, walk) {
        const { target, parts } = frame;
        if (frame.at === parts.length) return true;
        const key = parts[frame.at++];
        hide(target, key, cloneIn(walk, parts[frame.at++]));
        return false;
    }

    const FLAGS = [
        ["d", "hasIndices"], ["g", "global"], ["i", "ignoreCase"], ["m", "multiline"], ["s", "dotAll"],
        ["u", "unicode"], ["v", "unicodeSets"], ["y", "sticky"],
    ];
    for (const flag of FLAGS) flag[1] = getter(RegExp.prototype, flag[1]);

    function cloneRegExp(source, walk) {
        let flags = "";
        for (let i = 0; i < FLAGS.length; i++) {
            if (FLAGS[i][1](source)) flags += FLAGS[i][0];
        }
        return begin(walk, source, new RegExp(regexpSource(source), flags));
    }

    function cloneBuffer(source, walk) {
        if (detached(source)) refuse("a detached ArrayBuffer");
        if (!resizable(source)) return begin(walk, source, sliceBuffer(source, 0));
        const bytes = new Uint8Array(source);
        const target = new ArrayBuffer(bytes.length, { maxByteLength: maxBytes(source) });
        setBytes(new Uint8Array(target), bytes, 0);
        return begin(walk, source, target);
    }

    function cloneTyped(source, walk) {
        const buffer = cloneIn(walk, typedBuffer(source));
        const View = typedConstructors[typedTag(source)];
        return begin(walk, source, new View(buffer, typedOffset(source), typedLength(source)));
    }

    function cloneView(source, walk) {
        const buffer = cloneIn(walk, viewBuffer(source));
        return begin(walk, source, new DataView(buffer, viewOffset(source), viewBytes(source)));
    }

    function cloneDate(source, walk) {
        return begin(walk, source, new Date(timeOf(source)));
    }

    // A boxed primitive.
    function boxed(valueOf) {
        return (source, walk) => begin(walk, source, Object(valueOf(source)));
    }

    // By the engine's number of a class. What is not here cannot be cloned: functions, symbols, promises, weak
    // collections, proxies, iterators, generators, `arguments`.
    const cloners = [];
    function knows(sample, cloner) {
        cloners[classOf(sample)] = cloner;
    }
    knows({}, cloneObject);
    knows([], cloneArray);
    knows(new Map(), cloneMap);
    knows(new Set(), cloneSet);
    knows(new Error(), cloneError);
    knows(/(?:)/, cloneRegExp);
    knows(new Date(0), cloneDate);
    knows(new ArrayBuffer(0), cloneBuffer);
    knows(new DataView(new ArrayBuffer(0)), cloneView);
    knows(Object(0), boxed(uncurry(Number.prototype.valueOf)));
    knows(Object(""), boxed(uncurry(String.prototype.valueOf)));
    knows(Object(false), boxed(uncurry(Boolean.prototype.valueOf)));
    knows(Object(0n), boxed(uncurry(BigInt.prototype.valueOf)));
    const typedConstructors = create(null);
    for (const name of [
        "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
        "BigInt64Array", "BigUint64Array", "Float16Array", "Float32Array", "Float64Array",
    ]) {
        typedConstructors[name] = globalThis[name];
        knows(new globalThis[name](0), cloneTyped);
    }

    // For a message: reads data properties only.
    function nameOf(object) {
        const prototype = getPrototypeOf(object);
        const constructor = prototype === null ? undefined : getOwnPropertyDescriptor(prototype, "constructor")?.value;
        if (typeof constructor !== "function") return "Object";
        const name = getOwnPropertyDescriptor(constructor, "name")?.value;
        return typeof name === "string" && name !== "" ? name : "Object";
    }

    function cloneIn(walk, value) {
        if (typeof value === "symbol") refuse("a symbol");
        if (typeof value === "function") refuse("a function");
        if (typeof value !== "object" || value === null) return value;
        const before = walk.met.get(value);
        if (before !== undefined) return before;
        const cloner = cloners[classOf(value)];
        if (cloner === undefined) refuse(`#<${nameOf(value)}>`);
        return cloner(value, walk);
    }

    // The buffers to detach, each once.
    function transferred(options) {
        if (options === undefined || options === null) return [];
        if (typeof options !== "object" && typeof options !== "function") {
            throw new TypeError("the second argument of structuredClone must be an object");
        }
        const list = options.transfer;
        if (list === undefined) return [];
        if (list === null || typeof list !== "object") throw new TypeError("transfer must be a list of ArrayBuffers");
        const buffers = [...list];
        const seen = new Set();
        const bufferClass = classOf(new ArrayBuffer(0));
        for (let i = 0; i < buffers.length; i++) {
            const buffer = buffers[i];
            if (buffer === null || (typeof buffer !== "object" && typeof buffer !== "function")) {
                throw new TypeError("transfer must be a list of ArrayBuffers");
            }
            if (classOf(buffer) !== bufferClass || seen.has(buffer)) {
                throw new DOMException("only ArrayBuffers can be transferred, each once", "DataCloneError");
            }
            seen.add(buffer);
        }
        return buffers;
    }

    const holder = {
        structuredClone(value) {
            if (arguments.length === 0) throw new TypeError("structuredClone takes a value");
            const buffers = transferred(arguments[1]);
            const walk = { met: new Map(), open: [] };
            const { open } = walk;
            const result = cloneIn(walk, value);
            while (open.length > 0) {
                const frame = open[open.length - 1];
                if (frame.next(frame, walk)) open.length--;
            }
            for (let i = 0; i < buffers.length; i++) {
                if (detached(buffers[i])) refuse("a detached ArrayBuffer");
            }
            for (let i = 0; i < buffers.length; i++) transferBuffer(buffers[i]);
            return result;
        },
    };
    hide(globalThis, "structuredClone", holder.structuredClone);
})
