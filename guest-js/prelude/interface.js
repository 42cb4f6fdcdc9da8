// Owns what the classes of the web platform have in common (Web IDL), and `DOMException`, which they throw.
(function () {
    "use strict";
    const { ownKeys, getPrototypeOf } = Reflect;
    const { defineProperty } = Object;
    const platform = new WeakSet();
    const isPlatform = WeakSet.prototype.has.bind(platform);
    const addPlatform = WeakSet.prototype.add.bind(platform);

    // Makes members enumerable where they stand, as Web IDL has it.
    function enumerate(object, hidden) {
        for (const key of ownKeys(object)) {
            if (typeof key === "string" && !hidden.includes(key)) defineProperty(object, key, { enumerable: true });
        }
    }

    // Installs a class as a global. Its objects are not data: `structuredClone` refuses them.
    function expose(Class) {
        enumerate(Class, ["length", "name", "prototype"]);
        enumerate(Class.prototype, ["constructor"]);
        const tag = { value: Class.name, configurable: true };
        defineProperty(Class.prototype, Symbol.toStringTag, tag);
        defineProperty(globalThis, Class.name, { value: Class, writable: true, configurable: true });
        addPlatform(Class.prototype);
    }

    // Whether an object inherits from such a class. Not if a proxy of the script is in the way, and throws.
    function isPlatformObject(object) {
        try {
            for (let prototype = getPrototypeOf(object); prototype !== null; prototype = getPrototypeOf(prototype)) {
                if (isPlatform(prototype)) return true;
            }
        } catch {
            return false;
        }
        return false;
    }

    // The names that have a legacy code, in the order of the codes, from 1. Those without a name are no longer thrown.
    const CODES = [
        ["IndexSizeError", "INDEX_SIZE_ERR"], ["", "DOMSTRING_SIZE_ERR"],
        ["HierarchyRequestError", "HIERARCHY_REQUEST_ERR"], ["WrongDocumentError", "WRONG_DOCUMENT_ERR"],
        ["InvalidCharacterError", "INVALID_CHARACTER_ERR"], ["", "NO_DATA_ALLOWED_ERR"],
        ["NoModificationAllowedError", "NO_MODIFICATION_ALLOWED_ERR"], ["NotFoundError", "NOT_FOUND_ERR"],
        ["NotSupportedError", "NOT_SUPPORTED_ERR"], ["InUseAttributeError", "INUSE_ATTRIBUTE_ERR"],
        ["InvalidStateError", "INVALID_STATE_ERR"], ["SyntaxError", "SYNTAX_ERR"],
        ["InvalidModificationError", "INVALID_MODIFICATION_ERR"], ["NamespaceError", "NAMESPACE_ERR"],
        ["InvalidAccessError", "INVALID_ACCESS_ERR"], ["", "VALIDATION_ERR"],
        ["TypeMismatchError", "TYPE_MISMATCH_ERR"], ["SecurityError", "SECURITY_ERR"],
        ["NetworkError", "NETWORK_ERR"], ["AbortError", "ABORT_ERR"],
        ["URLMismatchError", "URL_MISMATCH_ERR"], ["QuotaExceededError", "QUOTA_EXCEEDED_ERR"],
        ["TimeoutError", "TIMEOUT_ERR"], ["InvalidNodeTypeError", "INVALID_NODE_TYPE_ERR"],
        ["DataCloneError", "DATA_CLONE_ERR"],
    ];

    // An error of the engine's own kind, so that whatever asks for errors, the report of the run included, knows it.
    class DOMException extends Error {
        #message;
        #name;

        constructor(message = "", name = "Error") {
            super();
            this.#message = `${message}`;
            this.#name = `${name}`;
        }

        get name() {
            return this.#name;
        }

        get message() {
            return this.#message;
        }

        get code() {
            if (this.#name === "") return 0;
            for (let i = 0; i < CODES.length; i++) {
                if (CODES[i][0] === this.#name) return i + 1;
            }
            return 0;
        }
    }
    for (let i = 0; i < CODES.length; i++) {
        const constant = { value: i + 1, enumerable: true };
        defineProperty(DOMException, CODES[i][1], constant);
        defineProperty(DOMException.prototype, CODES[i][1], constant);
    }
    expose(DOMException);

    return { expose, isPlatformObject };
})
