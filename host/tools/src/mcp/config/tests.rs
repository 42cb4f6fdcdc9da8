use super::{Servers, Way};
use serde_json::{Value, json};
use std::time::Duration;

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "TOKEN" => "t0p-secret",
        "EMPTY" => "",
        "HOME" => "/home/ann",
        "PATH" => "/bin",
        "AGENTLOOP_INPUT_API_KEY" => "k3y-of-vscode",
        _ => return None,
    };
    Some(value.to_owned())
}

/// What is read, in short: how each server is reached.
fn read(text: &str) -> Result<Vec<Value>, String> {
    let servers = Servers::read(text, &environment).map_err(|error| error.to_string())?;
    let shown = |way: &Way| match way {
        Way::Program(program) => {
            json!({ "command": program.command, "args": program.args, "env": program.env, "cwd": program.cwd })
        }
        Way::Http(address) => {
            let headers = address.headers.iter();
            let headers =
                headers.map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]));
            json!({ "url": address.url.as_str(), "headers": headers.collect::<Vec<_>>() })
        }
    };
    Ok(servers.iter().map(|server| json!([server.name(), shown(&server.config().way)])).collect())
}

#[track_caller]
fn check(text: Value, expected: Value) {
    assert_eq!(read(&text.to_string()), Ok(expected.as_array().expect("a list").clone()));
}

#[track_caller]
fn refuse(entry: Value, message: &str) {
    let text = json!({ "mcpServers": { "s": entry } }).to_string();
    assert_eq!(read(&text), Err(message.to_owned()));
}

#[test]
fn claude_and_cursor_are_understood() {
    let text = json!({ "mcpServers": {
        "files": {
            "type": "stdio", "command": "${TOOLS:-npx}", "args": ["-y", "${HOME}/x", "$TOKEN", "${EMPTY:-e}${EMPTY}"],
            "env": { "KEY": "${env:TOKEN}", "N": 3, "B": true, "NONE": null }, "cwd": "${userHome}", "alwaysAllow": [],
        },
        "off": { "command": "x", "disabled": true },
        "web": { "type": "streamable-http", "url": "https://a.b/mcp?x=1", "headers": { "X-Key": "a${TOKEN}b" } },
        "cursor": { "url": "http://localhost:80/mcp" },
    } });
    let env = json!([["HOME", "/home/ann"], ["PATH", "/bin"], ["B", "true"], ["KEY", "t0p-secret"], ["N", "3"]]);
    let files =
        json!({ "command": "npx", "args": ["-y", "/home/ann/x", "$TOKEN", "e"], "env": env, "cwd": "/home/ann" });
    let expected = json!([
        ["cursor", { "url": "http://localhost/mcp", "headers": [] }],
        ["files", files],
        ["web", { "url": "https://a.b/mcp?x=1", "headers": [["x-key", "at0p-secretb"]] }],
    ]);
    check(text, expected);
}

#[test]
fn vs_code_is_understood() {
    let text = r#"{
        // Asked for when the server starts.
        "inputs": [{ "id": "api-key", "type": "promptString" }, { "id": "region", "default": "eu" }],
        "servers": { "s": { "command": "srv", "env": { "KEY": "${input:api-key}", "R": "${input:region}" }, }, },
    }"#;
    let env = json!([["HOME", "/home/ann"], ["PATH", "/bin"], ["KEY", "k3y-of-vscode"], ["R", "eu"]]);
    assert_eq!(read(text), Ok(vec![json!(["s", { "command": "srv", "args": [], "env": env, "cwd": null }])]));
    let text = r#"{ "servers": { "s": { "url": "https://a.b", "headers": { "K": "${input:pass word}" } } } }"#;
    let message = "`servers.s.headers.K`: the input `pass word` of the server `s` has no value; set the environment \
                   variable `AGENTLOOP_INPUT_PASS_WORD`, or give the input a `default`";
    assert_eq!(read(text), Err(message.to_owned()));
}

#[test]
fn codex_is_understood() {
    let text = r#"
        model = "x"
        [mcp_servers.a]
        command = "srv"
        args = ["${TOKEN}"]
        env_vars = ["TOKEN", "UNSET"]
        startup_timeout_sec = 20
        [mcp_servers.a.env]
        K = "v"
        [mcp_servers.b]
        url = "https://a.b/mcp"
        bearer_token_env_var = "TOKEN"
        http_headers = { X-A = "1" }
        env_http_headers = { X-B = "TOKEN" }
        [mcp_servers.c]
        command = "off"
        enabled = false
    "#;
    let env = json!([["HOME", "/home/ann"], ["PATH", "/bin"], ["TOKEN", "t0p-secret"], ["K", "v"]]);
    let headers = json!([["x-a", "1"], ["x-b", "t0p-secret"], ["authorization", "Bearer t0p-secret"]]);
    let expected = vec![
        json!(["a", { "command": "srv", "args": ["${TOKEN}"], "env": env, "cwd": null }]),
        json!(["b", { "url": "https://a.b/mcp", "headers": headers }]),
    ];
    assert_eq!(read(text), Ok(expected));
    let servers = Servers::read(text, &environment).expect("it is valid");
    assert_eq!(servers.get("a").map(|server| server.config().start_time_max()), Some(Duration::from_secs(20)));
    let text = "[mcp_servers.b]\nurl = 'https://a.b'\nbearer_token_env_var = 'NOPE'";
    let message =
        "`mcp_servers.b.bearer_token_env_var`: the environment variable `NOPE` of the server `b` is not set; set it";
    assert_eq!(read(text), Err(message.to_owned()));
}

#[test]
fn tools_can_be_chosen_and_calls_given_a_time() {
    let text = r#"{ "mcpServers": {
        "a": { "command": "x", "includeTools": ["one", "two"], "excludeTools": ["two"], "tool_timeout_sec": 1.5 },
        "b": { "command": "x", "disabled_tools": ["one"] },
        "c": { "command": "x", "enabled_tools": [] }
    } }"#;
    let servers = Servers::read(text, &environment).expect("it is valid");
    let offers = |name: &str| {
        let config = servers.get(name).expect("it was read").config();
        ["one", "two", "three"].map(|tool| config.offers(tool))
    };
    assert_eq!(offers("a"), [true, false, false]);
    assert_eq!(offers("b"), [false, true, true]);
    assert_eq!(offers("c"), [false, false, false]);
    let time = |name: &str| servers.get(name).and_then(|server| server.config().call_time_max());
    assert_eq!((time("a"), time("b")), (Some(Duration::from_millis(1_500)), None));
}

#[test]
fn mistakes_are_told_with_their_place() {
    refuse(json!(3), "`mcpServers.s`: expected an object with `command` or `url`, found a number");
    refuse(json!({}), "`mcpServers.s`: there is neither `command` nor `url`");
    refuse(
        json!({ "command": "a", "url": "b" }),
        "`mcpServers.s`: there are both `command` and `url`; keep one of them",
    );
    refuse(json!({ "command": " " }), "`mcpServers.s.command`: the command is empty");
    refuse(json!({ "command": "a", "args": ["b", 3] }), "`mcpServers.s.args[1]`: expected a text, found a number");
    refuse(json!({ "command": "a", "args": "b" }), "`mcpServers.s.args`: expected a list of texts, found a text");
    refuse(json!({ "command": "a", "env": { "K": [] } }), "`mcpServers.s.env.K`: expected a text, found a list");
    refuse(json!({ "command": "a", "env": { "A=B": "c" } }), "`mcpServers.s.env`: `A=B` cannot be a variable");
    refuse(json!({ "type": "http" }), "`mcpServers.s`: a server of type `http` needs a `url`");
    refuse(json!({ "type": "stdio", "url": "x" }), "`mcpServers.s`: a server of type `stdio` needs a `command`");
    refuse(
        json!({ "type": "ws", "url": "x" }),
        "`mcpServers.s.type`: `ws` is no type of server; expected `stdio` or `http`",
    );
    refuse(
        json!({ "command": "a", "disabled": 1 }),
        "`mcpServers.s.disabled`: expected `true` or `false`, found a number",
    );
    refuse(
        json!({ "command": "a", "startup_timeout_sec": 0 }),
        "`mcpServers.s.startup_timeout_sec`: expected more than 0 and at most 3600 seconds",
    );
    refuse(
        json!({ "type": "sse", "url": "https://a.b/sse" }),
        "`mcpServers.s.type`: the older transport `sse` is not supported; use `http` with the server's address of \
         streamable HTTP, which often ends in `/mcp`",
    );
    refuse(
        json!({ "command": "a", "envFile": ".env" }),
        "`mcpServers.s.envFile`: files of variables are not read; put them under `env`",
    );
}

#[test]
fn addresses_and_headers_are_checked_and_never_repeated() {
    let web = |url: &str, headers: Value| json!({ "url": url, "headers": headers });
    let none = json!({});
    refuse(web("host", none.clone()), "`mcpServers.s.url`: relative URL without a base, expected `https://…`");
    refuse(
        web("file:///etc", none.clone()),
        "`mcpServers.s.url`: `file` is not the scheme of a web address, expected `https://…`",
    );
    refuse(
        web("https://me:secret@host", none),
        "`mcpServers.s.url`: it has a user or a password in it; put them into `headers`, as `Authorization`",
    );
    refuse(web("https://a", json!({ "a b": "c" })), "`mcpServers.s.headers.a b`: this cannot be the name of a header");
    refuse(
        web("https://a", json!({ "Host": "c" })),
        "`mcpServers.s.headers.Host`: this header is set by the connection itself",
    );
    refuse(
        web("https://a", json!({ "K": "c\nd" })),
        "`mcpServers.s.headers.K`: the value has characters that no header may have, such as line breaks",
    );
}

#[test]
fn variables_without_a_value_are_told() {
    let message = "`mcpServers.s.args[0]`: the environment variable `NOPE` of the server `s` is not set; set it, or \
                   write `${NOPE:-…}` with a value to use without it";
    refuse(json!({ "command": "a", "args": ["${NOPE}"] }), message);
    refuse(json!({ "command": "a", "args": ["${env:NOPE}"] }), message);
    refuse(
        json!({ "command": "${workspaceFolder}/a" }),
        "`mcpServers.s.command`: `${workspaceFolder}` of the server `s` is not known here; write the value itself, or \
         use `${VAR}` for an environment variable",
    );
    let text = json!({ "mcpServers": { "s": { "command": "a${", "args": ["${TOKEN", "$", "{TOKEN}"] } } });
    assert!(read(&text.to_string()).is_ok());
}

#[test]
fn texts_that_are_no_configuration_are_told() {
    let check = |text: &str, message: &str| assert_eq!(read(text), Err(message.to_owned()), "{text}");
    check("{}", "there are no servers in it: expected `mcpServers` or `servers`");
    check("", "there are no servers in it: expected `[mcp_servers.…]`");
    check("{\"mcpServers\": []}", "`mcpServers`: expected an object with the servers, found a list");
    check("{\"mcpServers\": {", "no valid JSON: EOF while parsing an object at line 1 column 16");
    check(&" ".repeat(1024 * 1024 + 1), "the configuration has more than 1 MiB");
    let long = json!({ "mcpServers": { "x".repeat(49): { "command": "a" } } }).to_string();
    let message = format!("`mcpServers.{}`: the name of a server has 1 to 48 bytes and is printable", "x".repeat(49));
    check(&long, &message);
    let both = json!({ "mcpServers": { "s": { "command": "a" } }, "servers": { "s": { "command": "b" } } });
    check(&both.to_string(), "`servers.s`: there are two servers of this name");
}

#[test]
fn secrets_are_in_no_debug_text() {
    let text = json!({ "mcpServers": {
        "a": { "command": "c", "env": { "K": "t0p-secret" }, "args": ["t0p-secret"] },
        "b": { "url": "https://a.b/?k=t0p-secret", "headers": { "K": "t0p-secret" } },
    } });
    let shown = format!("{:?}", Servers::read(&text.to_string(), &environment).expect("it is valid"));
    assert!(!shown.contains("t0p-secret"), "{shown}");
}

/// How we are known to the authorization server: id, secret, document, port, scopes.
fn registration(entry: Value) -> Value {
    let text = json!({ "mcpServers": { "s": entry } }).to_string();
    let servers = Servers::read(&text, &environment).expect("it is valid");
    let server = servers.get("s").expect("it was read");
    let Way::Http(address) = &server.config().way else { panic!("it is no program") };
    let by = &address.registration;
    assert!(!format!("{server:?}{by:?}").contains("t0p-secret"));
    json!([by.client_id, by.client_secret, by.client_metadata_url, by.callback_port, by.scopes])
}

#[test]
fn who_we_are_is_read_as_other_programs_write_it() {
    let entry = |members: Value| {
        let mut entry = json!({ "url": "https://a.b/mcp" });
        entry.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
        entry
    };
    assert_eq!(registration(entry(json!({}))), json!([null, null, null, null, []]));
    let claude =
        json!({ "oauth": { "clientId": "c", "callbackPort": 8080, "scopes": "a  b", "clientSecret": "${TOKEN}" } });
    assert_eq!(registration(entry(claude)), json!(["c", "t0p-secret", null, 8080, ["a", "b"]]));
    let cursor = json!({ "auth": { "CLIENT_ID": "c", "CLIENT_SECRET": "${env:TOKEN}", "scopes": ["a", "b"] } });
    assert_eq!(registration(entry(cursor)), json!(["c", "t0p-secret", null, null, ["a", "b"]]));
    let codex = json!({ "oauth": { "client_id": "c", "client_metadata_url": "https://a.b/c" }, "auth": "oauth" });
    assert_eq!(registration(entry(codex)), json!(["c", null, "https://a.b/c", null, []]));

    let oauth = |oauth: Value, message: &str| refuse(entry(json!({ "oauth": oauth })), message);
    oauth(json!([]), "`mcpServers.s.oauth`: expected an object with `clientId`, found a list");
    oauth(json!({ "clientId": 3 }), "`mcpServers.s.oauth.clientId`: expected a text, found a number");
    let port = "`mcpServers.s.oauth.callbackPort`: expected the number of a port, 1 to 65535";
    oauth(json!({ "callbackPort": 65_536 }), port);
    oauth(json!({ "callbackPort": "8080" }), port);
}
