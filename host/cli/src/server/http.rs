//! The server over streamable HTTP. Whoever has the token may use it; it is looked at before anything else of a request.

use super::sessions::Sessions;
use super::token::Token;
use super::{MESSAGE_BYTES_MAX, Server};
use crate::arguments::ServeArguments;
use crate::exit::{Complaint, Exit};
use crate::terminal::{Screen, Tone};
use agentloop_sandbox::CancellationToken;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

const PATH: &str = "/mcp";

/// Connections at the same time. Others wait.
const CONNECTIONS_MAX: usize = 256;

/// So long the head of a request may take to come, and a connection may be idle.
const HEAD_TIME_MAX: Duration = Duration::from_secs(30);

const HEAD_BYTES_MAX: usize = 64 << 10;

/// So long to wait after a connection that could not be taken, as when there are no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

type Body = BoxBody<Bytes, Infallible>;
type Service = StreamableHttpService<Server, Sessions>;

/// Where clients reach it, and with what. Listening.
pub(super) struct Http {
    listener: TcpListener,
    address: SocketAddr,
    token: Token,
    names: Vec<String>,
}

impl Http {
    pub(super) async fn open(address: SocketAddr, arguments: &ServeArguments) -> Result<Self, Complaint> {
        let usage = |message: String, help: &str| Complaint::new(Exit::Usage, message, help.to_owned());
        let names = &arguments.server_name;
        let token_file = arguments.token_file.as_deref();
        if !address.ip().is_loopback() && (token_file.is_none() || names.is_empty()) {
            return Err(usage(
                format!("--http {address} can be reached from other machines"),
                "give it a lasting token with --token-file, and with --server-name the name that clients reach it by; it \
                 speaks no TLS, so put something in front that does",
            ));
        }
        let token = Token::of(token_file)?;
        let cannot = |error| usage(format!("cannot listen at {address}: {error}"), "name another address with --http");
        let listener = TcpListener::bind(address).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address, token, names: names.clone() })
    }

    /// Says how to connect.
    pub(super) fn tell(&self, screen: Screen) {
        screen.say(Tone::Faint, "mcp", &format!("listening at http://{}{PATH}", self.address));
        match self.token.file() {
            Some(file) => {
                screen.say(Tone::Faint, "token", &format!("the text in `{}`, as a bearer token", file.display()));
            }
            None => screen.say(Tone::Faint, "token", &format!("Authorization: Bearer {}", self.token.text())),
        }
    }

    /// Serves until `stop`, or for as long as it can.
    pub(super) async fn serve(self, server: Server, stop: CancellationToken) {
        let service =
            StreamableHttpService::new(move || Ok(server.clone()), Arc::new(Sessions::new()), self.rules(&stop));
        let (token, places) = (Arc::new(self.token), Arc::new(Semaphore::new(CONNECTIONS_MAX)));
        loop {
            let connection = tokio::select! {
                connection = next(&self.listener, &places) => connection,
                () = stop.cancelled() => return,
            };
            let Some((stream, place)) = connection else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let (service, token, stop) = (service.clone(), Arc::clone(&token), stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = converse(stream, service, token) => {}
                    () = stop.cancelled() => {}
                }
                drop(place);
            });
        }
    }

    fn rules(&self, stop: &CancellationToken) -> StreamableHttpServerConfig {
        let local = ["localhost", "127.0.0.1", "[::1]"];
        let port = self.address.port();
        // A page of a browser may call it only if it comes from here.
        let origins = local.iter().map(|host| format!("http://{host}:{port}"));
        let hosts = local.iter().map(|host| host.trim_matches(['[', ']']).to_owned());
        StreamableHttpServerConfig::default()
            .with_allowed_hosts(hosts.chain(self.names.iter().cloned()))
            .with_allowed_origins(origins.chain(self.names.iter().map(|name| format!("https://{name}:443"))))
            .with_cancellation_token(stop.clone())
            .with_max_request_body_bytes(MESSAGE_BYTES_MAX)
    }
}

async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    Some((stream, place))
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, service: Service, token: Arc<Token>) {
    let answer = service_fn(move |request| {
        let (service, token) = (service.clone(), Arc::clone(&token));
        async move { Ok::<_, Infallible>(answer(request, &service, &token).await) }
    });
    // What is wrong with a connection is the client's to see.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

async fn answer(request: Request<Incoming>, service: &Service, token: &Token) -> Response<Body> {
    if !token.is_in(request.headers().get(AUTHORIZATION)) {
        let text = "The token is missing or wrong: send it as `Authorization: Bearer TOKEN`.\n";
        let mut refusal = plain(StatusCode::UNAUTHORIZED, text);
        refusal.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return refusal;
    }
    if request.uri().path() != PATH {
        return plain(StatusCode::NOT_FOUND, "The server is at /mcp.\n");
    }
    service.handle(request).await
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())).boxed());
    *response.status_mut() = status;
    response
}
