//! A stand-in for a model: replies that are written down.

use crate::provider::{
    Delta, NativeCall, Provider, ProviderError, ProviderErrorKind, RUN_JS, Reply, ReplyStyle, Request,
};
use futures_util::future::BoxFuture;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// A provider that says what it was told to say, one reply after the other: for tests and demonstrations.
///
/// ```
/// use agentloop::{Provider as _, Scripted};
///
/// let model = Scripted::new().script("return await tools.now({})").text("It is noon.");
/// assert_eq!(model.model(), "scripted/replies");
/// ```
#[derive(Debug, Default)]
pub struct Scripted {
    style: ReplyStyle,
    replies: Mutex<VecDeque<Result<Reply, ProviderError>>>,
    requests: Mutex<Vec<Request>>,
    calls: u32,
    /// What it says when it has nothing more to say.
    end: Option<&'static str>,
}

impl Scripted {
    /// A model with nothing to say yet, which calls the native tool.
    pub fn new() -> Self {
        Self::default()
    }

    /// A model that gives its scripts in another way.
    #[must_use]
    pub fn in_style(mut self, style: ReplyStyle) -> Self {
        self.style = style;
        self
    }

    /// What it fails with when its replies are used up.
    #[must_use]
    pub(crate) fn ending_with(mut self, end: &'static str) -> Self {
        self.end = Some(end);
        self
    }

    /// Says a text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.reply(Reply { text: text.into(), ..Reply::default() })
    }

    /// Gives a script, in the way of its style.
    #[must_use]
    pub fn script(mut self, code: impl Into<String>) -> Self {
        let code = code.into();
        if self.style == ReplyStyle::FencedCode {
            return self.text(format!("```js\n{code}\n```"));
        }
        self.calls += 1;
        let call = NativeCall {
            id: format!("call-{}", self.calls),
            name: RUN_JS.to_owned(),
            arguments: serde_json::json!({ "code": code }),
        };
        self.reply(Reply { calls: vec![call], ..Reply::default() })
    }

    /// Gives this reply.
    #[must_use]
    pub fn reply(self, reply: Reply) -> Self {
        self.then(Ok(reply))
    }

    /// Fails like this.
    #[must_use]
    pub fn error(self, error: ProviderError) -> Self {
        self.then(Err(error))
    }

    fn then(self, reply: Result<Reply, ProviderError>) -> Self {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).push_back(reply);
        self
    }

    /// The requests so far, the oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Provider for Scripted {
    fn model(&self) -> &str {
        "scripted/replies"
    }

    fn style(&self) -> ReplyStyle {
        self.style
    }

    fn reply<'a>(
        &'a self,
        request: &'a Request,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> BoxFuture<'a, Result<Reply, ProviderError>> {
        Box::pin(async move {
            self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
            let reply = self.replies.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let reply = reply.unwrap_or_else(|| {
                let end = self.end.unwrap_or("the scripted model has nothing more to say");
                Err(ProviderError::new(ProviderErrorKind::InvalidRequest, end))
            })?;
            say(&reply, on_delta);
            Ok(reply)
        })
    }
}

/// The text of a reply in pieces of a word, as it would arrive.
fn say(reply: &Reply, on_delta: &mut (dyn FnMut(Delta) + Send)) {
    for word in reply.text.split_inclusive(' ') {
        on_delta(Delta::Text { text: word.to_owned() });
    }
}
