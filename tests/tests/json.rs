//! What `JSON` has short ways for: names, strings and numbers that stand for themselves. Each beside one that is no such.

use agentloop_tests::{check, finished};

fn gives(script: &str, value: &str) {
    check(script, finished(value));
}

#[test]
fn a_number_is_the_nearest_to_its_text() {
    // `Number` reads the text with arithmetic of any precision.
    gives(
        "let seed = 1; const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
        let count = 0;
        for (let i = 0; i < 20000; i++) {
            let text = ''; for (let j = random(18); j >= 0; j--) text += random(10);
            text = text.replace(/^0+(?=.)/, '');
            const point = random(text.length + 2);
            if (point > 0 && point < text.length) text = text.slice(0, point) + '.' + text.slice(point);
            if (random(3) === 0) text = '-' + text;
            if (random(9) === 0) text += 'e' + (random(40) - 20);
            if (Object.is(JSON.parse(text), Number(text))) count++;
        }
        return count",
        "20000",
    );
    gives(
        "return ['0', '-0', '-0.0', '1.50', '2147483648', '-2147483649', '9007199254740993', '1e400'].map((text) => JSON.parse(text)).map((n) => Object.is(n, -0) ? '-0' : String(n))",
        r#"["0","-0","-0","1.5","2147483648","-2147483649","9007199254740992","Infinity"]"#,
    );
}

#[test]
fn what_is_no_number_is_told() {
    gives(
        "return ['01', '-', '1.', '.5', '1e', '1a', '+1', '--1', '0x1'].map((text) => {
            try { return JSON.parse(text) } catch ({ name }) { return name }
        }).filter((result) => result !== 'SyntaxError')",
        "[]",
    );
}

#[test]
fn names_are_those_of_the_text() {
    gives(
        r#"return JSON.stringify(JSON.parse('{"b":1,"10":2,"a":3,"2":4,"b":5,"":6}'))"#,
        r#""{\"2\":4,\"10\":2,\"b\":5,\"a\":3,\"\":6}""#,
    );
    gives(
        r#"const o = JSON.parse('{"__proto__":{"x":1},"constructor":2}'); return [Object.keys(o), o.x, Object.getPrototypeOf(o) === Object.prototype]"#,
        r#"[["__proto__","constructor"],null,true]"#,
    );
    gives(r#"return Object.keys(JSON.parse('{ "a" : 1, "\\u0062":2,"é":3,\n"d\\"":4}'))"#, r#"["a","b","é","d\""]"#);
    gives(
        r#"return ['{"a" 1}', '{"a":1,}', '{"a":1 "b":2}', '{,}', '{a:1}', '{"a', '{"a\n":1}'].map((text) => {
            try { return JSON.parse(text) } catch ({ message }) { return message.replace(/ .line.*/, '') }
        })"#,
        r#"["Expected ':' after property name in JSON at position 5","Expected property name or '}' in JSON at position 7","Expected ',' or '}' after property value in JSON at position 7","Expected property name or '}' in JSON at position 1","Expected property name or '}' in JSON at position 1","Unexpected end of JSON input","Bad control character in string literal in JSON at position 3"]"#,
    );
}

#[test]
fn a_string_is_written_with_what_has_to_be_escaped() {
    gives(
        r#"return JSON.stringify('plain') + JSON.stringify('"\\\b\t\n\f\r\x00\x1f\xff/')"#,
        r#""\"plain\"\"\\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u001fÿ/\"""#,
    );
    gives(
        r#"return JSON.stringify(['é', '\u0100', '\ud83d\ude00', '\ud800', 'z'.repeat(3)])"#,
        r#""[\"é\",\"Ā\",\"😀\",\"\\ud800\",\"zzz\"]""#,
    );
    gives(
        r#"let rope = ''; for (let i = 0; i < 99; i++) rope += 'part "' + i; return JSON.parse(JSON.stringify({ [rope]: rope }))[rope] === rope"#,
        "true",
    );
}

#[test]
fn who_asks_for_a_key_is_told_it() {
    gives(
        "return JSON.stringify([{ toJSON: (key) => typeof key + key }, { a: { toJSON: (key) => key } }])",
        r#""[\"string0\",{\"a\":\"a\"}]""#,
    );
    gives(
        "return JSON.stringify({ a: [1, [2]] }, (key, value) => typeof value === 'number' ? key + value : value)",
        r#""{\"a\":[\"01\",[\"02\"]]}""#,
    );
    gives(
        "return JSON.stringify(JSON.parse('[1,{\"a\":2.50}]', (key, value, { source }) => source ? key + source : value))",
        r#""[\"01\",{\"a\":\"a2.50\"}]""#,
    );
    gives(
        "return JSON.stringify({ b: 1, 1: 2, a: [3, undefined, NaN, -0] }, ['a', 1], 1)",
        r#""{\n \"a\": [\n  3,\n  null,\n  null,\n  0\n ],\n \"1\": 2\n}""#,
    );
}
