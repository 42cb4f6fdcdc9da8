//! Where tools come from, what may be done with them, and what is said of them: with real folders and real MCP servers.

use crate::harness::{Ran, agentloop, folder, root};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn command(folder: &Path, arguments: &[&str]) -> Ran {
    agentloop(arguments).current_dir(folder).output().expect("the binary starts").into()
}

/// An empty folder of its own.
fn fresh(test: &str) -> PathBuf {
    let folder = folder(test);
    std::fs::remove_dir_all(&folder).expect("it is ours");
    std::fs::create_dir_all(folder.join("notes")).expect("the folder is writable");
    std::fs::write(folder.join("notes/a.txt"), "hello").expect("the folder is writable");
    folder
}

/// Two servers from npm, as other programs configure them.
fn servers(folder: &Path) {
    let installed = root().join(".tools/mcp/node_modules/@modelcontextprotocol");
    let program = |name: &str| {
        let path = installed.join(format!("server-{name}/dist/index.js"));
        assert!(path.exists(), "the server is not there: run `bash scripts/test.sh`");
        path.to_str().expect("the path is text").to_owned()
    };
    let notes = folder.join("notes");
    let memory = folder.join("memory.jsonl");
    let file = json!({ "mcpServers": {
        "disk": { "command": "node", "args": [program("filesystem"), notes] },
        "memory": { "command": "node", "args": [program("memory")], "env": { "MEMORY_FILE_PATH": memory } },
        "broken": { "command": "no-such-program" },
    } });
    std::fs::write(folder.join(".mcp.json"), file.to_string()).expect("the folder is writable");
}

#[test]
fn a_folder_is_read_only_unless_it_is_given_for_writing() {
    let folder = fresh("tools_folder");
    let read =
        command(&folder, &["run", "--files", "notes", "-e", "(await tools.files.read({ path: 'a.txt' })).content"]);
    assert_eq!(read, Ran::new(0, "hello\n", ""));
    let write = "await tools.files.write({ path: 'b.txt', content: 'new' }); return 'done'";
    let refused = command(&folder, &["run", "--files", "notes", "-e", write]);
    assert_eq!((refused.code, refused.stderr.contains("there is no tool \"write\"")), (Some(1), true), "{refused:?}");
    let written = command(&folder, &["run", "--files-write", "notes", "-e", write]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), "done\n"), "{written:?}");
    assert_eq!(std::fs::read_to_string(folder.join("notes/b.txt")).expect("it is there"), "new");
    let missing = command(&folder, &["run", "--files", "no-such", "-e", "1"]);
    assert_eq!(
        (missing.code, missing.stderr.contains("the folder `no-such` cannot be opened")),
        (Some(2), true),
        "{missing:?}"
    );
}

/// One script joins two servers. What only looks is allowed; what changes something must be; a server that does not start is told
/// of, and is in nobody's way.
#[test]
fn a_script_joins_two_servers_under_a_policy() {
    let folder = fresh("tools_servers");
    servers(&folder);
    let script = "const { content } = await tools.disk.read_text_file({ path: 'a.txt' });
        const entity = { name: 'a', entityType: 'note', observations: [content] };
        await tools.memory.create_entities({ entities: [entity] });
        return (await tools.memory.read_graph({})).entities[0].observations";
    std::fs::write(folder.join("join.js"), script.replace("'a.txt'", &format!("'{}/notes/a.txt'", folder.display())))
        .expect("the folder is writable");
    let run = |more: &[&str]| command(&folder, &[&["run", "join.js", "--mcp", ".mcp.json"], more].concat());
    let refused = run(&[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("`memory.create_entities` was not called: "), "{}", refused.stderr);
    assert!(refused.stderr.contains("nobody is there to be asked"), "{}", refused.stderr);
    assert!(refused.stderr.contains("warning: the server `broken`"), "{}", refused.stderr);
    let allowed = run(&["--allow", "memory.create_*"]);
    assert_eq!((allowed.code, allowed.stdout.as_str()), (Some(0), "[\n  \"hello\"\n]\n"), "{allowed:?}");
    let denied = run(&["--deny", "memory.*", "--allow", "*"]);
    assert!(denied.stderr.contains("there is no tool \"memory\""), "{denied:?}");
}

#[test]
fn tools_are_listed_in_three_forms() {
    let folder = fresh("tools_listed");
    let list = |more: &[&str]| command(&folder, &[&["tools", "--files-write", "notes"], more].concat());
    let plain = list(&["--ask", "files.remove"]);
    assert_eq!(plain.code, Some(0), "{plain:?}");
    let line = |name: &str| plain.stdout.lines().find(|line| line.starts_with(name)).expect("it is listed").to_owned();
    let words = |line: String| line.split_whitespace().take(3).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(line("files.read")), ["files.read", "read_only", "allow"]);
    assert_eq!(words(line("files.remove")), ["files.remove", "destructive", "ask"]);
    let json: Value = serde_json::from_str(&list(&["--json", "SEARCH"]).stdout).expect("it is JSON");
    assert_eq!((json.as_array().map(Vec::len), &json[0]["name"]), (Some(1), &json!("files.search")));
    let declared = list(&["--dts", "stat"]).stdout;
    assert!(declared.contains("declare const tools: {") && !declared.contains("write("), "{declared}");
    let none = command(&folder, &["tools"]);
    assert!(none.stderr.contains("--files, --http-host, --mcp"), "{none:?}");
}

#[test]
fn an_audit_says_what_a_script_could_reach() {
    let folder = fresh("tools_audit");
    servers(&folder);
    let arguments = [
        "audit",
        "--files",
        "notes",
        "--http-host",
        "api.example.com",
        "--mcp",
        ".mcp.json",
        "--deny",
        "disk.write_file",
    ];
    let page = command(&folder, &arguments).stdout;
    for part in [
        "  agentloop:sandbox/tools@0.1.0\n",
        "files `files`: the folder `notes`, read only\n",
        "http `http`: api.example.com; GET, HEAD\n",
        "mcp `memory`: the program `node ",
        "left out (rule 1 of the policy (`disk.write_file`) says so)",
        "mcp `broken`: the program `no-such-program`",
    ] {
        assert!(page.contains(part), "{part:?} is not in\n{page}");
    }
    let json = command(&folder, &[&arguments[..], &["--json"]].concat()).stdout;
    let audit: Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(audit["imports"].as_array().map(Vec::len), Some(5), "{}", audit["imports"]);
    let nothing = command(&folder, &["audit"]).stdout;
    assert!(nothing.contains("It has no tools, so it can compute and print, and reach nothing."), "{nothing}");
}

#[test]
fn a_configuration_has_all_of_it() {
    let folder = fresh("tools_config");
    let config = r#"
[limits]
max_tool_calls = 1
[files.papers]
folder = "notes"
write = true
[secrets]
key = { env = "AGENTLOOP_TEST_KEY" }
[[policy]]
tools = "papers.read"
decision = "allow"
when = [{ argument = "/path", be_below = "." }]
[[policy]]
tools = "papers.write"
decision = "deny"
"#;
    std::fs::create_dir_all(folder.join("sub")).expect("the folder is writable");
    std::fs::write(folder.join("agentloop.toml"), config).expect("the folder is writable");
    std::fs::write(folder.join("notes/secret.txt"), "it is canary-0123456789 here").expect("the folder is writable");
    let run = |arguments: &[&str]| -> Ran {
        let mut command = agentloop(arguments);
        command.current_dir(folder.join("sub")).env("AGENTLOOP_TEST_KEY", "canary-0123456789");
        command.output().expect("the binary starts").into()
    };
    let read = |path: &str| format!("(await tools.papers.read({{ path: '{path}' }})).content");
    let config = ["run", "--config", "../agentloop.toml", "-e"];
    // Where it is read from does not matter: its paths are meant from its own folder.
    assert_eq!(run(&[&config[..], &[&read("a.txt")]].concat()), Ran::new(0, "hello\n", ""));
    let scrubbed = run(&[&config[..], &[&read("secret.txt")]].concat());
    assert_eq!(scrubbed, Ran::new(0, "it is [secret key] here\n", ""));
    let unclear = run(&[&config[..], &[&read("../a.txt")]].concat());
    assert!(unclear.stderr.contains("`papers.read` was not called"), "{unclear:?}");
    let left_out = run(&[&config[..], &["Object.keys(tools.papers).includes('write')"]].concat());
    assert_eq!(left_out.stdout, "false\n");
    let twice = run(&[&config[..], &[&format!("await Promise.all([{0}, {0}])", read("a.txt"))]].concat());
    assert_eq!(twice.code, Some(9), "{twice:?}");
    let more = run(&[
        &config[..],
        &[&format!("await Promise.all([{0}, {0}]); return 1", read("a.txt")), "--max-tool-calls", "2"],
    ]
    .concat());
    assert_eq!(more.stdout, "1\n", "{more:?}");
    let good = run(&["config", "check", "../agentloop.toml"]);
    assert_eq!((good.code, good.stderr.contains("is good: 1 folder, ")), (Some(0), true), "{good:?}");
    let unset = command(&folder, &["config", "check"]);
    assert_eq!(unset.code, Some(2), "{unset:?}");
    assert!(unset.stderr.contains("agentloop.toml:8: ") && unset.stderr.contains("AGENTLOOP_TEST_KEY"), "{unset:?}");
}

#[test]
fn every_mistake_in_a_configuration_is_told() {
    let folder = fresh("tools_mistakes");
    let config = "[files.a]\nfolder = \"no-such\"\n[http.b]\nhosts = [\"http://\"]\n[[policy]]\ntools = \"a/b\"\ndecision = \"ask\"\n\
                  [mcp_servers.c]\ncommand = 7\n";
    std::fs::write(folder.join("agentloop.toml"), config).expect("the folder is writable");
    let ran = command(&folder, &["config", "check"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    for part in
        ["agentloop.toml:1: the folder", "agentloop.toml:3: ", "agentloop.toml:5: ", "agentloop.toml:8: `mcp_servers.c"]
    {
        assert!(ran.stderr.contains(part), "{part:?} is not in\n{}", ran.stderr);
    }
    let missing = command(&folder, &["config", "check", "no-such.toml"]);
    assert_eq!(missing.code, Some(66), "{missing:?}");
}
