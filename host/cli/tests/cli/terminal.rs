//! What only happens on a terminal, on a real one: a pair of pseudo-terminals.

use crate::harness::agentloop;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;

/// What `agentloop run` writes to a terminal that is its standard output and standard error.
pub(crate) fn on_terminal(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    on_terminal_of(0, arguments, environment)
}

/// The same on a terminal of so many columns; 0 is one that does not say how wide it is.
pub(crate) fn on_terminal_of(columns: u16, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    typed("", columns, &[&["run"], arguments].concat(), environment)
}

/// The same of `agentloop` with any arguments, and a person who has typed something ahead.
fn typed(keys: &str, columns: u16, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are pseudo-terminals");
    grantpt(&ours).expect("it is ours");
    unlockpt(&ours).expect("it is ours");
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&ours, size).expect("it is ours");
    let name = ptsname(&ours, Vec::new()).expect("it has a name");
    let open =
        || File::options().read(true).write(true).open(std::ffi::OsStr::from_bytes(name.to_bytes())).expect("it opens");
    let mut ours = File::from(ours);
    let mut child = {
        let mut command = agentloop(arguments);
        command.env("TERM", "xterm").envs(environment.iter().copied());
        let (input, output, error) = (open(), open(), open());
        ours.write_all(keys.as_bytes()).expect("the terminal takes it");
        command.stdin(input).stdout(output).stderr(error).spawn().expect("the binary starts")
    };
    let mut shown = Vec::new();
    // Ends with an error, not with an end, when the last holder of the other side has gone.
    drop(ours.read_to_end(&mut shown));
    let code = child.wait().expect("it ends").code();
    // Terminals want a carriage return before each line feed.
    (code, String::from_utf8(shown).expect("it is text").replace("\r\n", "\n"))
}

/// Somebody who starts the server by hand learns whom it waits for.
#[test]
fn a_server_without_a_client_says_what_it_waits_for() {
    let (code, shown) = typed("\u{4}", 0, &["mcp"], &[("NO_COLOR", "1")]);
    assert_eq!(code, Some(0), "{shown}");
    let hint =
        "mcp: waits for a client on standard input; `agentloop mcp install` sets one up, --http serves over HTTP\n";
    assert!(shown.contains(hint), "{shown}");
}

/// Each question waits for its answer, one after the other: yes, a reason of one's own, no.
#[test]
fn a_person_is_asked_before_a_call() {
    let fixtures = crate::harness::folder("a_person_is_asked").join("fixtures.json");
    let tool =
        r#"[{ "name": "mail.send", "description": "", "input_schema": {}, "responses": [{ "result": "sent" }] }]"#;
    std::fs::write(&fixtures, tool).expect("the folder is writable");
    let script = "const send = (to) => tools.mail.send({ to }).catch((error) => error.message);
        return (await Promise.all(['a', 'b\\u001b[2J', 'c'].map(send))).join('; ')";
    let fixtures = fixtures.to_str().expect("the path is text");
    let arguments = ["run", "--fixtures", fixtures, "--ask", "mail.*", "-e", script];
    let (code, shown) = typed("y\n\nnot today\nn\n", 0, &arguments, &[("NO_COLOR", "1")]);
    assert_eq!(code, Some(0), "{shown}");
    let last = shown.lines().last().expect("it printed something");
    assert!(
        last.ends_with(
            "sent; `mail.send` was not called: not today; `mail.send` was not called: whoever was asked said no"
        ),
        "{shown}"
    );
    assert!(shown.contains("ask: rule 1 of the policy (`mail.*`) says to ask; may it be called?"), "{shown}");
    assert!(shown.contains(r#"tools.mail.send({"to":"a"})"#) && !shown.contains('\u{1b}'), "{shown}");
    // Nobody there: the terminal has gone before it answered.
    let (code, shown) = typed("\u{4}", 0, &arguments, &[("NO_COLOR", "1")]);
    assert_eq!((code, shown.contains("whoever was asked has gone")), (Some(0), true), "{shown}");
}

/// Attack: clear the screen, retitle the window, overwrite the line, reorder letters. Control: `values.rs` shows that the
/// same text goes through where no terminal would obey it.
#[test]
fn what_a_script_writes_does_not_command_the_terminal() {
    let script = "console.log('\\u001b[2J\\u001b]0;title\\u0007a\\rb\\u202ec\\u009b31m'); '\\u001b[2Jvalue'";
    assert_eq!(
        on_terminal(&["-e", script], &[("NO_COLOR", "1")]),
        (Some(0), "\\u001b[2J\\u001b]0;title\\u0007a\\u000db\\u202ec\\u009b31m\n\\u001b[2Jvalue\n".to_owned())
    );
    let thrown = "error: Error: \\u001b[2J\n --> script.js:1:7\n  |\n1 | throw new Error('\\u001b[2J')\n  |       ^\n";
    assert_eq!(
        on_terminal(&["-e", "throw new Error('\\u001b[2J')"], &[("NO_COLOR", "1")]),
        (Some(1), thrown.to_owned())
    );
}

#[test]
fn levels_and_labels_are_coloured() {
    let script = "console.log('plain'); console.warn('loud'); console.error('louder'); await new Promise(() => {})";
    assert_eq!(
        on_terminal(&["-e", script], &[]),
        (
            Some(10),
            "plain\n\u{1b}[1m\u{1b}[33mloud\u{1b}[0m\n\u{1b}[1m\u{1b}[31mlouder\u{1b}[0m\n\
             \u{1b}[1m\u{1b}[31merror\u{1b}[0m: the script waits for a promise that nothing will settle\n\
             \u{1b}[36mhelp\u{1b}[0m: tool calls and timers always settle, so look for a `new Promise` whose `resolve` is never \
             called, or an `await` that waits for itself\n"
                .to_owned()
        )
    );
}

#[test]
fn a_report_on_a_terminal_is_json_all_the_same() {
    let (code, shown) = on_terminal(&["--json", "-e", "'\\u009b\\u202e'"], &[]);
    assert_eq!(code, Some(0));
    let report = crate::harness::report(&shown);
    assert_eq!(report["value"], "\u{9b}\u{202e}");
}

#[test]
fn no_script_and_nobody_to_type_one_is_a_usage_error() {
    assert_eq!(
        on_terminal(&[], &[("NO_COLOR", "1")]),
        (
            Some(2),
            "error: there is no script to run\n\
             help: name a file, give code with -e, or say - to type it and end with Ctrl-D\n"
                .to_owned()
        )
    );
}
