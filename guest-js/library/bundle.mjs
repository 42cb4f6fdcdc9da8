// Bundles each library of the realm into one expression: a function that installs it. Runs at build, on Node.
//
//   node bundle.mjs NODE_MODULES OUT
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { intlPlugin } from "./intl/plugin.mjs";
import { typescriptPlugin } from "./typescript/plugin.mjs";

const [modules, out] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const { build } = createRequire(join(modules, "package.json"))("esbuild");

const LIBRARIES = ["intl", "survey", "typescript", "url", "zod"];

// A script may declare a variable named like any of these. A library keeps what it was loaded with.
const INTRINSICS = `
    AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DOMException DataView Date Error EvalError
    Float32Array Float64Array Function Int16Array Int32Array Int8Array Iterator JSON Map Math Number Object Promise Proxy
    RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TextDecoder TextEncoder TypeError URIError URL
    URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet atob btoa console decodeURI
    decodeURIComponent encodeURI encodeURIComponent isFinite isNaN parseFloat parseInt
`.trim().split(/\s+/);

// Parts of packages that the realm has no use for, and what stands in for them.
const REPLACED = [
    // Zod's messages in forty languages.
    { part: /\/zod\/v4\/locales\/index\.js$/, text: `export { default as en } from "./en.js";` },
    { part: /\/whatwg-url\/lib\/percent-encoding\.js$/, text: `export * from "percent-encoding";` },
];
const ALIASES = {
    // Tables for every writing system there is, and for every encoding there was.
    "tr46": join(here, "url/idna.js"),
    "@exodus/bytes/encoding.js": join(here, "url/percent-encoding.js"),
    "@exodus/bytes/whatwg.js": join(here, "url/percent-encoding.js"),
    "percent-encoding": join(here, "url/percent-encoding.js"),
};
const replace = {
    name: "replace",
    setup(bundler) {
        for (const { part, text } of REPLACED) {
            bundler.onLoad({ filter: part }, ({ path }) => ({ contents: text, resolveDir: dirname(path) }));
        }
    },
};

mkdirSync(out, { recursive: true });
for (const name of LIBRARIES) {
    const { outputFiles } = await build({
        entryPoints: [join(here, `${name}.js`)],
        absWorkingDir: here,
        bundle: true,
        write: false,
        format: "iife",
        globalName: "library",
        // Names stay: they are the `name` of functions that a script can see.
        minifySyntax: true,
        minifyWhitespace: true,
        target: "es2024",
        charset: "utf8",
        legalComments: "none",
        logLevel: "warning",
        nodePaths: [modules],
        alias: ALIASES,
        plugins: [replace, intlPlugin(modules), typescriptPlugin(modules)],
    });
    // Some modules are named by their paths: where the packages are on this machine is left out.
    const bundled = outputFiles[0].text.replaceAll(/"[^"\n]*?node_modules\//g, `"`);
    const text = `(function(native){"use strict";const{${INTRINSICS}}=globalThis;${bundled}return library.default(native)})`;
    writeFileSync(join(out, `${name}.js`), text);
}
