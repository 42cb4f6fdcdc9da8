//! `agentloop mcp install` and `uninstall`, with the files of the clients in a home of the test.

use crate::harness::{Ran, agentloop, folder, root};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_agentloop");

/// A user with a home, in which there is a folder `work/notes`.
struct User {
    home: PathBuf,
}

impl User {
    fn new(test: &str) -> Self {
        let home = folder(test);
        fs::remove_dir_all(&home).expect("it is ours");
        fs::create_dir_all(home.join("work/notes")).expect("the folder is writable");
        // As the kernel says it, without links.
        Self { home: fs::canonicalize(home).expect("it is there") }
    }

    /// `agentloop mcp …`, in the folder `work`. `TEST_TOKEN` is set.
    fn mcp(&self, arguments: &[&str]) -> Ran {
        let mut command = agentloop(&[&["mcp"], arguments].concat());
        command.current_dir(self.home.join("work")).env("HOME", &self.home).env("TEST_TOKEN", "secret");
        for name in ["XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR"] {
            command.env_remove(name);
        }
        command.output().expect("the binary starts").into()
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let ran = self.mcp(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
        ran.stderr
    }

    #[track_caller]
    fn fails(&self, arguments: &[&str], code: i32, message: &str) {
        let ran = self.mcp(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
        assert!(ran.stderr.starts_with(&format!("error: {message}")), "{}", ran.stderr);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.home.join(path);
        fs::create_dir_all(path.parent().expect("it is in the home")).expect("the folder is writable");
        fs::write(path, text).expect("the folder is writable");
    }

    #[track_caller]
    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.home.join(path)).expect("it is there")
    }

    fn has(&self, path: &str) -> bool {
        self.home.join(path).exists()
    }

    fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.home.join(path)).expect("it is there").permissions().mode() & 0o777
    }

    /// Names of files in the home, but for those of `work`.
    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(&self.home).expect("it is a folder");
        let mut names: Vec<String> =
            names.map(|file| file.expect("it is there").file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name != "work");
        names.sort();
        names
    }
}

/// Where a client has its servers on this system.
fn vs_code() -> &'static str {
    if cfg!(target_os = "macos") {
        "Library/Application Support/Code/User/mcp.json"
    } else {
        ".config/Code/User/mcp.json"
    }
}

fn moved(client: &str) -> String {
    let folder = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
    format!("{folder}/agentloop/moved/{client}")
}

#[test]
fn each_client_gets_an_entry_in_its_own_form() {
    let user = User::new("install_forms");
    let notes = user.home.join("work/notes");
    let args =
        format!("[\"mcp\", \"--files\", \"{}\", \"--allow\", \"files.*\", \"--timeout\", \"5s\"]", notes.display());
    let json = |list: &str, kind: &str| {
        format!(
            "{{\n  \"{list}\": {{\n    \"agentloop\": {{\n{kind}      \"command\": \"{PROGRAM}\",\n      \"args\": {args}\n    \
             }}\n  }}\n}}\n"
        )
    };
    for (client, label, file, expected) in [
        ("claude-code", "Claude Code", ".claude.json", json("mcpServers", "")),
        ("cursor", "Cursor", ".cursor/mcp.json", json("mcpServers", "")),
        ("vscode", "VS Code", vs_code(), json("servers", "      \"type\": \"stdio\",\n")),
        (
            "codex",
            "Codex",
            ".codex/config.toml",
            format!("[mcp_servers.agentloop]\ncommand = \"{PROGRAM}\"\nargs = {args}\n"),
        ),
    ] {
        let flags = ["--files", "notes", "--timeout", "5000ms", "--allow", "files.*"];
        let said = user.succeeds(&[&["install", "--client", client], &flags[..]].concat());
        assert_eq!(user.read(file), expected, "{client}");
        assert_eq!(user.mode(file), 0o600, "{client}");
        let path = user.home.join(file);
        let command = format!("{PROGRAM} mcp --files {} --allow files.* --timeout 5s", notes.display());
        assert_eq!(
            said,
            format!("installed: `agentloop` is in `{}`: {command}\nnext: restart {label}\n", path.display())
        );
        // Once more changes nothing.
        let said = user.succeeds(&[&["install", "--client", client], &flags[..]].concat());
        assert_eq!(said, format!("installed: `agentloop` is in `{}` already, as it would be now\n", path.display()));
        assert_eq!(user.read(file), expected, "{client}");
        assert!(!user.has(&format!("{file}.agentloop-backup")), "{client}");
    }
}

#[test]
fn a_file_stays_as_it_is_written_around_the_entry() {
    let user = User::new("install_around");
    let before = "{\n  \"numStartups\": 7, // mine\n  \"mcpServers\": {\n    /* one */\n    \"a\": { \"command\" : \"a\" }\n  },\n  \
                  \"projects\": { \"/x\": { \"mcpServers\": { \"b\": {} } } }\n}\n";
    user.write(".claude.json", before);
    fs::set_permissions(user.home.join(".claude.json"), fs::Permissions::from_mode(0o640)).expect("it is ours");
    let said = user.succeeds(&["install", "--client", "claude-code"]);
    let entry =
        format!("\n    \"agentloop\": {{\n      \"command\": \"{PROGRAM}\",\n      \"args\": [\"mcp\"]\n    }}\n  }},");
    let after =
        before.replace("\"a\": { \"command\" : \"a\" }\n  },", &format!("\"a\": {{ \"command\" : \"a\" }},{entry}"));
    assert_eq!(user.read(".claude.json"), after);
    assert_eq!(user.mode(".claude.json"), 0o640);
    let backup = ".claude.json.agentloop-backup";
    assert_eq!((user.read(backup).as_str(), user.mode(backup)), (before, 0o600));
    let line = format!("backup: the file as it was before agentloop is `{}`\n", user.home.join(backup).display());
    assert!(said.contains(&line), "{said}");
    // Another one replaces it, and the first copy stays.
    let said = user.succeeds(&["install", "--client", "claude-code", "--deny", "a.*"]);
    assert!(said.contains("replaced: another `agentloop` was there before\n"), "{said}");
    assert_eq!(user.read(".claude.json"), after.replace("[\"mcp\"]", "[\"mcp\", \"--deny\", \"a.*\"]"));
    assert_eq!(user.read(backup), before);
    let said = user.succeeds(&["uninstall", "--client", "claude-code"]);
    assert!(said.contains(&line) && said.contains("is no longer in"), "{said}");
    assert_eq!((user.read(".claude.json").as_str(), user.read(backup).as_str()), (before, before));
    let said = user.succeeds(&["uninstall", "--client", "claude-code"]);
    assert!(said.starts_with("uninstalled: there is no `agentloop` in"), "{said}");
    assert_eq!(user.files(), [".claude.json", backup]);
}

#[test]
fn nothing_is_written_when_something_is_wrong() {
    let user = User::new("install_wrong");
    let path = user.home.join(".cursor/mcp.json").display().to_string();
    let install = |more: &[&'static str]| [&["install", "--client", "cursor"], more].concat();
    user.fails(&install(&["--files", "no-such"]), 2, "--files: the folder `no-such` cannot be opened");
    user.fails(&install(&["--mcp", "no-such.json"]), 66, "there is no configuration of MCP servers `no-such.json`");
    user.fails(&install(&["--allow", "a/b"]), 2, "--allow: ");
    user.fails(&install(&["--memory", "2GiB"]), 2, "--memory: an instance can hold at most 1073741824 bytes");
    user.write("work/agentloop.toml", "[limits]\nfule = 1\n");
    user.fails(&install(&["--config", "agentloop.toml"]), 2, "the configuration `agentloop.toml` cannot be used");
    user.write("work/m.json", "{\"mcpServers\": {\"a\": {\"command\": \"a\"}}}");
    user.fails(&install(&["--mcp", "m.json", "--mcp", "m.json"]), 2, "there are two servers `a` in the files");
    assert_eq!(user.files(), Vec::<String>::new());
    // A file that is not what it should be.
    for (text, message) in [
        ("{\n  \"mcpServers\": {\n    oops\n  }\n}", format!("{path}:3: ")),
        ("[]", format!("`{path}`: it is no JSON object")),
        ("{\"mcpServers\": []}", format!("`{path}`: `mcpServers` is no object")),
    ] {
        user.write(".cursor/mcp.json", text);
        user.fails(&install(&[]), 2, &message);
        user.fails(&["uninstall", "--client", "cursor"], 2, &message);
        assert_eq!(user.read(".cursor/mcp.json"), text);
    }
    fs::File::options()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len((16 << 20) + 1))
        .expect("a file may have a hole");
    user.fails(&install(&[]), 2, &format!("`{path}` is larger than 16777216 bytes"));
    user.write(".cursor/mcp.json", "{}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("it is ours");
    user.fails(&install(&[]), 74, &format!("`{path}` may not be written: it is read-only"));
    assert_eq!(user.read(".cursor/mcp.json"), "{}");
    // It would start itself.
    user.write("work/.mcp.json", "{\"mcpServers\": {}}");
    let own = ["install", "--client", "claude-code", "--file", ".mcp.json", "--mcp", "../work/.mcp.json"];
    user.fails(&own, 2, "`../work/.mcp.json` has agentloop in it, which would start itself");
    user.write("work/m.json", "{\"mcpServers\": {\"agentloop\": {\"command\": \"agentloop\"}}}");
    user.fails(&install(&["--mcp", "m.json"]), 2, "a file of --mcp or --config has agentloop in it, which would");
    assert!(!user.has("work/.mcp.json.agentloop-backup"));
    let ran: Ran = agentloop(&["mcp", "install", "--client", "codex"]).env_clear().output().expect("it starts").into();
    let message = "error: where the configuration of Codex is cannot be told: no home is set\n\
                   help: name the file with --file, or set HOME\n";
    assert_eq!(ran, Ran::new(2, "", message));
}

#[test]
fn a_link_stays_a_link() {
    let user = User::new("install_link");
    user.write("work/dotfiles/mcp.json", "{}\n");
    fs::create_dir_all(user.home.join(".cursor")).expect("the folder is writable");
    let link = user.home.join(".cursor/mcp.json");
    std::os::unix::fs::symlink("../work/dotfiles/mcp.json", &link).expect("links can be made");
    user.succeeds(&["install", "--client", "cursor"]);
    assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert!(user.read("work/dotfiles/mcp.json").contains(PROGRAM));
    assert_eq!(user.read(".cursor/mcp.json.agentloop-backup"), "{}\n");
    user.succeeds(&["uninstall", "--client", "cursor", "--file", "dotfiles/mcp.json"]);
    assert_eq!(user.read("work/dotfiles/mcp.json"), "{\n  \"mcpServers\": {}\n}\n");
}

#[test]
fn servers_move_behind_it_and_back() {
    let user = User::new("install_move");
    let before = "{\n  \"mcpServers\": {\n    \"a\": {\n      \"command\": \"a\", // first\n      \"args\": [ \"1\" ]\n    },\n    \
                  \"old\": { \"type\": \"sse\", \"url\": \"https://a.example\" },\n    \"b\": { \"url\": \"https://b.example\" }\n  }\n}\n";
    user.write(".claude.json", before);
    let said = user.succeeds(&["install", "--client", "claude-code", "--move-servers", "--allow", "a.*"]);
    let list = moved("claude-code.json");
    let path = user.home.join(&list).display().to_string();
    assert!(said.contains(&format!("moved: `a`, `b` are behind agentloop, in `{path}`\n")), "{said}");
    let login = format!("note: if `b` wants you to sign in: agentloop mcp login b --mcp {path}\n");
    assert!(said.contains(&login) && !said.contains("login a"), "{said}");
    assert!(said.contains("warning: the server `old` stays where it is: `mcpServers.old.type`: the older"), "{said}");
    assert!(said.contains("note: servers that Claude Code has for single projects were left alone\n"), "{said}");
    let ours = "{\n  \"mcpServers\": {\n    \"a\": {\n      \"command\": \"a\", // first\n      \"args\": [ \"1\" ]\n    },\n    \
                \"b\": { \"url\": \"https://b.example\" }\n  }\n}\n";
    assert_eq!((user.read(&list).as_str(), user.mode(&list)), (ours, 0o600));
    let after = format!(
        "{{\n  \"mcpServers\": {{\n    \"old\": {{ \"type\": \"sse\", \"url\": \"https://a.example\" }},\n    \"agentloop\": {{\n      \
         \"command\": \"{PROGRAM}\",\n      \"args\": [\"mcp\", \"--allow\", \"a.*\", \"--mcp\", \"{path}\"]\n    }}\n  }}\n}}\n"
    );
    assert_eq!(user.read(".claude.json"), after);
    // What comes later joins those, and they stay behind it even if nothing is to be moved.
    user.write(".claude.json", &after.replace("\"old\":", "\"c\": { \"command\": \"c\" },\n    \"old\":"));
    let said = user.succeeds(&["install", "--client", "claude-code", "--move-servers", "--allow", "a.*"]);
    assert!(said.contains("moved: `c` is behind agentloop") && !said.contains("replaced"), "{said}");
    assert_eq!(user.read(".claude.json"), after);
    let three = ours.replace("example\" }\n", "example\" },\n    \"c\": { \"command\": \"c\" }\n");
    assert_eq!(user.read(&list), three);
    user.succeeds(&["install", "--client", "claude-code"]);
    assert_eq!(user.read(".claude.json"), after.replace(" \"--allow\", \"a.*\",", ""));
    // Another one of the same name.
    let other = after.replace("\"old\":", "\"a\": { \"command\": \"other\" },\n    \"old\":");
    user.write(".claude.json", &other);
    let client = user.home.join(".claude.json");
    let message = format!("there is a server `a` in `{}`, and another one in `{path}`", client.display());
    user.fails(&["install", "--client", "claude-code", "--move-servers"], 2, &message);
    assert_eq!((user.read(".claude.json"), user.read(&list)), (other.clone(), three));
    let said = user.succeeds(&["uninstall", "--client", "claude-code"]);
    assert!(said.contains("restored: `b`, `c` are in `"), "{said}");
    assert!(said.contains(&format!("other servers of these names by now; `a` is still in `{path}`")), "{said}");
    let left: Value = serde_json::from_str(&user.read(".claude.json")).expect("it is JSON");
    let names = |value: &Value| value["mcpServers"].as_object().expect("they are").keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        (names(&left), &left["mcpServers"]["a"]["command"]),
        (["a", "b", "c", "old"].map(str::to_owned).to_vec(), &json!("other"))
    );
    // Without the other one it comes back, too, and nothing is left of us.
    user.write(".claude.json", "{}\n");
    user.succeeds(&["uninstall", "--client", "claude-code"]);
    assert_eq!(
        user.read(".claude.json"),
        "{\n  \"mcpServers\": {\n    \"a\": {\n      \"command\": \"a\", // first\n      \"args\": [ \"1\" ]\n    }\n  }\n}\n"
    );
    assert!(!user.has(&list));
}

#[test]
fn tables_move_behind_it_and_back() {
    let user = User::new("install_move_toml");
    let servers = "# two\n[mcp_servers.a]\ncommand = 'a' # why\nenv_vars = [\"KEY\"]\n\n[mcp_servers.a.env]\nX = \"1\"\n\n\
                   [mcp_servers.b]\nurl = \"https://b.example\"\n";
    let before = format!("model = \"x\"\n\n{servers}");
    user.write(".codex/config.toml", &before);
    user.succeeds(&["install", "--client", "codex", "--move-servers"]);
    let list = moved("codex.toml");
    assert_eq!((user.read(&list), user.mode(&list)), (format!("\n{servers}"), 0o600));
    let path = user.home.join(&list).display().to_string();
    let entry = format!(
        "[mcp_servers.agentloop]\ncommand = \"{PROGRAM}\"\nargs = [\"mcp\", \"--mcp\", \"{path}\"]\nenv_vars = [\"KEY\"]\n"
    );
    assert_eq!(user.read(".codex/config.toml"), format!("model = \"x\"\n\n{entry}"));
    user.succeeds(&["uninstall", "--client", "codex"]);
    assert_eq!(user.read(".codex/config.toml"), before);
    assert!(!user.has(&list));
}

#[test]
fn no_server_is_lost_wherever_it_stopped() {
    let user = User::new("install_stopped");
    let before =
        "{\n  \"mcpServers\": {\n    \"a\": { \"command\": \"a\" },\n    \"b\": { \"command\": \"b\" }\n  }\n}\n";
    user.write(".cursor/mcp.json", before);
    let list = moved("cursor.json");
    user.succeeds(&["install", "--client", "cursor", "--move-servers"]);
    let (after, servers) = (user.read(".cursor/mcp.json"), user.read(&list));
    assert_eq!(servers, before);
    // An installation that wrote the list, and then no more.
    user.write(".cursor/mcp.json", before);
    user.succeeds(&["install", "--client", "cursor", "--move-servers"]);
    assert_eq!((user.read(".cursor/mcp.json"), user.read(&list)), (after, servers.clone()));
    user.write(".cursor/mcp.json", before);
    user.succeeds(&["uninstall", "--client", "cursor"]);
    assert_eq!((user.read(".cursor/mcp.json").as_str(), user.has(&list)), (before, false));
    // The other way round: the servers are back, and the list is still there.
    user.write(&list, &servers);
    user.succeeds(&["uninstall", "--client", "cursor"]);
    assert_eq!((user.read(".cursor/mcp.json").as_str(), user.has(&list)), (before, false));
}

/// Some clients hand on no variable that is not named, and VS Code alone can ask for its inputs.
#[test]
fn the_client_hands_on_what_moved_servers_need() {
    let user = User::new("install_variables");
    let server = |variable: &str| json!({ "command": "a", "env": { "KEY": variable, "HERE": "${HOME}" } });
    let file = |list: &str, server: Value| json!({ list: { "a": server } });
    let mut of_vs_code = file("servers", server("${input:my-key} ${env:TEST_TOKEN}"));
    of_vs_code["inputs"] = json!([{ "type": "promptString", "id": "my-key" }, { "type": "promptString", "id": "b" }]);
    for (client, path, before, expected) in [
        (
            "claude-code",
            ".claude.json",
            file("mcpServers", server("${TEST_TOKEN}")),
            json!({ "TEST_TOKEN": "${TEST_TOKEN}" }),
        ),
        ("claude-code", ".claude.json", file("mcpServers", server("${TEST_UNSET:-x}")), Value::Null),
        (
            "cursor",
            ".cursor/mcp.json",
            file("mcpServers", server("${env:TEST_TOKEN}")),
            json!({ "TEST_TOKEN": "${env:TEST_TOKEN}" }),
        ),
        (
            "vscode",
            vs_code(),
            of_vs_code,
            json!({ "AGENTLOOP_INPUT_MY_KEY": "${input:my-key}", "TEST_TOKEN": "${env:TEST_TOKEN}" }),
        ),
    ] {
        user.write(path, &before.to_string());
        user.succeeds(&["install", "--client", client, "--move-servers"]);
        let after: Value = serde_json::from_str(&user.read(path)).expect("it is JSON");
        let list = if client == "vscode" { "servers" } else { "mcpServers" };
        assert_eq!(after[list]["agentloop"]["env"], expected, "{client}");
        assert_eq!((&after["inputs"], after[list].get("a")), (&before["inputs"], None), "{client}");
        user.succeeds(&["uninstall", "--client", client]);
        let restored: Value = serde_json::from_str(&user.read(path)).expect("it is JSON");
        assert_eq!(restored, before, "{client}");
    }
    // What could never have a value stays where the client knows what to do about it.
    user.write(".cursor/mcp.json", &file("mcpServers", server("${TEST_UNSET}")).to_string());
    let said = user.succeeds(&["install", "--client", "cursor", "--move-servers"]);
    assert!(said.contains("warning: the server `a` stays where it is: `mcpServers.a.env.KEY`: "), "{said}");
}

/// A client that does what a configuration says.
fn speak(server: &Value, folder: &Path, requests: &[Value]) -> Vec<Value> {
    let mut command = Command::new(server["command"].as_str().expect("it is text"));
    command.args(server["args"].as_array().expect("it is a list").iter().map(|arg| arg.as_str().expect("it is text")));
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the command is a program");
    let mut input = child.stdin.take().expect("it is piped");
    let mut output = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut answers = Vec::new();
    for request in requests {
        writeln!(input, "{request}").expect("the server reads");
        while request["id"].is_number() {
            let line = output.next().expect("there is an answer").expect("it is text");
            let message: Value = serde_json::from_str(&line).expect("it is JSON");
            if message["id"] == request["id"] {
                answers.push(message["result"].clone());
                break;
            }
        }
    }
    drop(input);
    assert!(child.wait().expect("it ends").success());
    answers
}

#[test]
fn the_entry_starts_a_server_with_the_moved_ones_behind_it() {
    let user = User::new("install_real");
    let program = fs::canonicalize(root().join(".tools/mcp/node_modules/.bin/mcp-server-memory"))
        .expect("the server is there: run `bash scripts/test.sh`");
    let memory = user.home.join("memory.jsonl");
    fs::write(&memory, "{\"type\":\"entity\",\"name\":\"kept\",\"entityType\":\"note\",\"observations\":[]}\n")
        .expect("the folder is writable");
    fs::write(user.home.join("work/notes/a.txt"), "hello").expect("the folder is writable");
    let servers = json!({ "servers": { "memory": {
        "type": "stdio", "command": "node", "args": [program], "env": { "MEMORY_FILE_PATH": memory },
    } } });
    user.write("work/.vscode/mcp.json", &servers.to_string());
    let file = ["--client", "vscode", "--file", ".vscode/mcp.json"];
    user.succeeds(&[&["install"], &file[..], &["--move-servers", "--files", "notes"]].concat());
    let installed: Value = serde_json::from_str(&user.read("work/.vscode/mcp.json")).expect("it is JSON");
    let entries = installed["servers"].as_object().expect("they are");
    assert_eq!(entries.keys().collect::<Vec<_>>(), ["agentloop"]);
    let client = json!({ "name": "test", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let code = "const { content } = await tools.files.read({ path: 'a.txt' });
        return [content, (await tools.memory.read_graph({})).entities[0].name]";
    let call = json!({ "name": "execute", "arguments": { "code": code } });
    let answers = speak(
        &entries["agentloop"],
        Path::new("/"),
        &[
            json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }),
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
            json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" }),
            json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": call }),
        ],
    );
    assert_eq!(answers[0]["serverInfo"]["name"], "agentloop");
    assert_eq!(answers[1]["tools"][0]["name"], "execute");
    assert_eq!(answers[2]["structuredContent"]["value"], json!(["hello", "kept"]), "{}", answers[2]);
    user.succeeds(&[&["uninstall"], &file[..]].concat());
    let restored: Value = serde_json::from_str(&user.read("work/.vscode/mcp.json")).expect("it is JSON");
    assert_eq!(restored, servers);
}
