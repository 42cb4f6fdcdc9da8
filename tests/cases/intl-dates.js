// Date formatting for en-US in UTC and other zones: styles, fields, parts, ranges of names.
const date = new Date(Date.UTC(2023, 10, 14, 22, 13, 20));
const format = (options, zone = "UTC") => new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }).format(date);

const meetings = [
  { title: "Standup", at: "2023-11-15T09:00:00Z" },
  { title: "Review", at: "2023-11-15T16:30:00Z" },
];
for (const { title, at } of meetings) {
  const when = new Date(at).toLocaleTimeString("en-US", {
    timeZone: "America/New_York",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  });
  console.log(`${title}: ${when} in New York`);
}

const weekdays = Array.from({ length: 7 }, (_, i) =>
  new Date(Date.UTC(2024, 0, 1 + i)).toLocaleDateString("en-US", { weekday: "short", timeZone: "UTC" }));
const months = Array.from({ length: 12 }, (_, i) =>
  new Intl.DateTimeFormat("en-US", { month: "long", timeZone: "UTC" }).format(new Date(Date.UTC(2024, i, 15))));

const parts = Object.fromEntries(
  new Intl.DateTimeFormat("en-US", {
    timeZone: "UTC",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  })
    .formatToParts(date)
    .filter(({ type }) => type !== "literal")
    .map(({ type, value }) => [type, value]),
);

// Space before AM/PM is U+202F in newer data: make it plain.
const plain = (text) => text.replace(/\u202f/g, " ");

return {
  styles: ["full", "long", "medium", "short"].map((dateStyle) => format({ dateStyle })),
  times: ["medium", "short"].map((timeStyle) => plain(format({ timeStyle }))),
  both: plain(format({ dateStyle: "medium", timeStyle: "short" })),
  fields: format({ weekday: "long", month: "long", day: "numeric", year: "numeric" }),
  zones: ["Europe/Warsaw", "Asia/Tokyo", "America/Los_Angeles"].map((zone) =>
    plain(format({ hour: "numeric", minute: "2-digit", day: "numeric", month: "short" }, zone)),
  ),
  isoLike: `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`,
  weekdays,
  months,
  locale: [
    date.toLocaleDateString("en-US"),
    plain(date.toLocaleTimeString("en-US")),
    plain(date.toLocaleString("en-US", { timeZone: "UTC" })),
  ],
  swedish: new Date(0).toLocaleDateString("en-GB", { timeZone: "UTC" }),
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};
