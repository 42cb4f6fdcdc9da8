//! Signing in to MCP servers: a real server, a real authorization server, and a browser that grants everything.

use crate::harness::{Ran, agentloop, folder, root};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server that wants a token, and a folder with its configuration.
struct Guarded {
    child: Child,
    folder: PathBuf,
}

impl Guarded {
    fn start(test: &str, mode: &str) -> Self {
        let folder = folder(test);
        std::fs::remove_dir_all(&folder).expect("it is ours");
        std::fs::create_dir_all(&folder).expect("the folder is writable");
        let program = root().join("host/cli/tests/cli/guarded.js");
        let mut command = Command::new("node");
        command.arg(program).arg(mode).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("node is installed");
        let mut port = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        output.read_line(&mut port).expect("it writes its port");
        let server = json!({ "type": "http", "url": format!("http://127.0.0.1:{}/mcp", port.trim()) });
        let file = json!({ "mcpServers": { "s": server, "disk": { "command": "no-such-program" } } });
        std::fs::write(folder.join(".mcp.json"), file.to_string()).expect("the folder is writable");
        Self { child, folder }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = agentloop(&[arguments, &["--mcp", ".mcp.json"]].concat());
        command.current_dir(&self.folder).env("XDG_STATE_HOME", self.state()).env("HOME", self.state());
        command
    }

    fn ran(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().expect("the binary starts").into()
    }

    /// Signs in, and gives what was said.
    fn login(&self) -> (Option<i32>, String) {
        let mut child = self.command(&["mcp", "login", "s"]).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut said = String::new();
        stderr.read_line(&mut said).expect("it says where to sign in");
        let mut page = String::new();
        stderr.read_line(&mut page).expect("it says where to sign in");
        let browser = Command::new("node").args(["-e", "fetch(process.argv[1])", page.trim()]).status();
        assert!(browser.expect("node is installed").success());
        said += "PAGE\n";
        stderr.read_to_string(&mut said).expect("it is text");
        (child.wait().expect("it ends").code(), said)
    }

    /// The folder for what programs keep.
    fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn tokens(&self) -> usize {
        let place = if cfg!(target_os = "macos") { "Library/Application Support" } else { "" };
        let files = std::fs::read_dir(self.state().join(place).join("agentloop/credentials"));
        let is_token = |path: &Path| path.extension().is_some_and(|ending| ending == "json");
        files.map_or(0, |files| files.filter(|file| is_token(&file.as_ref().expect("it is readable").path())).count())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn who_signs_in_can_call_the_tools_until_they_sign_out() {
    let guarded = Guarded::start("login", "open");
    let call = ["run", "-e", "return await tools.s.hello({})"];
    let refused = guarded.ran(&call);
    let warning = "warning: the server `s` answered 401: no token; run `agentloop mcp login s --mcp .mcp.json`; scripts run \
                   without its tools\n";
    assert!(refused.stderr.contains(warning), "{refused:?}");

    let said = "sign in to `s` on this page, within 5 minutes:\nPAGE\nsigned in to `s`\n";
    assert_eq!(guarded.login(), (Some(0), said.to_owned()));
    assert_eq!(guarded.tokens(), 1);
    let called = guarded.ran(&call);
    assert_eq!((called.code, called.stdout.as_str()), (Some(0), "hello, [secret]\n"), "{called:?}");
    let listed = guarded.ran(&["tools", "s.hello"]);
    assert!(listed.stdout.contains("s.hello"), "{listed:?}");

    let forgotten = guarded.ran(&["mcp", "logout", "s"]);
    assert_eq!(forgotten, Ran::new(0, "", "the token for `s` is forgotten\n"));
    assert_eq!(guarded.tokens(), 0);
    assert!(guarded.ran(&call).stderr.contains(warning));
}

#[test]
fn who_cannot_sign_in_is_told_why() {
    let guarded = Guarded::start("login_refused", "closed");
    let said = "error: the server `s` cannot be signed in to: its authorization server does not register programs by \
                itself: register this one there, and give the server an `oauth` with its `clientId`\nhelp: see \"Signing \
                in\" in docs/CONFIG.md\n";
    assert_eq!(guarded.ran(&["mcp", "login", "s"]), Ran::new(77, "", said));
    let said = "error: the server `disk` is a program, which asks for what it needs itself\nhelp: see \"Signing in\" in \
                docs/CONFIG.md\n";
    assert_eq!(guarded.ran(&["mcp", "login", "disk"]), Ran::new(2, "", said));
    let said = "error: there is no server `other`\nhelp: there are `disk`, `s`\n";
    assert_eq!(guarded.ran(&["mcp", "logout", "other"]), Ran::new(2, "", said));
}
