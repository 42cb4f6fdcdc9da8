"use strict";
// Map and Set: grouping, counting, joining two lists.
function main() {
    const byId = new Map();
    for (let i = 0; i < 20000; i++) byId.set(`k${i}`, i);
    let hits = 0, groups = 0;
    const seen = new Set();
    for (let i = 0; i < 60000; i++) {
        const key = (i * 7919) % 30011;
        if (seen.has(key)) hits++;
        else seen.add(key);
        const other = byId.get(`k${key}`);
        if (other !== undefined) hits += other & 1;
    }
    const counts = new Map();
    for (const key of seen) counts.set(key % 97, (counts.get(key % 97) ?? 0) + 1);
    for (const [group, count] of counts) groups += group ^ count;
    for (let i = 0; i < 20000; i += 2) byId.delete(`k${i}`);
    return [hits + byId.size, groups].join(" ");
}
main();
