// Parses an INI-like and an indented YAML-like configuration into nested objects, with error positions.
const ini = `
; global settings
name = demo service
[server]
port = 8080
hosts[] = a.example
hosts[] = "b.example ; not a comment"
debug = off   ; comment
[server.tls]
enabled = yes
__proto__ = ignored
`;

const yaml = `
service: demo
replicas: 3
env:
  MODE: "production"
  EMPTY:
ports:
  - 80
  - 443
limits:
  cpu: 0.5
  nested:
    deep: true
`;

const scalar = (text) => {
  if (/^(["']).*\1$/.test(text)) return text.slice(1, -1);
  if (text === "" || text === "null" || text === "~") return null;
  if (/^(true|yes|on)$/i.test(text)) return true;
  if (/^(false|no|off)$/i.test(text)) return false;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
};

function parseIni(text) {
  const root = Object.create(null);
  let section = root;
  for (const [index, line] of text.split("\n").entries()) {
    const clean = line.replace(/\s*;(?=(?:[^"]*"[^"]*")*[^"]*$).*$/, "").trim();
    if (clean === "") continue;
    let match;
    if ((match = /^\[([\w.]+)\]$/.exec(clean))) {
      section = match[1].split(".").reduce((node, key) => (node[key] ??= Object.create(null)), root);
    } else if ((match = /^(\w+)(\[\])?\s*=\s*(.*)$/.exec(clean))) {
      const [, key, isList, value] = match;
      if (isList) (section[key] ??= []).push(scalar(value));
      else section[key] = scalar(value);
    } else {
      throw Object.assign(new SyntaxError(`line ${index + 1}: cannot read ${JSON.stringify(clean)}`), {
        line: index + 1,
      });
    }
  }
  return root;
}

function parseYaml(text) {
  const lines = text.split("\n").filter((line) => line.trim() && !/^\s*#/.test(line));
  const indentOf = (line) => line.search(/\S/);
  const block = (indent) => {
    if (lines[0].trim().startsWith("- ")) {
      const items = [];
      while (lines.length && indentOf(lines[0]) === indent) items.push(scalar(lines.shift().trim().slice(2)));
      return items;
    }
    const node = {};
    while (lines.length && indentOf(lines[0]) === indent) {
      const [, key, value] = /^\s*([\w-]+):\s*(.*)$/.exec(lines.shift());
      node[key] =
        value === "" && lines.length && indentOf(lines[0]) > indent ? block(indentOf(lines[0])) : scalar(value);
    }
    return node;
  };
  return block(0);
}

const settings = parseIni(ini);
const service = parseYaml(yaml);
let error;
try { parseIni("ok = 1\n[broken\n"); } catch ({ name, message, line }) { error = { name, message, line }; }
console.log(settings);
console.log(service);
return { settings, service, error, keys: Object.keys(settings.server.tls), port: settings.server.port + 1 };
