"use strict";
// What a script does with tool results: parse, walk, filter, write.
function records(count) {
    const list = [];
    for (let i = 0; i < count; i++) {
        list.push({
            id: i, name: `user ${i}`, email: `user${i}@example.com`, active: i % 3 === 0, score: i * 1.5,
            tags: ["a", "b", `t${i % 17}`], address: { city: `city ${i % 50}`, zip: String(10000 + i) },
        });
    }
    return list;
}
function main() {
    let text = JSON.stringify(records(1500));
    let bytes = 0, total = 0;
    for (let round = 0; round < 12; round++) {
        const list = JSON.parse(text);
        for (const record of list) if (record.active && record.tags.includes("t3")) total += record.score;
        text = JSON.stringify(list);
        bytes += text.length;
    }
    return [bytes, total].join(" ");
}
main();
