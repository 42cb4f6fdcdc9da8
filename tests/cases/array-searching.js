// Searches and flattens arrays: find from both ends, flatMap, includes with NaN, and friends.
const events = [
    { id: 1, type: "login", user: "ann", tags: ["web"] },
    { id: 2, type: "click", user: "bob", tags: [] },
    { id: 3, type: "login", user: "bob", tags: ["app", "beta"] },
    { id: 4, type: "logout", user: "ann", tags: ["web", "beta"] },
];

const firstLogin = events.find((event) => event.type === "login");
const lastLogin = events.findLast((event) => event.type === "login");
const lastBob = events.findLastIndex((event) => event.user === "bob");
const none = [events.find((e) => e.id > 10), events.findIndex((e) => e.id > 10), events.findLastIndex(() => false)];

const tags = events.flatMap((event) => event.tags);
const pairs = events.flatMap(({ user, tags }) => tags.map((tag) => `${user}:${tag}`));
const nested = [1, [2, [3, [4, [5]]]]];

const numbers = [5, NaN, -0, 8];
console.log(nested.flat(), nested.flat(Infinity));

return {
    firstLogin: firstLogin.id,
    lastLogin: lastLogin.id,
    lastBob,
    none,
    tags,
    pairs,
    depth: [nested.flat().length, nested.flat(2).length, nested.flat(Infinity).length],
    nan: [numbers.includes(NaN), numbers.indexOf(NaN), numbers.includes(0)],
    at: [numbers.at(0), numbers.at(-1), numbers.at(9) ?? "none"],
    every: [[].every(Boolean), [].some(Boolean), events.every((e) => e.id > 0)],
    filled: Array(3).fill().map((_, i) => i ** 2),
    copied: [1, 2, 3, 4, 5].copyWithin(0, 3),
    from: Array.from("héllo", (c) => c.codePointAt(0)),
    reduced: [[0, 1], [2, 3]].reduceRight((acc, row) => acc.concat(row), []),
    last: [3, 1, 3].lastIndexOf(3),
    of: Array.of(7).length,
    keys: [...["a", "b"].keys()],
    entries: [...["a", "b"].entries()],
};
