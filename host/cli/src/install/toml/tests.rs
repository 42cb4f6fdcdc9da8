use super::super::document::{Broken, Document as _, Entry};
use super::Toml;
use serde_json::json;

fn read(text: &str) -> Toml {
    Toml::read(text, "mcp_servers").expect("it is a configuration")
}

fn entry(variables: &[&str]) -> Entry {
    let variables = variables.iter().map(|name| ((*name).to_owned(), String::new())).collect();
    Entry { command: "/a \"b\"".to_owned(), args: vec!["mcp".to_owned()], typed: false, variables }
}

/// What the text becomes when agentloop is put into it, and that it is the text again when it is taken out.
#[track_caller]
fn there_and_back(before: &str, after: &str) {
    let mut document = read(before);
    document.put("agentloop", &entry(&[]));
    assert_eq!(document.text(), after);
    assert_eq!(document.server("agentloop"), json!({ "command": "/a \"b\"", "args": ["mcp"] }));
    let mut document = read(after);
    document.remove("agentloop");
    assert_eq!(document.text(), before);
}

const OURS: &str = "[mcp_servers.agentloop]\ncommand = '/a \"b\"'\nargs = [\"mcp\"]\n";

#[test]
fn all_around_the_entry_stays_as_it_is_written() {
    let head = "# mine\nmodel   =  'x' # why\n\n[mcp_servers.x]\ncommand = \"x\"\n\n[mcp_servers.x.env]\nA=\"b\"\n";
    let tail = "\n# last\n[tui]\na = [ 1,2, ]\n# end\n";
    there_and_back(&format!("{head}{tail}"), &format!("{head}\n{OURS}{tail}"));
    there_and_back("", OURS);
    there_and_back("a = 1\n", &format!("a = 1\n\n{OURS}"));
    there_and_back("[tui]\na = 1\n", &format!("[tui]\na = 1\n\n{OURS}"));
    there_and_back("[mcp_servers]\n", &format!("[mcp_servers]\n\n{OURS}"));
    there_and_back(
        "mcp_servers = { x = { command = 'x' } }\n",
        "mcp_servers = { x = { command = 'x' } , agentloop = { command = '/a \"b\"', args = [\"mcp\"] } }\n",
    );
    let dotted = "mcp_servers.x.command = 'x'\n";
    there_and_back(dotted, &format!("{dotted}\n{OURS}"));
}

#[test]
fn an_entry_is_replaced_where_it_is() {
    let text = "# ours\n[mcp_servers.agentloop]\nurl = 'x'\n\n[mcp_servers.b]\nurl = 'y'\n";
    let mut document = read(text);
    document.put("agentloop", &entry(&["A"]));
    let expected = format!("# ours\n{OURS}env_vars = [\"A\"]\n\n[mcp_servers.b]\nurl = 'y'\n");
    assert_eq!(document.text(), expected);
}

#[test]
fn a_server_is_copied_as_it_is_written() {
    let text = "model = 1\n\n# about s\n[mcp_servers.s] # here\ncommand = 'x' # why\n\n[mcp_servers.s.env]\nK = 0x10\n\n[tui]\n";
    let from = read(text);
    let mut to = read("[mcp_servers.a]\ncommand = 'a'\n\n[z]\nb = 1\n");
    to.copy(&["s".to_owned()], &from);
    let expected = "[mcp_servers.a]\ncommand = 'a'\n\n# about s\n[mcp_servers.s] # here\ncommand = 'x' # why\n\n\
                    [mcp_servers.s.env]\nK = 0x10\n\n[z]\nb = 1\n";
    assert_eq!(to.text(), expected);
    assert_eq!(from.text(), text);
    assert_eq!(from.alone("s").expect("it is one").names(), ["s"]);
    // In every other form as well.
    for text in ["mcp_servers.s.env.K = 16", "[mcp_servers]\ns = { env = { K = 16 } }", "[mcp_servers.s]\nenv.K = 16"] {
        let alone = read(text).alone("s").expect("it is one");
        assert_eq!(read(&alone.text()).server("s"), json!({ "env": { "K": 16 } }), "{text}\n{}", alone.text());
    }
}

#[test]
fn what_cannot_be_edited_is_refused() {
    let check = |text: &str, line: Option<usize>, message: &str| {
        let broken = Toml::read(text, "mcp_servers").map(drop).expect_err("it cannot be edited");
        assert_eq!(broken, Broken { line, message: message.to_owned() }, "{text}");
    };
    check("a = 1\n[mcp_servers\n", Some(2), "unclosed table, expected `]`");
    check("a = 1\na = 2\n", Some(2), "duplicate key");
    check("[[mcp_servers]]\n", None, "`mcp_servers` is no table");
}
