//! Where the browser comes back to: a page on this machine that is there for one answer.

use reqwest::Url;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

/// The only path that there is.
const PATH: &str = "/callback";

/// The head of a longer request is not read.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// A connection that says nothing for so long is closed. Browsers open some that they never use.
const HEAD_TIME_MAX: Duration = Duration::from_secs(10);

/// So many connections are read at a time.
const CONNECTIONS_MAX: usize = 16;

/// Waits for the browser.
pub(super) struct Callback {
    listener: TcpListener,
    address: String,
}

impl Callback {
    /// Listens on this machine alone: on the port that we are registered with, or on any.
    pub(super) async fn listen(port: Option<u16>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port.unwrap_or_default())).await?;
        // Those who register an address by hand write a name, as the programs do whose configuration this is.
        let host = if port.is_some() { "localhost" } else { "127.0.0.1" };
        let address = format!("http://{host}:{}{PATH}", listener.local_addr()?.port());
        Ok(Self { listener, address })
    }

    /// Where the browser is to be sent back to.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The address that the browser came back with. Whatever comes without this `state` is turned away.
    pub(super) async fn answer(self, state: &str) -> io::Result<Url> {
        let (found, mut answers) = mpsc::channel(1);
        let state: Arc<str> = Arc::from(state);
        let address: Arc<str> = Arc::from(self.address.as_str());
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Some(answer) = answers.recv() => return Ok(answer),
                accepted = self.listener.accept() => {
                    let (stream, _) = accepted?;
                    // Who finds no place is hung up on.
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                    let (found, state, address) = (found.clone(), Arc::clone(&state), Arc::clone(&address));
                    connections.spawn(async move {
                        if let Some(answer) = serve(stream, &address, &state).await {
                            // A second answer is one too many.
                            let _ = found.try_send(answer);
                        }
                        drop(place);
                    });
                }
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
    }
}

/// Serves one request. Gives the address that was asked for, if it is an answer.
async fn serve(mut stream: TcpStream, address: &str, state: &str) -> Option<Url> {
    let target = tokio::time::timeout(HEAD_TIME_MAX, target(&mut stream)).await.ok()??;
    let answer = Url::parse(address).ok()?.join(&target).ok()?;
    let (status, text, answer) = match &answer {
        url if url.path() != PATH => ("404 Not Found", "There is nothing here.", None),
        url if !url.query_pairs().any(|(name, value)| name == "state" && value == state) => {
            ("400 Bad Request", "This is no answer to the sign-in that is waited for.", None)
        }
        url if url.query_pairs().any(|(name, _)| name == "error") => {
            ("200 OK", "Signing in was refused. You can close this window.", Some(answer))
        }
        _ => ("200 OK", "This is done. You can close this window, and go back to the program.", Some(answer)),
    };
    let head = "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
                X-Content-Type-Options: nosniff\r\nConnection: close\r\n";
    let response = format!("HTTP/1.1 {status}\r\n{head}Content-Length: {}\r\n\r\n{text}", text.len());
    // Whoever does not wait for it does not see it.
    let _ = tokio::time::timeout(HEAD_TIME_MAX, async {
        stream.write_all(response.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
    answer
}

/// What a request asks for: the second word of its first line.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut chunk = [0; 1_024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 || head.len() + read > HEAD_BYTES_MAX {
            return None;
        }
        head.extend_from_slice(&chunk[..read]);
    }
    let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut words = line.split(' ');
    let target = (words.next() == Some("GET")).then(|| words.next())??;
    // Nothing but a path: an address of its own would lead elsewhere.
    (target.starts_with('/') && !target.starts_with("//")).then(|| target.to_owned())
}
