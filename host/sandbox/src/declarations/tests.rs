//! Schemas, and the declarations that they become, compared whole.

use super::{Declared, declarations};
use serde_json::{Value, json};

fn declared<'a>(name: &'a str, description: &'a str, arguments: &'a Value, result: Option<&'a Value>) -> Declared<'a> {
    Declared { name, description, arguments, result }
}

/// The type of a member whose schema is `schema`, on the side of the arguments.
#[track_caller]
fn check(schema: Value, expected: &str) {
    let arguments = json!({"type": "object", "properties": {"a": schema}, "required": ["a"]});
    let text = declarations([declared("t", "", &arguments, None)].into_iter());
    assert_eq!(text, format!("declare const tools: {{\n    t(args: {{ a: {expected} }}): Promise<any>;\n}};\n"));
}

#[track_caller]
fn check_whole(arguments: Value, result: Option<Value>, expected: &str) {
    assert_eq!(declarations([declared("t", "", &arguments, result.as_ref())].into_iter()), expected);
}

#[test]
fn simple_types() {
    check(json!({"type": "string"}), "string");
    check(json!({"type": "integer"}), "number");
    check(json!({"type": ["null", "string", "integer"]}), "number | string | null");
    check(json!({"type": "string", "nullable": true}), "string | null");
    check(json!({}), "unknown");
    check(json!(true), "unknown");
    check(json!(false), "never");
    check(json!({"type": "no such type"}), "unknown");
}

#[test]
fn values_that_are_listed() {
    check(json!({"const": "a\"\n*/"}), "\"a\\\"\\n*/\"");
    check(json!({"type": "string", "enum": ["a", 1, null, true]}), "\"a\" | 1 | null | true");
    check(json!({"type": "object", "enum": [{"b": 1}]}), "{ [key: string]: unknown }");
    check(json!({"type": "string", "const": "x".repeat(1_000)}), "string");
}

#[test]
fn arrays_and_tuples() {
    check(json!({"type": "array"}), "unknown[]");
    check(json!({"type": "array", "items": {"type": ["string", "null"]}}), "(string | null)[]");
    let tuple = json!({"prefixItems": [{"type": "string"}, {"type": ["number", "null"]}], "items": false});
    check(tuple, "[string?, (number | null)?]");
    let tuple = json!({"items": [{"type": "string"}, {"type": "number"}], "minItems": 1});
    check(json!({"type": "array", "items": tuple}), "[string, number?, ...unknown[]][]");
}

#[test]
fn objects() {
    check(json!({"type": "object"}), "{ [key: string]: unknown }");
    check(json!({"type": "object", "additionalProperties": false}), "{ [key: string]: never }");
    check(json!({"type": "object", "additionalProperties": {"type": "number"}}), "{ [key: string]: number }");
    check(
        json!({"properties": {"b-c": {"type": "string"}, "": true, "b": {"type": "string"}}, "required": ["b", "d"]}),
        "{ \"\"?: unknown; b: string; \"b-c\"?: string; d: unknown }",
    );
    check(
        json!({"properties": {"b": {"type": "string"}}, "additionalProperties": {"type": "number"}}),
        "{ b?: string; [key: string]: unknown }",
    );
}

#[test]
fn combinations() {
    let (b, c) = (json!({"properties": {"b": {"type": "string"}}}), json!({"properties": {"c": {"type": "string"}}}));
    check(json!({"anyOf": [b, {"type": "null"}, {"type": "null"}]}), "{ b?: string } | null");
    check(json!({"oneOf": [b, {}]}), "unknown");
    check(
        json!({"type": "object", "allOf": [b, {"anyOf": [c, b]}]}),
        "{ b?: string } & ({ c?: string } | { b?: string })",
    );
    check(json!({"type": "string", "anyOf": [{"format": "date"}, {"pattern": "x"}]}), "string");
}

#[test]
fn references_have_names_and_circles_end() {
    check_whole(
        json!({
            "type": "object",
            "properties": {"root": {"$ref": "#/$defs/tree-node"}, "other": {"$ref": "http://localhost/x"}},
            "$defs": {"tree-node": {
                "description": "A node.",
                "properties": {"next": {"$ref": "#/$defs/tree-node"}, "all": {"$ref": "#"}}
            }}
        }),
        Some(json!({"$ref": "#/$defs/a", "$defs": {
            "a": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "null"}]}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}
        }})),
        "declare namespace ToolTypes {
    /** A node. */
    type TreeNode = { all?: ToolTypes.Arguments; next?: ToolTypes.TreeNode };
    type Arguments = { other?: unknown; root?: ToolTypes.TreeNode };
    type A = any;
    type B = ToolTypes.A;
}

declare const tools: {
    t(args?: { other?: unknown; root?: ToolTypes.TreeNode }): Promise<ToolTypes.A>;
};
",
    );
}

#[test]
fn what_typescript_cannot_say_is_in_comments_that_nothing_ends() {
    check_whole(
        json!({"type": "object", "properties": {
            "a": {"type": "string", "description": "One */ alert() /*\u{2028}two\n\nthree", "deprecated": true},
            "b": {"type": "integer", "minimum": 1, "maximum": 9, "default": 5},
            "c": {"type": "string", "format": "date-time"}
        }}),
        None,
        "declare const tools: {
    t(args?: {
        /**
         * One *\\/ alert() /* two
         *
         * three
         * @deprecated
         */
        a?: string;
        /**
         * @default 5
         * @minimum 1
         * @maximum 9
         */
        b?: number;
        /** @format date-time */
        c?: string;
    }): Promise<any>;
};
",
    );
}

#[test]
fn names_nest_and_are_sorted_whatever_the_order_of_the_tools() {
    let schema = json!({"type": "object"});
    let tool = |name| declared(name, "Does it.", &schema, None);
    let expected = "declare const tools: {
    a: {
        \"b-c\": {
            /** Does it. */
            d(args?: { [key: string]: unknown }): Promise<any>;
        };
        /** Does it. */
        e(args?: { [key: string]: unknown }): Promise<any>;
    };
    /** Does it. */
    z(args?: { [key: string]: unknown }): Promise<any>;
};
";
    assert_eq!(declarations([tool("a.b-c.d"), tool("a.e"), tool("z")].into_iter()), expected);
    assert_eq!(declarations([tool("z"), tool("a.e"), tool("a.b-c.d")].into_iter()), expected);
    assert_eq!(declarations([].into_iter()), "declare const tools: {};\n");
}

#[test]
fn what_is_too_deep_or_too_large_is_not_described() {
    let deep = (0..1_000).fold(json!({"type": "string"}), |inner, _| json!({"type": "array", "items": inner}));
    check(deep, &format!("unknown{}", "[]".repeat(16)));
    let many: Vec<Value> = (0..501).map(|number| json!(number)).collect();
    check(json!({"type": "integer", "enum": many}), "number");
    // Each doubles the one before it.
    let mut definitions = json!({"d0": {"type": "string"}});
    for number in 1..100 {
        let before = json!({"$ref": format!("#/$defs/d{}", number - 1)});
        definitions[format!("d{number}")] = json!({"properties": {"a": before, "b": before}});
    }
    let schema = json!({"$ref": "#/$defs/d99", "$defs": definitions});
    let text = declarations([declared("t", "", &schema, None)].into_iter());
    assert_eq!(text.lines().count(), 106);
}
