//! `agentloop mcp`, driven as clients drive it.

use crate::harness::{folder, node, root};
use crate::mcp_client::{Server, shop, text};
use serde_json::{Value, json};

#[test]
fn a_client_learns_what_scripts_can_do() {
    let mut server = Server::start("mcp_learns", &shop(), &[]);
    let answer = server.introduce();
    let result = &answer["result"];
    assert_eq!(
        (&result["protocolVersion"], &result["serverInfo"]["name"]),
        (&json!("2025-11-25"), &json!("agentloop"))
    );
    let instructions = result["instructions"].as_str().expect("there are instructions");
    assert!(instructions.contains("price(args: { id: number }): Promise<any>;"), "{instructions}");
    let listed = server.ask("tools/list", json!({}));
    let names: Vec<&str> =
        listed["result"]["tools"].as_array().expect("a list").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["execute", "search_tools", "describe_tool"]);
    let found = server.ask("tools/call", json!({ "name": "search_tools", "arguments": { "query": "price" } }));
    assert!(text(&found["result"]).contains("price(args:"), "{found}");
    let described = server.ask("tools/call", json!({ "name": "describe_tool", "arguments": { "name": "tick" } }));
    assert!(text(&described["result"]).contains("tick(args?:"), "{described}");
    let unknown = server.ask("tools/call", json!({ "name": "describe_tool", "arguments": { "name": "tock" } }));
    assert_eq!(
        (&unknown["result"]["isError"], text(&unknown["result"]).contains("search_tools")),
        (&json!(true), true)
    );
    assert_eq!(server.close(), (Some(0), String::new()));
}

#[test]
fn a_script_stands_for_many_calls() {
    let mut server = Server::new("mcp_script", &shop(), &[]);
    let code = "console.warn('adding'); const prices = await Promise.all([1, 2].map((id) => tools.shop.price({ id })));
        return { sum: prices[0] + prices[1] }";
    let result = server.execute(code);
    assert_eq!(result["isError"], false);
    assert_eq!(text(&result), "{\n  \"sum\": 42\n}\n\nConsole:\nwarn: adding");
    let structured = &result["structuredContent"];
    assert_eq!((&structured["status"], &structured["value"]), (&json!("finished"), &json!({ "sum": 42 })));
    assert_eq!(structured["calls"][1]["tool"], "shop.price");
    let listed = server.ask("tools/list", json!({}));
    let schema = &listed["result"]["tools"][0]["outputSchema"];
    let validator = jsonschema::validator_for(schema).expect("it is a schema");
    assert!(validator.is_valid(structured), "{structured}");
    assert!(validator.is_valid(&server.execute("throw 1")["structuredContent"]));
    assert!(!validator.is_valid(&json!({ "status": "finished" })));
    let literal = json!({ "code": "LiteralLoader('a').length", "literals": { "a": "four" } });
    let answer = server.ask("tools/call", json!({ "name": "execute", "arguments": literal }));
    assert_eq!(answer["result"]["structuredContent"]["value"], 4);
    // Nothing is left of one script in the next.
    server.execute("globalThis.left = 1");
    assert_eq!(server.execute("typeof left")["structuredContent"]["value"], "undefined");
    assert_eq!(server.close(), (Some(0), String::new()));
}

#[test]
fn a_script_that_fails_is_told_with_what_was_done() {
    let mut server = Server::new("mcp_fails", &shop(), &[]);
    let result = server.execute("await tools.shop.price({ id: 1 });\nawait tools.shop.price({ id: 7 })");
    assert_eq!((&result["isError"], &result["structuredContent"]["status"]), (&json!(true), &json!("threw")));
    let told = text(&result);
    assert!(
        told.starts_with("ToolError: no such thing\n") && told.contains("2 | await tools.shop.price({ id: 7 })"),
        "{told}"
    );
    assert!(told.ends_with("These calls were made before it failed: shop.price."), "{told}");
    let large = server.execute("'x'.repeat(1e6)");
    assert_eq!(large["structuredContent"]["status"], "output_exceeded");
    let endless = server.execute("for (;;) console.log('x'.repeat(1000))");
    assert_eq!(endless["structuredContent"]["status"], "fuel_exhausted");
    assert!(endless.to_string().len() < 200_000);
}

/// Version 2026-07-28 has no introduction: each request says who asks.
#[test]
fn the_version_without_an_introduction_is_spoken_too() {
    let mut server = Server::start("mcp_stateless", &shop(), &[]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let discovered = server.ask("server/discover", json!({ "_meta": meta }));
    let versions = discovered["result"]["supportedVersions"].as_array().expect("a list").clone();
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-11-25")), "{discovered}");
    let call = json!({ "name": "execute", "arguments": { "code": "6 * 7" }, "_meta": meta });
    let answer = server.ask("tools/call", call);
    assert_eq!(answer["result"]["structuredContent"]["value"], 42, "{answer}");
    assert_eq!(server.close(), (Some(0), String::new()));
}

/// Evidence that the guest stops: its calls end, though it would make a million of them.
#[test]
fn a_cancelled_script_stops() {
    let arguments = ["--max-tool-calls", "100000000", "--fuel", "1000000G", "--timeout", "1h", "--wall-timeout", "1h"];
    let mut server = Server::new("mcp_cancelled", &shop(), &arguments);
    let code = "for (;;) await tools.tick({})";
    let call = json!({ "name": "execute", "arguments": { "code": code }, "_meta": { "progressToken": "t" } });
    let id = server.send("tools/call", call);
    let told = server.next();
    assert_eq!((&told["method"], &told["params"]["message"]), (&json!("notifications/progress"), &json!("calls tick")));
    server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }));
    let is_quiet = (0..1_000).any(|_| {
        server.told.clear();
        server.execute("let n = 0; for (let i = 0; i < 1e6; i++) n += i; return n");
        server.told.is_empty()
    });
    assert!(is_quiet, "the script goes on");
    assert_eq!(server.close(), (Some(0), String::new()));
}

/// A server that lives on after everything that is no request.
#[test]
fn nonsense_is_answered_and_survived() {
    let mut server = Server::new("mcp_nonsense", &shop(), &[]);
    for line in ["{", "[]", "null", "{\"jsonrpc\":\"2.0\"}", &"[".repeat(100_000), "\u{0}", ""] {
        server.write(line);
    }
    // What is no request has no id that could be answered; whatever is said of it has none either.
    let id = server.send("ping", json!({}));
    loop {
        let message = server.next();
        if message["id"] == id {
            break;
        }
        assert!(message["error"]["code"].as_i64().is_some_and(|code| code < 0), "{message}");
    }
    let code = |answer: Value| answer["error"]["code"].clone();
    assert_eq!(code(server.ask("no/such/method", json!({}))), -32601);
    assert_eq!(code(server.ask("tools/call", json!({ "name": "nothing" }))), -32601);
    let wrong = server.ask("tools/call", json!({ "name": "execute", "arguments": { "script": "1" } }));
    assert_eq!((code(wrong.clone()), wrong.to_string().contains("unknown field `script`")), (json!(-32602), true));
    assert_eq!(code(server.ask("tools/call", json!({ "name": "execute", "arguments": { "code": 1 } }))), -32602);
    server.write(&format!("{{\"jsonrpc\":\"2.0\",\"id\":\"{}\",\"method\":\"ping\"}}", "x".repeat(17 << 20)));
    assert_eq!(server.execute("1")["structuredContent"]["value"], 1);
    assert_eq!(server.close().0, Some(0));
}

/// Evidence that what a server says of its tools is taken up: a tool is there that was not.
#[test]
fn tools_that_a_server_adds_are_there_for_the_next_script() {
    let odd = root().join("host/tools/tests/servers/odd.js");
    let file = folder("mcp_grows").join("servers.json");
    let servers = json!({ "mcpServers": { "odd": { "command": "node", "args": [odd, "good"] } } });
    std::fs::write(&file, servers.to_string()).expect("the folder is writable");
    let path = file.to_str().expect("the path is text");
    let mut server = Server::new("mcp_grows", &shop(), &["--mcp", path, "--allow", "odd.*"]);
    let describe = json!({ "name": "describe_tool", "arguments": { "name": "odd.grown_0" } });
    assert_eq!(server.ask("tools/call", describe.clone())["result"]["isError"], true);
    assert_eq!(server.execute("await tools.odd.grow({})")["structuredContent"]["value"], "grown");
    let is_there = (0..1_200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        server.ask("tools/call", describe.clone())["result"]["isError"] == false
    });
    assert!(is_there, "the new tool is not taken up");
    let value = &server.execute("typeof tools.odd.grown_0 + typeof tools.shop.price")["structuredContent"]["value"];
    assert_eq!(value, "functionfunction");
    assert_eq!(server.close().0, Some(0));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it() {
    let server = Server::new("mcp_signal", &shop(), &[]);
    let process = rustix::process::Pid::from_raw(server.child.id().cast_signed()).expect("it runs");
    rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("it is ours");
    let mut child = server.child;
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

/// The client of the protocol's own authors, which `scripts/test.sh` installs with the servers.
#[test]
fn the_official_client_calls_it() {
    let script = r#"
        import { Client } from "@modelcontextprotocol/sdk/client/index.js";
        import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
        const [command, ...args] = process.argv.slice(2);
        const client = new Client({ name: "test", version: "1" });
        await client.connect(new StdioClientTransport({ command, args }));
        const { tools } = await client.listTools();
        const told = [];
        // Its client drops what it is told in one piece with the answer, so the script takes its time.
        const rest = "await new Promise((done) => setTimeout(done, 300))";
        const result = await client.callTool(
            { name: "execute", arguments: { code: `const price = await tools.shop.price({ id: 1 }); ${rest}; return price + 2` } },
            undefined,
            { onprogress: ({ message }) => told.push(message) },
        );
        const failed = await client.callTool({ name: "execute", arguments: { code: "nothing()" } });
        await client.close();
        console.log(JSON.stringify({ tools: tools.length, value: result.structuredContent.value, failed: failed.isError, told }));
    "#;
    let fixtures = folder("mcp_official").join("fixtures.json");
    std::fs::write(&fixtures, shop().to_string()).expect("the folder is writable");
    let output = node("client", script, |command, file| {
        command.arg(file).args([env!("CARGO_BIN_EXE_agentloop"), "mcp", "--fixtures"]).arg(&fixtures);
    });
    let printed = String::from_utf8(output.stdout).expect("it is text");
    let error = String::from_utf8_lossy(&output.stderr);
    let printed: Value = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{printed}{error}"));
    assert_eq!(printed, json!({ "tools": 3, "value": 42, "failed": true, "told": ["calls shop.price"] }));
}
