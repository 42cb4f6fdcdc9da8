// Groups, counters, tables and assertions on the console.
const people = [
  { name: "Ann", age: 41, city: "Oslo" },
  { name: "Bob", age: 7 },
  { name: "Żaneta", age: null, city: "Łódź" },
];

console.group("People");
people.forEach((person, i) => {
  console.group(`#${i + 1}`);
  console.log(person.name);
  console.warn("two\nlines");
  console.groupEnd();
  console.count("person");
});
console.groupEnd();
console.groupEnd();
console.log("outside again");

console.table(people);
console.table(people, ["name"]);
console.table([["a", 1], ["b", 2]]);
console.table({ first: { x: 1 }, second: { y: [1, 2] } });
console.table(["just", "values"]);
console.table(new Map([["k", 1]]));
console.table("not tabular");

console.count();
console.count("person");
console.countReset("person");
console.count("person");
console.assert(1 === 1, "not shown");
console.assert(people.length > 3, "too few people:", people.length);
console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 });

const width = Math.max(...people.map(({ name }) => name.length));
people.map(({ name, age }) => `${name.padEnd(width)}|${String(age ?? "-").padStart(3)}`);
