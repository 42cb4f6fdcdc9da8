//! What the reader of scripts has short ways for: brackets that are passed over without making tokens, names, small integers. Each case
//! beside one that the short way must not take for it.

use agentloop_tests::{check, finished, syntax};

fn gives(script: &str, value: &str) {
    check(script, finished(value));
}

#[test]
fn a_bracket_ends_where_its_tokens_say() {
    gives("((a /* ) */, b = ')') => a + b)('x')", "\"x)\"");
    gives("((a, // )\n b) => a + b)(1, 2)", "3");
    gives("((a // )\r, b) => b)(1, 2)", "2");
    gives("((a = `)${'`'}${`(${1}`}`) => a)()", "\")`(1\"");
    gives("((a = '\\'(') => a)()", "\"'(\"");
    gives("((a = /[)/]/) => a.test(')'))()", "true");
    gives("const x = 8, y = [2]; ((a = (x) / y[0] / 2) => a)()", "2");
    gives("let x = 8; ((a = (x /= 2)) => a + x)()", "8");
    gives("((é) => é)(1)", "1");
    check("((a, b] => a)(1)", syntax("SyntaxError: Unexpected token ']'"));
    check("((a => a)(1)", syntax("SyntaxError: Unexpected end of input"));
}

#[test]
fn an_arrow_stands_on_the_line_of_its_parameters() {
    gives("const f = (a) /* here */ => a; return f(1)", "1");
    gives("const f = (a,\n b\n) => b; return f(1, 2)", "2");
    check("const f = (a)\n => a", syntax("SyntaxError: unexpected token in expression: '=>'"));
    check("const f = (a) // there\r => a", syntax("SyntaxError: unexpected token in expression: '=>'"));
}

#[test]
fn what_is_assigned_to_is_told_from_what_is_made() {
    gives("let a, c; ({ a, b: [c = 3] } = { a: 1, b: [] }); return [a, c]", "[1,3]");
    gives("let a, b; [a, ...b] = [1, 2, 3]; return [a, b]", "[1,[2,3]]");
    gives("const a = [1, { b: 2 }] == '1,[object Object]'; return a", "true");
    gives("const [a] = [{ b: (c, d = c <= 1) => d }]; return a.b(1)", "true");
    gives("const o = {}; for ({ a: o.a } of [{ a: 5 }]); return o.a", "5");
    gives("const o = {}; for ([o.k] in { xy: 1 }); return o.k", "\"x\"");
    gives("let s = 0; for (let i = 0, t = ';'; i < 3; i++) s += i; return s", "3");
    gives("let s = 0; for (const [k, v] of new Map([[1, 2]])) s += k * v; return s", "2");
    gives("function f(a, b = () => a) { var a = 2; return b() } return f(1)", "1");
    gives("function f(a, b) { var a = 2; return a === 2 && b >= 1 } return f(1, 1)", "true");
}

#[test]
fn names_and_numbers_end_where_they_should() {
    gives("const \\u0061b = 1, a$_9 = 2, über = 3; return ab + a$_9 + über", "6");
    gives("return [0, 7, 1_000, 1e3, 0x1f, 0b11, .5, 5., 1.5, 123456789, 1234567890123]", {
        "[0,7,1000,1000,31,3,0.5,5,1.5,123456789,1234567890123]"
    });
    gives("return [1..toString(), 10 .toString(), 12n === 12n]", "[\"1\",\"10\",true]");
    check("return 010", syntax("SyntaxError: Octal literals are not allowed in strict mode"));
    check("return 3in [1]", syntax("SyntaxError: invalid number literal"));
    check("return 3a", syntax("SyntaxError: Unexpected token, expected \";\""));
    check("return 1é", syntax("SyntaxError: Unexpected token, expected \";\""));
}
