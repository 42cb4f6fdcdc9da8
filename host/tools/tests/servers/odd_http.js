// A server of streamable HTTP that misbehaves as the path says: /good, /sse, /401, /404, /500, /html, /never, /forget, /broken,
// /resume, /huge, /moved, /silent, /modern. It writes its port to standard output and ends with its standard input.
"use strict";
const http = require("node:http");
const text = (text) => ({ content: [{ type: "text", text: String(text) }] });
const names = ["echo", "never", "header", "session", "left"];
let sessions = 0;
let forgotten = 0;

let left = 0;

function result(path, request, message) {
  const { method, params } = message;
  if (path === "/modern" && method === "server/discover") {
    const serverInfo = { name: "odd", version: "1" };
    return { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities: { tools: { listChanged: true } }, serverInfo, ttlMs: 0, cacheScope: "private" };
  }
  if (params?.name === "left") return text(left);
  if (method === "initialize") {
    return { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "odd", version: "1" } };
  }
  if (method === "tools/list") return { tools: names.map((name) => ({ name, inputSchema: { type: "object" } })) };
  if (params?.name === "echo") return text(path === "/huge" ? "x".repeat(17 * 1024 * 1024) : params.arguments.text);
  if (params?.name === "header") return text(request.headers[params.arguments.name]);
  if (params?.name === "session") return text(request.headers["mcp-session-id"]);
  return undefined;
}

function events(response, message, path) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (path === "/broken") return response.end(": nothing comes\n\n");
  if (path === "/resume") return response.end(`id: ${encodeURIComponent(JSON.stringify(message))}\nretry: 10\ndata:\n\n`);
  response.end(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}

const server = http.createServer((request, response) => {
  const path = request.url;
  const fail = (status, type, body) => (response.writeHead(status, { "content-type": type }), response.end(body));
  let body = "";
  request.on("data", (data) => (body += data));
  request.on("end", () => {
    if (path === "/401") return fail(401, "application/json", `{"error":"no token like ${request.headers.authorization}"}`);
    if (path === "/404") return fail(404, "text/html", "<html>Not found</html>");
    if (path === "/500") return fail(500, "text/plain", "the database is gone");
    if (path === "/html") return fail(200, "text/html; charset=utf-8", "<html>Welcome</html>");
    if (path === "/moved") return (response.writeHead(307, { location: "/good" }), response.end());
    if (path === "/silent") return;
    if (request.method === "GET") {
      const last = request.headers["last-event-id"];
      return last ? events(response, JSON.parse(decodeURIComponent(last)), "") : fail(405, "text/plain", "");
    }
    if (request.method === "DELETE") return fail(200, "text/plain", "");
    const message = JSON.parse(body);
    if (message.id === undefined) return fail(202, "text/plain", "");
    const refuse = (code, text) => fail(200, "application/json", JSON.stringify({ jsonrpc: "2.0", id: message.id, error: { code, message: text } }));
    if (path !== "/modern" && message.method === "server/discover") return refuse(-32601, "Method not found");
    if (path === "/modern" && message.method === "initialize") return fail(400, "text/plain", "no sessions here");
    const head = [request.headers["mcp-protocol-version"], request.headers["mcp-method"]].join(" ");
    if (path === "/modern" && head !== `2026-07-28 ${message.method}`) return fail(400, "text/plain", `wrong headers: ${head}`);
    if (message.method === "subscriptions/listen") {
      const wanted = message.params.notifications;
      const text = (method) => `event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", method, params: {} })}\n\n`;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(text("notifications/subscriptions/acknowledged"));
      if (wanted.toolsListChanged && !wanted.promptsListChanged) response.write(text("notifications/tools/list_changed"));
      return;
    }
    if (message.params?.name === "never") response.on("close", () => left++);
    const called = message.method === "tools/call";
    if (path === "/forget" && called && forgotten++ === 0) return fail(404, "application/json", "{}");
    const made = result(path, request, message);
    if (made === undefined) return;
    const answer = { jsonrpc: "2.0", id: message.id, result: made };
    if (message.method === "initialize") response.setHeader("mcp-session-id", `session-${sessions++}`);
    if (path === "/sse" || (called && (path === "/broken" || path === "/resume"))) return events(response, answer, path);
    fail(200, "application/json", JSON.stringify(answer));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
