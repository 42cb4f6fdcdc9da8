// Sends the token with every request of the conformance suite, which has no option for it.
import http from "node:http";
import { Agent, setGlobalDispatcher } from "undici";

const authorization = `Bearer ${process.env.MCP_TOKEN}`;

const added = (headers) => {
  if (Array.isArray(headers)) return [...headers, "authorization", authorization];
  const entries = headers && Symbol.iterator in headers ? headers : Object.entries(headers ?? {});
  return { ...Object.fromEntries(entries), authorization };
};
setGlobalDispatcher(
  new Agent().compose((dispatch) => (options, handler) => dispatch({ ...options, headers: added(options.headers) }, handler)),
);

for (const name of ["write", "end"]) {
  const send = http.ClientRequest.prototype[name];
  http.ClientRequest.prototype[name] = function (...rest) {
    if (!this.headersSent) this.setHeader("authorization", authorization);
    return send.apply(this, rest);
  };
}
