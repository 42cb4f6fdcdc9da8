// Owns the short way to parse an absolute URL that has nothing to be changed in it: no escapes to make, no dots to
// follow, no address in numbers. Most are such, and the state machine of whatwg-url takes ten times as long. Everything
// else is for that.
const PLAIN = new RegExp(
    "^(https?|wss?)://" +
    // Names of a domain; the last does not begin with a digit, so that it is no IPv4 address.
    "((?:[a-z0-9-]+\\.)*[a-z][a-z0-9-]*)" +
    "(?::([0-9]{1,5}))?" +
    // What neither the path, the query nor the fragment percent-encodes, and is not a backslash.
    "(/[!$-;=@-\\[\\]_a-z|~]*)?" +
    "(?:\\?([!$-&(-;=?-~]*))?" +
    "(?:#([!#-;=?-_a-~]*))?$",
);
// A segment that is `.` or `..`, its dots escaped or not, or that may be.
const DOTS = /\/(?:\.|%2[Ee])/;
const LENGTH_MAX = 2048;
const PORTS = { http: 80, https: 443, ws: 80, wss: 443 };

// The record of whatwg-url, or nothing.
export function parsePlain(text) {
    if (text.length > LENGTH_MAX) return undefined;
    const match = PLAIN.exec(text);
    if (match === null) return undefined;
    const [, scheme, host, digits, path = "/", query = null, fragment = null] = match;
    if (DOTS.test(path)) return undefined;
    let port = digits === undefined ? null : parseInt(digits, 10);
    if (port > 65535) return undefined;
    if (port === PORTS[scheme]) port = null;
    return { scheme, username: "", password: "", host, port, path: path.slice(1).split("/"), query, fragment };
}

// The same for a path or a query that is relative to a base, as in `new URL("items?page=2", base)`. `base`: a record
// made above. A colon might end a scheme.
export function parsePlainFrom(base, text) {
    if (text === "" || text.includes(":") || text.startsWith("//") || text.startsWith("#")) return undefined;
    let start = `${base.scheme}://${base.host}${base.port === null ? "" : `:${base.port}`}`;
    if (text.startsWith("?")) start += `/${base.path.join("/")}`;
    else if (!text.startsWith("/")) start += `/${[...base.path.slice(0, -1), ""].join("/")}`;
    return parsePlain(start + text);
}
