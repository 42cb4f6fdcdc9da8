//! Answers that come as a stream of events, and go on in another one when they break off.

use super::Post;
use crate::mcp::errors::{Error, ErrorKind};
use crate::mcp::sse::{Event, Events, TooLong};
use crate::mcp::wire::MESSAGE_BYTES_MAX;
use reqwest::Response;
use rmcp::model::RequestId;
use std::time::Duration;

/// A stream that breaks off so often without a message in between is given up.
const RESUMED_MAX: u32 = 5;

/// The wait before a stream is resumed, unless the server says otherwise.
const RESUME_WAIT: Duration = Duration::from_secs(1);

/// The longest wait that a server may ask for.
const RESUME_WAIT_MAX: Duration = Duration::from_secs(10);

/// How the answer to a message ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The server took the message. If it was a request, the answer comes another way.
    Accepted,
    /// The request was answered.
    Answered,
}

/// A stream of messages.
pub(super) struct Stream<'a> {
    post: &'a Post,
    response: Response,
    events: Events,
    last: Option<String>,
    wait: Duration,
    resumed: u32,
}

impl<'a> Stream<'a> {
    pub(super) fn new(post: &'a Post, response: Response) -> Self {
        let events = Events::new(MESSAGE_BYTES_MAX);
        Self { post, response, events, last: None, wait: RESUME_WAIT, resumed: 0 }
    }

    /// Takes in messages, up to the answer to this request, or to the end.
    pub(super) async fn follow(mut self, until: Option<&RequestId>) -> Result<Ending, Error> {
        loop {
            let broken = match self.response.chunk().await {
                Ok(Some(chunk)) => {
                    if self.take(&chunk, until).await? {
                        return Ok(Ending::Answered);
                    }
                    continue;
                }
                Ok(None) => None,
                Err(error) => Some(self.post.broken(&error)),
            };
            if !self.resume(until.is_none()).await? {
                let text = "ended the stream before it had answered";
                return Err(broken.unwrap_or_else(|| self.post.wire.voice.error(ErrorKind::Protocol, text)));
            }
        }
    }

    /// Takes in some bytes. True when the answer was among them.
    async fn take(&mut self, chunk: &[u8], until: Option<&RequestId>) -> Result<bool, Error> {
        let events = self.events.push(chunk).map_err(|TooLong| {
            let text = "sent an answer of more than 16 MiB; ask it for less at a time";
            self.post.wire.voice.error(ErrorKind::TooLarge, text)
        })?;
        for Event { data, id, retry } in events {
            self.last = id.or(self.last.take());
            self.wait = retry.map_or(self.wait, |wait| wait.min(RESUME_WAIT_MAX));
            if data.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            self.resumed = 0;
            let answered = self.post.wire.accept(&data).await?;
            if until.is_some() && answered.as_ref() == until {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes on after the last event. False if there is no going on.
    async fn resume(&mut self, always: bool) -> Result<bool, Error> {
        if self.resumed >= RESUMED_MAX || (self.last.is_none() && !always) {
            return Ok(false);
        }
        self.resumed += 1;
        tokio::time::sleep(self.wait).await;
        let Some(response) = self.post.get(self.last.as_deref()).await? else { return Ok(false) };
        self.response = response;
        self.events = Events::new(MESSAGE_BYTES_MAX);
        Ok(true)
    }
}
