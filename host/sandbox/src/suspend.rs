//! A run that is put aside, as bytes.

use crate::journal::{Journal, JournalCall, JournalCallState, Suspend};
use crate::seal::{self, Key, Terms};
use crate::{Effect, ResumeError};
use std::sync::Arc;
use std::time::SystemTime;

/// Bytes that a journal may have within a suspended run. No limit allows more to be kept.
const JOURNAL_BYTES_MAX: usize = 1 << 30;

/// A run that is put aside: [`Suspended::seal`] makes bytes of it, which [`Suspended::open`] takes back, today or next month, in this
/// process or on another machine. [`Sandbox::resume`](crate::Sandbox::resume) goes on with it.
///
/// It holds the memory of the instance, as far as it is not that of a fresh one, and the journal of the run: script, arguments and
/// results included.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use agentloop_sandbox::{CancellationToken, Ending, Engine, Key, Limits, Resolution, Suspended, Terms, Tool, Toolbox, Verdict};
/// use std::time::{Duration, SystemTime};
///
/// let pay = Tool::instant("pay", "Pays.", |_: serde_json::Value| Ok::<_, String>("paid"))?;
/// let sandbox = Engine::new()?.sandbox(Toolbox::new([pay])?, Limits::default())?;
/// let run = sandbox.prepare("const bill = 3; return [await tools.pay({ bill }), bill]");
/// let run = run.suspend_on(CancellationToken::new()).gate(|_| async { Verdict::Suspend });
/// let Ending::Suspended(suspended) = run.finish().await?.ending else { panic!("somebody has to say yes") };
///
/// let key = Key::random()?;
/// let terms = Terms { tenant: "acme".to_owned(), expires: SystemTime::now() + Duration::from_secs(3_600) };
/// let bytes = suspended.seal(&key, &terms)?;
///
/// let suspended = Suspended::open(&key, "acme", &bytes)?;
/// assert_eq!(suspended.calls().next().unwrap().arguments.get(), r#"{"bill":3}"#);
/// let outcome = sandbox.resume(suspended)?.resolve(0, Resolution::Approve).finish().await?;
/// assert_eq!(outcome.value::<(String, u8)>().unwrap()?, ("paid".to_owned(), 3));
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
pub struct Suspended {
    pub(crate) journal: Journal,
    /// The text of the journal.
    pub(crate) past: Arc<[u8]>,
    pub(crate) snapshot: Vec<u8>,
    /// Of the bytes that it was opened from: what can be used once.
    pub(crate) sealed: Option<([u8; 16], SystemTime)>,
}

impl std::fmt::Debug for Suspended {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Suspended").field("run", &self.run()).finish_non_exhaustive()
    }
}

/// A call of a suspended run that nobody has answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SuspendedCall<'a> {
    /// Counts from 0 within the run.
    pub id: u32,
    /// The tool.
    pub tool: &'a str,
    /// JSON text of the arguments.
    pub arguments: &'a serde_json::value::RawValue,
    /// What it waits for.
    pub state: SuspendedCallState,
}

/// What a call of a suspended run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SuspendedCallState {
    /// For leave to be made.
    Asking,
    /// For its turn: it is made when the run goes on.
    Queued,
    /// It was made, and not answered before the run was put aside: whether it happened is not known. One of a tool that is read-only
    /// or idempotent is made again when the run goes on, with the same [key](crate::Call::idempotency_key); of others somebody has to
    /// say what to do.
    InDoubt,
}

impl Suspended {
    pub(crate) fn new(past: Vec<u8>, snapshot: Vec<u8>) -> Result<Self, ResumeError> {
        let journal = Journal::read(&past)?;
        Ok(Self { journal, past: past.into(), snapshot, sealed: None })
    }

    /// Names the run, as its [journal](Journal::run) does.
    pub fn run(&self) -> &str {
        self.journal.run()
    }

    /// Names the bytes that it was opened from: what [`Once`](crate::Once) is asked about.
    pub fn id(&self) -> Option<[u8; 16]> {
        self.sealed.map(|(id, _)| id)
    }

    /// The journal of the run so far.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The calls that nobody has answered, in order.
    pub fn calls(&self) -> impl Iterator<Item = SuspendedCall<'_>> {
        let asking = self.journal.suspend().map_or(&[][..], |suspend: &Suspend| &suspend.asking);
        self.journal.calls().filter_map(move |call: JournalCall<'_>| {
            let state = match call.state {
                JournalCallState::InDoubt => SuspendedCallState::InDoubt,
                JournalCallState::NotMade if asking.contains(&call.id) => SuspendedCallState::Asking,
                JournalCallState::NotMade => SuspendedCallState::Queued,
                _ => return None,
            };
            Some(SuspendedCall { id: call.id, tool: call.tool, arguments: call.arguments?, state })
        })
    }

    /// The run as bytes: compressed, encrypted and authenticated with the key, for one tenant, until it expires.
    ///
    /// # Errors
    ///
    /// [`ResumeError::Sealed`] if the tenant's name is too long, or the system gives no random numbers.
    pub fn seal(&self, key: &Key, terms: &Terms) -> Result<Vec<u8>, ResumeError> {
        let journal = lz4_flex::compress_prepend_size(&self.past);
        let length = u32::try_from(journal.len()).unwrap_or(u32::MAX);
        let content = [&length.to_le_bytes()[..], &journal, &self.snapshot].concat();
        Ok(seal::seal(key, terms, &content)?)
    }

    /// Takes bytes back that [`Suspended::seal`] made. Nothing of the run happens, and they are not used up: that is for
    /// [`Run::finish`](crate::Run::finish).
    ///
    /// # Errors
    ///
    /// [`ResumeError::Sealed`], with what is wrong with them: not a suspended run, damaged, sealed with another key, of another
    /// tenant, expired, …
    pub fn open(key: &Key, tenant: &str, bytes: &[u8]) -> Result<Self, ResumeError> {
        let opened = seal::open(key, tenant, SystemTime::now(), bytes)?;
        let unreadable = || ResumeError::Unreadable;
        let (length, rest) = opened.content.split_first_chunk::<4>().ok_or_else(unreadable)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (journal, snapshot) = rest.split_at_checked(length).ok_or_else(unreadable)?;
        let (size, journal) = lz4_flex::block::uncompressed_size(journal).map_err(|_| unreadable())?;
        if size > JOURNAL_BYTES_MAX {
            return Err(unreadable());
        }
        let past = lz4_flex::decompress(journal, size).map_err(|_| unreadable())?;
        let suspended = Self::new(past, snapshot.to_vec())?;
        Ok(Self { sealed: Some((opened.id, opened.expires)), ..suspended })
    }
}

/// Whether a call can be made again without anybody's word.
pub(crate) fn is_repeatable(tool: &crate::Tool) -> bool {
    tool.effect() == Effect::ReadOnly || tool.retries_max() > 0
}
