// Validates user input with zod: defaults, coercion, unknown keys, and readable issues.
const User = z.object({
  name: z.string().trim().min(2).max(40),
  email: z.email(),
  age: z.coerce.number().int().min(18).optional(),
  role: z.enum(["admin", "editor", "viewer"]).default("viewer"),
  tags: z.array(z.string().min(1)).max(3).default([]),
  address: z.object({ zip: z.string().regex(/^\d{2}-\d{3}$/), city: z.string() }).nullable(),
});

const inputs = [
  { name: "  Ada ", email: "ada@example.org", age: "36", address: null, extra: true },
  { name: "B", email: "nope", age: 17.5, role: "owner", tags: ["a", "", "c", "d"], address: { zip: "00950" } },
  { name: "Cy", email: "cy@x.org", address: { zip: "00-950", city: "Warsaw" } },
];

const report = inputs.map((input) => {
  const result = User.safeParse(input);
  if (result.success) return { ok: true, data: result.data };
  return { ok: false, issues: result.error.issues.map(({ path, code }) => `${path.join(".")}: ${code}`) };
});

for (const [i, { ok, issues }] of report.entries()) console.log(`input ${i}: ${ok ? "valid" : issues.join(", ")}`);

let thrown;
try {
  User.parse(null);
} catch (error) {
  thrown = { isZodError: error instanceof z.ZodError, name: error.name, count: error.issues.length };
}

const Patch = User.partial().pick({ name: true, role: true });
return {
  report, thrown,
  strict: z.strictObject({ a: z.number() }).safeParse({ a: 1, b: 2 }).error.issues[0].keys,
  patch: Patch.parse({ name: "Zoe" }),
  keys: Object.keys(User.shape),
};
