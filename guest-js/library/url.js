// Owns `URL` and `URLSearchParams` (URL Standard). Parsing and serialising are whatwg-url's. Its classes are not used:
// under symbols, a script gets at what they are made of, and that the lockdown does not freeze.
import {
    basicURLParse, cannotHaveAUsernamePasswordPort, hasAnOpaquePath, serializeHost, serializePath, serializeURL,
    serializeURLOrigin, setThePassword, setTheUsername,
} from "whatwg-url/lib/url-state-machine.js";
import { isURLEncodedPercentEncode, percentDecodeString, utf8PercentEncodeString } from "./url/percent-encoding.js";
import { parsePlain, parsePlainFrom } from "./url/plain.js";

const { apply, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const scalar = (value) => `${value}`.toWellFormed();

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

function need(count, given, what) {
    if (given < count) throw new TypeError(`${what} takes ${count === 1 ? "an argument" : `${count} arguments`}`);
}

function percentDecoded(text) {
    const spaced = text.replaceAll("+", " ");
    return spaced.includes("%") ? decoder.decode(percentDecodeString(spaced)) : spaced;
}

function parsePairs(query) {
    const pairs = [];
    for (const part of query.split("&")) {
        if (part === "") continue;
        const at = part.indexOf("=");
        const name = at < 0 ? part : part.slice(0, at);
        pairs.push([percentDecoded(name), at < 0 ? "" : percentDecoded(part.slice(at + 1))]);
    }
    return pairs;
}

function serializePairs(pairs) {
    let text = "";
    for (const [name, value] of pairs) {
        if (text !== "") text += "&";
        text += `${utf8PercentEncodeString(name, isURLEncodedPercentEncode, true)}=${
            utf8PercentEncodeString(value, isURLEncodedPercentEncode, true)}`;
    }
    return text;
}

function pairsOfSequence(sequence) {
    const pairs = [];
    for (const item of sequence) {
        if (!isObject(item)) throw new TypeError("each element of the list for URLSearchParams must be a pair");
        const pair = [];
        for (const part of item) pair.push(scalar(part));
        if (pair.length !== 2) throw new TypeError("each element of the list for URLSearchParams must be a pair");
        pairs.push(pair);
    }
    return pairs;
}

function pairsOfRecord(record) {
    const pairs = new Map();
    for (const key of ownKeys(record)) {
        if (!getOwnPropertyDescriptor(record, key)?.enumerable) continue;
        const name = scalar(key);
        pairs.set(name, scalar(record[key]));
    }
    return [...pairs];
}

function pairsOf(init) {
    if (!isObject(init)) {
        const text = scalar(init);
        return parsePairs(text.startsWith("?") ? text.slice(1) : text);
    }
    const iterator = init[Symbol.iterator];
    if (iterator === undefined || iterator === null) return pairsOfRecord(init);
    if (typeof iterator !== "function") throw new TypeError("the list for URLSearchParams cannot be iterated");
    return pairsOfSequence({ [Symbol.iterator]: () => apply(iterator, init, []) });
}

// Between the two classes: the pairs of a query, and what follows when they change.
let listOf, setList, follow;

class URLSearchParams {
    #list;
    #changed = undefined;

    constructor(init = "") {
        this.#list = pairsOf(init);
    }

    static {
        listOf = (params) => params.#list;
        setList = (params, list) => {
            params.#list = list;
        };
        follow = (params, changed) => {
            params.#changed = changed;
        };
    }

    append(name, value) {
        const list = this.#list;
        need(2, arguments.length, "append");
        list.push([scalar(name), scalar(value)]);
        this.#changed?.();
    }

    delete(name, value = undefined) {
        this.#list;
        need(1, arguments.length, "delete");
        const key = scalar(name);
        const wanted = value === undefined ? undefined : scalar(value);
        this.#list = this.#list.filter((pair) => pair[0] !== key || (wanted !== undefined && pair[1] !== wanted));
        this.#changed?.();
    }

    get(name) {
        this.#list;
        need(1, arguments.length, "get");
        const key = scalar(name);
        return this.#list.find((pair) => pair[0] === key)?.[1] ?? null;
    }

    getAll(name) {
        this.#list;
        need(1, arguments.length, "getAll");
        const key = scalar(name);
        return this.#list.filter((pair) => pair[0] === key).map((pair) => pair[1]);
    }

    has(name, value = undefined) {
        this.#list;
        need(1, arguments.length, "has");
        const key = scalar(name);
        const wanted = value === undefined ? undefined : scalar(value);
        return this.#list.some((pair) => pair[0] === key && (wanted === undefined || pair[1] === wanted));
    }

    set(name, value) {
        this.#list;
        need(2, arguments.length, "set");
        const key = scalar(name);
        const text = scalar(value);
        const first = this.#list.find((pair) => pair[0] === key);
        if (first === undefined) {
            this.#list.push([key, text]);
        } else {
            first[1] = text;
            this.#list = this.#list.filter((pair) => pair === first || pair[0] !== key);
        }
        this.#changed?.();
    }

    sort() {
        this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
        this.#changed?.();
    }

    forEach(callback, thisArg = undefined) {
        this.#list;
        need(1, arguments.length, "forEach");
        if (typeof callback !== "function") throw new TypeError("forEach takes a function");
        for (let i = 0; i < this.#list.length; i++) {
            const [name, value] = this.#list[i];
            apply(callback, thisArg, [value, name, this]);
        }
    }

    keys() {
        this.#list;
        return new PairIterator(this, (pair) => pair[0]);
    }

    values() {
        this.#list;
        return new PairIterator(this, (pair) => pair[1]);
    }

    entries() {
        this.#list;
        return new PairIterator(this, (pair) => [pair[0], pair[1]]);
    }

    get size() {
        return this.#list.length;
    }

    toString() {
        return serializePairs(this.#list);
    }
}
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
    value: URLSearchParams.prototype.entries, writable: true, configurable: true,
});

class PairIterator {
    #params;
    #pick;
    #next = 0;

    constructor(params, pick) {
        this.#params = params;
        this.#pick = pick;
    }

    next() {
        const list = listOf(this.#params);
        if (this.#next >= list.length) return { value: undefined, done: true };
        return { value: this.#pick(list[this.#next++]), done: false };
    }
}
delete PairIterator.prototype.constructor;
Object.setPrototypeOf(PairIterator.prototype, getPrototypeOf(getPrototypeOf([][Symbol.iterator]())));
Object.defineProperties(PairIterator.prototype, {
    next: { enumerable: true },
    [Symbol.toStringTag]: { value: "URLSearchParams Iterator", configurable: true },
});
// Only iterators lead to it, so the lockdown does not.
Object.freeze(PairIterator.prototype.next);
Object.freeze(PairIterator.prototype);

function parse(url, base) {
    if (base === undefined) return parsePlain(url) ?? basicURLParse(url);
    const plainBase = parsePlain(base);
    const baseURL = plainBase ?? basicURLParse(base);
    if (baseURL === null) return null;
    const plain = parsePlain(url) ?? (plainBase === undefined ? undefined : parsePlainFrom(plainBase, url));
    return plain ?? basicURLParse(url, { baseURL });
}

// What only this file may pass to the constructor of URL.
const RECORD = {};

class URL {
    #record;
    #params = undefined;

    constructor(url, base = undefined) {
        if (url === RECORD) {
            this.#record = base;
            return;
        }
        need(1, arguments.length, "URL");
        const text = scalar(url);
        const baseText = base === undefined ? undefined : scalar(base);
        this.#record = parse(text, baseText);
        if (this.#record === null) {
            throw invalid(baseText === undefined ? text : `${text}, with base ${baseText}`);
        }
    }

    static parse(url, base = undefined) {
        need(1, arguments.length, "URL.parse");
        const record = parse(scalar(url), base === undefined ? undefined : scalar(base));
        return record === null ? null : urlOf(record);
    }

    static canParse(url, base = undefined) {
        need(1, arguments.length, "URL.canParse");
        return parse(scalar(url), base === undefined ? undefined : scalar(base)) !== null;
    }

    get href() { return serializeURL(this.#record); }
    set href(value) {
        this.#record;
        const text = scalar(value);
        const record = basicURLParse(text);
        if (record === null) throw invalid(text);
        this.#record = record;
        this.#renew();
    }

    get origin() { return serializeURLOrigin(this.#record); }

    get protocol() { return `${this.#record.scheme}:`; }
    set protocol(value) {
        this.#change(`${scalar(value)}:`, "scheme start");
    }

    get username() { return this.#record.username; }
    set username(value) {
        const record = this.#record;
        const text = scalar(value);
        if (!cannotHaveAUsernamePasswordPort(record)) setTheUsername(record, text);
    }

    get password() { return this.#record.password; }
    set password(value) {
        const record = this.#record;
        const text = scalar(value);
        if (!cannotHaveAUsernamePasswordPort(record)) setThePassword(record, text);
    }

    get host() {
        const { host, port } = this.#record;
        if (host === null) return "";
        return port === null ? serializeHost(host) : `${serializeHost(host)}:${port}`;
    }

    set host(value) {
        const text = scalar(value);
        if (!hasAnOpaquePath(this.#record)) this.#change(text, "host");
    }

    get hostname() {
        const { host } = this.#record;
        return host === null ? "" : serializeHost(host);
    }

    set hostname(value) {
        const text = scalar(value);
        if (!hasAnOpaquePath(this.#record)) this.#change(text, "hostname");
    }

    get port() {
        const { port } = this.#record;
        return port === null ? "" : `${port}`;
    }

    set port(value) {
        const record = this.#record;
        const text = scalar(value);
        if (cannotHaveAUsernamePasswordPort(record)) return;
        if (text === "") record.port = null;
        else this.#change(text, "port");
    }

    get pathname() { return serializePath(this.#record); }
    set pathname(value) {
        const record = this.#record;
        const text = scalar(value);
        if (hasAnOpaquePath(record)) return;
        record.path = [];
        this.#change(text, "path start");
    }

    get search() {
        const { query } = this.#record;
        return query === null || query === "" ? "" : `?${query}`;
    }

    set search(value) {
        const record = this.#record;
        const text = scalar(value);
        record.query = text === "" ? null : "";
        if (text !== "") this.#change(text.startsWith("?") ? text.slice(1) : text, "query");
        this.#renew();
    }

    get searchParams() {
        const record = this.#record;
        if (this.#params === undefined) {
            const params = new URLSearchParams();
            setList(params, parsePairs(record.query ?? ""));
            follow(params, () => {
                const query = serializePairs(listOf(params));
                this.#record.query = query === "" ? null : query;
            });
            this.#params = params;
        }
        return this.#params;
    }

    get hash() {
        const { fragment } = this.#record;
        return fragment === null || fragment === "" ? "" : `#${fragment}`;
    }

    set hash(value) {
        const record = this.#record;
        const text = scalar(value);
        record.fragment = text === "" ? null : "";
        if (text !== "") this.#change(text.startsWith("#") ? text.slice(1) : text, "fragment");
    }

    toString() { return serializeURL(this.#record); }
    toJSON() { return serializeURL(this.#record); }

    // Parses a part into the record. What cannot be parsed changes nothing.
    #change(text, stateOverride) {
        basicURLParse(text, { url: this.#record, stateOverride });
    }

    // The query is another one.
    #renew() {
        if (this.#params !== undefined) setList(this.#params, parsePairs(this.#record.query ?? ""));
    }
}

// Outside of the class: esbuild gives another name to a class that mentions itself.
function urlOf(record) {
    return new URL(RECORD, record);
}

function invalid(text) {
    const error = new TypeError(`Invalid URL: ${text}`);
    // The code that Node gives, which programs ask for.
    Object.defineProperty(error, "code", { value: "ERR_INVALID_URL", writable: true, configurable: true });
    return error;
}

export default function install({ expose }) {
    expose(URL);
    expose(URLSearchParams);
}
