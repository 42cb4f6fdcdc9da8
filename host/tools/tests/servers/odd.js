// A server over standard input and output that misbehaves as its first argument says. With `good` it behaves.
"use strict";
const { spawn } = require("node:child_process");
const mode = process.argv[2] ?? "good";
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n");
const text = (text) => ({ content: [{ type: "text", text: String(text) }] });
const tool = (name, more) => ({ name, description: `The tool ${name}.`, inputSchema: { type: "object" }, ...more });
const cancelled = [];
let generation = 0;

const tools = {
  echo: (args) => text(args.text),
  pid: () => text(process.pid),
  cwd: () => text(process.cwd()),
  env: () => ({ content: [], structuredContent: process.env }),
  cancelled: () => ({ content: [], structuredContent: { cancelled } }),
  never: () => undefined,
  huge: (args) => text("x".repeat(args.bytes)),
  deep: (args) => ({ raw: '{"content":[],"structuredContent":' + "[".repeat(args.levels) + "]".repeat(args.levels) + "}" }),
  refuse: () => ({ error: { code: -32602, message: "MCP error -32602: not like this" } }),
  fail: () => ({ isError: true, ...text("it went wrong") }),
  grow: () => (generation++, send({ method: "notifications/tools/list_changed" }), text("grown")),
  ask: () => (send({ id: "q", method: "sampling/createMessage", params: {} }), undefined),
  crash: (args) => (process.stderr.write(args.last ?? ""), setImmediate(() => process.exit(args.code)), undefined),
  kill: () => process.kill(process.pid, "SIGKILL"),
  babble: (args) => {
    for (let at = 0; at < args.lines; at++) console.log(`progress: ${at} %`);
    return text("babbled");
  },
  mute: () => (require("node:fs").closeSync(1), undefined),
  flood: () => {
    for (let at = 0; at < 200_000; at++) send({ method: "notifications/message", params: { level: "info", data: at } });
    return text("flooded");
  },
};
let asked;

function page(cursor) {
  const names = Object.keys(tools);
  if (mode === "many") {
    const from = Number(cursor ?? 0);
    const some = Array.from({ length: 1000 }, (_, at) => tool(`tool_${from + at}`));
    return { tools: some, nextCursor: String(from + 1000) };
  }
  if (mode === "cyclic") {
    return cursor === "b" ? { tools: [tool("two")], nextCursor: "a" } : { tools: [tool("one")], nextCursor: cursor ? "b" : "a" };
  }
  if (mode === "hostile") {
    const nested = "{\"not\":".repeat(100) + "{}" + "}".repeat(100);
    return {
      tools: [
        tool("__proto__"), tool("then"), tool("a b"), tool("a/b"), tool("naïve"), tool(""), tool("x".repeat(500)), tool("twice"),
        tool("twice"), { description: "no name" }, "no object", null,
        tool("big", { inputSchema: { type: "object", title: "x".repeat(300_000) } }),
        tool("nested", { inputSchema: JSON.parse(nested) }),
        tool("odd", { inputSchema: true, outputSchema: 3, annotations: "none", description: { a: 1 } }),
        tool("loud", { description: "\u001b[2Jclear \u0007" + "x".repeat(9000) }),
        tool("list_resources", { annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true } }),
      ],
    };
  }
  const marks = { echo: { readOnlyHint: true } };
  const list = names.map((name) => tool(name, { annotations: marks[name] }));
  for (let at = 0; at < generation; at++) list.push(tool(`grown_${at}`));
  return { tools: list };
}

function answer({ id, method, params, result, error }) {
  if (method === undefined) {
    if (asked) send({ id: asked, result: text(JSON.stringify(error ?? result)) });
    return;
  }
  if (method === "notifications/cancelled") return void cancelled.push(params.reason);
  if (id === undefined) return;
  const capabilities = { tools: { listChanged: true }, ...(mode === "hostile" ? { resources: {}, prompts: {} } : {}) };
  const serverInfo = { name: "odd", version: "1" };
  if (method === "initialize") {
    if (mode === "modern") return send({ id, error: { code: -32601, message: "Method not found" } });
    if (mode === "nonsense") return send({ id, result: "hello" });
    const protocolVersion = mode === "old" ? "2024-11-05" : params.protocolVersion;
    return send({ id, result: { protocolVersion, capabilities, serverInfo } });
  }
  if (method === "server/discover" && mode === "modern") {
    return send({ id, result: { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities, serverInfo, ttlMs: 0, cacheScope: "private" } });
  }
  if (method === "tools/list") return send({ id, result: page(params?.cursor) });
  if (method !== "tools/call") return send({ id, error: { code: -32601, message: "Method not found" } });
  if (params.name === "ask") asked = id;
  const made = tools[params.name]?.(params.arguments);
  if (made?.error) return send({ id, error: made.error });
  if (made?.raw) return process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":${made.raw}}\n`);
  if (made) send({ id, result: made });
}

if (process.env.PID_FILE) require("node:fs").writeFileSync(process.env.PID_FILE, String(process.pid));
if (mode === "exit") {
  process.stderr.write(`cannot read ${__filename}: the key ${process.env.KEY} is wrong\n`);
  process.exit(3);
} else if (mode === "hang") {
  setInterval(() => {}, 1000);
} else if (mode === "garbage") {
  setInterval(() => console.log("Server listening on port 80"), 1);
} else if (mode === "endless") {
  const chunk = "x".repeat(1 << 20);
  const more = () => { while (process.stdout.write(chunk)); process.stdout.once("drain", more); };
  more();
} else {
  if (mode === "chatty") for (let at = 0; at < 50; at++) console.log(`{"level":"info","line":${at}}`);
  if (mode === "stubborn") {
    process.on("SIGTERM", () => {});
    setInterval(() => {}, 1000);
    const child = spawn("sh", ["-c", "trap '' TERM; exec sleep 1000"], { stdio: "inherit" });
    tools.child = () => text(child.pid);
  }
  let rest = "";
  process.stdin.on("data", (data) => {
    const lines = (rest + data).split("\n");
    rest = lines.pop();
    for (const line of lines) answer(JSON.parse(line));
  });
  process.stdin.on("end", () => mode === "stubborn" || process.exit(0));
}
