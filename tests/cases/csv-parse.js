// Parses CSV with quotes, embedded newlines and doubled quotes into typed records.
const csv = `id,name,notes,price,active
1,"Smith, John","said ""hi""",12.50,true
2,Ann,"two
lines",,false
3,Żaneta,"",1e2,true\r
4,"  padded ",plain,-0.5,
`;

function parseCsv(text, separator = ",") {
  const rows = [[]];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (char === '"') {
      quoted = true;
    } else if (char === separator) {
      rows.at(-1).push(field);
      field = "";
    } else if (char === "\n") {
      rows.at(-1).push(field);
      field = "";
      rows.push([]);
    } else if (char !== "\r") {
      field += char;
    }
  }
  if (field !== "" || rows.at(-1).length > 0) rows.at(-1).push(field);
  return rows.filter((row) => row.length > 0);
}

const convert = (text) => {
  if (text === "") return null;
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
};

const [header, ...rows] = parseCsv(csv);
const records = rows.map((row) => Object.fromEntries(header.map((name, i) => [name, convert(row[i])])));

console.log(`${records.length} records with ${header.length} columns`);
console.table(records.map(({ id, name, price }) => ({ id, name, price })));

return {
  records,
  total: records.reduce((sum, { price }) => sum + (price ?? 0), 0),
  semicolon: parseCsv("a;b\n1;2", ";"),
};
