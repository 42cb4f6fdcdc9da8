"use strict";
// Objects whose shape changes: added, computed, deleted and copied properties.
function main() {
    let sum = 0;
    for (let i = 0; i < 40000; i++) {
        const object = { a: i, b: i + 1 };
        object[`p${i % 40}`] = i;
        object.c = object.a + object.b;
        if (i % 3 === 0) delete object.b;
        const copy = { ...object, d: 1 };
        const { a, ...rest } = copy;
        for (const key in rest) sum += rest[key] & 0xff;
        sum += Object.keys(copy).length + a % 2;
        if ("b" in copy) sum++;
    }
    return sum;
}
main();
