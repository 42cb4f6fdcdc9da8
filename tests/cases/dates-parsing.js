// Parses and validates dates in several notations; shows what Date itself accepts.
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function parseDate(text) {
  const patterns = [
    [/^(?<y>\d{4})-(?<m>\d{1,2})-(?<d>\d{1,2})$/],
    [/^(?<d>\d{1,2})\.(?<m>\d{1,2})\.(?<y>\d{4})$/],
    [/^(?<m>\d{1,2})\/(?<d>\d{1,2})\/(?<y>\d{2}|\d{4})$/],
    [/^(?<d>\d{1,2})(?:st|nd|rd|th)? (?<mon>[a-z]{3})[a-z]* (?<y>\d{4})$/i],
  ];
  for (const [pattern] of patterns) {
    const groups = pattern.exec(text.trim())?.groups;
    if (!groups) continue;
    const { y, m, d, mon } = groups;
    const year = y.length === 2 ? 2000 + Number(y) : Number(y);
    const month = mon ? MONTHS.indexOf(mon.toLowerCase()) : Number(m) - 1;
    const date = new Date(Date.UTC(year, month, Number(d)));
    return date.getUTCMonth() === month && date.getUTCDate() === Number(d)
      ? date.toISOString().slice(0, 10)
      : "no such day";
  }
  return "unreadable";
}

const inputs = ["2024-02-29", "2023-02-29", "14.11.2023", "11/14/23", "3rd March 2021", "1st Foo 2020", "soon"];
for (const text of inputs) console.log(text.padEnd(15), "→", parseDate(text));

const timestamps = {
  dateOnly: Date.parse("2023-11-14"),
  zulu: Date.parse("2023-11-14T22:13:20Z"),
  offset: Date.parse("2023-11-14T22:13:20+02:00"),
  local: Date.parse("2023-11-14T22:13:20"),
  millis: Date.parse("2023-11-14T22:13:20.123Z"),
  rfc: Date.parse("Tue, 14 Nov 2023 22:13:20 GMT"),
  loose: Date.parse("Nov 14, 2023 10:13 PM"),
  bad: Date.parse("not a date"),
};

const invalid = new Date("nope");
let threw;
try { invalid.toISOString(); } catch (error) { threw = error.name; }

const d = new Date(2023, 0, 31, 12);
return {
  timestamps, threw, invalid, isNaN: Number.isNaN(invalid.getTime()),
  local: [d.toISOString(), d.getTimezoneOffset(), d.getDay(), d.getHours()],
  strings: [d.toString().slice(0, 24), d.toDateString(), d.toJSON()],
  setters: new Date(d.setMonth(1)).toISOString(),
  order: ["2023-05-01", "2022-12-31"].map((s) => new Date(s)).sort((a, b) => a - b).map((x) => x.getFullYear()),
};
