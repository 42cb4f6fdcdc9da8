// Parses access log lines with named groups and sums up what they say.
const log = `
192.168.0.4 - - [14/Nov/2023:22:13:20 +0000] "GET /index.html HTTP/1.1" 200 5120
10.0.0.7 - alice [14/Nov/2023:22:14:02 +0000] "POST /api/login HTTP/1.1" 401 87
10.0.0.7 - alice [14/Nov/2023:22:14:09 +0000] "POST /api/login HTTP/1.1" 200 640
this line is damaged
192.168.0.4 - - [14/Nov/2023:22:15:41 +0000] "GET /style.css HTTP/2" 304 -
`.trim();

const ADDRESS = /(?<ip>\d{1,3}(?:\.\d{1,3}){3}) - (?<user>\S+)/.source;
const REQUEST = /"(?<method>[A-Z]+) (?<path>\S+) [^"]*"/.source;
const LINE = new RegExp(`^${ADDRESS} \\[(?<when>[^\\]]+)\\] ${REQUEST} (?<status>\\d{3}) (?<bytes>\\d+|-)$`);

const entries = [];
const damaged = [];
for (const [index, line] of log.split("\n").entries()) {
  const match = LINE.exec(line);
  if (!match) {
    damaged.push(index + 1);
    continue;
  }
  const { ip, user, method, path, status, bytes } = match.groups;
  entries.push({ ip, user: user === "-" ? null : user, method, path, status: +status, bytes: Number(bytes) || 0 });
}

const byStatus = {};
for (const { status } of entries) byStatus[status] = (byStatus[status] ?? 0) + 1;

const swapped = "2023-11-14".replace(/(?<y>\d+)-(?<m>\d+)-(?<d>\d+)/, "$<d>.$<m>.$<y>");
const doubled = /\b(?<word>\w+)\s+\k<word>\b/i.exec("It is is here")?.groups.word;

console.log(entries[1]);
console.log("damaged lines:", damaged);

return { count: entries.length, damaged, byStatus, bytes: entries.reduce((n, e) => n + e.bytes, 0), swapped, doubled };
