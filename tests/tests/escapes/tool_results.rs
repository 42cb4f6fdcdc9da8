//! Attack: a tool (an MCP server, a web page behind it) answers with something that is meant for the realm or the host.
//! Defence: a result is JSON text, measured and checked by the host, parsed by the shim; a failure is text in an error of
//! the realm's own.

use agentloop_tests::{attack, check, finished, threw};

#[test]
fn a_proto_key_is_an_own_property() {
    attack(
        "const value = await tools.raw({ json: '{\"__proto__\":{\"x\":1}}' });
         return [value.x, Object.keys(value), Object.getPrototypeOf(value) === Object.prototype, ({}).x]",
        finished("[null,[\"__proto__\"],true,null]"),
        finished("[null,[\"__proto__\"],true,null]"),
    );
    attack(
        "const value = await tools.raw({ json: '{\"constructor\":{\"prototype\":{\"x\":1}}}' });
         Object.assign(Object.prototype, value.constructor.prototype); return ({}).x",
        finished("1"),
        threw("TypeError: object is not extensible"),
    );
}

#[test]
fn names_that_the_engine_looks_up_are_data() {
    check(
        "return await tools.raw({ json: '{\"toJSON\":1,\"valueOf\":2,\"length\":-1,\"then\":3,\"constructor\":4}' })",
        finished("{\"toJSON\":1,\"valueOf\":2,\"length\":-1,\"then\":3,\"constructor\":4}"),
    );
}

#[test]
fn text_that_is_not_json_fails_the_call() {
    let refusal = || threw("ToolError: `raw` answered with text that is not JSON");
    for text in
        ["nonsense", "", "{\"a\":1", "1 2", "NaN", "undefined", "{a:1}", "'x'", "\u{feff}1", "[1,]", "01", "\"\t\""]
    {
        check(&format!("return await tools.raw({})", serde_json::json!({ "json": text })), refusal());
    }
}

#[test]
fn json_at_its_edges_is_read_as_javascript_reads_it() {
    for (json, shown) in [
        ("{\"a\":1,\"a\":2}", "\"{\\\"a\\\":2}\""),
        ("-0", "\"0\""),
        ("123456789012345678901234567890", "\"1.2345678901234568e+29\""),
        ("\"\\u0000\"", "\"\\\"\\\\u0000\\\"\""),
        ("1e999", "\"null\""),
    ] {
        let script = format!("return JSON.stringify(await tools.raw({}))", serde_json::json!({ "json": json }));
        attack(&script, finished(shown), finished(shown));
    }
}

#[test]
fn a_result_that_is_too_deep_fails_the_call() {
    check("return (await tools.deep({ levels: 128 })).length", finished("1"));
    check(
        "return await tools.deep({ levels: 129 })",
        threw("ToolError: the result of `deep` is nested more than 128 deep"),
    );
    check(
        "return await tools.deep({ levels: 1_000_000 })",
        threw("ToolError: the result of `deep` is nested more than 128 deep"),
    );
}

#[test]
fn a_result_that_is_too_large_fails_the_call() {
    check("return (await tools.big({ bytes: 4_194_304 })).length", finished("4194302"));
    check(
        "return await tools.big({ bytes: 4_194_305 })",
        threw("ToolError: the result of `big` is 4194305 bytes of JSON, 4194304 are allowed"),
    );
}

#[test]
fn a_failure_is_an_error_of_the_realm_with_text_in_it() {
    check(
        "try { await tools.fail({ message: '})();<script>' }) } catch (error) {
             return [error.name, error.kind, error.message, error instanceof ToolError, error instanceof Error]
         }",
        finished("[\"ToolError\",\"failed\",\"})();<script>\",true,true]"),
    );
    check("await tools.fail({ message: '__proto__' })", threw("ToolError: __proto__"));
}

#[test]
fn a_tool_that_panics_is_a_failed_call() {
    check("return await tools.panics({})", threw("ToolError: `panics` failed: the tool panicked"));
    check("return await tools.math.panics({})", threw("ToolError: `math.panics` failed: the tool panicked"));
    check(
        "const [a, b] = await Promise.allSettled([tools.panics({}), tools.add({ x: 1, y: 2 })]); return [a.status, b.value]",
        finished("[\"rejected\",3]"),
    );
}

#[test]
fn a_tool_that_never_answers_fails_the_call_at_its_timeout() {
    check("return await tools.never({})", threw("ToolError: `never` did not answer within 30000 ms"));
}
