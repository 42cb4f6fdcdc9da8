//! `agentloop mcp`: the sandbox as an MCP server. A model writes one script instead of making forty calls.
//!
//! Each call of `execute` is a run in an instance of its own. Standard output has the protocol and nothing else.

mod answer;
mod asking;
mod execute;
mod going;
mod http;
mod instructions;
mod parked;
mod sessions;
mod token;
mod tools;

use crate::arguments::ServeArguments;
use crate::config::Config;
use crate::exit::{Complaint, Exit};
use crate::offer::Offer;
use crate::run::{complain, no_runtime, sandbox};
use crate::terminal::{Screen, Tone};
use agentloop_sandbox::{CancellationToken, Engine, Limits, Sandbox};
use asking::Manner;
use execute::Answers;
use going::Going;
use http::Http;
use parked::Parked;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestMethod, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer, ServiceExt as _};
use rmcp::transport::async_rw::AsyncRwTransport;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::IsTerminal as _;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Semaphore;
use tools::{Describe, Search};

/// Bytes of one message of the client: a script with its literals, and what JSON makes of them.
const MESSAGE_BYTES_MAX: usize = 16 << 20;
/// Scripts that run at the same time. Others wait for their turn.
const RUNS_MAX: usize = 64;
/// Bytes of a script's value: more than a model should read. The error says to return less.
const VALUE_BYTES_MAX: usize = 64 << 10;
const CONSOLE_BYTES_MAX: usize = 16 << 10;
/// Tools that a search finds, if it does not say how many, and at most.
const FOUND: usize = 8;
const FOUND_MAX: usize = 50;

/// Serves on standard input and output until the client goes away, or over HTTP until it is stopped.
pub(crate) fn serve(arguments: &ServeArguments, screen: Screen) -> Result<Exit, Complaint> {
    let config = Config::of(&arguments.tools)?;
    let limits = arguments.limits.limits(&config.limits);
    let limits = Limits { value_bytes_max: VALUE_BYTES_MAX, console_bytes_max: CONSOLE_BYTES_MAX, ..limits };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(no_runtime)?;
    let served = runtime.block_on(async {
        let http = match arguments.http {
            Some(address) => Some(Http::open(address, arguments).await?),
            None => None,
        };
        let offer = Offer::open(&arguments.tools, &config, screen).await?;
        // A pool for many clients, and their runs that wait.
        let engine = Engine::new().map_err(|error| complain(&error))?;
        let server = Server::new(sandbox(&engine, &offer, limits)?, offer);
        let served = until_end(server.clone(), http, screen).await;
        // Runs that are still there hold the servers too; they are cancelled, and so are their calls.
        server.kit().offer.stop().await;
        served
    });
    // A read of standard input that nobody waits for any more must not hold the process.
    runtime.shutdown_background();
    if let Err(text) = served? {
        screen.say(Tone::Warning, "warning", &text);
    }
    Ok(Exit::Finished)
}

async fn until_end(server: Server, http: Option<Http>, screen: Screen) -> Result<Result<(), String>, Complaint> {
    let stop = CancellationToken::new();
    let signals = stop_on_signals(stop.clone()).map_err(no_runtime)?;
    let keeping_up = tokio::spawn(server.clone().keep_up(screen));
    let ended = match http {
        None => {
            if std::io::stdin().is_terminal() {
                let text = "waits for a client on standard input; `agentloop mcp install` sets one up, --http serves over HTTP";
                screen.say(Tone::Faint, "mcp", text);
            }
            converse(server, stop).await
        }
        Some(http) => {
            http.tell(screen);
            http.serve(server, stop).await;
            Ok(())
        }
    };
    signals.abort();
    keeping_up.abort();
    Ok(ended)
}

async fn converse(server: Server, stop: CancellationToken) -> Result<(), String> {
    let (input, output) = rmcp::transport::stdio();
    let transport = AsyncRwTransport::<RoleServer, _, _>::new(input, output).with_max_line_length(MESSAGE_BYTES_MAX);
    match server.serve_with_ct(transport, stop).await {
        Ok(service) => service.waiting().await.map(|_| ()).map_err(|error| error.to_string()),
        Err(error) => Err(format!("no client has introduced itself: {error}")),
    }
}

#[cfg(unix)]
fn stop_on_signals(stop: CancellationToken) -> std::io::Result<tokio::task::JoinHandle<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.cancel();
    }))
}

#[cfg(not(unix))]
fn stop_on_signals(stop: CancellationToken) -> std::io::Result<tokio::task::JoinHandle<()>> {
    Ok(tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    }))
}

#[derive(Clone)]
struct Server {
    kit: Arc<RwLock<Arc<Kit>>>,
    places: Arc<Semaphore>,
    parked: Parked<Going>,
}

/// What scripts run with, until the tools of a server change.
struct Kit {
    sandbox: Sandbox,
    offer: Offer,
    instructions: String,
}

impl Kit {
    fn new(sandbox: Sandbox, offer: Offer) -> Arc<Self> {
        let instructions = instructions::of(sandbox.toolbox());
        Arc::new(Self { sandbox, offer, instructions })
    }
}

impl Server {
    fn new(sandbox: Sandbox, offer: Offer) -> Self {
        let kit = Arc::new(RwLock::new(Kit::new(sandbox, offer)));
        Self { kit, places: Arc::new(Semaphore::new(RUNS_MAX)), parked: Parked::default() }
    }

    fn kit(&self) -> Arc<Kit> {
        Arc::clone(&self.kit.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes up what servers say of their tools, for as long as it is polled. Scripts that run keep the tools that they have.
    async fn keep_up(self, screen: Screen) {
        loop {
            let kit = self.kit();
            match kit.offer.next().await {
                Ok(offer) => {
                    let kit = Kit::new(kit.sandbox.with_toolbox(offer.toolbox.clone()), offer);
                    *self.kit.write().unwrap_or_else(PoisonError::into_inner) = kit;
                }
                Err(complaint) => {
                    let text = format!("{}; scripts go on with the tools that there were", complaint.message);
                    return screen.say(Tone::Warning, "warning", &text);
                }
            }
        }
    }

    fn search(&self, search: &Search) -> CallToolResult {
        let limit = search.limit.map_or(FOUND, |limit| limit as usize).min(FOUND_MAX);
        let kit = self.kit();
        let toolbox = kit.sandbox.toolbox();
        let found = toolbox.search(&search.query, limit);
        let declarations = found.iter().filter_map(|tool| toolbox.describe(tool.name().as_str()));
        let text = match found.is_empty() {
            true => "No tool matches these words; try others, or fewer.".to_owned(),
            false => declarations.collect::<Vec<_>>().join("\n"),
        };
        CallToolResult::success(vec![ContentBlock::text(answer::clamped(text))])
    }

    fn describe(&self, describe: &Describe) -> CallToolResult {
        match self.kit().sandbox.toolbox().describe(&describe.name) {
            Some(text) => CallToolResult::success(vec![ContentBlock::text(answer::clamped(text))]),
            None => {
                let name: String = describe.name.chars().take(100).collect();
                let text = format!("There is no tool `{name}`. Look for it with search_tools.");
                CallToolResult::error(vec![ContentBlock::text(text)])
            }
        }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("agentloop", env!("CARGO_PKG_VERSION")).with_title("agentloop"))
            .with_instructions(&*self.kit().instructions)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut tools = tools::always();
        let offer = &self.kit().offer;
        // Whether there is something to ask about may change with the tools of a server, and clients are not told.
        if (offer.may_ask() || offer.has_servers()) && Manner::of(&context) == Manner::Tools {
            tools.extend(tools::of_asking());
        }
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        match (request.name.as_ref(), request.request_state) {
            ("execute", None) => execute::execute(self, read(arguments)?, &context).await,
            ("execute", Some(run)) => {
                let answers = Answers { run, answers: request.input_responses.unwrap_or_default() };
                execute::resume(self, &read(arguments)?, answers, &context).await
            }
            ("approve", _) => execute::approve(self, read(arguments)?, &context).await,
            ("reject", _) => execute::reject(self, read(arguments)?, &context).await,
            ("search_tools", _) => Ok(self.search(&read(arguments)?).into()),
            ("describe_tool", _) => Ok(self.describe(&read(arguments)?).into()),
            _ => Err(ErrorData::method_not_found::<CallToolRequestMethod>()),
        }
    }
}

fn read<T: DeserializeOwned>(arguments: Value) -> Result<T, ErrorData> {
    serde_json::from_value(arguments)
        .map_err(|error| ErrorData::invalid_params(format!("the arguments do not fit: {error}"), None))
}
