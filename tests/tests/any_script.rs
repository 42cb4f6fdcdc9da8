//! Whatever a script is made of, it ends within its limits, the host is not at fault, and the engine is well afterwards.
//! The bodies are those of the fuzz targets (`fuzz/`), whose seeds run here as well.

use agentloop_tests::fuzzing;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Pieces of JavaScript that mean something beside each other.
const PIECES: &[&str] = &[
    "a",
    "b",
    "x",
    "1",
    "-1",
    "0n",
    "'s'",
    "`${",
    "}`",
    "/r/g",
    "null",
    "undefined",
    "this",
    "NaN",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    ".",
    "?.",
    "...",
    "=>",
    "=",
    "==",
    "+=",
    "??=",
    "+",
    "-",
    "*",
    "**",
    "<",
    ">>>",
    "!",
    "~",
    "&&",
    "?",
    "\n",
    "//",
    "/*",
    "*/",
    "var ",
    "let ",
    "const ",
    "function ",
    "function* ",
    "async ",
    "await ",
    "yield ",
    "class ",
    "extends ",
    "return ",
    "throw ",
    "try ",
    "catch ",
    "finally ",
    "if ",
    "else ",
    "for ",
    "while ",
    "do ",
    "of ",
    "in ",
    "new ",
    "delete ",
    "typeof ",
    "import ",
    "export ",
    "default ",
    "get ",
    "set ",
    "static ",
    "#p",
    "super",
    "using ",
    "arguments",
    "eval",
    "Object",
    "Array",
    "Proxy",
    "Reflect",
    "Promise",
    "Symbol.iterator",
    "JSON.stringify",
    "JSON.parse",
    "Math.random()",
    "globalThis",
    "tools",
    "tools.echo",
    "tools.math.add",
    "tools.fail({})",
    "tools.deep({levels:200})",
    "console.log",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "then",
    "toJSON",
    ".repeat(1e6)",
    ".bind",
    ".call",
    ".map",
    ".sort",
    "while(true);",
    "(()=>{})()",
    "new Proxy({},{})",
    "new Uint8Array(1e6)",
    "Array(1e6).fill",
    "f=()=>f()",
    "\u{0}",
    "\u{2028}",
    "😀",
    "#!",
    "<!--",
    "-->",
    "```",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_script_that_ends(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzzing::start(&bytes);
    }

    #[test]
    fn any_soup_of_javascript_is_a_script_that_ends(script in soup()) {
        fuzzing::start(script.as_bytes());
    }

    #[test]
    fn any_bytes_are_an_answer_that_a_script_survives(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzzing::settle(&bytes);
    }

    #[test]
    fn any_soup_of_json_is_an_answer_that_a_script_survives(
        pieces in prop::collection::vec(prop::sample::select(&["{", "}", "[", "]", "\"a\":", "\"__proto__\":", "1", "-1e999",
            "\"\\ud800\"", "null", "true", ",", "\"then\":", "\"toJSON\":", " "][..]), 0..60),
    ) {
        fuzzing::settle(pieces.concat().as_bytes());
    }
}

/// Runs a target over its committed seeds and says how many there were.
fn seeds(target: &str, body: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let entries = fs::read_dir(&folder).expect("the seeds are in the repository");
    let files: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    for file in &files {
        body(&fs::read(file).expect("a seed can be read"));
    }
    files.len()
}

#[test]
fn the_seeds_of_the_fuzz_targets_pass() {
    assert_eq!((seeds("start", fuzzing::start), seeds("settle", fuzzing::settle)), (12, 10));
}
