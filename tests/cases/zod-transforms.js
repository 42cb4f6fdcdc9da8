// Zod as a converter: transforms, pipes, preprocess, refinements across fields, async refinements, catch.
const Money = z
  .string()
  .regex(/^\$?[\d,]+(\.\d{2})?$/)
  .transform((text) => Number(text.replace(/[$,]/g, "")))
  .pipe(z.number().max(1e6));
const CsvList = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").map((s) => s.trim()) : value),
  z.array(z.string()),
);
const Flag = z.stringbool();

const Booking = z
  .object({ from: z.coerce.date(), to: z.coerce.date(), price: Money, guests: CsvList, breakfast: Flag.optional() })
  .refine(({ from, to }) => from < to, { message: "must end after it starts", path: ["to"] })
  .transform(({ from, to, ...rest }) => ({ nights: (to - from) / 86_400_000, ...rest }));

const valid = Booking.parse({
  from: "2024-02-27",
  to: "2024-03-01",
  price: "$1,250.00",
  guests: "Ann, Bob",
  breakfast: "yes",
});
const invalid = Booking.safeParse({ from: "2024-03-01", to: "2024-02-27", price: "12", guests: [] });

const Username = z.string().refine(async (name) => (await tools.echo({ name })).name !== "taken", "already taken");
const names = await Promise.all(["free", "taken"].map((name) => Username.safeParseAsync(name)));

const Lenient = z.object({ retries: z.number().catch(3), mode: z.string().nullish() });
const Tree = z.object({ value: z.number(), get children() { return z.array(Tree).optional(); } });
const tree = Tree.parse({ value: 1, children: [{ value: 2 }, { value: 3, children: [] }] });

console.log(valid);
return {
  valid,
  invalid: invalid.error.issues.map(({ path, message }) => ({ path, message })),
  names: names.map(({ success, error }) => (success ? "free" : error.issues[0].message)),
  lenient: Lenient.parse({ retries: "many", mode: null }),
  tree,
  tooMuch: Money.safeParse("$2,000,000").success,
  tuple: z.tuple([z.string(), z.number()]).rest(z.boolean()).parse(["a", 1, true, false]),
  record: z.record(z.string(), z.number()).safeParse({ a: 1, b: "x" }).error.issues[0].path,
  branded: z.string().brand().parse("id-1"),
  map: z.map(z.string(), z.number()).parse(new Map([["k", 1]])),
};
