//! The client that the conformance suite of MCP tests. It does what scripts make our client do: it lists what a server
//! offers, and calls each tool from a sandbox. What the suite says to call a tool with is what it is called with; other
//! arguments are made up from the tool's schema.

#![expect(clippy::print_stdout, reason = "the suite keeps what its client writes")]

use crate::calls::Calls as _;
use agentloop_sandbox::Tool;
use agentloop_tools::mcp::{Credentials, ErrorKind, Server, Servers};
use serde_json::{Map, Value, json};
use std::error::Error;

/// The suite takes a client that signs in more often for one that never gives up.
const SIGN_INS_MAX: usize = 3;

/// Visits the server at this address, with what the suite says about it.
pub(super) async fn visit(url: &str, context: &Value) -> Result<(), Box<dyn Error>> {
    let oauth = json!({
        "clientId": context["client_id"],
        "clientSecret": context["client_secret"],
        "clientMetadataUrl": "https://conformance-test.local/client-metadata.json",
    });
    let configuration = json!({ "mcpServers": { "suite": { "type": "http", "url": url, "oauth": oauth } } });
    let folder = tempfile::tempdir()?;
    let servers = Servers::read(&configuration.to_string(), &|_| None)?;
    let servers = servers.with_credentials(&Credentials::new(folder.path()));
    for server in servers.iter() {
        let mut visitor = Visitor { server, sign_ins: 0 };
        visitor.visit(context).await?;
        server.stop().await;
    }
    Ok(())
}

/// Uses all that a server offers, and signs in where that is needed.
struct Visitor<'a> {
    server: &'a Server,
    sign_ins: usize,
}

impl Visitor<'_> {
    async fn visit(&mut self, context: &Value) -> Result<(), Box<dyn Error>> {
        let listing = loop {
            match self.server.tools().await {
                Err(error) if error.kind() == ErrorKind::Unauthorized && self.sign_ins < SIGN_INS_MAX => {
                    println!("{error}");
                    self.sign_in().await?;
                }
                listing => break listing?,
            }
        };
        for note in &listing.notes {
            println!("{note}");
        }
        for tool in &listing.tools {
            for arguments in arguments(tool, &listing.tools, context) {
                self.call(tool, &arguments).await?;
            }
        }
        Ok(())
    }

    async fn call(&mut self, tool: &Tool, arguments: &Value) -> Result<(), Box<dyn Error>> {
        loop {
            let answer = tool.call(arguments.clone()).await;
            println!("{}({arguments}) gives {answer:?}", tool.name());
            match answer {
                Err(error) if error.contains("sign in with") && self.sign_ins < SIGN_INS_MAX => self.sign_in().await?,
                _ => return Ok(()),
            }
        }
    }

    /// Signs in. The person in the browser grants everything.
    async fn sign_in(&mut self) -> Result<(), Box<dyn Error>> {
        self.sign_ins += 1;
        let browser = reqwest::Client::builder().no_proxy().build()?;
        let open = |url: &str| {
            tokio::spawn(browser.get(url).send());
        };
        Ok(self.server.sign_in(open).await?)
    }
}

/// What to call a tool with.
fn arguments(tool: &Tool, all: &[Tool], context: &Value) -> Vec<Value> {
    let is_of =
        |call: &&Value| call["name"].as_str().map(|name| format!("suite.{name}")) == Some(tool.name().to_string());
    let said = context["toolCalls"].as_array().into_iter().flatten().filter(is_of);
    let said: Vec<Value> = said.map(|call| without_nulls(&call["arguments"])).collect();
    match tool.name().as_str() {
        _ if !said.is_empty() => said,
        // What came of the schema of the other tool on its way through us.
        "suite.json_schema_echo" => all
            .iter()
            .filter(|other| other.name().as_str() == "suite.json_schema_2020_12_tool")
            .map(|other| json!({ "schema": other.input_schema() }))
            .collect(),
        "suite.$resources.read" | "suite.$prompts.get" => Vec::new(),
        _ => vec![made_up(tool.input_schema())],
    }
}

/// The arguments without those that are nothing: where a schema does not allow that, our client sends no call at all.
fn without_nulls(arguments: &Value) -> Value {
    let members = arguments.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Something that is valid by the schema, as far as the suite's schemas go.
fn made_up(schema: &Value) -> Value {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let members = required.map(|name| {
        let value = match schema["properties"][name]["type"].as_str() {
            Some("number" | "integer") => json!(2),
            Some("boolean") => json!(true),
            Some("array") => json!([]),
            Some("object") => json!({}),
            Some("null") => Value::Null,
            _ => json!("text"),
        };
        (name.to_owned(), value)
    });
    Value::Object(members.collect::<Map<_, _>>())
}
