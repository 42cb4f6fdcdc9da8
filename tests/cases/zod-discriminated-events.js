// Parses a feed of events with a discriminated union and totals them per kind.
const Base = z.object({ id: z.number().int(), at: z.iso.datetime() });
const Event = z.discriminatedUnion("type", [
  Base.extend({
    type: z.literal("payment"),
    amount: z.number().positive(),
    currency: z.string().length(3).toUpperCase(),
  }),
  Base.extend({ type: z.literal("refund"), amount: z.number().positive(), reason: z.string().optional() }),
  Base.extend({ type: z.literal("note"), text: z.string() }),
]);

const raw = [
  { id: 1, at: "2023-11-14T22:13:20Z", type: "payment", amount: 20, currency: "eur" },
  { id: 2, at: "2023-11-14T22:14:20Z", type: "refund", amount: 5 },
  { id: 3, at: "yesterday", type: "note", text: "hm" },
  { id: 4, at: "2023-11-14T22:15:20Z", type: "gift", amount: 1 },
  { id: "5", at: "2023-11-14T22:16:20Z", type: "payment", amount: -1, currency: "EURO" },
];

const feed = await tools.echo({ raw });
const [good, bad] = feed.raw.reduce(
  ([ok, failed], event) => {
    const { success, data, error } = Event.safeParse(event);
    return success
      ? [[...ok, data], failed]
      : [ok, [...failed, { id: event.id, problems: error.issues.length, first: error.issues[0].path }]];
  },
  [[], []],
);

const totals = {};
for (const event of good) {
  switch (event.type) {
    case "payment": totals[event.currency] = (totals[event.currency] ?? 0) + event.amount; break;
    case "refund": totals.refunds = (totals.refunds ?? 0) + event.amount; break;
    default: throw new Error("unreachable");
  }
}

bad.forEach((entry) => console.warn("rejected", entry));
return { good, bad, totals };
