// A server that only lets in who has a token, and gives tokens to everybody who asks; with `closed` it registers nobody. It
// writes its port to standard output and ends with its standard input.
"use strict";
const http = require("node:http");
const token = "canary-token-1";

function answer(method, name) {
  if (method === "initialize") return { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "guarded", version: "1" } };
  if (method === "tools/list") return { tools: [{ name: "hello", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } }] };
  if (name === "hello") return { content: [{ type: "text", text: `hello, ${token}` }] };
  return undefined;
}

const server = http.createServer((request, response) => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const url = new URL(request.url, origin);
  const send = (status, value, headers) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
  let body = "";
  request.on("data", (data) => (body += data));
  request.on("end", () => {
    switch (url.pathname) {
      case "/.well-known/oauth-protected-resource/mcp":
        return send(200, { resource: `${origin}/mcp`, authorization_servers: [origin] });
      case "/.well-known/oauth-authorization-server":
        return send(200, {
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: process.argv[2] === "closed" ? undefined : `${origin}/register`,
          response_types_supported: ["code"],
          code_challenge_methods_supported: ["S256"],
        });
      case "/register":
        return send(201, { client_id: "client-1", redirect_uris: JSON.parse(body).redirect_uris });
      case "/authorize": {
        const location = `${url.searchParams.get("redirect_uri")}?code=code-1&state=${url.searchParams.get("state")}`;
        return send(302, null, { location });
      }
      case "/token":
        return send(200, { access_token: token, token_type: "Bearer", expires_in: 3600 });
    }
    if (request.headers.authorization !== `Bearer ${token}`) {
      const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
      return send(401, { error: "no token" }, { "www-authenticate": `Bearer resource_metadata="${metadata}"` });
    }
    if (request.method !== "POST") return send(405, null);
    const { id, method, params } = JSON.parse(body);
    if (id === undefined) return send(202, null);
    const result = answer(method, params?.name);
    const error = { code: -32601, message: "Method not found" };
    return send(200, { jsonrpc: "2.0", id, ...(result === undefined ? { error } : { result }) });
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
