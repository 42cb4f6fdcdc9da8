//! The files of test262 as scripts, and how each ends.

use super::frontmatter::Frontmatter;
use agentloop_sandbox::{Limits, Sandbox, Toolbox};
use agentloop_tests::{Expect, engine};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

const HOST: &str = include_str!("../../conformance/host.js");
const PROPERTY_HELPER: &str = include_str!("../../conformance/property_helper.js");
/// What every test has, before what it names itself.
const HARNESS: [&str; 4] = ["assert.js", "sta.js", "compareArray.js", "propertyHelper.js"];

/// `conformance/test262.json`, without what `fetch.sh` reads of it.
#[derive(Deserialize)]
struct Selection {
    directories: Vec<String>,
    flags_left_out: BTreeMap<String, String>,
    features_left_out: BTreeMap<String, String>,
    directories_left_out: BTreeMap<String, String>,
}

pub(crate) struct Suite {
    root: PathBuf,
    selection: Selection,
    harness: BTreeMap<String, String>,
    sandbox: Sandbox,
}

impl Suite {
    pub(crate) fn open() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/test262");
        assert!(
            root.join("language").is_dir(),
            "the tests are not there: run `bash tests/conformance/fetch.sh .tools/test262`"
        );
        let selection =
            serde_json::from_str(include_str!("../../conformance/test262.json")).expect("the selection is JSON");
        let mut harness = BTreeMap::new();
        for file in files_below(&root).iter().filter(|file| file.ends_with("shell.js")) {
            for part in read(file).split("\n// file: ").skip(1) {
                let (name, text) = part.split_once('\n').expect("a name is on a line of its own");
                harness.entry(name.trim().to_owned()).or_insert_with(|| text.to_owned());
            }
        }
        harness.insert("propertyHelper.js".to_owned(), PROPERTY_HELPER.to_owned());
        // `host.js` does its work.
        harness.insert("doneprintHandle.js".to_owned(), String::new());
        let limits = Limits { console_bytes_max: 1 << 20, ..Limits::default() };
        let sandbox = engine().sandbox(Toolbox::default(), limits).expect("the limits can be enforced");
        Self { root, selection, harness, sandbox }
    }

    /// The tests that are run, as paths from the root of the suite.
    pub(crate) fn tests(&self) -> Vec<String> {
        let left_out = |path: &String| {
            self.selection.directories_left_out.keys().any(|folder| path.starts_with(&format!("{folder}/")))
        };
        let folders = self.selection.directories.iter().map(|folder| self.root.join(folder));
        let mut tests: Vec<String> = folders
            .flat_map(|folder| files_below(&folder))
            .filter(|file| !["shell.js", "browser.js"].iter().any(|name| file.ends_with(name)))
            .map(|file| file.strip_prefix(&self.root).expect("it is below the root").display().to_string())
            .filter(|path| path.ends_with(".js") && !path.contains("_FIXTURE") && !left_out(path))
            .filter(|path| self.is_selected(path))
            .collect();
        tests.sort();
        tests
    }

    fn is_selected(&self, path: &str) -> bool {
        let text = read(&self.root.join(path));
        let about = Frontmatter::of(&text);
        let is_left_out = about.flags.iter().any(|flag| self.selection.flags_left_out.contains_key(flag))
            || about.features.iter().any(|feature| self.selection.features_left_out.contains_key(feature));
        // The command line refuses a script with a NUL in it.
        !is_left_out && !text.contains('\0')
    }

    /// The tests that fail, and how.
    pub(crate) fn failures(&self, tests: &[String]) -> BTreeMap<String, String> {
        let next = AtomicUsize::new(0);
        let work = || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime can be made");
            let mut failed = BTreeMap::new();
            while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(why) = runtime.block_on(self.run(test)) {
                    failed.insert(test.clone(), why);
                }
            }
            failed
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("no test takes the process down")).collect()
        })
    }

    async fn run(&self, test: &str) -> Result<(), String> {
        let text = read(&self.root.join(test));
        let about = Frontmatter::of(&text);
        let is_early = about.negative.as_ref().is_some_and(|(phase, _)| phase != "runtime");
        let script = if is_early { text } else { self.script(&about, &text) };
        let run = self.sandbox.prepare(script).clock_ms(1_700_000_000_000).seed(1);
        let outcome = run.finish().await.map_err(|error| format!("the host broke: {error}"))?;
        let ending = Expect::from(&outcome.ending);
        let is_passed = match (&about.negative, &ending) {
            (None, Expect::Finished(_)) => true,
            (Some(_), Expect::Syntax(_)) => is_early,
            (Some((_, kind)), Expect::Threw(error)) => !is_early && error.contains(kind.as_str()),
            _ => false,
        };
        if is_passed { Ok(()) } else { Err(format!("{ending:?}").chars().take(300).collect()) }
    }

    fn script(&self, about: &Frontmatter, text: &str) -> String {
        let mut seen = BTreeSet::new();
        let names =
            HARNESS.into_iter().chain(about.includes.iter().map(String::as_str)).filter(|name| seen.insert(*name));
        let harness: Vec<&str> = names.map(|name| self.harness[name].as_str()).collect();
        let is_async = about.flags.iter().any(|flag| flag == "async");
        let last = if is_async { "return await asynchronousOutcome.promise;" } else { "return;" };
        format!("{HOST}{}\n{text}\n{last}\n", harness.join("\n"))
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("`{}`: {error}", folder.display())) {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()))
}
