//! What stands on standard output when a script finished, and on standard error beside it.

use crate::harness::{Ran, agentloop, check, run, run_with_input};
use std::process::Stdio;

#[test]
fn a_string_is_printed_as_its_text_and_anything_else_as_json() {
    check(&["-e", "1 + 1"], 0, "2\n", "");
    check(&["-e", "'two\\nlines'"], 0, "two\nlines\n", "");
    check(&["-e", "undefined"], 0, "null\n", "");
    check(&["-e", "[]"], 0, "[]\n", "");
    let object = "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    \"x\"\n  ]\n}\n";
    check(&["-e", "({ b: 1, a: [true, 'x'] })"], 0, object, "");
}

#[test]
fn a_script_comes_from_a_file_from_standard_input_or_from_the_command_line() {
    for arguments in [vec!["-"], vec![]] {
        assert_eq!(run_with_input(&arguments, b"return 'from afar'"), Ran::new(0, "from afar\n", ""));
    }
    check(&["--eval", "'from here'"], 0, "from here\n", "");
    check(&["-e", "-1"], 0, "-1\n", "");
}

#[test]
fn the_console_goes_to_standard_error_and_quiet_silences_it() {
    let script = "console.log('one', { a: 1 }); console.error('two'); 3";
    check(&["-e", script], 0, "3\n", "one { a: 1 }\ntwo\n");
    check(&["-e", script, "--quiet"], 0, "3\n", "");
    check(&["-e", "console.log('\\u001b[2J'); '\\u001b[31m'"], 0, "\u{1b}[31m\n", "\u{1b}[2J\n");
}

#[test]
fn console_output_over_the_limit_is_cut_and_says_so() {
    let ran = run(&["-e", "console.log('x'.repeat(70_000)); console.log('gone'); 1"]);
    let warning = "warning: console output was cut: 4,468 more bytes were dropped\n";
    assert_eq!(ran, Ran::new(0, "1\n", &format!("{}\n{warning}", "x".repeat(65_536))));
}

#[test]
fn seed_and_clock_make_a_run_repeatable() {
    let arguments = ["-e", "[Math.random(), Date.now()]", "--seed", "7", "--clock-ms", "1000"];
    let first = run(&arguments);
    assert_eq!(first, run(&arguments));
    assert_ne!(first, run(&["-e", "[Math.random(), Date.now()]", "--seed", "8", "--clock-ms", "1000"]));
    check(&["-e", "new Date()", "--clock-ms", "1000"], 0, "1970-01-01T00:00:01.000Z\n", "");
}

#[test]
fn calls_that_nobody_awaits_are_named_in_a_warning() {
    let fixtures = "examples/errors.fixtures.json";
    check(
        &["--fixtures", fixtures, "-e", "tools.stock.count(); 1"],
        0,
        "1\n",
        "warning: 1 call was still running when the script ended and was cancelled: stock.count; await it\n",
    );
    check(
        &["--fixtures", fixtures, "-e", "for (let i = 0; i < 7; i++) tools.stock.count(); 1"],
        0,
        "1\n",
        "warning: 7 calls were still running when the script ended and were cancelled: stock.count, stock.count, \
         stock.count, stock.count, stock.count, …; await them\n",
    );
    check(&["--fixtures", fixtures, "-e", "tools.stock.count(); 1", "--quiet"], 0, "1\n", "");
}

#[test]
fn verbose_adds_one_line_on_what_the_run_used() {
    let ran = run(&["-e", "1", "-v"]);
    let digits_as_zero = |text: &str| {
        let mut shape = String::new();
        for character in text.chars() {
            match character {
                '0'..='9' | ',' | '.' if shape.ends_with('#') => {}
                '0'..='9' => shape.push('#'),
                _ => shape.push(character),
            }
        }
        shape
    };
    let shape = "used: # of # fuel, # MiB of # MiB memory, # of # calls, # ms of guest time, # ms in all (# ms waited, # steps), \
                 # B in, # B out\n";
    assert_eq!((ran.code, digits_as_zero(&ran.stderr).as_str()), (Some(0), shape), "{}", ran.stderr);
}

#[test]
fn a_closed_standard_output_ends_quietly_with_its_own_code() {
    let mut command = agentloop(&["run", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    // The reader goes before there is a script, so before there is anything to write.
    drop(child.stdout.take());
    drop(std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), b"return 'x'"));
    let ran: Ran = child.wait_with_output().expect("it ends").into();
    assert_eq!(ran, Ran::new(74, "", ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_with_its_own_code() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let ran: Ran = agentloop(&["run", "-e", "1"]).stdout(full).output().expect("the binary starts").into();
    let stderr = "\
error: the result could not be written to standard output: No space left on device (os error 28)
help: check where it goes: a full disk, for example
";
    assert_eq!(ran, Ran::new(74, "", stderr));
}
