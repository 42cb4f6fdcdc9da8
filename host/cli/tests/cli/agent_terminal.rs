//! The live view, on a real terminal: a pair of pseudo-terminals.

use crate::cassettes::{Says, flags};
use crate::harness::{folder, leveled};
use crate::terminal::{on_terminal, on_terminal_of};
use std::path::Path;

/// What a terminal shows in the end: it understands what the view needs, and refuses everything else.
fn screen(written: &str) -> String {
    let mut rows = vec![String::new()];
    let mut row = 0;
    let mut rest = written;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '\n' => {
                row += 1;
                if row == rows.len() {
                    rows.push(String::new());
                }
            }
            // It always erases from the beginning of a row, so where in the row the cursor is does not matter.
            '\r' => assert!(rest.starts_with("\u{1b}["), "only to erase"),
            '\u{1b}' => {
                let end = rest.find(|character: char| character.is_ascii_alphabetic()).expect("a command has an end");
                let (command, after) = rest.split_at(end + 1);
                rest = after;
                match command.trim_start_matches('[') {
                    "J" => {
                        rows.truncate(row);
                        rows.push(String::new());
                    }
                    command if command.ends_with('A') => {
                        row -= command.trim_end_matches('A').parse::<usize>().expect("it is a number");
                    }
                    command => assert!(command.ends_with('m'), "no command of the view: {command:?}"),
                }
            }
            _ => rows[row].push(character),
        }
    }
    leveled(&rows.join("\n"))
}

/// What a conversation writes to a terminal, and what that looks like in the end.
fn watched(folder: &Path, replies: &[Says<'_>], more: &[&str]) -> (Option<i32>, String, String) {
    watched_on(0, folder, replies, more)
}

fn watched_on(columns: u16, folder: &Path, replies: &[Says<'_>], more: &[&str]) -> (Option<i32>, String, String) {
    let mut arguments = flags(folder, replies, more);
    let cassette = folder.join("c.jsonl");
    // The harness runs in the root of the repository.
    for argument in &mut arguments {
        if *argument == "c.jsonl" {
            *argument = cassette.to_str().expect("the path is text");
        }
    }
    let (code, written) = on_terminal_of(columns, &arguments[1..], &[]);
    let screen = screen(&written);
    (code, written, screen)
}

#[test]
fn the_answer_is_shown_once_and_what_was_waited_for_is_gone() {
    let wait = "await new Promise((done) => setTimeout(done, 300));\nreturn 1";
    let replies = [Says::Both("Let me see.", wait), Says::Script("null.x"), Says::Text("It is\n\n- one.")];
    let (code, written, screen) = watched(&folder("the_answer_is_shown_once"), &replies, &[]);
    let expected = "\
Let me see.
▸ script, 2 lines
▸ script, 1 line
  ✗ TypeError: cannot read property 'x' of null
    --> script.js:1:1
    1 | null.x
It is

- one.
used: 3 of 10 replies, 330 tokens (300 in, 30 out), # fuel, 0 calls, # ms
";
    assert_eq!((code, screen.as_str()), (Some(0), expected));
    // Whoever watches sees that something happens.
    let frames = written.split("\u{1b}[J").filter(|frame| frame.contains("the script runs, ")).count();
    assert!(frames >= 2, "{frames} frames: {written:?}");
}

#[test]
fn calls_turn_while_they_run_and_end_with_their_duration() {
    let folder = folder("calls_turn_while_they_run");
    let fixtures = folder.join("f.json");
    let responses = r#"[{"args":{"n":1},"result":1,"delay_ms":200},{"error":"no","delay_ms":300}]"#;
    let tool = format!(r#"[{{"name":"a","description":"","input_schema":{{}},"responses":{responses}}}]"#);
    std::fs::write(&fixtures, tool).expect("the folder is writable");
    let script = "await Promise.allSettled([tools.a({ n: 1 }), tools.a({ n: 2, text: 'x'.repeat(60) })]); tools.a({ n: 3 }); return 1";
    let fixtures = fixtures.to_str().expect("the path is text");
    let replies = [Says::Script(script), Says::Text("Done.")];
    let (code, written, screen) = watched_on(50, &folder, &replies, &["--fixtures", fixtures]);
    let expected = "\
▸ script, 1 line
  ✓ a({\"n\":1}) # ms
  ✗ a({\"n\":2,\"text\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxx…
  · a({\"n\":3}): cancelled
Done.
used: 2 of 10 replies, 220 tokens (200 in, 20 out), # fuel, 3 calls, # ms
";
    let leveled = screen.lines().map(|line| match line.strip_suffix(" ms").and_then(|line| line.rsplit_once(") ")) {
        Some((call, _)) if line.starts_with("  ✓") => format!("{call}) # ms\n"),
        _ => format!("{line}\n"),
    });
    assert_eq!((code, leveled.collect::<String>().as_str()), (Some(0), expected));
    let turning = |call: &str| written.matches(call).count();
    assert!(turning(" a({\"n\":1}) ") >= 2 && turning(" a({\"n\":2,\"text\":\"") >= 2, "{written:?}");
}

/// Attack: a model and a tool write what a terminal would obey. Control: `agent.rs` shows that a pipe gets it as it is.
#[test]
fn what_a_model_writes_does_not_command_the_terminal() {
    let attack = "\u{1b}[2J\u{1b}]0;title\u{7}a\rb\u{202e}c\u{9b}31m";
    let harmless = "\\u001b[2J\\u001b]0;title\\u0007a\\u000db\\u202ec\\u009b31m";
    let script = format!("/* {attack} */ throw new Error('{}')", attack.escape_unicode());
    let replies = [Says::Both(attack, &script), Says::Text(attack)];
    let (code, written, screen) = watched(&folder("what_a_model_writes"), &replies, &[]);
    assert_eq!((code, written.find(['\u{7}', '\u{9b}', '\u{202e}'])), (Some(0), None));
    let lines: Vec<&str> = screen.lines().collect();
    let listing = format!("    1 | /* {harmless} */ throw new E…");
    assert_eq!((lines[0], lines[1]), (harmless, "▸ script, 1 line"), "{screen}");
    assert_eq!((lines[4], lines[5], lines.len()), (listing.as_str(), harmless, 7), "{screen}");
}

#[test]
fn other_forms_are_the_same_on_a_terminal() {
    let folder = folder("other_forms_are_the_same");
    let (code, written, _) = watched(&folder, &[Says::Text("\u{9b}31m")], &["--output", "jsonl"]);
    assert_eq!(code, Some(0));
    let last: serde_json::Value =
        serde_json::from_str(written.lines().last().expect("there are lines")).expect("it is JSON");
    assert_eq!(
        (&last["type"], &last["value"], written.contains('\u{9b}')),
        (&"answer".into(), &"\u{9b}31m".into(), false)
    );
    let (code, written, _) = watched(&folder, &[Says::Text("Yes.")], &["--quiet"]);
    assert_eq!((code, written.as_str()), (Some(0), "Yes.\n"));
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_lines() {
    let folder = folder("a_terminal_that_cannot_move");
    let cassette = folder.join("c.jsonl");
    flags(&folder, &[Says::Script("return 1"), Says::Text("One.")], &[]);
    let arguments = ["--prompt", "ask", "--cassette", cassette.to_str().expect("the path is text")];
    let (code, written) = on_terminal(&arguments, &[("TERM", "dumb")]);
    let expected = "\
▸ script, 1 line
One.
used: 2 of 10 replies, 220 tokens (200 in, 20 out), # fuel, 0 calls, # ms
";
    assert_eq!((code, leveled(&written)), (Some(0), expected.to_owned()));
}
