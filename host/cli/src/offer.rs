//! What scripts are offered: the tools of all sources, under the policy, as they stand at some moment.

use crate::arguments::ToolArguments;
use crate::config::Config;
use crate::exit::Complaint;
use crate::policy;
use crate::sources::{Opened, Source, toolbox};
use crate::terminal::{Screen, Tone};
use agentloop_sandbox::Toolbox;
use agentloop_tools::mcp::{Error, Listing, Server};
use agentloop_tools::policy::{Ask, Governed, Policy};
use futures_util::future::{FutureExt as _, join_all, pending, select_all};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Lists that change within so short a time are asked for once.
const PAUSE: Duration = Duration::from_secs(1);

/// So many times as long as it took last. A server that never stops changing its list gets no more of the time than that leaves.
const PAUSE_FACTOR: u32 = 10;

/// Everything that is offered to scripts.
pub(crate) struct Offer {
    pub(crate) toolbox: Toolbox,
    pub(crate) governed: Governed,
    pub(crate) sources: Vec<Source>,
    opened: Arc<Opened>,
    policy: Policy,
    listed: Vec<Listed>,
    /// How long it took to ask servers anew.
    took: Duration,
}

/// A server, and what it said last of its tools.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) server: Server,
    pub(crate) listing: Arc<Result<Listing, Error>>,
    /// Has not seen what changed since.
    changed: watch::Receiver<u64>,
}

impl Listed {
    async fn new(server: &Server) -> Self {
        let changed = server.changed();
        Self { server: server.clone(), listing: Arc::new(server.tools().await), changed }
    }

    /// The same, or what is true by now. A list that cannot be had leaves the last one in place.
    async fn renewed(&self) -> Self {
        if !self.changed.has_changed().unwrap_or_default() {
            return self.clone();
        }
        let mut renewed = Self::new(&self.server).await;
        if renewed.listing.is_err() {
            renewed.listing = Arc::clone(&self.listing);
        }
        renewed
    }
}

/// What is said of a server that does not list its tools.
pub(crate) fn without_tools(error: &Error) -> String {
    format!("{error}; scripts run without its tools")
}

impl Offer {
    /// Opens what the flags and the configuration name. Servers are started, all at once; one that does not start is told of, and
    /// its tools are missing.
    pub(crate) async fn open(arguments: &ToolArguments, config: &Config, screen: Screen) -> Result<Self, Complaint> {
        let opened = Arc::new(Opened::all(arguments, config)?);
        let policy = policy::of(arguments, config)?;
        let listed = join_all(opened.servers().map(Listed::new)).await;
        for error in listed.iter().filter_map(|listed| listed.listing.as_ref().as_ref().err()) {
            screen.say(Tone::Warning, "warning", &without_tools(error));
        }
        Self::new(opened, policy, listed)
    }

    fn new(opened: Arc<Opened>, policy: Policy, listed: Vec<Listed>) -> Result<Self, Complaint> {
        let (governed, sources) = opened.govern(&policy, &listed);
        let toolbox = toolbox(governed.tools())?;
        Ok(Self { toolbox, governed, sources, opened, policy, listed, took: Duration::ZERO })
    }

    /// Waits until servers say that their tools are others now, and gives what is offered then.
    pub(crate) async fn next(&self) -> Result<Self, Complaint> {
        let mut waiting: Vec<_> = self.listed.iter().map(|listed| listed.changed.clone()).collect();
        match waiting.is_empty() {
            true => pending().await,
            false => drop(select_all(waiting.iter_mut().map(|changed| changed.changed().boxed())).await),
        }
        tokio::time::sleep(PAUSE.max(self.took * PAUSE_FACTOR)).await;
        let begun = Instant::now();
        let listed = join_all(self.listed.iter().map(Listed::renewed)).await;
        let next = Self::new(Arc::clone(&self.opened), self.policy.clone(), listed)?;
        Ok(Self { took: begun.elapsed(), ..next })
    }

    /// What a run is gated by: the policy, and `asker` where it says to ask.
    pub(crate) fn gate(&self, asker: Arc<dyn Ask>) -> impl Fn(agentloop_sandbox::Attempt) -> policy::Verdicts + use<> {
        self.governed.gate(asker)
    }

    /// Whether anybody may have to be asked.
    pub(crate) fn may_ask(&self) -> bool {
        self.governed.standings().any(|standing| policy::may_ask(&standing))
    }

    /// Whether there are servers, whose tools may change.
    pub(crate) fn has_servers(&self) -> bool {
        !self.listed.is_empty()
    }

    /// Stops the servers, and waits until they are gone.
    pub(crate) async fn stop(&self) {
        join_all(self.listed.iter().map(|listed| listed.server.stop())).await;
    }
}
