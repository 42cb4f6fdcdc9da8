// Owns what takes the place of test262's propertyHelper.js: the same functions, for a realm of frozen intrinsics. There
// a property that the specification calls writable or configurable is neither, on purpose, and the global object's own
// intrinsics are read-only. Everything else about it (presence, value, accessors, enumerability) must hold.

// Captured, because a test may take the globals away: functions, and the names of what was there before it.
const captured = {
    getOwnPropertyDescriptor: Object.getOwnPropertyDescriptor,
    defineProperty: Object.defineProperty,
    hasOwn: Object.hasOwn,
    isFrozen: Object.isFrozen,
    isSame: Object.is,
    isArray: Array.isArray,
    nameOf: String,
    globals: Object.getOwnPropertyDescriptors(globalThis),
};

function hardenedExpectation(object, name, field, expected) {
    if (object !== globalThis) return captured.isFrozen(object) ? false : expected;
    return field === "writable" && captured.hasOwn(captured.globals, name) ? false : expected;
}

function ownDescriptor(object, name) {
    const descriptor = captured.getOwnPropertyDescriptor(object, name);
    assert(descriptor !== undefined, `no own property ${captured.nameOf(name)}`);
    return descriptor;
}

function refusesWithTypeError(change) {
    try {
        change();
    } catch (error) {
        if (!(error instanceof TypeError)) throw error;
    }
}

function acceptsWrite(object, name, observedName = name, value = undefined) {
    const attempt = value ?? (captured.isArray(object) && name === "length" ? 2 ** 32 - 1 : "another value");
    const wasOwn = captured.hasOwn(object, name);
    const before = object[name];
    refusesWithTypeError(() => {
        object[name] = attempt;
    });
    if (!captured.isSame(object[observedName], attempt)) return false;
    if (wasOwn) object[name] = before;
    else delete object[name];
    return true;
}

function acceptsDelete(object, name) {
    refusesWithTypeError(() => delete object[name]);
    return !captured.hasOwn(object, name);
}

function checkWritable(object, name, expected) {
    const wanted = expected && hardenedExpectation(object, name, "writable", true);
    assert.sameValue(ownDescriptor(object, name).writable === true, wanted, `writable of ${captured.nameOf(name)}`);
    assert.sameValue(acceptsWrite(object, name), wanted, `write to ${captured.nameOf(name)}`);
}

function checkEnumerable(object, name, expected) {
    assert.sameValue(ownDescriptor(object, name).enumerable, expected, `enumerable of ${captured.nameOf(name)}`);
    if (typeof name !== "string") return;
    let listed = false;
    for (const key in object) listed ||= key === name;
    assert.sameValue(listed, expected, `${name} in a for-in loop`);
}

// Takes the property away, as the original does, so it is checked last.
function checkConfigurable(object, name, expected) {
    const wanted = expected && hardenedExpectation(object, name, "configurable", true);
    assert.sameValue(ownDescriptor(object, name).configurable, wanted, `configurable of ${captured.nameOf(name)}`);
    assert.sameValue(acceptsDelete(object, name), wanted, `deletion of ${captured.nameOf(name)}`);
}

function verifyProperty(object, name, expected, options = {}) {
    if (expected === undefined) {
        assert(captured.getOwnPropertyDescriptor(object, name) === undefined, `unexpected ${captured.nameOf(name)}`);
        return true;
    }
    const before = ownDescriptor(object, name);
    if (captured.hasOwn(expected, "value")) {
        assert.sameValue(before.value, expected.value, `value of ${captured.nameOf(name)}`);
        assert.sameValue(object[name], expected.value, `reading ${captured.nameOf(name)}`);
    }
    if (captured.hasOwn(expected, "enumerable")) checkEnumerable(object, name, expected.enumerable);
    if (captured.hasOwn(expected, "writable")) checkWritable(object, name, expected.writable);
    if (captured.hasOwn(expected, "configurable")) checkConfigurable(object, name, expected.configurable);
    if (options.restore) captured.defineProperty(object, name, before);
    return true;
}

function verifyEqualTo(object, name, value) {
    assert.sameValue(object[name], value, `value of ${captured.nameOf(name)}`);
}

// A test that names another property to look at, or a value to write, is about setters and exotic objects.
function verifyWritable(object, name, observedName, value) {
    if (!observedName) checkWritable(object, name, true);
    else assert(acceptsWrite(object, name, observedName, value), `write to ${captured.nameOf(name)}`);
}

function verifyNotWritable(object, name, observedName) {
    if (!observedName) checkWritable(object, name, false);
    else assert(!acceptsWrite(object, name, observedName), `write to ${captured.nameOf(name)}`);
}

function verifyEnumerable(object, name) {
    checkEnumerable(object, name, true);
}

function verifyNotEnumerable(object, name) {
    checkEnumerable(object, name, false);
}

function verifyConfigurable(object, name) {
    checkConfigurable(object, name, true);
}

function verifyNotConfigurable(object, name) {
    checkConfigurable(object, name, false);
}
