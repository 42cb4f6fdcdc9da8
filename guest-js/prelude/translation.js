// Owns what is done with the text of a script that does not run: it may be TypeScript, or import AgentLoop's helpers; or it
// is only looked at.
(function (native) {
    "use strict";
    const { translate, survey, explain, globalNames } = native;
    const { exec } = RegExp.prototype;
    const { apply } = Reflect;
    const { Number } = globalThis;
    const { stringify } = JSON;
    const { defineProperty } = Object;
    const place = /script(?:-\d+)?\.js:(\d+):(\d+)/;

    // Where the engine's own error is. Nothing of the script has run: the error is what the engine made it.
    function positionOf(error) {
        const found = apply(exec, place, [error.stack]);
        return found === null ? { line: 0, column: 0 } : { line: Number(found[1]), column: Number(found[2]) };
    }

    function isBehind(one, other) {
        return one.line > other.line || (one.line === other.line && one.column > other.column);
    }

    // The text to compile instead. Throws the error that says most about the script: each of the two parsers gives up at what
    // it does not understand, so the one that came further knows better. A refusal is of something that was understood.
    function retranslate(text, error, file) {
        let translated;
        try {
            translated = translate(text);
        } catch (other) {
            const isBetter = other.isRefusal || (other.line !== undefined && isBehind(other, positionOf(error)));
            if (!isBetter) throw error;
            const stack = `    at ${file}:${other.line}:${other.column}\n`;
            throw defineProperty(other, "stack", { value: stack, writable: true, configurable: true });
        }
        if (translated === undefined) throw error;
        return translated;
    }

    // What `survey` of the contract answers. The text is a program, but its parser may give up on it all the same.
    function surveyScript(text) {
        let found;
        try {
            found = survey(text, globalNames());
        } catch (error) {
            return stringify({ calls: [], unknown_globals: [], given_up: `${error.message}` });
        }
        for (let i = 0; i < found.unknown_globals.length; i++) {
            found.unknown_globals[i].hint = explain(found.unknown_globals[i].name) ?? null;
        }
        return stringify(found);
    }

    return { retranslate, surveyScript };
})
