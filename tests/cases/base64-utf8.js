// Base64 with Unicode, URL-safe form, and decoding the payload of a JWT.
const toBase64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const fromBase64 = (encoded) => new TextDecoder().decode(Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0)));

const toUrlSafe = (encoded) => encoded.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const fromUrlSafe = (encoded) => {
  const plain = encoded.replace(/-/g, "+").replace(/_/g, "/");
  return plain.padEnd(Math.ceil(plain.length / 4) * 4, "=");
};

const samples = ["", "f", "fo", "foo", "Zażółć gęślą jaźń", "😀🎉", "\u0000\u00ff???>>>"];
const roundTrips = samples.map((text) => fromBase64(toBase64(text)) === text);

const header = { alg: "HS256", typ: "JWT" };
const claims = { sub: "żaba", iat: 1_700_000_000, scope: ["read", "write"] };
const token = [header, claims].map((part) => toUrlSafe(toBase64(JSON.stringify(part)))).concat("c2ln").join(".");

const [h, p, signature] = token.split(".");
const decoded = JSON.parse(fromBase64(fromUrlSafe(p)));
console.log(token.length, decoded);

const errors = [() => btoa("ż"), () => atob("a"), () => atob("ab*d")].map((attempt) => {
  try {
    return attempt();
  } catch (error) {
    return error.name;
  }
});

const bytes = new TextEncoder().encode("é€😀");
const partial = new TextDecoder().decode(bytes.slice(0, 4));
let fatal;
try { new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(0, 4)); } catch (error) { fatal = error.name; }

return {
  encoded: samples.slice(0, 6).map(toBase64),
  roundTrips,
  jwt: { header: JSON.parse(fromBase64(fromUrlSafe(h))), decoded, signature: atob(signature) },
  errors,
  bytes,
  partial: [...partial].map((c) => c.codePointAt(0)),
  fatal,
  spaces: atob(" Zm 9v\n"),
};
