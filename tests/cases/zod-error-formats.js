// Turns zod errors into what a form or a model can show: custom messages, flatten, tree, prettify.
const Signup = z
  .object({
    username: z.string({ error: "username is required" }).min(3, "at least 3 characters"),
    password: z.string().superRefine((value, ctx) => {
      if (value.length < 8) ctx.addIssue({ code: "custom", message: "too short" });
      if (!/\d/.test(value)) ctx.addIssue({ code: "custom", message: "needs a digit" });
    }),
    confirm: z.string(),
    profile: z.object({ links: z.array(z.url("not a link")) }),
  })
  .check((ctx) => {
    if (ctx.value.password !== ctx.value.confirm) {
      ctx.issues.push({ code: "custom", message: "passwords differ", path: ["confirm"], input: ctx.value });
    }
  });

const result = Signup.safeParse({
  username: "ab",
  password: "secret",
  confirm: "secret",
  profile: { links: ["https://ok.example", "nope"] },
});
const { error } = result;

const flat = z.flattenError(error);
console.log(z.prettifyError(error));

const missing = Signup.safeParse({ password: "longenough1", confirm: "different1", profile: { links: [] } });
const differing = Signup.safeParse({
  username: "abc",
  password: "longenough1",
  confirm: "different1",
  profile: { links: [] },
});

return {
  fields: flat.fieldErrors,
  form: flat.formErrors,
  link: z.treeifyError(error).properties.profile.properties.links.items[1].errors,
  missing: missing.error.issues.map((issue) => issue.message),
  differing: differing.error.issues.map(({ path, message }) => `${path}: ${message}`),
  types: [z.number(), z.boolean(), z.array(z.any()), z.date()].map(
    (schema) => schema.safeParse("x").error.issues[0].message,
  ),
};
