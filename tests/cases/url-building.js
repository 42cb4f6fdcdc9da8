// Builds and takes apart URLs with URL and URLSearchParams.
const base = "https://api.example.com/v1/";

function buildUrl(path, query = {}, hash = "") {
  const url = new URL(path, base);
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const item of [value].flat()) url.searchParams.append(key, item);
  }
  url.hash = hash;
  return url;
}

const search = buildUrl("search", { q: "zażółć & gęślą jaźń", page: 2, tag: ["a b", "c/d"], none: undefined }, "top");
const up = buildUrl("../health?full=1");
console.log(search.href);
console.log(up.href);

const link = new URL("http://user:p%40ss@Example.COM:8080/a/./b/../c%20d?x=1&y=2&x=3#frag");
const params = link.searchParams;
params.set("y", "new value");
params.delete("nothing");
params.sort();

const signed = new URLSearchParams({ b: "2", a: "1" });
signed.append("sig", "q+w/e=");

const valid = ["https://ok.example/", "not a url", "mailto:me@x.org", "/relative"].map((text) => URL.canParse(text));
let failure;
try { new URL("no base"); } catch (error) { failure = error instanceof TypeError; }

return {
  search: search.toString(),
  back: Object.fromEntries(search.searchParams),
  all: search.searchParams.getAll("tag"),
  up: up.pathname + up.search,
  parts: (({ protocol, username, password, hostname, port, pathname, hash, origin }) =>
    ({ protocol, username, password, hostname, port, pathname, hash, origin }))(link),
  href: link.href,
  signed: `${signed}`,
  entries: [...new URLSearchParams("?a=1&a=2&b=%20x+y")],
  has: [params.has("x"), params.get("zzz"), params.size],
  valid, failure,
  json: JSON.stringify({ url: up }),
  encoded: [encodeURIComponent("a b&c/d?é"), encodeURI("a b&c/d?é"), decodeURIComponent("%E2%82%AC")],
  defaultPort: new URL("https://x.org:443/p").host,
};
