// Rewrites text with replacer functions: placeholders, escaping, case conversion, masking.
const env = { USER: "ada", HOME: "/home/ada", EMPTY: "" };

const expanded = "Hi ${USER}, your home is ${HOME}, $${USER} costs ${MISSING:-nothing}${EMPTY}!".replaceAll(
  /\$?\$\{(\w+)(?::-([^}]*))?\}/g,
  (whole, name, fallback) => (whole.startsWith("$$") ? whole.slice(1) : env[name] ?? fallback ?? ""),
);

const escapeHtml = (s) =>
  s.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

const snake = (s) => s.replace(/[A-Z]+(?![a-z])|[A-Z]/g, (m, offset) => (offset ? "_" : "") + m.toLowerCase());
const camel = (s) => s.replace(/[_-]+([a-z0-9])/gi, (_, c) => c.toUpperCase());
const title = (s) => s.replace(/\b\p{L}/gu, (c) => c.toUpperCase());
const mask = (s) => s.replace(/(?<=^.).(?=[^@]*.@)/g, "*");

let counter = 0;
const numbered = "item item item".replaceAll(
  "item",
  (match, offset, whole) => `${match}#${++counter}@${offset}/${whole.length}`,
);
const named = "John Smith".replace(/(?<first>\w+) (?<last>\w+)/, (...args) => {
  const { first, last } = args.at(-1);
  return `${last}, ${first}`;
});
const special = "cost".replace("cost", "$& $` $' $$ $1").concat("|", "a-b".replace(/(-)/, "<$1$`$'>"));

console.log(expanded);
return {
  expanded,
  html: escapeHtml(`<a href="x?a=1&b=2">it's</a>`),
  snake: ["userName", "parseURLQuery", "HTTP", "x"].map(snake),
  camel: ["user_name", "data-test-id", "a_1"].map(camel),
  title: title("the quick éclair"),
  mask: mask("jonathan@example.com"),
  numbered,
  named,
  special,
};
