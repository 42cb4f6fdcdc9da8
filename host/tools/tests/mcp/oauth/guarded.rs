//! A server that only lets in who has a token, and beside it whoever gives tokens.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// What every token has in it: it must turn up nowhere.
pub(super) const CANARY: &str = "canary-9f2c";

/// What the server is made to do, and what it has seen.
#[derive(Default)]
pub(super) struct Books {
    /// The authorization server that the server names, in place of itself.
    pub(super) authority: Option<String>,
    /// Without a way to register.
    pub(super) is_closed: bool,
    /// The tool `admin` can be called with this scope alone.
    pub(super) granted: String,
    /// No more tokens are given.
    pub(super) refuses: bool,
    pub(super) renewals: usize,
    pub(super) registrations: Vec<Value>,
    /// What was asked for, on the page to sign in on.
    pub(super) pages: Vec<HashMap<String, String>>,
    /// What the token endpoint was sent.
    pub(super) exchanges: Vec<HashMap<String, String>>,
    number: usize,
    access: Option<String>,
    renewal: Option<String>,
}

/// It runs until the test ends.
#[derive(Clone)]
pub(super) struct Guarded {
    books: Arc<Mutex<Books>>,
    pub(super) origin: String,
}

impl Guarded {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        let guarded = Self { books: Arc::default(), origin };
        let router = Router::new().fallback(answer).with_state(guarded.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        guarded
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no handler panics")
    }

    /// The entry of the server in a configuration.
    pub(super) fn entry(&self) -> Value {
        json!({ "type": "http", "url": format!("{}/mcp", self.origin) })
    }

    /// Takes back the token before it expires.
    pub(super) fn take_back(&self) {
        self.books().access = None;
    }

    fn page(&self, query: &str) -> Answer {
        let asked: HashMap<String, String> = pairs(query);
        let location =
            format!("{}?code={CANARY}-code&state={}&iss={}", asked["redirect_uri"], asked["state"], self.origin);
        let mut books = self.books();
        books.granted = asked.get("scope").cloned().unwrap_or_default();
        books.pages.push(asked);
        Response::builder().status(302).header("location", location).body(String::new()).expect("it is valid")
    }

    fn token(&self, body: &str) -> Answer {
        let asked = pairs(body);
        let mut books = self.books();
        books.exchanges.push(asked.clone());
        let renews = asked["grant_type"] == "refresh_token";
        let shown = &asked[if renews { "refresh_token" } else { "code" }];
        if books.refuses || (renews && books.renewal.as_ref() != Some(shown)) {
            let text = format!("no token like {shown}");
            return json_of(400, &json!({ "error": "invalid_grant", "error_description": text }));
        }
        books.renewals += usize::from(renews);
        books.number += 1;
        let access = format!("{CANARY}-access-{}", books.number);
        // Each is good for one renewal.
        let renewal = format!("{CANARY}-renewal-{}", books.number);
        books.access = Some(access.clone());
        books.renewal = Some(renewal.clone());
        let scope = books.granted.clone();
        json_of(
            200,
            &json!({ "access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": renewal, "scope": scope }),
        )
    }

    fn mcp(&self, headers: &HeaderMap, body: &str) -> Answer {
        let books = self.books();
        let sent = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if books.access.as_ref().is_none_or(|access| sent != format!("Bearer {access}")) {
            let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", self.origin);
            let challenge = format!("Bearer scope=\"read\", resource_metadata=\"{metadata}\"");
            return challenged(401, &challenge, &format!("no token like <{sent}>"));
        }
        let message: Value = serde_json::from_str(body).unwrap_or_default();
        let (id, name) = (message["id"].clone(), message["params"]["name"].as_str().unwrap_or_default());
        let tools = ["whoami", "admin"].map(|name| json!({ "name": name, "inputSchema": { "type": "object" } }));
        let result = match message["method"].as_str().unwrap_or_default() {
            _ if id.is_null() => return json_of(202, &Value::Null),
            "initialize" => json!({ "protocolVersion": "2025-11-25", "capabilities": { "tools": {} },
                "serverInfo": { "name": "guarded", "version": sent } }),
            "tools/list" => json!({ "tools": tools }),
            "tools/call" if name == "admin" && !books.granted.contains("admin") => {
                let challenge = "Bearer error=\"insufficient_scope\", scope=\"admin\"";
                return challenged(403, challenge, "you may not");
            }
            "tools/call" => json!({ "content": [{ "type": "text", "text": format!("you are {sent}") }] }),
            _ => {
                let error = json!({ "code": -32601, "message": "Method not found" });
                return json_of(200, &json!({ "jsonrpc": "2.0", "id": id, "error": error }));
            }
        };
        json_of(200, &json!({ "jsonrpc": "2.0", "id": id, "result": result }))
    }
}

type Answer = Response<String>;

async fn answer(State(guarded): State<Guarded>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let (origin, body) = (&guarded.origin, String::from_utf8_lossy(&body));
    match (method.as_str(), uri.path()) {
        ("POST", "/mcp") => guarded.mcp(&headers, &body),
        ("GET", "/.well-known/oauth-protected-resource/mcp") => {
            let authority = guarded.books().authority.clone().unwrap_or_else(|| origin.clone());
            let resource = format!("{origin}/mcp");
            json_of(200, &json!({ "resource": resource, "authorization_servers": [authority] }))
        }
        ("GET", "/.well-known/oauth-authorization-server") => {
            let mut metadata = json!({
                "issuer": origin,
                "authorization_endpoint": format!("{origin}/authorize"),
                "token_endpoint": format!("{origin}/token"),
                "registration_endpoint": format!("{origin}/register"),
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": true,
            });
            if guarded.books().is_closed {
                metadata["registration_endpoint"] = Value::Null;
            }
            json_of(200, &metadata)
        }
        ("POST", "/register") => {
            let asked: Value = serde_json::from_str(&body).unwrap_or_default();
            let redirects = asked["redirect_uris"].clone();
            guarded.books().registrations.push(asked);
            json_of(201, &json!({ "client_id": "client-1", "redirect_uris": redirects }))
        }
        ("GET", "/authorize") => guarded.page(uri.query().unwrap_or_default()),
        ("POST", "/token") => guarded.token(&body),
        _ => json_of(404, &Value::Null),
    }
}

fn pairs(query: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn json_of(status: u16, value: &Value) -> Answer {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(value.to_string()).expect("it is valid")
}

fn challenged(status: u16, challenge: &str, text: &str) -> Answer {
    let response = Response::builder().status(status).header("www-authenticate", challenge);
    response.header("content-type", "application/json").body(json!({ "error": text }).to_string()).expect("it is valid")
}
