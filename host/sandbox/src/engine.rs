//! The engine: one per process. It holds the compiled component and the pool that instances come from.

use crate::bindings;
use crate::config;
use crate::image;
use crate::snapshot;
use crate::state::State;
use crate::{Error, Limits, Sandbox, Toolbox};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, Semaphore};
use wasmtime::component::InstancePre;
use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

/// What [`Engine::new`] starts with, if it is first.
const INSTANCES_DEFAULT: u32 = 1_000;
/// Each has an address space of 4 GiB to itself, of which a process has 128 TiB.
const INSTANCES_MAX: u32 = 16_000;
/// The largest memory limit a run can have.
const MEMORY_BYTES_POOL: usize = 1 << 30;
/// Bytes of native stack a step may use. The realm allows 512 KiB of JavaScript stack, so recursion ends as a catchable
/// `RangeError` long before.
pub(crate) const WASM_STACK_BYTES: usize = 16 << 20;
/// Native stack of a step: what WebAssembly may use, and room for the host functions that it calls.
const FIBER_STACK_BYTES: usize = WASM_STACK_BYTES + (1 << 20);
/// Bytes of each memory that stay mapped between two runs: page faults, not copying, are what a fresh instance costs.
const MEMORY_RESIDENT_BYTES: usize = 192 << 10;
const WASM_PAGE_BYTES: usize = 64 << 10;
const TABLE_RESIDENT_BYTES: usize = 64 << 10;

/// The one engine of the process, made by whoever asks first: the code is mapped once, and there is one pool.
static SHARED: Mutex<Option<Engine>> = Mutex::new(None);

/// The compiled sandbox and its pool of instances. There is one in a process; this is a handle to it, cheap to clone.
///
/// ```
/// # async fn example() -> Result<(), agentloop_sandbox::Error> {
/// use agentloop_sandbox::{Engine, Limits, Toolbox};
///
/// let engine = Engine::new()?;
/// let sandbox = engine.sandbox(Toolbox::default(), Limits::default())?;
/// let outcome = sandbox.run("6 * 7").await?;
/// assert_eq!(outcome.value::<u32>().unwrap().unwrap(), 42);
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Engine {
    guest: InstancePre<State>,
    instances: u32,
    slots: Arc<Semaphore>,
    memory_bytes_min: usize,
    fresh_memory: Arc<OnceCell<Arc<[u8]>>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// The engine of this process. The first call maps the compiled component and reserves a pool of 1,000 instances, in a few
    /// milliseconds; later ones give another handle to the same.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] when the machine cannot give the guarantees (address space, memory protection): then no
    /// code runs.
    pub fn new() -> Result<Self, Error> {
        Self::shared(None)
    }

    /// As [`Engine::new`], with a pool of so many instances: at least 1, at most 16,000. So many runs can be under way at the same time,
    /// those that wait for a tool included; more wait for one to end, and nothing fails. Each takes some 3 µs of the start, whether it is
    /// used or not: a program that makes one run starts sooner with few. A tool that itself makes a run needs a second instance while
    /// the run that called it holds the first.
    ///
    /// Each instance that is in use takes about six of the mappings of the process. Linux allows 65,530 unless the administrator raises
    /// `vm.max_map_count`: enough for 10,000 instances.
    ///
    /// ```
    /// # use agentloop_sandbox::Engine;
    /// let engine = Engine::with_instances(8)?;
    /// assert!(Engine::with_instances(9).is_err()); // it is started already
    /// # Ok::<(), agentloop_sandbox::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Engine::new`]; [`Error::Limit`] for a number out of range, and when the engine of this process was started with another one.
    pub fn with_instances(instances: u32) -> Result<Self, Error> {
        Self::shared(Some(instances))
    }

    fn shared(wanted: Option<u32>) -> Result<Self, Error> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let instances = wanted.or(shared.as_ref().map(|engine| engine.instances)).unwrap_or(INSTANCES_DEFAULT);
        let refused = |reason| Err(Error::Limit { limit: "instances", reason });
        if !(1..=INSTANCES_MAX).contains(&instances) {
            return refused(format!("{instances} is out of range; give 1 to {INSTANCES_MAX}"));
        }
        match &*shared {
            Some(engine) if engine.instances == instances => Ok(engine.clone()),
            Some(Self { instances: others, .. }) => refused(format!(
                "the engine of this process was started with {others}, and cannot have {instances} now; ask before anything else does"
            )),
            None => Ok(shared.insert(Self::start(&configuration(instances), instances)?).clone()),
        }
    }

    fn start(config: &wasmtime::Config, instances: u32) -> Result<Self, Error> {
        let engine = wasmtime::Engine::new(config).map_err(|source| Error::Unsupported {
            reason:
                "address space for the instances could not be reserved; raise `ulimit -v`, or ask for fewer instances"
                    .to_owned(),
            source,
        })?;
        let component = image::load(&engine).map_err(|source| Error::Unsupported {
            reason: "the compiled sandbox does not fit this processor; build agentloop on it".to_owned(),
            source,
        })?;
        let required = component.resources_required();
        let pages_min = required.and_then(|required| required.max_initial_memory_size).unwrap_or(0);
        let memory_bytes_min = usize::try_from(pages_min).unwrap_or(usize::MAX).saturating_mul(WASM_PAGE_BYTES);
        let guest = bindings::link(&component).map_err(Error::Instance)?;
        let slots = Arc::new(Semaphore::new(instances as usize));
        Ok(Self { guest, instances, slots, memory_bytes_min, fresh_memory: Arc::default() })
    }

    /// Tools and limits for any number of runs.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] for a limit that cannot be enforced.
    pub fn sandbox(&self, toolbox: Toolbox, limits: Limits) -> Result<Sandbox, Error> {
        limits.check(self.memory_bytes_min, MEMORY_BYTES_POOL)?;
        Ok(Sandbox::new(self.clone(), toolbox, limits))
    }

    /// What the compiled sandbox imports, read from the component itself: the only ways out of it.
    ///
    /// ```
    /// # use agentloop_sandbox::Engine;
    /// assert!(Engine::new()?.imports().iter().all(|import| import.starts_with("agentloop:sandbox/")));
    /// # Ok::<(), agentloop_sandbox::Error>(())
    /// ```
    pub fn imports(&self) -> Vec<String> {
        let component = self.guest.component().component_type();
        component.imports(self.guest.engine()).map(|(name, _)| name.to_owned()).collect()
    }

    pub(crate) fn guest(&self) -> &InstancePre<State> {
        &self.guest
    }

    /// The memory of an instance in which nothing ran. Kept from the first time that a run is put aside.
    pub(crate) async fn fresh_memory(&self) -> Result<Arc<[u8]>, Error> {
        self.fresh_memory.get_or_try_init(|| snapshot::fresh_memory(self)).await.cloned()
    }

    /// One permit for each instance.
    pub(crate) fn slots(&self) -> Arc<Semaphore> {
        Arc::clone(&self.slots)
    }
}

fn configuration(instances: u32) -> wasmtime::Config {
    let mut pool = PoolingAllocationConfig::new();
    // One is for `Engine::fresh_memory`, which must not wait for others.
    let instances_max = instances + 1;
    pool.total_component_instances(instances_max)
        .total_core_instances(instances_max * 4)
        .total_memories(instances_max)
        .total_tables(instances_max * 2)
        .total_stacks(instances_max)
        .max_memory_size(MEMORY_BYTES_POOL)
        .max_unused_warm_slots(64)
        .linear_memory_keep_resident(MEMORY_RESIDENT_BYTES)
        .table_keep_resident(TABLE_RESIDENT_BYTES)
        // Kernels before 6.7 lack the call; the result is the same, only slower.
        .pagemap_scan(Enabled::Auto);
    let mut config = config::shared();
    config
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(FIBER_STACK_BYTES)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    image::prepare(&mut config);
    config
}

#[cfg(test)]
mod tests {
    use super::{Engine, INSTANCES_DEFAULT, configuration};
    use crate::{CancellationToken, Ending, Journal, Key, Limits, Suspended, Terms, Tool, Toolbox, Verdict};
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, SystemTime};
    use tokio::runtime::{Builder, Runtime};

    const SCRIPT: &str = "
        const map = new Map(); for (let i = 0; i < 2_000; i++) map.set('k' + Math.random(), { i });
        console.log(map.size, await tools.ask({ n: 1 }));
        return [...map.keys()].slice(0, 3)";

    /// The journal of a run that is put aside and resumed, without its times and its name; and its snapshot.
    fn trace(engine: &Engine, runtime: &Runtime) -> (String, Vec<u8>) {
        let ask = Tool::instant("ask", "Asks.", |_: serde_json::Value| Ok::<_, String>("yes")).expect("it is a tool");
        let toolbox = Toolbox::new([ask]).expect("they fit");
        let sandbox = engine.sandbox(toolbox, Limits::default()).expect("the limits can be enforced");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let run = sandbox.prepare(SCRIPT).clock_ms(1).seed(2).suspend_on(CancellationToken::new());
        let run = run.gate(|_| async { Verdict::Suspend }).record(Arc::clone(&lines));
        let Ending::Suspended(suspended) = runtime.block_on(run.finish()).expect("the host is well").ending else {
            panic!("it is put aside")
        };
        let terms = Terms { tenant: String::new(), expires: SystemTime::now() + Duration::from_secs(60) };
        let bytes = suspended.seal(&Key::new([1; 32]), &terms).expect("it is sealed");
        let opened = Suspended::open(&Key::new([1; 32]), "", &bytes).expect("it is opened");
        let resumed = sandbox.resume(opened).expect("it can be resumed").record(Arc::clone(&lines));
        runtime.block_on(resumed.finish()).expect("the host is well");
        let text = String::from_utf8(lines.lock().expect("nobody panicked").clone()).expect("it is text");
        let timeless = |line: &str| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
            for (entry, time) in [
                ("begin", "run"),
                ("answer", "duration_us"),
                ("settle", "waited_us"),
                ("suspend", "guest_time_us"),
                ("suspend", "wall_time_us"),
                ("end", "guest_time_us"),
                ("end", "wall_time_us"),
            ] {
                let members = line.get_mut(entry).and_then(serde_json::Value::as_object_mut);
                members.into_iter().for_each(|members| drop(members.remove(time)));
            }
            line.to_string()
        };
        assert!(Journal::read(text.as_bytes()).expect("it can be read").is_over());
        (text.lines().map(timeless).collect::<Vec<_>>().join("\n"), suspended.snapshot)
    }

    /// With this variable, the test of this name prints what a run does whose instances are made one by one.
    const ONE_BY_ONE: &str = "AGENTLOOP_TEST_ONE_BY_ONE";

    fn printed((journal, snapshot): &(String, Vec<u8>)) -> String {
        format!("{journal}\n{snapshot:?}\n")
    }

    /// From a pool or one by one, on one thread or on several, the first run of a process or a later one. An image can be loaded once
    /// in a process, so another one tries the other way.
    #[test]
    fn how_instances_are_allocated_changes_neither_fuel_nor_a_byte() {
        let runtime = Builder::new_current_thread().enable_time().build().expect("it starts");
        if std::env::var_os(ONE_BY_ONE).is_some() {
            let mut config = configuration(INSTANCES_DEFAULT);
            config.allocation_strategy(wasmtime::InstanceAllocationStrategy::OnDemand);
            let engine = Engine::start(&config, INSTANCES_DEFAULT).expect("it starts");
            return print!("{}", printed(&trace(&engine, &runtime)));
        }
        let threads = Builder::new_multi_thread().enable_time().build().expect("it starts");
        let engine = Engine::new().expect("it starts");
        let first = trace(&engine, &runtime);
        assert!(first.0.contains("\"step\"") && first.1.len() > 1_000, "{}", first.0);
        assert_eq!(trace(&engine, &threads), first);
        assert_eq!(trace(&engine, &runtime), first);
        let name = "engine::tests::how_instances_are_allocated_changes_neither_fuel_nor_a_byte";
        let mut other = std::process::Command::new(std::env::current_exe().expect("it has a name"));
        let output = other.args(["--exact", name, "--nocapture"]).env(ONE_BY_ONE, "1").output().expect("it starts");
        let output = String::from_utf8(output.stdout).expect("it is text");
        assert!(output.contains(&printed(&first)), "{output}\n{}", printed(&first));
    }
}
