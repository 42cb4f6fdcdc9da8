//! `agentloop mcp --http`, over real sockets, with clients that are welcome and others that are not.

use crate::harness::{agentloop, folder, node};
use crate::mcp_client::shop;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

struct Server {
    child: Child,
    address: String,
    token: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back.
#[derive(Debug)]
struct Response {
    status: u16,
    head: String,
    body: String,
}

impl Response {
    /// The message in it, which may be the only event of a stream, or the last.
    fn message(&self) -> Value {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: ")).rfind(|data| data.starts_with('{'));
        serde_json::from_str(data.unwrap_or(&self.body)).unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Server {
    fn start(test: &str, arguments: &[&str]) -> Self {
        let fixtures = folder(test).join("fixtures.json");
        fs::write(&fixtures, shop().to_string()).expect("the folder is writable");
        let fixtures = fixtures.to_str().expect("the path is text");
        let mut command = agentloop(&[&["mcp", "--http", "127.0.0.1:0", "--fixtures", fixtures], arguments].concat());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let mut line = || lines.next().expect("it says where it listens").expect("it is text");
        let listening = line();
        let address = listening.strip_prefix("mcp: listening at http://").and_then(|rest| rest.strip_suffix("/mcp"));
        let address = address.unwrap_or_else(|| panic!("{listening}")).to_owned();
        let token = line();
        let token = token.strip_prefix("token: Authorization: Bearer ").unwrap_or_default().to_owned();
        Self { child, address, token }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("there is such a timeout");
        stream
    }

    fn head(&self, method: &str, headers: &[(&str, &str)]) -> String {
        let mut head = format!("{method} /mcp HTTP/1.1\r\n");
        let bearer = format!("Bearer {}", self.token);
        let usual = [
            ("host", self.address.as_str()),
            ("authorization", &bearer),
            ("accept", "application/json, text/event-stream"),
            ("content-type", "application/json"),
            ("connection", "close"),
        ];
        let given = |name: &str| headers.iter().any(|(key, _)| *key == name);
        for (name, value) in usual.iter().filter(|(name, _)| !given(name)).chain(headers) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head
    }

    fn send(&self, method: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut stream = self.connect();
        let request = format!("{}content-length: {}\r\n\r\n{body}", self.head(method, headers), body.len());
        stream.write_all(request.as_bytes()).expect("the server reads");
        read(&mut stream)
    }

    fn post(&self, headers: &[(&str, &str)], message: &Value) -> Response {
        self.send("POST", headers, &message.to_string())
    }

    /// Begins a session, and gives its name.
    fn introduce(&self) -> String {
        let response = self.post(&[], &introduction());
        assert_eq!(response.message()["result"]["protocolVersion"], "2025-11-25", "{response:?}");
        let session = response.header("mcp-session-id").expect("there is a session").to_owned();
        let told = self
            .post(&[("mcp-session-id", &session)], &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        assert_eq!(told.status, 202, "{told:?}");
        session
    }
}

fn read(stream: &mut TcpStream) -> Response {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("the connection is closed in the end");
    let text = String::from_utf8(bytes).expect("it is text");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
    Response { status, head: head.to_owned(), body: body.to_owned() }
}

fn introduction() -> Value {
    let client = json!({ "name": "test", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params })
}

fn script(code: &str) -> Value {
    let params = json!({ "name": "execute", "arguments": { "code": code } });
    json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params })
}

const STATELESS: [(&str, &str); 3] =
    [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "execute")];

fn stateless(code: &str) -> Value {
    let mut message = script(code);
    message["params"]["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    message
}

#[test]
fn one_address_speaks_both_versions() {
    let server = Server::start("http_versions", &[]);
    let answer = server.post(&STATELESS, &stateless("await tools.shop.price({ id: 1 })"));
    assert_eq!(answer.message()["result"]["structuredContent"]["value"], 40, "{answer:?}");
    let (one, other) = (server.introduce(), server.introduce());
    assert_ne!(one, other);
    for session in [&one, &other] {
        let answer = server.post(&[("mcp-session-id", session)], &script("await tools.shop.price({ id: 2 })"));
        assert_eq!(answer.message()["result"]["structuredContent"]["value"], 2, "{answer:?}");
    }
    let ended = server.send("DELETE", &[("mcp-session-id", &one)], "");
    assert!((200..300).contains(&ended.status), "{ended:?}");
    assert_eq!(server.post(&[("mcp-session-id", &one)], &script("1")).status, 404);
    let answer = server.post(&[("mcp-session-id", &other)], &script("1"));
    assert_eq!(answer.message()["result"]["structuredContent"]["value"], 1, "{answer:?}");
}

#[test]
fn nobody_is_let_in_without_the_token() {
    let server = Server::start("http_token", &[]);
    let wrong = format!("Bearer {}", "0".repeat(server.token.len()));
    let short = format!("Bearer {}", &server.token[1..]);
    for authorization in ["", "Bearer", &wrong, &short, &server.token, &format!("Basic {}", server.token)] {
        for method in ["GET", "POST", "DELETE", "OPTIONS"] {
            let refused = server.send(method, &[("authorization", authorization)], &introduction().to_string());
            assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")), "{authorization}");
        }
    }
    // It is refused before its body has come.
    let mut stream = server.connect();
    let head = server.head("POST", &[("authorization", "Bearer x")]);
    stream.write_all(format!("{head}content-length: 1000000000\r\n\r\n").as_bytes()).expect("the server reads");
    assert_eq!(read(&mut stream).status, 401);
    assert_eq!(server.post(&[], &introduction()).status, 200);
}

/// A page in a browser of this machine can send requests here: by a name that leads here, or from its own origin.
#[test]
fn pages_of_other_sites_are_refused() {
    let server = Server::start("http_pages", &[]);
    let port = server.address.rsplit(':').next().expect("it has a port");
    for (name, value) in [
        ("host", "evil.example"),
        ("host", "127.0.0.1.evil.example"),
        ("origin", "http://evil.example"),
        ("origin", "https://localhost:1"),
        ("origin", "http://localhost:1"),
        ("origin", "null"),
    ] {
        assert_eq!(server.post(&[(name, value)], &introduction()).status, 403, "{name}: {value}");
    }
    let local = format!("localhost:{port}");
    for (name, value) in [("host", local.as_str()), ("origin", &format!("http://{local}"))] {
        assert_eq!(server.post(&[(name, value)], &introduction()).status, 200, "{name}: {value}");
    }
    let named = Server::start("http_named", &["--server-name", "tools.example.com"]);
    assert_eq!(named.post(&[("host", "tools.example.com")], &introduction()).status, 200);
    assert_eq!(named.post(&[("host", "evil.example")], &introduction()).status, 403);
}

#[test]
fn what_is_too_large_or_no_request_is_refused_and_survived() {
    let server = Server::start("http_nonsense", &[]);
    let mut stream = server.connect();
    stream
        .write_all(format!("{}content-length: 17000000\r\n\r\n", server.head("POST", &[])).as_bytes())
        .expect("it reads");
    // The rest may be refused before all of it was written.
    let _ = stream.write_all(&vec![b' '; 17_000_000]);
    assert_eq!(read(&mut stream).status, 413);
    for (body, status) in [("{", 415), ("[]", 415), ("null", 415)] {
        assert_eq!(server.send("POST", &[], body).status, status, "{body}");
    }
    assert_eq!(server.send("PUT", &[], "").status, 405);
    let mut stream = server.connect();
    let long = "x".repeat(1_000_000);
    let _ = stream.write_all(format!("{}x-long: {long}\r\n\r\n", server.head("GET", &[])).as_bytes());
    assert_eq!(read(&mut stream).status, 431);
    assert_eq!(server.post(&[], &introduction()).status, 200);
}

#[test]
fn there_are_only_so_many_sessions() {
    let server = Server::start("http_sessions", &[]);
    for _ in 0..256 {
        assert_eq!(server.post(&[], &introduction()).status, 200);
    }
    assert_eq!(server.post(&[], &introduction()).status, 500);
    // Whoever needs no session is served.
    assert_eq!(server.post(&STATELESS, &stateless("1")).status, 200);
}

/// Evidence that the guest stops: the file that it writes to does not change any more.
#[test]
fn a_script_stops_when_its_client_goes_away() {
    let written = folder("http_gone_files");
    let limits = ["--max-tool-calls", "100000000", "--fuel", "1000000G", "--timeout", "1h", "--wall-timeout", "1h"];
    let files = ["--files-write", written.to_str().expect("the path is text")];
    let server = Server::start("http_gone", &[&limits[..], &files].concat());
    let (count, code) =
        (written.join("count"), "for (let i = 0; ; i++) await tools.files.write({ path: 'count', content: `${i}` })");
    let is_written = |count: &Path| {
        let before = fs::read_to_string(count).unwrap_or_default();
        std::thread::sleep(Duration::from_millis(300));
        fs::read_to_string(count).unwrap_or_default() != before
    };
    let until = |wanted: bool| (0..200).any(|_| is_written(&count) == wanted);

    let mut stream = server.connect();
    let body = stateless(code).to_string();
    let head = server.head("POST", &STATELESS);
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).expect("it reads");
    assert!(until(true), "it does not begin");
    drop(stream);
    assert!(until(false), "it goes on");

    // With a session, to hang up is not to cancel; to end the session is.
    let session = server.introduce();
    let mut stream = server.connect();
    let body = script(code).to_string();
    let head = server.head("POST", &[("mcp-session-id", &session)]);
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).expect("it reads");
    assert!(until(true), "it does not begin");
    drop(stream);
    assert!(is_written(&count) || is_written(&count), "it has stopped");
    server.send("DELETE", &[("mcp-session-id", &session)], "");
    assert!(until(false), "it goes on");
}

fn complaint(arguments: &[&str]) -> (Option<i32>, String) {
    let output = agentloop(&[&["mcp"], arguments].concat()).output().expect("the binary starts");
    (output.status.code(), String::from_utf8(output.stderr).expect("it is text"))
}

#[test]
fn addresses_that_others_reach_need_a_lasting_token_and_a_name() {
    let (code, error) = complaint(&["--http", "0.0.0.0:0"]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.starts_with("error: --http 0.0.0.0:0 can be reached from other machines\n"), "{error}");
    let (code, error) = complaint(&["--http", "127.0.0.1"]);
    assert!(code == Some(2) && error.contains("`127.0.0.1` is not an address"), "{error}");
    let taken = Server::start("http_taken", &[]);
    let (code, error) = complaint(&["--http", &taken.address]);
    assert!(code == Some(2) && error.contains("cannot listen at"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_lasting_token_is_made_and_kept_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = folder("http_token_file").join("token");
    let _ = fs::remove_file(&file);
    let path = file.to_str().expect("the path is text");
    let mut server = Server::start("http_lasting", &["--token-file", path]);
    assert_eq!(server.token, "", "it is not shown");
    let token = fs::read_to_string(&file).expect("it was made");
    assert_eq!(
        (token.trim().len(), fs::metadata(&file).expect("it is there").permissions().mode() & 0o777),
        (32, 0o600)
    );
    server.token = token.trim().to_owned();
    assert_eq!(server.post(&[], &introduction()).status, 200);
    let mut again = Server::start("http_lasting", &["--token-file", path]);
    again.token.clone_from(&server.token);
    assert_eq!(again.post(&[], &introduction()).status, 200);

    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let (code, error) = complaint(&["--http", "127.0.0.1:0", "--token-file", path]);
    assert!(code == Some(2) && error.starts_with("error: others may read the token"), "{error}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
    fs::write(&file, "short").expect("it is ours");
    let (code, error) = complaint(&["--http", "127.0.0.1:0", "--token-file", path]);
    assert!(code == Some(2) && error.contains("is no token"), "{error}");
}

/// Runs a program before these arguments. Whether it succeeded, and what it printed.
fn preloaded(name: &str, program: &str, arguments: &[&str], token: &str) -> (bool, String) {
    let output = node(name, program, |command, file| {
        command.arg("--import").arg(file).args(arguments).env("MCP_TOKEN", token);
    });
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

/// Two clients of the protocol's own authors at the same time, one of which asks its user.
#[test]
fn official_clients_call_it_side_by_side() {
    let server = Server::start("http_official", &["--ask", "shop.*"]);
    let program = r#"
        import { Client } from "@modelcontextprotocol/sdk/client/index.js";
        import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
        import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
        const url = new URL(process.env.MCP_URL);
        const requestInit = { headers: { authorization: `Bearer ${process.env.MCP_TOKEN}` } };
        const connected = async (capabilities) => {
            const client = new Client({ name: "test", version: "1" }, { capabilities });
            if (capabilities.elicitation) {
                client.setRequestHandler(ElicitRequestSchema, async ({ params }) =>
                    params.message.includes('"id":1') ? { action: "accept", content: { decision: "approve" } } : { action: "decline" });
            }
            await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
            return client;
        };
        const [asking, plain] = await Promise.all([connected({ elicitation: {} }), connected({})]);
        const code = "Promise.allSettled([1, 2].map((id) => tools.shop.price({ id })))";
        const [asked, waiting] = await Promise.all(
            [asking, plain].map((client) => client.callTool({ name: "execute", arguments: { code } })));
        const { run } = waiting.structuredContent;
        let last;
        for (const call of [0, 1]) last = await plain.callTool({ name: "approve", arguments: { run, call } });
        const values = ({ structuredContent }) => structuredContent.value.map(({ value }) => value ?? null);
        console.log(JSON.stringify([values(asked), waiting.structuredContent.status, values(last)]));
        process.exit(0);
    "#;
    let program = program.replace("process.env.MCP_URL", &json!(format!("http://{}/mcp", server.address)).to_string());
    let (succeeded, printed) = preloaded("official", &program, &["-e", ""], &server.token);
    assert_eq!((succeeded, printed.trim()), (true, r#"[[40,null],"waiting",[40,2]]"#));
}

/// The protocol's own conformance suite, in both versions. What fails is expected, each with a reason, in `conformance/expected.yml`;
/// one that passes although it is listed there fails the test as well.
#[test]
fn the_conformance_suite_finds_what_is_expected() {
    let server = Server::start("http_conformance", &["--ask", "shop.*"]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let preload = fs::read_to_string(folder.join("authorized.mjs")).expect("it is there");
    let expected = folder.join("expected.yml");
    let url = format!("http://{}/mcp", server.address);
    let suite = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
    for (version, passed) in
        [("2025-11-25", "server-session-lifecycle: 3"), ("2026-07-28", "http-header-validation: 14")]
    {
        let arguments = [
            suite,
            "server",
            "--url",
            &url,
            "--suite",
            "all",
            "--spec-version",
            version,
            "--expected-failures",
            expected.to_str().expect("the path is text"),
            "--timeout",
            "120000",
        ];
        let (succeeded, printed) = preloaded(&format!("conformance-{version}"), &preload, &arguments, &server.token);
        assert!(succeeded && printed.contains(&format!("✓ {passed} passed, 0 failed")), "{version}: {printed}");
    }
}
