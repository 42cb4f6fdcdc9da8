//! Conversations with a model that were recorded, and can be played again: no key, no network.

use crate::provider::{Delta, Provider, ProviderError, ProviderErrorKind, Reply, ReplyStyle, Request};
use crate::scripted::Scripted;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// The version of the form: JSON Lines, first a header, then one reply a line.
pub const CASSETTE_VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    cassette: u32,
    model: String,
    style: ReplyStyle,
}

/// A provider that plays back a recorded conversation, reply by reply.
///
/// ```
/// use agentloop::{Cassette, Provider as _};
///
/// let cassette = Cassette::parse("{\"cassette\":1,\"model\":\"a/b\",\"style\":\"native_tool\"}\n{\"text\":\"Hello\"}\n")?;
/// assert_eq!(cassette.model(), "a/b");
/// # Ok::<(), agentloop::ProviderError>(())
/// ```
#[derive(Debug)]
pub struct Cassette {
    model: String,
    replies: Scripted,
}

impl Cassette {
    /// Reads a cassette from its text.
    ///
    /// # Errors
    ///
    /// [`ProviderErrorKind::BadResponse`] with the line that is none.
    pub fn parse(text: &str) -> Result<Self, ProviderError> {
        let broken = |line: usize, why: String| {
            ProviderError::new(ProviderErrorKind::BadResponse, format!("line {line} of the cassette: {why}"))
        };
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let (_, first) = lines.next().ok_or_else(|| broken(1, "there is none".to_owned()))?;
        let header: Header = serde_json::from_str(first).map_err(|error| broken(1, error.to_string()))?;
        if header.cassette != CASSETTE_VERSION {
            let why = format!("version {} cannot be played, only version {CASSETTE_VERSION}", header.cassette);
            return Err(broken(1, why));
        }
        let mut replies = Scripted::new().in_style(header.style).ending_with("the recorded conversation ends here");
        for (index, line) in lines {
            let reply: Reply = serde_json::from_str(line).map_err(|error| broken(index + 1, error.to_string()))?;
            replies = replies.reply(reply);
        }
        Ok(Self { model: header.model, replies })
    }
}

impl Provider for Cassette {
    fn model(&self) -> &str {
        &self.model
    }

    fn style(&self) -> ReplyStyle {
        Provider::style(&self.replies)
    }

    fn reply<'a>(
        &'a self,
        request: &'a Request,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> BoxFuture<'a, Result<Reply, ProviderError>> {
        Provider::reply(&self.replies, request, on_delta)
    }
}

/// A provider that writes down what another one answers, as a [`Cassette`]. What fails is not written.
#[derive(Debug)]
pub struct Recorder<P, W> {
    provider: P,
    tape: Mutex<W>,
}

impl<P: Provider, W: Write + Send + 'static> Recorder<P, W> {
    /// Begins a cassette.
    ///
    /// # Errors
    ///
    /// When the tape cannot be written to.
    pub fn new(provider: P, mut tape: W) -> std::io::Result<Self> {
        let header = Header { cassette: CASSETTE_VERSION, model: provider.model().to_owned(), style: provider.style() };
        writeln!(tape, "{}", serde_json::to_string(&header)?)?;
        Ok(Self { provider, tape: Mutex::new(tape) })
    }

    fn record(&self, reply: &Reply) -> std::io::Result<()> {
        let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(tape, "{}", serde_json::to_string(reply)?)?;
        tape.flush()
    }
}

impl<P: Provider, W: Write + Send + 'static> Provider for Recorder<P, W> {
    fn model(&self) -> &str {
        self.provider.model()
    }

    fn style(&self) -> ReplyStyle {
        self.provider.style()
    }

    fn reply<'a>(
        &'a self,
        request: &'a Request,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> BoxFuture<'a, Result<Reply, ProviderError>> {
        Box::pin(async move {
            let reply = self.provider.reply(request, on_delta).await?;
            self.record(&reply).map_err(|error| {
                ProviderError::new(
                    ProviderErrorKind::InvalidRequest,
                    format!("the reply could not be recorded: {error}"),
                )
            })?;
            Ok(reply)
        })
    }
}
