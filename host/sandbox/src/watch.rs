//! Hearing of the calls of a run while it goes on, and stepping in before they are made.

use crate::tether::Tether;
use crate::{CallStatus, Tool, ToolError};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of a tool's word about its progress.
const MESSAGE_BYTES_MAX: usize = 512;

/// Something that happens to a call. See [`Run::on_call`](crate::Run::on_call).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallEvent<'a> {
    /// The call. Counts from 0 within the run.
    pub id: u32,
    /// The tool.
    pub tool: &'a str,
    /// What happens.
    pub change: CallChange<'a>,
}

/// What happens to a call. One that is refused before it starts has an end and no start.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CallChange<'a> {
    /// It is about to be made, with this JSON text as arguments.
    Started {
        /// As the script gave them.
        arguments: &'a str,
    },
    /// The tool says how far it is.
    Progress {
        /// From 0 to 1, where the tool knows.
        fraction: Option<f64>,
        /// For a person. At most 512 bytes.
        message: &'a str,
    },
    /// It failed and is made again, as its tool is idempotent.
    Retried {
        /// Why.
        error: &'a ToolError,
        /// Counts from 1.
        attempt: u32,
    },
    /// It is over.
    Ended {
        /// How.
        status: &'a CallStatus,
        /// From its start to its end.
        duration: Duration,
    },
}

/// A call that a script asks for, before it is made. See [`Run::gate`](crate::Run::gate).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The call. Counts from 0 within the run.
    pub id: u32,
    /// The tool.
    pub tool: String,
    /// The arguments, which match the tool's schema.
    pub arguments: Value,
    /// Whether somebody gave leave to make this call when the run was [resumed](crate::Sandbox::resume): then nobody needs to be
    /// asked, but what is forbidden stays forbidden.
    pub is_approved: bool,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is made.
    Allow,
    /// It is made with other arguments, which must match the tool's schema as well.
    Amend(Value),
    /// It is not made. The script gets the reason, as a `ToolError` of kind `refused` that it may catch.
    Refuse(String),
    /// Nobody can say now. As soon as the run waits for nothing but such calls (and timers), it ends as
    /// [`Ending::Suspended`](crate::Ending::Suspended), to be resumed when somebody has decided. Refuses, if the run cannot be
    /// suspended: see [`Run::suspend_on`](crate::Run::suspend_on).
    Suspend,
}

pub(crate) type Observer = dyn Fn(&CallEvent<'_>) + Send + Sync;
pub(crate) type Gate = dyn Fn(Attempt) -> BoxFuture<'static, Verdict> + Send + Sync;

/// Who hears of calls, and who decides about them.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    pub(crate) observer: Option<Arc<Observer>>,
    pub(crate) gate: Option<Arc<Gate>>,
}

impl Watch {
    pub(crate) fn tell(&self, id: u32, tool: &str, change: CallChange<'_>) {
        if let Some(observer) = &self.observer {
            observer(&CallEvent { id, tool, change });
        }
    }
}

/// By which the handler of a call says how far it is. Cheap to clone; says nothing once the call is over.
#[derive(Clone)]
pub struct Progress(Option<Arc<Reporter>>);

/// Who tells of a call, if anybody hears of it.
struct Reporter {
    id: u32,
    tool: Tool,
    watch: Watch,
    tether: Arc<Tether>,
}

impl Progress {
    pub(crate) fn new(id: u32, tool: &Tool, watch: &Watch, tether: &Arc<Tether>) -> Self {
        let reporter = || Reporter { id, tool: tool.clone(), watch: watch.clone(), tether: Arc::clone(tether) };
        Self(watch.observer.is_some().then(|| Arc::new(reporter())))
    }

    /// Tells those who watch the run. `fraction` goes from 0 to 1; anything else counts as unknown. The message is cut at 512
    /// bytes.
    pub fn report(&self, fraction: Option<f64>, message: &str) {
        let Some(reporter) = self.0.as_deref().filter(|reporter| !reporter.tether.is_over()) else { return };
        let fraction = fraction.filter(|fraction| (0.0..=1.0).contains(fraction));
        let filtered = reporter.tool.filter().map(|filter| filter(message.to_owned()));
        let message = filtered.as_deref().unwrap_or(message);
        let message = &message[..message.floor_char_boundary(MESSAGE_BYTES_MAX)];
        reporter.watch.tell(reporter.id, reporter.tool.name().as_str(), CallChange::Progress { fraction, message });
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = self.0.as_ref().map(|reporter| reporter.tool.name());
        formatter.debug_struct("Progress").field("tool", &tool).finish_non_exhaustive()
    }
}
