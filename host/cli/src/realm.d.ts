// What a script finds beyond the language's own library (`lib.esnext`): for `agentloop check --types`. The names are
// those of the `globalThis:` line of `guest-js/prelude/permits.txt`; nothing is declared here that the realm does not
// have.

// Of the sandbox.

/** A tool call that failed. `kind` says how: `failed`, `invalid_arguments`, … */
declare class ToolError extends Error {
    constructor(message?: string, options?: ErrorOptions);
    kind: string;
}

/** Freezes a value and everything reachable from it. */
declare function harden<T>(value: T): T;

/** A text that was given to the run with `--literal`. */
declare function LiteralLoader(id: string): string;

declare const toolSchemas: any;
declare const toolCalls: any[];

// Zod is not described: what comes from it is `any`.
declare const z: any;
declare namespace z {
    type infer<T = any> = any;
    type input<T = any> = any;
    type output<T = any> = any;
}

declare module "zod" {
    import zod = z;
    export { zod as z, zod as default };
    export import infer = z.infer;
    export import input = z.input;
    export import output = z.output;
}

declare module "zod/v4" {
    export * from "zod";
    export { default } from "zod";
}

// TypeScript AgentLoop's helper modules.

interface AgentLoopHelpers {
    LiteralLoader: typeof LiteralLoader;
    toolCalls: typeof toolCalls;
    toolSchemas: typeof toolSchemas;
    tools: typeof tools;
}

declare module "*utils" {
    import zod = z;
    export { zod as z };
    export const LiteralLoader: AgentLoopHelpers["LiteralLoader"];
    export const toolCalls: AgentLoopHelpers["toolCalls"];
    export const toolSchemas: AgentLoopHelpers["toolSchemas"];
    export const tools: AgentLoopHelpers["tools"];
}

declare module "*utils.js" { export * from "utils"; }
declare module "*utils.mjs" { export * from "utils"; }
declare module "*utils.cjs" { export * from "utils"; }
declare module "*utils.ts" { export * from "utils"; }
declare module "*utils.mts" { export * from "utils"; }
declare module "*utils.cts" { export * from "utils"; }
declare module "*toolSchemas" { export * from "utils"; }
declare module "*toolSchemas.js" { export * from "utils"; }
declare module "*toolSchemas.mjs" { export * from "utils"; }
declare module "*toolSchemas.cjs" { export * from "utils"; }
declare module "*toolSchemas.ts" { export * from "utils"; }
declare module "*toolSchemas.mts" { export * from "utils"; }
declare module "*toolSchemas.cts" { export * from "utils"; }

// Of the engine.

interface InternalError extends Error {}
declare var InternalError: {
    new (message?: string): InternalError;
    (message?: string): InternalError;
    readonly prototype: InternalError;
};

interface ErrorConstructor {
    stackTraceLimit: number;
}

interface IteratorConstructor {
    concat<T>(...iterables: Iterable<T>[]): IteratorObject<T, undefined, unknown>;
    zip<T>(iterables: Iterable<Iterable<T>>, options?: object): IteratorObject<T[], undefined, unknown>;
    zipKeyed<T>(iterables: Record<string, Iterable<T>>, options?: object): IteratorObject<Record<string, T>>;
}

interface JSON {
    rawJSON(text: string): { readonly rawJSON: string };
    isRawJSON(value: unknown): boolean;
}

interface Math {
    sumPrecise(numbers: Iterable<number>): number;
}

// Of the web platform: timers and tasks.

declare function setTimeout(callback: (...args: any[]) => void, delayMs?: number, ...args: any[]): number;
declare function setInterval(callback: (...args: any[]) => void, delayMs?: number, ...args: any[]): number;
declare function clearTimeout(id?: number | null): void;
declare function clearInterval(id?: number | null): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T = any>(value: T, options?: object): T;

// The console.

interface Console {
    log(...values: any[]): void;
    info(...values: any[]): void;
    warn(...values: any[]): void;
    error(...values: any[]): void;
    debug(...values: any[]): void;
    trace(...values: any[]): void;
    dir(value?: any, options?: object): void;
    dirxml(...values: any[]): void;
    table(data?: any, columns?: string[]): void;
    assert(condition?: any, ...values: any[]): void;
    group(...values: any[]): void;
    groupCollapsed(...values: any[]): void;
    groupEnd(): void;
    count(label?: string): void;
    countReset(label?: string): void;
    time(label?: string): void;
    timeLog(label?: string, ...values: any[]): void;
    timeEnd(label?: string): void;
    clear(): void;
}
declare var console: Console;

// Text and URLs.

declare function atob(data: string): string;
declare function btoa(data: string): string;

declare class TextEncoder {
    constructor();
    readonly encoding: string;
    encode(text?: string): Uint8Array<ArrayBuffer>;
    encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
    constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    decode(data?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare class URL {
    constructor(url: string | URL, base?: string | URL);
    static parse(url: string | URL, base?: string | URL): URL | null;
    static canParse(url: string | URL, base?: string | URL): boolean;
    href: string;
    readonly origin: string;
    protocol: string;
    username: string;
    password: string;
    host: string;
    hostname: string;
    port: string;
    pathname: string;
    search: string;
    readonly searchParams: URLSearchParams;
    hash: string;
    toString(): string;
    toJSON(): string;
}

declare class URLSearchParams {
    constructor(init?: Iterable<[string, string] | string[]> | Record<string, string> | string | URLSearchParams);
    readonly size: number;
    append(name: string, value: string): void;
    delete(name: string, value?: string): void;
    get(name: string): string | null;
    getAll(name: string): string[];
    has(name: string, value?: string): boolean;
    set(name: string, value: string): void;
    sort(): void;
    forEach(callback: (value: string, key: string, parent: URLSearchParams) => void, thisArg?: any): void;
    keys(): IteratorObject<string, undefined, unknown>;
    values(): IteratorObject<string, undefined, unknown>;
    entries(): IteratorObject<[string, string], undefined, unknown>;
    [Symbol.iterator](): IteratorObject<[string, string], undefined, unknown>;
    toString(): string;
}

// Events and cancellation.

type EventListenerOrObject = ((event: any) => void) | { handleEvent(event: any): void } | null;

declare class Event {
    constructor(type: string, init?: { bubbles?: boolean; cancelable?: boolean; composed?: boolean });
    static readonly NONE: 0;
    static readonly CAPTURING_PHASE: 1;
    static readonly AT_TARGET: 2;
    static readonly BUBBLING_PHASE: 3;
    readonly NONE: 0;
    readonly CAPTURING_PHASE: 1;
    readonly AT_TARGET: 2;
    readonly BUBBLING_PHASE: 3;
    readonly type: string;
    readonly target: EventTarget | null;
    readonly srcElement: EventTarget | null;
    readonly currentTarget: EventTarget | null;
    readonly eventPhase: number;
    readonly bubbles: boolean;
    readonly cancelable: boolean;
    readonly composed: boolean;
    readonly defaultPrevented: boolean;
    readonly isTrusted: boolean;
    readonly timeStamp: number;
    returnValue: boolean;
    cancelBubble: boolean;
    composedPath(): EventTarget[];
    preventDefault(): void;
    stopPropagation(): void;
    stopImmediatePropagation(): void;
}

declare class CustomEvent<T = any> extends Event {
    constructor(type: string, init?: { bubbles?: boolean; cancelable?: boolean; composed?: boolean; detail?: T });
    readonly detail: T;
}

declare class EventTarget {
    constructor();
    addEventListener(
        type: string,
        listener: EventListenerOrObject,
        options?: boolean | { capture?: boolean; once?: boolean; passive?: boolean; signal?: AbortSignal },
    ): void;
    removeEventListener(type: string, listener: EventListenerOrObject, options?: boolean | { capture?: boolean }): void;
    dispatchEvent(event: Event): boolean;
}

interface AbortSignal extends EventTarget {
    readonly aborted: boolean;
    readonly reason: any;
    onabort: ((event: Event) => void) | null;
    throwIfAborted(): void;
}
declare var AbortSignal: {
    readonly prototype: AbortSignal;
    abort(reason?: any): AbortSignal;
    timeout(delayMs: number): AbortSignal;
    any(signals: Iterable<AbortSignal>): AbortSignal;
};

declare class AbortController {
    constructor();
    readonly signal: AbortSignal;
    abort(reason?: any): void;
}

interface DOMExceptionCodes {
    readonly INDEX_SIZE_ERR: 1;
    readonly DOMSTRING_SIZE_ERR: 2;
    readonly HIERARCHY_REQUEST_ERR: 3;
    readonly WRONG_DOCUMENT_ERR: 4;
    readonly INVALID_CHARACTER_ERR: 5;
    readonly NO_DATA_ALLOWED_ERR: 6;
    readonly NO_MODIFICATION_ALLOWED_ERR: 7;
    readonly NOT_FOUND_ERR: 8;
    readonly NOT_SUPPORTED_ERR: 9;
    readonly INUSE_ATTRIBUTE_ERR: 10;
    readonly INVALID_STATE_ERR: 11;
    readonly SYNTAX_ERR: 12;
    readonly INVALID_MODIFICATION_ERR: 13;
    readonly NAMESPACE_ERR: 14;
    readonly INVALID_ACCESS_ERR: 15;
    readonly VALIDATION_ERR: 16;
    readonly TYPE_MISMATCH_ERR: 17;
    readonly SECURITY_ERR: 18;
    readonly NETWORK_ERR: 19;
    readonly ABORT_ERR: 20;
    readonly URL_MISMATCH_ERR: 21;
    readonly QUOTA_EXCEEDED_ERR: 22;
    readonly TIMEOUT_ERR: 23;
    readonly INVALID_NODE_TYPE_ERR: 24;
    readonly DATA_CLONE_ERR: 25;
}
interface DOMException extends Error, DOMExceptionCodes {
    readonly code: number;
}
declare var DOMException: DOMExceptionCodes & {
    new (message?: string, name?: string): DOMException;
    readonly prototype: DOMException;
};

// Randomness and time, both those of the run: seeded, and standing still.

interface Crypto {
    getRandomValues<T extends ArrayBufferView>(array: T): T;
    randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
}
declare var Crypto: { readonly prototype: Crypto };
declare var crypto: Crypto;

interface Performance {
    readonly timeOrigin: number;
    now(): number;
    toJSON(): any;
}
declare var Performance: { readonly prototype: Performance };
declare var performance: Performance;

// What finds tools; `check` puts it beside those that are on file.

interface ToolSearch {
    $search(query: string, options?: { limit?: number }): Promise<{ name: string; description: string; declaration: string }[]>;
    $search(query: { query: string; limit?: number }): Promise<{ name: string; description: string; declaration: string }[]>;
    $describe(name: string): Promise<string>;
    $describe(name: { name: string }): Promise<string>;
}
