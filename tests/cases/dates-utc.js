// Date arithmetic in UTC: adding months with clamping, differences, ISO weeks, quarters, leap years.
const DAY = 86_400_000;
const iso = (date) => date.toISOString().slice(0, 10);
const utc = (y, m, d) => new Date(Date.UTC(y, m - 1, d));

function addMonths(date, months) {
  const target = new Date(date);
  const day = target.getUTCDate();
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months);
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(day, last));
  return target;
}

function isoWeek(date) {
  const d = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
  d.setUTCDate(d.getUTCDate() + 4 - (d.getUTCDay() || 7));
  const yearStart = Date.UTC(d.getUTCFullYear(), 0, 1);
  return `${d.getUTCFullYear()}-W${String(Math.ceil(((d - yearStart) / DAY + 1) / 7)).padStart(2, "0")}`;
}

const daysBetween = (a, b) => Math.round((b - a) / DAY);
const isLeap = (y) => utc(y, 2, 29).getUTCMonth() === 1;
const now = new Date();

function* businessDays(from, count) {
  for (let d = new Date(from); count > 0; d = new Date(+d + DAY)) {
    if (d.getUTCDay() % 6 === 0) continue;
    yield iso(d);
    count--;
  }
}

console.log("today is", iso(now), now.toUTCString());
return {
  now,
  monthEnds: [1, 3, 13].map((n) => iso(addMonths(utc(2024, 1, 31), n))),
  back: iso(addMonths(utc(2023, 3, 31), -1)),
  weeks: [utc(2021, 1, 3), utc(2020, 12, 31), utc(2024, 12, 30), now].map(isoWeek),
  quarter: `Q${Math.floor(now.getUTCMonth() / 3) + 1}`,
  daysToNewYear: daysBetween(utc(2023, 11, 14), utc(2024, 1, 1)),
  leap: [1900, 2000, 2023, 2024].map(isLeap),
  business: [...businessDays(utc(2023, 11, 16), 4)],
  overflow: iso(new Date(Date.UTC(2023, 12, 32))),
  age: new Date(now - utc(1990, 11, 15)).getUTCFullYear() - 1970,
};
