//! What scripts try on each kind of constraint.

use crate::support::{echo, policy, run};
use agentloop_tools::policy::{Governed, Must, Rule};
use serde_json::{Value, json};

/// Tries calls, given as JavaScript of the argument `a`, under a rule that allows and one that denies by the same constraint.
/// Each must be what is said: `yes` if the constraint holds, `no` if it does not, `unclear` if neither rule lets it through.
async fn check(must: Must, arguments: &[(&str, &str)]) {
    let calls: Vec<String> = arguments.iter().map(|(argument, _)| format!("() => ({{ a: {argument} }})")).collect();
    let script = format!(
        "const made = [];
        for (const passed of [{}]) made.push(!Array.isArray(await tried(tools.t(passed()))));
        made",
        calls.join(", ")
    );
    let allow = Governed::new(&policy([Rule::allow("t").when("/a", must.clone())])).own([echo("t")]);
    let deny = Governed::new(&policy([Rule::deny("t").when("/a", must)])).own([echo("t")]);
    let (allowed, not_denied) = (run(&allow, &script).await, run(&deny, &script).await);
    for (index, (argument, expected)) in arguments.iter().enumerate() {
        let held = match (&allowed[index], &not_denied[index]) {
            (Value::Bool(true), Value::Bool(false)) => "yes",
            (Value::Bool(false), Value::Bool(true)) => "no",
            (Value::Bool(false), Value::Bool(false)) => "unclear",
            other => panic!("{argument}: {other:?}"),
        };
        assert_eq!(held, *expected, "{argument}");
    }
}

#[tokio::test]
async fn equal() {
    let value = json!({ "x": [1, "a"], "__proto__": null });
    let arguments = [
        ("JSON.parse('{\"__proto__\": null, \"x\": [1, \"a\"]}')", "yes"),
        ("{ __proto__: null, x: [1, 'a'] }", "no"),
        ("{ x: [1, 'a'], y: null, ['__proto__']: null }", "no"),
        ("{ toJSON: () => ({ x: [1, 'a'], ['__proto__']: null }) }", "yes"),
        ("'x'.repeat(500_000)", "no"),
        ("null", "no"),
        ("undefined", "no"),
    ];
    check(Must::Equal(value), &arguments).await;
}

#[tokio::test]
async fn one_of() {
    let arguments = [
        ("'main'", "yes"),
        ("2", "yes"),
        ("2.0", "yes"),
        ("2n", "yes"),
        ("'2'", "no"),
        ("'Main'", "no"),
        ("'main\\u0000'", "no"),
        ("['main']", "no"),
        ("new String('main')", "yes"),
    ];
    check(Must::OneOf(vec![json!("main"), json!(2)]), &arguments).await;
}

#[tokio::test]
async fn start_with() {
    let arguments = [
        ("'feature/x'", "yes"),
        ("'feature/' + 'x'.repeat(500_000)", "yes"),
        ("'Feature/x'", "no"),
        ("' feature/x'", "no"),
        ("'\\ufefffeature/x'", "no"),
        ("['feature/x']", "unclear"),
        ("{ toString: 'feature/' }", "unclear"),
        ("undefined", "no"),
    ];
    check(Must::StartWith("feature/".to_owned()), &arguments).await;
}

#[tokio::test]
async fn be_below() {
    let arguments = [
        ("'/srv/notes/a'", "yes"),
        ("'/srv/notes'", "yes"),
        ("'/srv//./notes/x/../a'", "yes"),
        ("'/srv/notes/../keys'", "no"),
        ("'/srv/notes2'", "no"),
        ("'srv/notes/a'", "no"),
        ("'/srv/notes/a/../../../etc/passwd'", "no"),
        ("'/srv/notes/../../../../etc'", "unclear"),
        ("'//srv/notes/a'", "unclear"),
        ("'/srv/notes/..\\\\..\\\\keys'", "unclear"),
        ("'/srv/notes/%2e%2e/keys'", "unclear"),
        ("'/srv/notes/a\\u0000/../../keys'", "unclear"),
        ("'/srv/notes/' + 'a/'.repeat(100_000)", "unclear"),
        ("'~/notes'", "unclear"),
        ("'file:///srv/notes'", "unclear"),
        ("['/srv/notes/a']", "unclear"),
        ("undefined", "no"),
    ];
    check(Must::BeBelow("/srv/notes".to_owned()), &arguments).await;
}

#[tokio::test]
async fn be_between() {
    let arguments = [
        ("0", "yes"),
        ("-0", "yes"),
        ("100", "yes"),
        ("99.999", "yes"),
        ("100.000_000_000_000_02", "no"),
        ("-1e-300", "no"),
        ("1e308", "no"),
        ("1e400", "unclear"),
        ("-1e400", "unclear"),
        ("NaN", "unclear"),
        ("JSON.parse('1e400')", "unclear"),
        ("'50'", "unclear"),
        ("'NaN'", "unclear"),
        ("[50]", "unclear"),
        ("true", "unclear"),
        ("50n", "yes"),
        ("new Number(50)", "yes"),
        ("9_007_199_254_740_991n", "no"),
        ("undefined", "no"),
    ];
    check(Must::BeBetween { min: Some(0.0), max: Some(100.0) }, &arguments).await;
}

#[tokio::test]
async fn match_a_pattern() {
    let arguments = [
        ("'ab-12'", "yes"),
        ("'ab-12\\n'", "no"),
        ("'\\nab-12'", "no"),
        ("'xab-12'", "no"),
        ("'ab-12; rm'", "no"),
        ("'ab-١٢'", "no"),
        ("'a'.repeat(60_000) + '!'", "no"),
        ("'a'.repeat(70_000)", "unclear"),
        ("12", "unclear"),
        ("undefined", "no"),
    ];
    check(Must::Match("(a|b|ab)+-[0-9]+".to_owned()), &arguments).await;
}

#[tokio::test]
async fn be_on_host() {
    let arguments = [
        ("'https://api.good.test/x?y=1'", "yes"),
        ("'https://API.GOOD.TEST'", "yes"),
        ("'https://api.good.test.'", "yes"),
        ("'http://api.good.test:8080/'", "yes"),
        ("'https://good.test'", "no"),
        ("'https://evil.test/.good.test'", "no"),
        ("'https://evil.test?.good.test'", "no"),
        ("'https://evil.test#.good.test'", "no"),
        ("'https://api.good.test.evil.test'", "no"),
        ("'https://evilgood.test'", "no"),
        ("'https://api.good.test@evil.test'", "unclear"),
        ("'https://api.good.test:pw@evil.test'", "unclear"),
        ("'https://evil.test\\\\.good.test'", "unclear"),
        ("'https://evil.test\\u0009.good.test'", "unclear"),
        ("'https://evil.test%2f.good.test'", "unclear"),
        ("'https://evil.test\\u3002good.test'", "unclear"),
        ("'https:api.good.test'", "unclear"),
        ("'//api.good.test'", "unclear"),
        ("'file://api.good.test/etc/passwd'", "unclear"),
        ("'https://api.good.test/' + 'a'.repeat(500_000)", "unclear"),
        ("new URL('https://api.good.test/')", "yes"),
        ("['https://api.good.test']", "unclear"),
        ("undefined", "no"),
    ];
    check(Must::BeOnHost("*.good.test".to_owned()), &arguments).await;
}

#[tokio::test]
async fn a_pointer_to_the_prototype_is_a_name_like_any_other() {
    let rule = Rule::allow("t").when("/__proto__/admin", Must::Equal(json!(true)));
    let governed = Governed::new(&policy([rule])).own([echo("t")]);
    let script = "
        const made = async (value) => !Array.isArray(await tried(tools.t(value)));
        await Promise.all([{ __proto__: { admin: true } }, { admin: true }, { ['__proto__']: { admin: true } }].map(made))";
    assert_eq!(run(&governed, script).await, json!([false, false, true]));
}
