// Tagged templates: an SQL builder with parameters, an HTML escaper, dedent, and raw strings.
function sql(strings, ...values) {
  const params = [];
  let text = strings[0];
  values.forEach((value, i) => {
    if (value?.isSql) {
      text += value.text.replace(/\$(\d+)/g, (_, n) => `$${Number(n) + params.length}`);
      params.push(...value.params);
    } else if (Array.isArray(value)) {
      text += value.map((item) => `$${params.push(item)}`).join(", ");
    } else {
      text += `$${params.push(value)}`;
    }
    text += strings[i + 1];
  });
  return { isSql: true, text, params };
}

const html = (strings, ...values) =>
  String.raw({ raw: strings }, ...values.map((v) => String(v).replace(/[<>&]/g, (c) => `&#${c.charCodeAt()};`)));

const dedent = ({ raw }, ...values) => {
  const text = String.raw({ raw }, ...values);
  const indent = Math.min(...text.match(/^[ ]*(?=\S)/gm).map((s) => s.length));
  return text.replace(new RegExp(`^ {${indent}}`, "gm"), "").trim();
};

const where = sql`age > ${18} AND city = ${"Oslo"}`;
const query = sql`SELECT * FROM users WHERE id IN (${[1, 2, 3]}) AND ${where} LIMIT ${10}`;
console.log(query.text);

const same = (s) => s;
const make = () => same`a${1}b`;

return {
  query,
  html: html`<b>${"<script>"}</b> & ${1 < 2}`,
  dedent: dedent`
      first
        second ${"x"}
      third`,
  raw: String.raw`C:\new\table ${1 + 1}`,
  cooked: ((s) => [s[0], s.raw[0]])`\unicode`.map((s) => s ?? "undefined"),
  cached: make() === make(),
  frozen: Object.isFrozen(make()) && Object.isFrozen(make().raw),
};
