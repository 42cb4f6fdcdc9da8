//! Mistakes, each with a sentence and a way out; nothing on standard output, nothing ran.

use crate::harness::{Ran, agentloop, check, folder, run_in, run_with_input};
use std::path::Path;

#[track_caller]
fn check_in(folder: &Path, arguments: &[&str], code: i32, stderr: &str) {
    assert_eq!(run_in(folder, arguments), Ran::new(code, "", stderr), "agentloop run {arguments:?}");
}

#[track_caller]
fn check_usage(arguments: &[&str], error: &str) {
    check(arguments, 2, "", &format!("error: {error}\n\nFor more information, try '--help'.\n"));
}

#[test]
fn a_script_that_cannot_be_read_is_named() {
    let folder = folder("a_script_that_cannot_be_read");
    let missing = "\
error: there is no script `return 1`
help: check the path; code of your own goes with -e, a question to a model with --prompt
";
    check_in(&folder, &["return 1"], 66, missing);
    check_in(&folder, &["."], 66, "error: the script `.` is a directory\nhelp: name a file in it\n");
}

#[test]
fn a_script_that_is_no_text_is_refused_with_the_offset() {
    let folder = folder("a_script_that_is_no_text");
    let refused = |content: &[u8], stderr: &str| {
        std::fs::write(folder.join("s.js"), content).expect("the folder is writable");
        check_in(&folder, &["s.js"], 65, stderr);
        assert_eq!(run_with_input(&["-"], content), Ran::new(65, "", &stderr.replace("`s.js`", "standard input")));
    };
    refused(
        b"\x7fELF\x02\x01\x01\0",
        "error: `s.js` is a binary file: byte 0x00 at offset 7\n\
         help: give a script; in a string, write \\0 instead of the byte\n",
    );
    refused(
        b"return 'caf\xe9'",
        "error: `s.js` is not UTF-8 text: byte 0xe9 at offset 11\nhelp: give a script, saved as UTF-8\n",
    );
    refused(
        b"\xff\xfe1\0",
        "error: `s.js` is not UTF-8 text: byte 0xff at offset 0\nhelp: it looks like UTF-16: save it as UTF-8\n",
    );
}

#[test]
fn an_empty_script_is_refused() {
    let stderr = "error: the script is empty\nhelp: give it some code, as in: return 1 + 1\n";
    check(&["-e", " \n"], 11, "", stderr);
    assert_eq!(run_with_input(&[], b""), Ran::new(11, "", stderr));
    // Comments are a script, one that returns nothing.
    check(&["-e", "// nothing"], 0, "null\n", "");
}

#[test]
fn ten_megabytes_are_refused_without_being_read() {
    let folder = folder("ten_megabytes");
    let stderr = "\
error: the script is longer than 262,144 bytes, the most there may be
help: keep data out of the source: give it to the script through a tool
";
    let file = std::fs::File::create(folder.join("big.js")).expect("the folder is writable");
    file.set_len(10_000_000).expect("a file may have a hole");
    check_in(&folder, &["big.js"], 11, stderr);
    assert_eq!(run_with_input(&["-"], &vec![b'x'; 10_000_000]), Ran::new(11, "", stderr));
    // The largest that is allowed runs.
    let script = format!("'{}'.length", "x".repeat(262_144 - 9));
    assert_eq!(run_with_input(&["-"], script.as_bytes()), Ran::new(0, "262135\n", ""));
}

/// An endless file ends the process at once, not its memory.
#[cfg(target_os = "linux")]
#[test]
fn an_endless_file_is_refused() {
    let stderr = "\
error: the script is longer than 262,144 bytes, the most there may be
help: keep data out of the source: give it to the script through a tool
";
    check(&["/dev/zero"], 11, "", stderr);
}

#[test]
fn values_of_flags_are_checked_before_anything_runs() {
    // The script does not exist, and nobody gets to look for it.
    check_usage(
        &["no.js", "--fuel", "0"],
        "invalid value '0' for '--fuel <UNITS>': zero would let no script run; give some, as in 50M",
    );
    check_usage(
        &["no.js", "--fuel", "-1"],
        "invalid value '-1' for '--fuel <UNITS>': `-1` is not an amount of fuel; write units, as in 50000000, 50_000_000 \
         or 50M",
    );
    check_usage(
        &["no.js", "--timeout", "10"],
        "invalid value '10' for '--timeout <TIME>': `10` is not a duration; write a number and a unit, as in 500ms, 10s \
         or 5m",
    );
    check_usage(
        &["no.js", "--max-tool-calls", "-1"],
        "invalid value '-1' for '--max-tool-calls <COUNT>': `-1` is not a whole number from 0 to 2^32 - 1",
    );
    check(
        &["no.js", "--memory", "2GiB"],
        2,
        "",
        "\
error: --memory: an instance can hold at most 1073741824 bytes
help: give another value, as in --memory 64MiB
",
    );
    // How little is too little depends on the engine.
    let ran = run_in(Path::new("."), &["no.js", "--memory", "1"]);
    let digits = ran.stderr.split("than the ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let stderr = format!(
        "error: --memory: 1 bytes are less than the {digits} that the JavaScript engine itself takes\n\
         help: give another value, as in --memory 64MiB\n"
    );
    assert_eq!(ran, Ran::new(2, "", &stderr));
}

#[test]
fn contradictions_and_unknown_flags_are_usage_errors() {
    check(
        &["a.js", "-e", "1"],
        2,
        "",
        "\
error: the argument '[SCRIPT]' cannot be used with '--eval <CODE>'

Usage: agentloop run <SCRIPT>

For more information, try '--help'.
",
    );
    check(
        &["--fule", "1"],
        2,
        "",
        "\
error: unexpected argument '--fule' found

  tip: a similar argument exists: '--fuel'

Usage: agentloop run --fuel <UNITS> [SCRIPT]

For more information, try '--help'.
",
    );
    check_usage(&["-e"], "a value is required for '--eval <CODE>' but none was supplied");
    let ran: Ran = agentloop(&["rnu"]).output().expect("the binary starts").into();
    let stderr = "\
error: unrecognized subcommand 'rnu'

  tip: a similar subcommand exists: 'runs'

Usage: agentloop <COMMAND>

For more information, try '--help'.
";
    assert_eq!(ran, Ran::new(2, "", stderr));
}
