// Owns the `toLocaleString` of arrays and typed arrays, which hands its arguments on to each element.

const { apply } = Reflect;
export const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const typedArrayLength = Object.getOwnPropertyDescriptor(typedArrayPrototype, "length").get;
const typedArrayAt = typedArrayPrototype.at;

function joined(elements, length, args) {
    let text = "";
    for (let i = 0; i < length; i++) {
        const element = elements[i];
        if (i > 0) text += ",";
        if (element !== undefined && element !== null) text += `${element.toLocaleString(args[0], args[1])}`;
    }
    return text;
}

export const arrayMethods = {
    toLocaleString() {
        if (this === undefined || this === null) throw new TypeError("Cannot convert undefined or null to object");
        const elements = Object(this);
        return joined(
            elements,
            Math.min(Math.max(Math.trunc(+elements.length) || 0, 0), Number.MAX_SAFE_INTEGER),
            arguments,
        );
    },
};

export const typedArrayMethods = {
    toLocaleString() {
        // Refuses what is no typed array, or one whose buffer is gone (ECMA-262, ValidateTypedArray).
        apply(typedArrayAt, this, [0]);
        return joined(this, apply(typedArrayLength, this, []), arguments);
    },
};
