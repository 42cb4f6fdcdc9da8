//! C to one core module.

use super::zig::Zig;
use anyhow::{Context as _, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

pub(crate) struct Sources<'a> {
    pub(crate) guest: &'a Path,
    pub(crate) engine: &'a Path,
    pub(crate) bindings: &'a Path,
    pub(crate) libraries: &'a Path,
    pub(crate) overlay: Option<&'a Path>,
    pub(crate) out: &'a Path,
}

const TARGET: &str = "wasm32-wasi";
const ENGINE_FILES: [&str; 4] = ["quickjs.c", "libregexp.c", "libunicode.c", "dtoa.c"];
const SHIM_FILES: [&str; 20] = [
    "alloc.c",
    "callee.c",
    "codec.c",
    "compile.c",
    "console.c",
    "distance.c",
    "encode.c",
    "heap.c",
    "inspect.c",
    "isolate.c",
    "meter.c",
    "namespace.c",
    "prelude.c",
    "realm.c",
    "report.c",
    "script.c",
    "snapshot.c",
    "text.c",
    "timers.c",
    "tools.c",
];
/// Compiled so that a loop over bytes is not turned into a call of the very function it implements.
const BULK_FILE: &str = "bulk.c";
/// Where a bulk operation may be: in libc's formatting, which has measured each string byte by byte, in metered code,
/// before it copies it.
const BULK_FUNCTIONS: &[&str] = &["__fwritex", "printf_core", "pad", "vsnprintf", "sn_write"];

const COMMON_FLAGS: &[&str] = &[
    "-O2",
    "-g0",
    "-std=gnu23",
    "-D_GNU_SOURCE",
    "-DNDEBUG",
    "-fno-sanitize=undefined",
    "-fno-ident",
    // As the engine's own build has it.
    "-funsigned-char",
    "-Werror=implicit-function-declaration",
];

/// Shadow stack in bytes. Recursion is refused by the engine long before (`JS_SetMaxStackSize` in `realm.c`).
const SHADOW_STACK: &str = "-Wl,-z,stack-size=1048576";

pub(crate) fn core_module(zig: &Zig, sources: &Sources) -> Result<Vec<u8>> {
    let objects = sources.out.join("objects");
    fs::create_dir_all(&objects)?;
    let shim = sources.guest.join("shim");

    let mut units = Vec::new();
    units.extend(ENGINE_FILES.iter().map(|name| (sources.engine.join(name), false)));
    units.extend(SHIM_FILES.iter().map(|name| (shim.join(name), false)));
    units.push((shim.join(BULK_FILE), true));
    units.push((sources.bindings.join("sandbox.c"), false));
    let mut linked = compile_all(&units, |(source, bulk)| compile(zig, sources, &objects, source, *bulk))?;
    linked.push(sources.bindings.join("sandbox_component_type.o"));

    let module = sources.out.join("core.wasm");
    let mut command = zig.command();
    command.args(["cc", "-target", TARGET, "-mexec-model=reactor", "-O2", SHADOW_STACK]);
    command.args(&linked).arg("-o").arg(&module);
    run(&mut command, "linking the guest")?;
    fs::read(&module).context("the linked guest cannot be read")
}

/// Compiles units on all processors and gives their objects in order.
fn compile_all<T: Sync>(units: &[T], compile: impl Fn(&T) -> Result<PathBuf> + Sync) -> Result<Vec<PathBuf>> {
    let next = Mutex::new(units.iter().enumerate());
    let work = || {
        let mut made = Vec::new();
        loop {
            let unit = next.lock().ok().and_then(|mut units| units.next());
            let Some((index, unit)) = unit else { return made };
            made.push((index, compile(unit)));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut made: Vec<(usize, Result<PathBuf>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    made.sort_by_key(|(index, _)| *index);
    ensure!(made.len() == units.len(), "a thread of the compilation was lost");
    made.into_iter().map(|(_, object)| object).collect()
}

fn compile(zig: &Zig, sources: &Sources, objects: &Path, source: &Path, bulk: bool) -> Result<PathBuf> {
    let name = source.file_stem().and_then(|stem| stem.to_str()).context("a C file has no name")?;
    let object = objects.join(format!("{name}.o"));
    let is_engine = source.starts_with(sources.engine);
    let mut command = zig.command();
    command.args(["cc", "-target", TARGET, "-c"]).args(COMMON_FLAGS);
    command.args(["-mno-bulk-memory", "-mno-bulk-memory-opt"]);
    if bulk {
        command.arg("-fno-builtin");
    }
    if is_engine {
        command.arg("-w").arg("-include").arg(sources.guest.join("shim/no_stdio.h"));
    } else {
        command.args(["-Wall", "-Wextra", "-Wno-unused-parameter"]);
    }
    for folder in [sources.engine, sources.bindings, &sources.guest.join("shim")] {
        command.arg("-I").arg(folder);
    }
    // The first folder that has a file wins.
    let prelude = sources.guest.join("prelude");
    for folder in sources.overlay.into_iter().chain([prelude.as_path(), sources.libraries]) {
        command.arg(format!("--embed-dir={}", folder.display()));
    }
    // No path of this machine in the module: two folders must give the same bytes.
    command.arg(format!("-ffile-prefix-map={}=guest", sources.out.display()));
    command.arg(format!("-ffile-prefix-map={}=guest", sources.guest.display()));
    command.arg(source).arg("-o").arg(&object);
    let what = format!("compiling `{}`", source.display());
    if is_engine {
        run_unless_done(&mut command, &what, &object, sources)?
    } else {
        run(&mut command, &what)?
    }
    Ok(object)
}

/// The engine takes most of the time and hardly ever changes: what was compiled from the same text by the same command is
/// kept.
fn run_unless_done(command: &mut Command, what: &str, object: &Path, sources: &Sources) -> Result<()> {
    let mut hasher = DefaultHasher::new();
    format!("{command:?}").hash(&mut hasher);
    for folder in [sources.engine, &sources.guest.join("shim")] {
        let mut files: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        // Of the shim, the engine includes headers only.
        files.retain(|file| folder == sources.engine || file.extension().is_some_and(|extension| extension == "h"));
        for file in files {
            fs::read(file)?.hash(&mut hasher);
        }
    }
    let (fingerprint, record) = (hasher.finish().to_string(), object.with_extension("fingerprint"));
    if object.is_file() && fs::read_to_string(&record).is_ok_and(|done| done == fingerprint) {
        return Ok(());
    }
    run(command, what)?;
    fs::write(record, fingerprint)?;
    Ok(())
}

fn run(command: &mut Command, what: &str) -> Result<()> {
    let output = command.output().with_context(|| format!("{what}: zig did not start"))?;
    let diagnostics = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{what} failed:\n{diagnostics}");
    }
    for line in diagnostics.lines().filter(|line| line.contains("warning:")) {
        println!("cargo::warning={line}");
    }
    Ok(())
}

/// A bulk operation costs one unit of fuel however long it is, so there is none but where length was paid for.
pub(crate) fn check_bulk_operations(module: &[u8]) -> Result<()> {
    use wasmparser::{Operator, Parser, Payload, TypeRef};
    let mut next_function = 0;
    let mut with_bulk = BTreeSet::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    next_function += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader()? {
                    if matches!(operator?, Operator::MemoryCopy { .. } | Operator::MemoryFill { .. }) {
                        with_bulk.insert(next_function);
                    }
                }
                next_function += 1;
            }
            _ => {}
        }
    }
    let names = function_names(module)?;
    for function in with_bulk {
        let name = names.get(&function).copied().unwrap_or("a function without a name");
        ensure!(
            BULK_FUNCTIONS.contains(&name),
            "`{name}` contains a bulk memory operation that nobody reviewed: fuel would not bound its length"
        );
    }
    Ok(())
}

/// Between two steps the memory is all there is of a run: what a host keeps of one that is put aside. The fuel is set anew with each
/// step; another global that changes, or a table, would have to be kept as well.
pub(crate) fn check_state(module: &[u8]) -> Result<()> {
    use wasmparser::{Operator, Parser, Payload};
    let mut changing = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::GlobalSection(globals) => {
                for global in globals {
                    changing += u32::from(global?.ty.mutable);
                }
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader()? {
                    let operator = operator?;
                    let is_lost = matches!(
                        operator,
                        Operator::TableSet { .. }
                            | Operator::TableGrow { .. }
                            | Operator::TableFill { .. }
                            | Operator::TableCopy { .. }
                            | Operator::TableInit { .. }
                            | Operator::ElemDrop { .. }
                            | Operator::DataDrop { .. }
                    );
                    ensure!(
                        !is_lost,
                        "the guest changes a table or drops a segment: a run that is put aside would lose that"
                    );
                }
            }
            _ => {}
        }
    }
    ensure!(
        changing == 2,
        "{changing} globals of the guest change, beside its memory: only the stack pointer and the fuel may"
    );
    Ok(())
}

/// The names that the linker gave to functions.
pub(super) fn function_names(module: &[u8]) -> Result<BTreeMap<u32, &str>> {
    use wasmparser::{KnownCustom, Name, Parser, Payload};
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(subsections) = section.as_known() else { continue };
        for subsection in subsections {
            let Name::Function(map) = subsection? else { continue };
            for naming in map {
                let naming = naming?;
                names.insert(naming.index, naming.name);
            }
        }
    }
    ensure!(!names.is_empty(), "the linked guest has no function names");
    Ok(names)
}

/// Drops names and debug information; keeps the component's type, which the encoder needs.
pub(crate) fn strip(module: &[u8]) -> Result<Vec<u8>> {
    use wasmparser::{Parser, Payload};
    let mut stripped = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let dropped =
            matches!(&payload, Payload::CustomSection(section) if !section.name().starts_with("component-type"));
        if let (false, Some((id, range))) = (dropped, payload.as_section()) {
            let data = &module[usize::try_from(range.start)?..usize::try_from(range.end)?];
            stripped.section(&wasm_encoder::RawSection { id, data });
        }
    }
    Ok(stripped.finish())
}
