//! The contract of `wit/agentloop.wit` as Rust types. The one module that knows the wire: everything else of the crate
//! speaks its own types.
//!
//! Strings that come out of the guest are [`WasmStr`]: a place in its memory, looked at and measured before anything is
//! copied. Wasmtime checks these types against the component when it is linked.

use crate::limits::TIMER_FUEL;
use crate::meter::{charge, exchange};
use crate::state::{State, Stop, price_of_line};
use crate::{ConsoleLevel, Error, ToolError, ToolErrorKind};
use std::sync::Arc;
use wasmtime::component::{
    Component, ComponentType, Instance, InstancePre, Lift, Linker, Lower, TypedFunc, WasmList, WasmStr,
};
use wasmtime::{Store, StoreContextMut};

#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub(crate) struct ToolSignature {
    pub(crate) name: Arc<str>,
}

#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub(crate) struct Literal {
    pub(crate) id: String,
    pub(crate) text: String,
}

#[derive(Clone, ComponentType, Lower)]
#[component(record)]
pub(crate) struct Environment {
    pub(crate) tools: Arc<[ToolSignature]>,
    #[component(name = "clock-ms")]
    pub(crate) clock_ms: u64,
    pub(crate) seed: u64,
    pub(crate) literals: Arc<[Literal]>,
    #[component(name = "in-session")]
    pub(crate) in_session: bool,
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum WireErrorKind {
    #[component(name = "unknown-tool")]
    UnknownTool,
    #[component(name = "invalid-arguments")]
    InvalidArguments,
    #[component(name = "too-large")]
    TooLarge,
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "failed")]
    Failed,
    #[component(name = "refused")]
    Refused,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct WireError {
    kind: WireErrorKind,
    message: String,
}

impl From<&ToolError> for WireError {
    fn from(error: &ToolError) -> Self {
        let kind = match error.kind {
            ToolErrorKind::UnknownTool => WireErrorKind::UnknownTool,
            ToolErrorKind::InvalidArguments => WireErrorKind::InvalidArguments,
            ToolErrorKind::TooLarge => WireErrorKind::TooLarge,
            ToolErrorKind::Timeout => WireErrorKind::Timeout,
            ToolErrorKind::Failed => WireErrorKind::Failed,
            ToolErrorKind::Refused => WireErrorKind::Refused,
        };
        Self { kind, message: error.message.clone() }
    }
}

/// JSON text, or why there is none.
pub(crate) type WireResult = Result<Arc<str>, WireError>;

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct Settlement {
    pub(crate) id: u32,
    pub(crate) outcome: WireResult,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
pub(crate) enum Submission {
    #[component(name = "accepted")]
    Accepted,
    #[component(name = "settled")]
    Settled(WireResult),
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "made by lifting only")]
enum WireLevel {
    #[component(name = "debug")]
    Debug,
    #[component(name = "log")]
    Log,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct RelatedError {
    pub(crate) path: WasmStr,
    pub(crate) name: WasmStr,
    pub(crate) message: WasmStr,
    pub(crate) stack: WasmStr,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct Exception {
    pub(crate) name: WasmStr,
    pub(crate) message: WasmStr,
    pub(crate) stack: WasmStr,
    /// Still in the guest's memory: how many there are is the guest's word.
    pub(crate) related: WasmList<RelatedError>,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub(crate) enum Failure {
    #[component(name = "threw")]
    Threw(Exception),
    #[component(name = "syntax")]
    Syntax(Exception),
    #[component(name = "out-of-memory")]
    OutOfMemory,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub(crate) enum Step {
    #[component(name = "waiting")]
    Waiting,
    #[component(name = "finished")]
    Finished(WasmStr),
    #[component(name = "failed")]
    Failed(Failure),
}

/// What the guest saw in a script, as JSON text; or why it is no program.
pub(crate) type Surveyed = Result<WasmStr, Exception>;

/// Times that an instance is asked for again when there is none.
const INSTANTIATIONS_MAX: usize = 3;

type OfScript<T> = TypedFunc<(Arc<str>, Environment), (T,)>;
type Settle = TypedFunc<(Vec<Settlement>, Vec<u32>), (Step,)>;

/// The exports of one instance, each looked up when it is called: most runs call one or two of them.
pub(crate) struct Guest {
    instance: Instance,
    settle: Option<Settle>,
}

impl Guest {
    pub(crate) fn start(&self, store: &mut Store<State>) -> wasmtime::Result<OfScript<Step>> {
        self.instance.get_typed_func(store, "start")
    }

    pub(crate) fn settle(&mut self, store: &mut Store<State>) -> wasmtime::Result<Settle> {
        match self.settle {
            Some(settle) => Ok(settle),
            None => Ok(*self.settle.insert(self.instance.get_typed_func(store, "settle")?)),
        }
    }

    pub(crate) fn survey(&self, store: &mut Store<State>) -> wasmtime::Result<OfScript<Surveyed>> {
        self.instance.get_typed_func(store, "survey")
    }

    pub(crate) fn contents(&self, store: &mut Store<State>) -> wasmtime::Result<TypedFunc<(), (WasmList<u8>,)>> {
        self.instance.get_typed_func(store, "contents")
    }

    pub(crate) fn place(&self, store: &mut Store<State>) -> wasmtime::Result<TypedFunc<(u32, u32), (bool,)>> {
        self.instance.get_typed_func(store, "place")
    }

    pub(crate) fn restore(&self, store: &mut Store<State>) -> wasmtime::Result<TypedFunc<(Vec<u8>,), ()>> {
        self.instance.get_typed_func(store, "restore")
    }
}

/// Links the contract's imports to the state of a store. Anything else that the component asks for is an error.
///
/// They are async only so that they can give way when a slice of fuel is used up.
pub(crate) fn link(component: &Component) -> wasmtime::Result<InstancePre<State>> {
    let mut linker = Linker::<State>::new(component.engine());
    linker
        .instance("agentloop:sandbox/tools@0.1.0")?
        .func_wrap_async("submit", |store, parameters| Box::new(submit(store, parameters)))?;
    let mut timers = linker.instance("agentloop:sandbox/timers@0.1.0")?;
    timers.func_wrap_async("start", |store, parameters| Box::new(start_timer(store, parameters)))?;
    timers.func_wrap("cancel", |mut store: StoreContextMut<'_, State>, (id,): (u32,)| {
        store.data_mut().timers.cancel(id);
        Ok(())
    })?;
    linker
        .instance("agentloop:sandbox/console@0.1.0")?
        .func_wrap_async("write", |store, parameters| Box::new(write(store, parameters)))?;
    let mut meter = linker.instance("agentloop:sandbox/meter@0.1.0")?;
    meter.func_wrap_async("exchange", |store, parameters| Box::new(exchange(store, parameters)))?;
    meter.func_wrap("give-back", |mut store: StoreContextMut<'_, State>, (left,): (i64,)| {
        Ok(store.data_mut().meter.give_back(left)?)
    })?;
    linker.instantiate_pre(component)
}

async fn submit(
    mut store: StoreContextMut<'_, State>,
    (id, name, arguments): (u32, WasmStr, WasmStr),
) -> wasmtime::Result<(Submission,)> {
    let fuel = {
        let (name, arguments) = (text(&store, &name)?, text(&store, &arguments)?);
        store.data().price_of_call(id, &name, arguments.len())?
    };
    charge(&mut store, fuel).await?;
    let request = {
        let (name, arguments) = (text(&store, &name)?, text(&store, &arguments)?);
        store.data().admit(id, &name, &arguments, fuel)
    };
    let submission = match store.data_mut().submit(request)? {
        None => Submission::Accepted,
        Some(answer) => {
            charge(&mut store, answer.fuel()).await?;
            store.data_mut().take_in(std::slice::from_ref(&answer)).map_err(Stop::Limit)?;
            Submission::Settled(answer.to_wire())
        }
    };
    Ok((submission,))
}

async fn start_timer(
    mut store: StoreContextMut<'_, State>,
    (id, delay_ms): (u32, u32),
) -> wasmtime::Result<(Result<(), ()>,)> {
    charge(&mut store, TIMER_FUEL).await?;
    Ok((store.data_mut().start_timer(id, delay_ms),))
}

async fn write(mut store: StoreContextMut<'_, State>, (level, line): (WireLevel, WasmStr)) -> wasmtime::Result<()> {
    let bytes = text(&store, &line)?.len();
    charge(&mut store, price_of_line(bytes)).await?;
    let kept = store.data().console_share(&text(&store, &line)?).to_owned();
    let level = match level {
        WireLevel::Debug => ConsoleLevel::Debug,
        WireLevel::Log => ConsoleLevel::Log,
        WireLevel::Info => ConsoleLevel::Info,
        WireLevel::Warn => ConsoleLevel::Warn,
        WireLevel::Error => ConsoleLevel::Error,
    };
    Ok(store.data_mut().write(level, kept, bytes)?)
}

fn text<'a>(store: &'a StoreContextMut<'_, State>, string: &WasmStr) -> wasmtime::Result<std::borrow::Cow<'a, str>> {
    string.to_str(store).map_err(|_| wasmtime::Error::from(Stop::Broken("it passed text that is not UTF-8")))
}

pub(crate) async fn instantiate(guest: &InstancePre<State>, store: &mut Store<State>) -> Result<Guest, Error> {
    let mut instance = guest.instantiate_async(&mut *store).await;
    for _ in 0..INSTANTIATIONS_MAX {
        // The first instance of a process makes the kernel seal the image in memory, which it may refuse for a moment when a
        // page of it is held elsewhere.
        if instance.is_err() {
            instance = guest.instantiate_async(&mut *store).await;
        }
    }
    Ok(Guest { instance: instance.map_err(Error::Instance)?, settle: None })
}
