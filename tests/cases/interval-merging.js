// Calendar work: merges overlapping intervals, finds free slots, counts the busiest moment.
const toMinutes = (text) => {
  const [, h, m] = text.match(/^(\d{1,2}):(\d\d)$/);
  return h * 60 + +m;
};
const toText = (minutes) => [Math.floor(minutes / 60), minutes % 60].map((n) => `${n}`.padStart(2, "0")).join(":");

const meetings = ["9:00-10:30", "13:00-14:00", "10:00-11:15", "8:30-8:45", "13:30-13:45", "16:00-17:00", "11:15-11:30"]
  .map((slot) => slot.split("-").map(toMinutes))
  .map(([start, end]) => ({ start, end }));

const merged = meetings
  .toSorted((a, b) => a.start - b.start || a.end - b.end)
  .reduce((list, { start, end }) => {
    const last = list.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else list.push({ start, end });
    return list;
  }, []);

function* gaps(busy, from, to, atLeast) {
  let cursor = from;
  for (const { start, end } of [...busy, { start: to, end: to }]) {
    if (start - cursor >= atLeast) yield [cursor, start];
    cursor = Math.max(cursor, end);
  }
}

const free = [...gaps(merged, toMinutes("8:00"), toMinutes("18:00"), 30)];

const busiest = meetings
  .flatMap(({ start, end }) => [[start, 1], [end, -1]])
  .sort(([a, x], [b, y]) => a - b || x - y)
  .reduce(({ now, max, at }, [time, change]) => {
    now += change;
    return now > max ? { now, max: now, at: time } : { now, max, at };
  }, { now: 0, max: 0, at: null });

const timeline = Array.from({ length: 20 }, (_, i) => 480 + i * 30)
  .map((t) => (merged.some(({ start, end }) => t >= start && t < end) ? "█" : "·"))
  .join("");

console.log(timeline);
free.forEach(([from, to]) => console.log(`free ${toText(from)}–${toText(to)} (${to - from} min)`));
return {
  merged: merged.map(({ start, end }) => `${toText(start)}-${toText(end)}`),
  free: free.map((slot) => slot.map(toText)),
  busiest: { meetings: busiest.max, at: toText(busiest.at) },
  minutes: merged.reduce((sum, { start, end }) => sum + end - start, 0),
};
