// Parses, compares and filters semantic versions, pre-releases and ranges included.
const SEMVER =
  /^v?(?<major>0|[1-9]\d*)\.(?<minor>0|[1-9]\d*)\.(?<patch>0|[1-9]\d*)(?:-(?<pre>[\w.-]+))?(?:\+(?<build>[\w.-]+))?$/;

class Version {
  constructor(text) {
    const match = SEMVER.exec(text);
    if (!match) throw new TypeError(`not a version: ${text}`);
    const { major, minor, patch, pre = "", build } = match.groups;
    this.numbers = [major, minor, patch].map(Number);
    this.pre = pre ? pre.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part)) : [];
    this.build = build;
  }
  static compare(a, b) {
    for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
    if (!a.pre.length || !b.pre.length) return b.pre.length - a.pre.length;
    for (let i = 0; i < Math.max(a.pre.length, b.pre.length); i++) {
      const [x, y] = [a.pre[i], b.pre[i]];
      if (x === y) continue;
      if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
      if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
      return x < y ? -1 : 1;
    }
    return 0;
  }
  satisfies(range) {
    return range.split("||").some((part) => part.trim().split(/\s+/).every((term) => {
      const [, operator, text] = /^(\^|~|[<>]=?|=)?(.+)$/.exec(term);
      const base = new Version(text);
      const order = Version.compare(this, base);
      const sameUpTo = (n) => base.numbers.slice(0, n).every((x, i) => x === this.numbers[i]);
      switch (operator) {
        case "^": return order >= 0 && sameUpTo(base.numbers.findIndex((n) => n > 0) + 1 || 3);
        case "~": return order >= 0 && sameUpTo(2);
        case ">": return order > 0;
        case ">=": return order >= 0;
        case "<": return order < 0;
        case "<=": return order <= 0;
        default: return order === 0;
      }
    }));
  }
  toString() {
    return (
      this.numbers.join(".") + (this.pre.length ? `-${this.pre.join(".")}` : "") + (this.build ? `+${this.build}` : "")
    );
  }
}

const texts = [
  "1.0.0",
  "1.0.0-rc.1",
  "v2.1.0",
  "1.0.0-alpha.beta",
  "1.0.0-alpha.1",
  "1.10.0",
  "1.9.3",
  "1.0.0-alpha",
  "0.3.1",
  "1.0.0-rc.11",
  "1.0.0-beta.2",
  "0.2.9+b7",
];
const versions = texts.map((text) => new Version(text)).sort(Version.compare);
const matching = (range) => versions.filter((version) => version.satisfies(range)).map(String);
const invalid = ["1.0", "01.0.0", "a.b.c"].map((text) => {
  try {
    return new Version(text);
  } catch (e) {
    return e.message;
  }
});

console.log(versions.join(" < "));
return {
  caret: matching("^1.0.0"),
  zero: matching("^0.2.0"),
  tilde: matching("~1.9.0"),
  between: matching(">=1.0.0 <2.0.0"),
  either: matching("0.3.1 || >2.0.0"),
  invalid,
};
