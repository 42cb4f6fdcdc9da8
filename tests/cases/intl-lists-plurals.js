// Plural rules, list formats, relative times and collation in English.
const plural = new Intl.PluralRules("en-US");
const ordinal = new Intl.PluralRules("en-US", { type: "ordinal" });
const suffixes = { one: "st", two: "nd", few: "rd", other: "th" };

const count = (n, forms) => `${n.toLocaleString("en-US")} ${forms[plural.select(n)] ?? forms.other}`;
const file = { one: "file", other: "files" };

const and = new Intl.ListFormat("en", { style: "long", type: "conjunction" });
const or = new Intl.ListFormat("en", { type: "disjunction" });

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
function ago(then, now = Date.now()) {
  const seconds = Math.round((then - now) / 1000);
  for (const [unit, size] of [["day", 86_400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(seconds, "second");
}

const names = ["résumé", "Resume", "resume", "item 10", "item 9", "Zebra", "äpfel", "apple"];
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const now = Date.now();
const ages = [0, -45_000, -3_600_000, -86_400_000, 3 * 86_400_000, 120_000].map((offset) => ago(now + offset));
ages.forEach((text) => console.log(text));

return {
  files: [0, 1, 2, 1500].map((n) => count(n, file)),
  ordinals: [1, 2, 3, 4, 11, 22, 103].map((n) => `${n}${suffixes[ordinal.select(n)]}`),
  lists: [[], ["a"], ["a", "b"], ["a", "b", "c"]].map((list) => and.format(list)),
  or: or.format(["tea", "coffee", "milk"]),
  ages,
  sorted: names.toSorted(collator.compare),
  numeric: ["v10", "v9", "v1"].sort((a, b) => a.localeCompare(b, undefined, { numeric: true })),
  equal: collator.compare("resume", "Résumé") === 0,
  compare: ["a".localeCompare("b"), "b".localeCompare("a"), "a".localeCompare("a")].map(Math.sign),
  upper: "straße".toLocaleUpperCase("en-US"),
};
