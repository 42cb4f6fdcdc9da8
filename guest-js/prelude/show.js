// Owns the text form of values that people read: that of Node's `util.inspect`. Nothing here decides anything.
// However large a value is, its text is cut at about TEXT_MAX characters, and what is beyond that is not looked at.
(function (native) {
    "use strict";
    const { classOf, promiseState, promiseResult, layout, objects } = native;
    const { quote, quoteLines, enclose } = layout;
    const { kinds, unwrap, property, className, tagOf, prefix, fallbackName } = objects;
    const { functionText, scriptFrames, errorHead } = objects;
    const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { isArray } = Array;
    const { min } = Math;
    const MapOf = Map;
    const BytesOf = Uint8Array;
    const uncurry = Function.prototype.bind.bind(Function.prototype.call);
    const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);
    const push = uncurry(Array.prototype.push);
    const join = uncurry(Array.prototype.join);
    const indexOf = uncurry(Array.prototype.indexOf);
    const slice = uncurry(String.prototype.slice);
    const hasText = uncurry(String.prototype.includes);
    const replaceAll = uncurry(String.prototype.replaceAll);
    const repeat = uncurry(String.prototype.repeat);
    const padStart = uncurry(String.prototype.padStart);
    const hexadecimal = uncurry(Number.prototype.toString);
    const symbolText = uncurry(Symbol.prototype.toString);
    const bigintText = uncurry(BigInt.prototype.toString);
    const dateText = uncurry(Date.prototype.toISOString);
    const regexpSource = getter(RegExp.prototype, "source");
    const regexpFlag = [
        ["d", "hasIndices"], ["g", "global"], ["i", "ignoreCase"], ["m", "multiline"], ["s", "dotAll"],
        ["u", "unicode"], ["v", "unicodeSets"], ["y", "sticky"],
    ].map(([letter, name]) => ({ letter, isSet: getter(RegExp.prototype, name) }));
    const mapGet = uncurry(Map.prototype.get);
    const mapSet = uncurry(Map.prototype.set);
    const mapSize = getter(Map.prototype, "size");
    const setSize = getter(Set.prototype, "size");
    const mapEntries = uncurry(Map.prototype.entries);
    const setValues = uncurry(Set.prototype.values);
    const nextEntry = uncurry(getPrototypeOf(new Map().entries()).next);
    const nextValue = uncurry(getPrototypeOf(new Set().values()).next);
    const typedArray = getPrototypeOf(Uint8Array.prototype);
    const typedTag = getter(typedArray, Symbol.toStringTag);
    const typedLength = getter(typedArray, "length");
    const bufferLength = getter(ArrayBuffer.prototype, "byteLength");
    const viewLength = getter(DataView.prototype, "byteLength");
    const viewOffset = getter(DataView.prototype, "byteOffset");
    const viewBuffer = getter(DataView.prototype, "buffer");
    const test = uncurry(RegExp.prototype.test);
    const identifier = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

    const TEXT_MAX = 16_384;
    const STRING_MAX = 10_000;
    const SHORT_STRING = 16;
    // Beside its text and its indentation: separators and the line break.
    const ENTRY_COST = 6;
    // The names of properties that an array has beside its elements are not looked for in a longer one: the engine
    // would have to list the elements first.
    const EXTRA_KEYS_LENGTH_MAX = 1_000;
    const NO_KEYS = [];
    const SAID = ["name", "message"];

    function more(count, of) {
        return `... ${count} more ${of}${count > 1 ? "s" : ""}`;
    }

    function holes(count) {
        return `<${count} empty item${count > 1 ? "s" : ""}>`;
    }

    function spend(view, text) {
        view.room -= text.length;
        return text;
    }

    function stringText(text, view) {
        const length = min(text.length, STRING_MAX, view.room > SHORT_STRING ? view.room : SHORT_STRING);
        const shown = length < text.length ? slice(text, 0, length) : text;
        const trailer = length < text.length ? more(text.length - length, "character") : "";
        const isLong = shown.length > SHORT_STRING && shown.length > view.lineWidth - view.indentation - 4;
        return (isLong && hasText(shown, "\n") ? quoteLines(shown, view.indentation) : quote(shown)) + trailer;
    }

    function digits(text) {
        return text.length <= STRING_MAX ? text : slice(text, 0, STRING_MAX) + more(text.length - STRING_MAX, "digit");
    }

    function numberText(number) {
        return number === 0 && 1 / number < 0 ? "-0" : `${number}`;
    }

    function primitiveText(value, view) {
        switch (typeof value) {
            case "string":
                return stringText(value, view);
            case "number":
                return numberText(value);
            case "bigint":
                return `${digits(bigintText(value))}n`;
            case "symbol":
                return symbolName(value);
            default:
                return `${value}`;
        }
    }

    function symbolName(symbol) {
        const text = symbolText(symbol);
        return text.length > STRING_MAX ? `${slice(text, 0, STRING_MAX)}...` : text;
    }

    function keyText(key, isEnumerable, view) {
        if (typeof key === "symbol") return `[${slice(quote(symbolName(key)), 1, -1)}]`;
        if (key === "__proto__") return "['__proto__']";
        if (!isEnumerable) return `[${slice(stringText(key, view), 1, -1)}]`;
        return key.length < STRING_MAX && test(identifier, key) ? key : stringText(key, view);
    }

    function nested(value, level, view) {
        view.indentation += 2;
        const text = valueText(value, level, view);
        view.indentation -= 2;
        return text;
    }

    function accessorText({ get, set }) {
        if (set === undefined) return "[Getter]";
        return get === undefined ? "[Setter]" : "[Getter/Setter]";
    }

    // The value of a property. A getter is named, not called.
    function propertyText(found, level, view) {
        if (found.get === undefined && found.set === undefined) return nested(found.value, level, view);
        return spend(view, accessorText(found));
    }

    // Whether there is still room for an entry; says so if there is not.
    function hasRoom(entries, view) {
        if (view.room > 0) {
            view.room -= view.indentation + ENTRY_COST;
            return true;
        }
        if (entries[entries.length - 1] !== "...") push(entries, "...");
        return false;
    }

    function addProperties(entries, object, form, level, view) {
        const { keys } = form;
        for (let i = form.firstKey; i < keys.length; i++) {
            const found = getOwnPropertyDescriptor(object, keys[i]);
            if (found === undefined || !(found.enumerable || form.hasHidden)) continue;
            if (!hasRoom(entries, view)) return;
            const key = spend(view, keyText(keys[i], found.enumerable, view));
            push(entries, `${key}: ${propertyText(found, level, view)}`);
        }
    }

    function hasProperties(object, form) {
        for (let i = form.firstKey; i < form.keys.length; i++) {
            if (form.hasHidden || getOwnPropertyDescriptor(object, form.keys[i])?.enumerable) return true;
        }
        return false;
    }

    function addElements(entries, array, form, level, view) {
        const { length } = array;
        form.isNumeric = form.firstKey === form.keys.length;
        for (let i = 0; i < length && entries.length < view.itemsMax; i++) {
            const found = getOwnPropertyDescriptor(array, i);
            if (found === undefined) return addSparse(entries, array, i, form, level, view);
            if (!hasRoom(entries, view)) return;
            const { value } = found;
            if (typeof value === "number") {
                push(entries, spend(view, numberText(value)));
                continue;
            }
            if (typeof value !== "bigint") form.isNumeric = false;
            push(entries, propertyText(found, level, view));
        }
        if (length > view.itemsMax) push(entries, more(length - view.itemsMax, "item"));
    }

    // From the first hole on: what is there is listed, what is not is counted.
    function addSparse(entries, array, from, form, level, view) {
        const keys = form.keys === NO_KEYS ? ownKeys(array) : form.keys;
        const present = indexOf(keys, "length");
        let index = from;
        form.isNumeric = false;
        for (let i = from; i < present && entries.length < view.itemsMax; i++) {
            const key = +keys[i];
            if (!hasRoom(entries, view)) return;
            if (key > index) {
                push(entries, holes(key - index));
                index = key;
                if (entries.length === view.itemsMax) break;
            }
            push(entries, propertyText(getOwnPropertyDescriptor(array, keys[i]), level, view));
            index++;
        }
        const rest = array.length - index;
        if (rest <= 0) return;
        push(entries, entries.length < view.itemsMax ? holes(rest) : more(rest, "item"));
    }

    function addTyped(entries, array, form, level, view) {
        const length = typedLength(array);
        form.isNumeric = form.firstKey === form.keys.length;
        for (let i = 0; i < length && i < view.itemsMax; i++) {
            if (!hasRoom(entries, view)) return;
            push(entries, spend(view, primitiveText(array[i], view)));
        }
        if (length > view.itemsMax) push(entries, more(length - view.itemsMax, "item"));
    }

    function addMap(entries, map, form, level, view) {
        const size = mapSize(map);
        const iterator = mapEntries(map);
        for (let i = 0; i < size && i < view.itemsMax; i++) {
            if (!hasRoom(entries, view)) return;
            const { value } = nextEntry(iterator);
            push(entries, `${nested(value[0], level, view)} => ${nested(value[1], level, view)}`);
        }
        if (size > view.itemsMax) push(entries, more(size - view.itemsMax, "item"));
    }

    function addSet(entries, set, form, level, view) {
        const size = setSize(set);
        const iterator = setValues(set);
        for (let i = 0; i < size && i < view.itemsMax; i++) {
            if (!hasRoom(entries, view)) return;
            push(entries, nested(nextValue(iterator).value, level, view));
        }
        if (size > view.itemsMax) push(entries, more(size - view.itemsMax, "item"));
    }

    function addPromise(entries, promise, form, level, view) {
        const state = promiseState(promise);
        if (state === 0) return push(entries, "<pending>");
        const text = nested(promiseResult(promise), level, view);
        return push(entries, state === 2 ? `<rejected> ${text}` : text);
    }

    function addBytes(entries, buffer, form, level, view) {
        const length = bufferLength(buffer);
        const shown = min(length, view.itemsMax);
        const parts = [];
        try {
            const bytes = new BytesOf(buffer, 0, shown);
            for (let i = 0; i < shown; i++) push(parts, padStart(hexadecimal(bytes[i], 16), 2, "0"));
        } catch {
            push(entries, "(detached)", "byteLength: 0");
            return;
        }
        if (length > shown) push(parts, more(length - shown, "byte"));
        push(entries, spend(view, `[Uint8Contents]: <${join(parts, " ")}>`), `byteLength: ${length}`);
    }

    function addView(entries, dataView, form, level, view) {
        push(entries, `byteLength: ${viewLength(dataView)}`, `byteOffset: ${viewOffset(dataView)}`);
        push(entries, `buffer: ${nested(viewBuffer(dataView), level, view)}`);
    }

    function addUnknown(entries) {
        push(entries, "<items unknown>");
    }

    // What is shown of an object: `base` and the braces, what is between them (`add`, then the properties), and what
    // stands for it if there is nothing between them.
    function plainForm(object, base, open, whole, add) {
        const keys = ownKeys(object);
        const isList = false;
        return { base, open, close: "}", whole, add, keys, firstKey: 0, hasHidden: false, isList, isNumeric: false };
    }

    function listForm(object, length, head, add) {
        const hasKeys = length <= EXTRA_KEYS_LENGTH_MAX;
        const keys = hasKeys ? ownKeys(object) : NO_KEYS;
        let firstKey = 0;
        if (hasKeys) firstKey = add === addElements ? indexOf(keys, "length") + 1 : length;
        const form = { base: "", open: `${head}[`, close: "]", whole: length === 0 ? `${head}[]` : undefined, add };
        return { ...form, keys, firstKey, hasHidden: false, isList: true, isNumeric: false };
    }

    function baseForm(object, base) {
        return plainForm(object, base, "{", base, undefined);
    }

    function sized(type, sizeOf, add) {
        return (object, name, tag) => {
            const size = sizeOf(object);
            const head = prefix(name, tag, type, `(${size})`);
            return plainForm(object, "", `${head}{`, size === 0 ? `${head}{}` : undefined, add);
        };
    }

    function opaque(type, add) {
        return (object, name, tag) => plainForm(object, "", `${prefix(name, tag, type)}{`, undefined, add);
    }

    function boxed(type, valueOf) {
        return (object, name, tag, view) => {
            const value = valueOf(object);
            const owner = name === type ? "" : name === null ? " (null prototype)" : ` (${name})`;
            const text = `[${type}${owner}: ${primitiveText(value, view)}]`;
            const base = tag !== "" && tag !== name ? `${text} [${tag}]` : text;
            if (type !== "String") return baseForm(object, base);
            const form = listForm(object, value.length, "", addTyped);
            return { ...form, base, open: "{", close: "}", whole: base, add: undefined, isList: false };
        };
    }

    function arrayForm(array, name, tag) {
        const { length } = array;
        const head = name === "Array" && tag === "" ? "" : prefix(name, tag, "Array", `(${length})`);
        return listForm(array, length, head, addElements);
    }

    function typedForm(array, name, tag) {
        const length = typedLength(array);
        return listForm(array, length, prefix(name, tag, typedTag(array), `(${length})`), addTyped);
    }

    function regexpForm(regexp, name, tag, view) {
        let flags = "";
        for (let i = 0; i < regexpFlag.length; i++) if (regexpFlag[i].isSet(regexp)) flags += regexpFlag[i].letter;
        const source = regexpSource(regexp);
        const head = prefix(name, tag, "RegExp");
        const cut = source.length > STRING_MAX ? `${slice(source, 0, STRING_MAX)}...` : source;
        const form = baseForm(regexp, `${head === "RegExp " ? "" : head}/${cut}/${flags}`);
        form.beyond = form.base;
        spend(view, form.base);
        return form;
    }

    function dateForm(date, name, tag) {
        let text = "Invalid Date";
        try {
            text = dateText(date);
        } catch {
            // It is no date that can be told.
        }
        const head = prefix(name, tag, "Date");
        return baseForm(date, head === "Date " ? text : head + text);
    }

    function isSaid(text, value) {
        return typeof value === "string" && hasText(text, value);
    }

    function errorForm(error, name, tag, view) {
        const frames = scriptFrames(error);
        const head = errorHead(error, name, tag);
        const text = frames === "" ? `[${head}]` : head + frames;
        const base = view.indentation === 0 ? text : replaceAll(text, "\n", `\n${repeat(" ", view.indentation)}`);
        const form = baseForm(error, spend(view, base));
        // What led to the error comes last, enumerable or not.
        const last = [];
        const { keys } = form;
        form.keys = [];
        for (let i = 0; i < keys.length; i++) {
            const found = getOwnPropertyDescriptor(error, keys[i]);
            if (keys[i] === "stack" || (indexOf(SAID, keys[i]) !== -1 && isSaid(text, found.value))) continue;
            const isReason = keys[i] === "cause" || (keys[i] === "errors" && isArray(found.value));
            if (isReason && !found.enumerable) push(last, keys[i]);
            else if (found.enumerable) push(form.keys, keys[i]);
        }
        for (let i = 0; i < last.length; i++) push(form.keys, last[i]);
        form.hasHidden = true;
        return form;
    }

    function objectForm(object, name, tag) {
        if (name === "Object" && tag === "") return plainForm(object, "", "{", "{}", undefined);
        const head = prefix(name, tag, fallbackName(object));
        return plainForm(object, "", `${head}{`, `${head}{}`, undefined);
    }

    function argumentsForm(object) {
        return plainForm(object, "", "[Arguments] {", "[Arguments] {}", undefined);
    }

    const forms = {
        [kinds.array]: arrayForm,
        [kinds.map]: sized("Map", mapSize, addMap),
        [kinds.set]: sized("Set", setSize, addSet),
        [kinds.weakMap]: opaque("WeakMap", addUnknown),
        [kinds.weakSet]: opaque("WeakSet", addUnknown),
        [kinds.promise]: opaque("Promise", addPromise),
        [kinds.error]: errorForm,
        [kinds.date]: dateForm,
        [kinds.regexp]: regexpForm,
        [kinds.buffer]: opaque("ArrayBuffer", addBytes),
        [kinds.view]: opaque("DataView", addView),
        [kinds.number]: boxed("Number", uncurry(Number.prototype.valueOf)),
        [kinds.string]: boxed("String", uncurry(String.prototype.valueOf)),
        [kinds.boolean]: boxed("Boolean", uncurry(Boolean.prototype.valueOf)),
        [kinds.bigint]: boxed("BigInt", uncurry(BigInt.prototype.valueOf)),
        [kinds.symbol]: boxed("Symbol", uncurry(Symbol.prototype.valueOf)),
        [kinds.arguments]: argumentsForm,
        [kinds.sloppyArguments]: argumentsForm,
    };

    function formOf(object, name, tag, view) {
        if (typeof object === "function") return baseForm(object, functionText(object, name, tag));
        const form = forms[classOf(object)] ?? (typedTag(object) === undefined ? objectForm : typedForm);
        return form(object, name, tag, view);
    }

    function circularText(object, view) {
        view.circular ??= new MapOf();
        let index = mapGet(view.circular, object);
        if (index === undefined) {
            index = mapSize(view.circular) + 1;
            mapSet(view.circular, object, index);
        }
        return `[Circular *${index}]`;
    }

    function objectText(object, level, view) {
        const name = className(object);
        const tag = tagOf(object);
        const form = formOf(object, name, tag, view);
        if (level > view.depth) {
            if (form.whole !== undefined && !hasProperties(object, form)) return spend(view, form.whole);
            if (form.beyond !== undefined) return form.beyond;
            const type = slice(prefix(name, tag, fallbackName(object)), 0, -1);
            return spend(view, name === null ? type : `[${type}]`);
        }
        spend(view, form.open);
        const { innermost } = view;
        view.innermost = level;
        push(view.ancestors, object);
        const entries = [];
        form.add?.(entries, object, form, level + 1, view);
        addProperties(entries, object, form, level + 1, view);
        view.ancestors.length--;
        if (entries.length === 0 && form.whole !== undefined) {
            view.innermost = innermost;
            return form.whole;
        }
        const index = view.circular === undefined ? undefined : mapGet(view.circular, object);
        if (index !== undefined) form.base = form.base === "" ? `<ref *${index}>` : `<ref *${index}> ${form.base}`;
        return enclose(entries, form, level, view);
    }

    // What cannot be shown, for want of stack or memory, does not keep the rest from being shown.
    function guardedText(object, level, view) {
        const { indentation, ancestors: { length } } = view;
        try {
            return objectText(object, level, view);
        } catch {
            view.indentation = indentation;
            view.ancestors.length = length;
            return "[object that cannot be shown]";
        }
    }

    function valueText(value, level, view) {
        if (typeof value !== "function" && (typeof value !== "object" || value === null)) {
            return spend(view, primitiveText(value, view));
        }
        const object = unwrap(value);
        if (object === undefined) return spend(view, "<Revoked Proxy>");
        if (indexOf(view.ancestors, object) !== -1) return spend(view, circularText(object, view));
        return guardedText(object, level, view);
    }

    // `limits`: depth, itemsMax, lineWidth, textMax; each as Node has it by default.
    function inspect(value, limits) {
        return valueText(value, 0, {
            depth: limits?.depth ?? 2,
            itemsMax: limits?.itemsMax ?? 100,
            lineWidth: limits?.lineWidth ?? 80,
            compact: 3,
            room: limits?.textMax ?? TEXT_MAX,
            indentation: 0,
            innermost: 0,
            ancestors: [],
            circular: undefined,
        });
    }

    // A string stands for itself; everything else is shown as in source.
    function describe(value) {
        switch (typeof value) {
            case "string":
                return value;
            case "number":
                return numberText(value);
            default:
                return inspect(value);
        }
    }

    return { show: { inspect, describe, numberText, accessorText } };
})
