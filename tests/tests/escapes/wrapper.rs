//! Attack: a script that closes the function it is spliced into, and so runs where the host did not mean it to.
//! Defence: nothing is spliced. The text is compiled as it stands, as the body of an async function.

use agentloop_tests::{attack, check, finished, syntax, threw};

#[test]
fn a_script_cannot_close_what_is_not_there() {
    attack(
        "}), globalThis.brokeOut = 42, (async function () { return globalThis.brokeOut",
        finished("42"),
        syntax("SyntaxError: unexpected token in expression: '}'"),
    );
}

#[test]
fn every_other_way_to_close_is_a_syntax_error_with_its_place() {
    let brace = || syntax("SyntaxError: unexpected token in expression: '}'");
    check("})();(async()=>{", brace());
    check("return 1})(),(async()=>{", brace());
    check("}});({a(){", brace());
    check("return 1 } catch {} finally {", brace());
    check("*/ return 1 /*", syntax("SyntaxError: unexpected token in expression: '*'"));
    check("return `", syntax("SyntaxError: unexpected end of string"));
    check("return '", syntax("SyntaxError: unexpected end of string"));
    check("/*", syntax("SyntaxError: unexpected end of comment"));
}

#[test]
fn a_comment_at_the_end_swallows_nothing() {
    check("return 42 //", finished("42"));
    check("return 42 <!--", finished("42"));
    check("#!/usr/bin/env node\nreturn 42", finished("42"));
    check("return 42;\u{2028}//", finished("42"));
}

#[test]
fn the_outside_of_the_body_is_out_of_reach() {
    check("return typeof arguments", finished("\"undefined\""));
    check("return new.target", syntax("SyntaxError: new.target only allowed within functions"));
    check("return import.meta", syntax("SyntaxError: import.meta only valid in module code"));
    check("super.x", syntax("SyntaxError: 'super' is only valid in a method"));
    attack(
        "return (function () { return this === undefined })() && (function f() { return f.caller })()",
        threw(
            "TypeError: 'caller', 'callee', and 'arguments' properties may not be accessed on strict mode functions or the arguments objects for calls to them",
        ),
        threw("TypeError: invalid property access"),
    );
}

#[test]
fn a_byte_that_ends_c_strings_ends_no_script() {
    check("return '\0' + 42", finished("\"\\u000042\""));
    check("return 1\0+ 41", syntax("SyntaxError: expecting ';'"));
}
