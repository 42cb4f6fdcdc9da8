//! Mistakes in asking a model, each with a sentence and a way out, before anything is asked.

use crate::cassettes::{Says, converse};
use crate::harness::{Ran, agentloop, check, folder, run_with_input};

const MODEL: &str = "\
error: there is no model to ask
help: name one with --model provider/name or in AGENTLOOP_MODEL, or play a recorded conversation with --cassette FILE
";

#[test]
fn a_prompt_needs_a_model() {
    check(&["--prompt", "ask"], 2, "", MODEL);
    let blank: Ran =
        agentloop(&["run", "--prompt", "ask"]).env("AGENTLOOP_MODEL", " ").output().expect("the binary starts").into();
    assert_eq!(blank, Ran::new(2, "", MODEL));
    // Control: a cassette is one.
    let answered = converse(&folder("a_prompt_needs_a_model"), &[Says::Text("Yes.")], &["--quiet"]);
    assert_eq!(answered, Ran::new(0, "Yes.\n", ""));
}

#[test]
fn a_model_is_a_provider_with_a_key_and_a_name() {
    let asked = |model: &str| -> Ran {
        let mut command = agentloop(&["run", "--prompt", "ask", "--model", model]);
        command.env_remove("ANTHROPIC_API_KEY").output().expect("the binary starts").into()
    };
    let name = "help: name a model with --model, as in anthropic/claude-sonnet-4-5\n";
    let bare = "error: `claude-sonnet-4-5` names no provider: did you mean `anthropic/claude-sonnet-4-5`?\n";
    assert_eq!(asked("claude-sonnet-4-5"), Ran::new(2, "", &format!("{bare}{name}")));
    let misspelt = asked("anthropc/claude");
    assert!(misspelt.stderr.starts_with("error: there is no provider `anthropc`: did you mean `anthropic/claude`?"));
    let no_key = "\
error: there is no key for `anthropic`: set the environment variable `ANTHROPIC_API_KEY`, as in `export ANTHROPIC_API_KEY=…`
help: a local model (--model ollama/NAME) and a recorded conversation (--cassette FILE) need none
";
    assert_eq!(asked("anthropic/claude-sonnet-4-5"), Ran::new(69, "", no_key));
}

#[test]
fn a_prompt_is_a_text_that_says_something() {
    let empty = "error: the prompt is empty\nhelp: ask something, as in --prompt 'How many are there?'\n";
    check(&["--prompt", " \n"], 2, "", empty);
    assert_eq!(run_with_input(&["--prompt", "-"], b"\n"), Ran::new(2, "", empty));
    let not_text =
        "error: the prompt is not UTF-8 text: it goes wrong at offset 3\nhelp: give a text, saved as UTF-8\n";
    assert_eq!(run_with_input(&["--prompt", "-"], b"caf\xe9"), Ran::new(65, "", not_text));
    let long = "\
error: the prompt is longer than 1,048,576 bytes, the most there may be
help: keep data out of the prompt: give it to the model through a tool
";
    assert_eq!(run_with_input(&["--prompt", "-"], &vec![b'x'; 1 << 21]), Ran::new(2, "", long));
    // Control: the longest that is allowed comes to the next mistake, and so does one that looks like a flag.
    assert_eq!(run_with_input(&["--prompt", "-"], &vec![b'x'; 1 << 20]), Ran::new(2, "", MODEL));
    check(&["--prompt", "-5 °C in °F?"], 2, "", MODEL);
}

#[test]
fn what_is_for_a_script_does_not_go_with_a_prompt() {
    let refused = |more: &[&str], error: &str, help: &str| {
        let arguments = [&["--prompt", "ask", "--cassette", "none"], more].concat();
        check(&arguments, 2, "", &format!("error: {error}\nhelp: {help}\n"));
    };
    refused(
        &["many", "--quiet"],
        "--prompt and the script `many` do not go together: the model writes the scripts",
        "put the whole prompt into quotes; or leave --prompt out to run the script",
    );
    refused(&["-e", "1"], "--prompt and --eval do not go together", "leave it out: the model writes the scripts");
    refused(
        &["--check"],
        "--prompt and --check do not go together",
        "leave it out: it looks at a script of yours, and the model hears of its mistakes",
    );
    refused(
        &["--literal", "a=b"],
        "--prompt and --literal do not go together",
        "leave it out, and put the text into the prompt",
    );
    refused(
        &["--model", "a/b"],
        "--model and --cassette do not go together",
        "leave one out: a cassette is played instead of asking a model",
    );
    refused(
        &["--json", "--output", "jsonl"],
        "--json and another --output do not go together",
        "leave one out: --json is --output json",
    );
    // Control: without any of them the cassette is looked for.
    check(
        &["--prompt", "ask", "--cassette", "none"],
        66,
        "",
        "error: there is no cassette `none`\nhelp: check the path given with --cassette\n",
    );
}

#[test]
fn what_is_for_a_conversation_needs_a_prompt() {
    for (flag, value) in [
        ("--model", "a/b"),
        ("--system", "x"),
        ("--history", "h.json"),
        ("--max-iterations", "1"),
        ("--budget-tokens", "1"),
        ("--cassette", "c"),
        ("--record-cassette", "c"),
        ("--output", "jsonl"),
    ] {
        let stderr = format!(
            "error: {flag} is for a conversation with a model, and there is no --prompt\n\
             help: ask something with --prompt TEXT, or leave {flag} out to run a script\n"
        );
        check(&["-e", "1", flag, value], 2, "", &stderr);
    }
    // Control: the limits are for both.
    check(&["-e", "1", "--fuel", "1G"], 0, "1\n", "");
}

#[test]
fn budgets_are_at_least_one() {
    let refused = |flag: &str, value: &str, error: &str| {
        let stderr = format!(
            "error: invalid value '{value}' for '{flag} <COUNT>': {error}\n\nFor more information, try '--help'.\n"
        );
        check(&["--prompt", "ask", flag, value], 2, "", &stderr);
    };
    refused("--max-iterations", "0", "zero would let no model answer; give some, as in 10");
    refused("--budget-tokens", "0", "zero would let no model answer; give some, as in 100k");
    refused("--budget-tokens", "-5", "`-5` is not a number of tokens; write them, as in 50000, 100k or 1M");
    check(&["--prompt", "ask", "--max-iterations", "1", "--budget-tokens", "1"], 2, "", MODEL);
}

#[test]
fn a_cassette_that_cannot_be_played_says_which_line() {
    let folder = folder("a_cassette_that_cannot_be_played");
    let refused = |text: &str, reason: &str| {
        std::fs::write(folder.join("bad.jsonl"), text).expect("the folder is writable");
        let stderr = format!(
            "error: the cassette `bad.jsonl` cannot be played: {reason}\nhelp: record one with --record-cassette FILE\n"
        );
        let ran = crate::harness::run_in(&folder, &["--prompt", "ask", "--cassette", "bad.jsonl"]);
        assert_eq!(ran, Ran::new(2, "", &stderr));
    };
    let header = r#"{"cassette":1,"model":"a/b","style":"native_tool"}"#;
    refused("", "line 1 of the cassette: there is none");
    refused(&header.replace(":1", ":2"), "line 1 of the cassette: version 2 cannot be played, only version 1");
    refused(
        &format!("{header}\n[1"),
        "line 2 of the cassette: invalid type: integer `1`, expected a string at line 1 column 2",
    );
}

#[test]
fn a_tool_cannot_take_the_name_by_which_scripts_end() {
    let folder = folder("a_tool_cannot_take_the_name");
    let tool = |name: &str| {
        let fixtures = format!(r#"[{{"name":"{name}","description":"","input_schema":{{}},"responses":[]}}]"#);
        std::fs::write(folder.join("f.json"), fixtures).expect("the folder is writable");
        converse(&folder, &[Says::Text("Yes.")], &["--fixtures", "f.json", "--quiet"])
    };
    let stderr = "\
error: no tool can have the name `finish`: a script ends the task with it
help: give the tool another name where it comes from
";
    assert_eq!(tool("finish"), Ran::new(2, "", stderr));
    assert_eq!(tool("finished"), Ran::new(0, "Yes.\n", ""));
}
