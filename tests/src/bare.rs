//! The realm without its hardening, for the positive controls: what `bare/lockdown.js` leaves as the engine made it.

#![expect(unsafe_code, reason = "compiled code can only be taken on trust; the build script of this crate made it")]

#[path = "../../host/sandbox/src/config.rs"]
mod config;

use crate::{Expect, finished};
use std::sync::OnceLock;
use wasmtime::component::{Component, Instance, Linker, Val};
use wasmtime::{Engine, Store, StoreContextMut};

static IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/bare.cwasm"));
const STACK_BYTES: usize = 16 << 20;
/// Fuel that the guest is given at a time.
const SLICE: i64 = 10_000_000;

/// How a script ends in the bare realm, and the fuel it took. It has no tools, no timers and no console.
pub fn run_bare(script: &str) -> (Expect, u64) {
    let (step, fuel) = call("start", script);
    (ending(&step), fuel)
}

/// What the guest sees in a script without running it, as JSON text.
pub fn survey(script: &str) -> String {
    match call("survey", script).0 {
        Val::Result(Ok(Some(found))) => match *found {
            Val::String(json) => json,
            other => panic!("a survey is text: {other:?}"),
        },
        other => panic!("{script}: {other:?}"),
    }
}

/// Calls an export that takes a script and an environment, and gives its answer and the fuel it took.
fn call(export: &str, script: &str) -> (Val, u64) {
    let mut store = Store::new(&bare().0, Fuel::default());
    let instance = instantiate(&mut store);
    let function = instance.get_func(&mut store, export).expect("the contract has it");
    let environment = Val::Record(vec![
        ("tools".to_owned(), Val::List(Vec::new())),
        ("clock-ms".to_owned(), Val::U64(1_700_000_000_000)),
        ("seed".to_owned(), Val::U64(7)),
        ("literals".to_owned(), Val::List(Vec::new())),
        ("in-session".to_owned(), Val::Bool(false)),
    ]);
    let mut answer = [Val::Bool(false)];
    let parameters = [Val::String(script.to_owned()), environment];
    function.call(&mut store, &parameters, &mut answer).expect("the guest returns");
    let [answer] = answer;
    (answer, u64::try_from(store.data().used).expect("it burns fuel"))
}

fn bare() -> &'static (Engine, Component) {
    static BARE: OnceLock<(Engine, Component)> = OnceLock::new();
    BARE.get_or_init(|| {
        let mut config = config::shared();
        config.max_wasm_stack(STACK_BYTES).async_stack_size(2 * STACK_BYTES);
        let engine = Engine::new(&config).expect("this machine can run the sandbox");
        // SAFETY: the bytes are those that the build script of this crate got from `Engine::precompile_component` of the same
        // version of Wasmtime.
        let component = unsafe { Component::deserialize(&engine, IMAGE) }.expect("the image fits this engine");
        (engine, component)
    })
}

/// What the guest holds, and what it has used.
#[derive(Default)]
struct Fuel {
    held: i64,
    used: i64,
}

impl Fuel {
    fn give_back(&mut self, left: i64) {
        self.used += self.held - left;
        self.held = 0;
    }

    fn hand_out(&mut self) -> i64 {
        self.held = SLICE;
        SLICE
    }
}

fn instantiate(store: &mut Store<Fuel>) -> Instance {
    let (engine, component) = bare();
    let mut linker = Linker::new(engine);
    linker.define_unknown_imports_as_traps(component).expect("the imports can be defined");
    linker.allow_shadowing(true);
    let mut meter = linker.instance("agentloop:sandbox/meter@0.1.0").expect("the guest has a meter");
    let exchange = |mut store: StoreContextMut<'_, Fuel>, (left,): (i64,)| {
        store.data_mut().give_back(left);
        Ok((store.data_mut().hand_out(),))
    };
    meter.func_wrap("exchange", exchange).expect("the contract has it");
    let give_back = |mut store: StoreContextMut<'_, Fuel>, (left,): (i64,)| {
        store.data_mut().give_back(left);
        Ok(())
    };
    meter.func_wrap("give-back", give_back).expect("the contract has it");
    linker.instantiate(store, component).expect("the guest has what it asks for")
}

fn ending(step: &Val) -> Expect {
    match step {
        Val::Variant(case, Some(value)) if case == "finished" => match &**value {
            Val::String(json) => finished(json.clone()),
            other => Expect::Unknown(format!("{other:?}")),
        },
        other => Expect::Unknown(format!("{other:?}")),
    }
}
