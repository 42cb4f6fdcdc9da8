//! Bindings from the WIT file, the snapshot of the initialised realm, and the component around it.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wit_bindgen_core::Files;
use wit_parser::Resolve;

/// The export that wizer calls; it is gone from the snapshot.
const INITIALISE: &str = "agentloop-initialise";

/// The core import behind `console.write` of the contract.
const CONSOLE: (&str, &str) = ("agentloop:sandbox/console@0.1.0", "write");

/// The core import by which the guest gives its fuel back before it writes to the console. The initialiser has no budget.
const GIVE_BACK: (&str, &str) = ("agentloop:sandbox/meter@0.1.0", "give-back");

fn tell(mut caller: wasmtime::Caller<'_, ()>, _level: i32, start: u32, length: u32) {
    let Some(memory) = caller.get_export("memory").and_then(wasmtime::Extern::into_memory) else { return };
    let text = memory.data(&caller).get(start as usize..).and_then(|rest| rest.get(..length as usize));
    eprintln!("{}", String::from_utf8_lossy(text.unwrap_or_default()));
}

pub(crate) fn write_bindings(wit: &Path, out: &Path) -> Result<PathBuf> {
    let folder = out.join("bindings");
    fs::create_dir_all(&folder)?;
    let mut resolve = Resolve::default();
    let text = fs::read_to_string(wit).with_context(|| format!("cannot read `{}`", wit.display()))?;
    let package = resolve.push_str("agentloop.wit", &text)?;
    let world = resolve.select_world(&[package], Some("sandbox"))?;
    let mut files = Files::default();
    wit_bindgen_c::Opts::default().build().generate(&mut resolve, world, &mut files)?;
    for (name, bytes) in files.iter() {
        super::write(&folder.join(name), bytes)?;
    }
    Ok(folder)
}

/// Runs the initialiser once, at build, and keeps the memory it leaves: runtime, context, frozen realm and prelude.
pub(crate) fn preinitialise(module: &[u8]) -> Result<Vec<u8>> {
    let engine = wasmtime::Engine::default();
    let mut store = wasmtime::Store::new(&engine, ());
    let mut wizer = wasmtime_wizer::Wizer::new();
    wizer.init_func(INITIALISE);
    let snapshot = wizer.run(&mut store, module, async |store: &mut wasmtime::Store<()>, module: &wasmtime::Module| {
        let mut linker = wasmtime::Linker::new(module.engine());
        // The contract's imports are not there yet: an initialiser that called one would trap. But for the console, on
        // which it says why it fails.
        linker.func_wrap(CONSOLE.0, CONSOLE.1, tell)?;
        linker.func_wrap(GIVE_BACK.0, GIVE_BACK.1, |_: i64| {})?;
        linker.define_unknown_imports_as_traps(module)?;
        linker.instantiate(store, module)
    });
    ready(snapshot).map_err(|error| anyhow::anyhow!("initialising the realm failed: {error:?}"))
}

/// Nothing in the initialiser waits, so one poll is enough.
fn ready<T>(future: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => wasmtime::bail!("the initialiser waited for something"),
    }
}

pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>> {
    wit_component::ComponentEncoder::default().validate(true).module(module)?.encode()
}
