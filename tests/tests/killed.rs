//! Processes that are killed in the middle of a run, with effects in a real database; and many of them that resume the same runs.
//!
//! The other processes are this test program as well: with the variable below it does their work instead.

use agentloop_sandbox::{
    Answers, CallStatus, CancellationToken, Effect, Ending, Error, Journal, JournalError, Key, Limits, Once, Outcome,
    Resolution, ResumeError, Run, Sandbox, Suspended, Terms, Tool, Toolbox, Verdict,
};
use agentloop_tests::{block_on, engine};
use agentloop_tools::journal::{Durability, JournalFile};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// Names the folder that another process works in, and what it does there.
const WORK: &str = "AGENTLOOP_TEST_KILLED";
const EFFECTS: i64 = 24;
const KILLS: u32 = 500;

/// Inserts a row with each call; asks for leave in the middle; reads now and then.
const SCRIPT: &str = "
    const refused = [];
    for (let n = 0; n < 24; n += 2) {
        const rows = [n, n + 1].map((n) => tools.insert({ n }).catch((error) => refused.push([n, error.kind])));
        await Promise.all(rows);
        if (n === 12) await tools.approve({});
        await tools.count({});
    }
    return refused;
";

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Row {
    n: i64,
}

fn database(folder: &Path) -> Connection {
    let database = Connection::open(folder.join("rows.db")).expect("the database opens");
    let set_up = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS rows (n INTEGER)";
    database.execute_batch(set_up).expect("it takes that");
    database
}

fn sandbox(folder: &Path) -> Sandbox {
    let database = Arc::new(Mutex::new(database(folder)));
    let counting = Arc::clone(&database);
    let insert = Tool::new("insert", "Inserts a row.", move |row: Row| {
        let database = database.lock().expect("nobody panicked");
        let inserted = database.execute("INSERT INTO rows VALUES (?1)", [row.n]);
        std::future::ready(inserted.map_err(|error| error.to_string()))
    });
    let count = Tool::instant("count", "Counts rows.", move |_: serde_json::Value| {
        let database = counting.lock().expect("nobody panicked");
        database
            .query_row("SELECT count(*) FROM rows", [], |row| row.get::<_, i64>(0))
            .map_err(|error| error.to_string())
    });
    let approve = Tool::instant("approve", "Asks.", |_: serde_json::Value| Ok::<_, String>("yes"));
    let tools =
        [insert, count.map(|tool| tool.marked(Effect::ReadOnly)), approve.map(|tool| tool.marked(Effect::ReadOnly))];
    let toolbox = Toolbox::new(tools.map(|tool| tool.expect("it is a tool"))).expect("they fit");
    engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced")
}

fn finish(run: Run) -> Outcome {
    block_on(run.finish()).expect("the host is well")
}

/// Runs the script, puts it aside in the middle, and goes on with it.
fn run_and_resume(folder: &Path) {
    let (sandbox, path) = (sandbox(folder), folder.join("run.jsonl"));
    let file = JournalFile::create(&path, Durability::Process).expect("there is no journal yet");
    let run = sandbox
        .prepare(SCRIPT)
        .suspend_on(CancellationToken::new())
        .record(file)
        .gate(|attempt| async move { if attempt.tool == "approve" { Verdict::Suspend } else { Verdict::Allow } });
    let Ending::Suspended(suspended) = finish(run).ending else { panic!("it is put aside") };
    let call = suspended.calls().next().expect("it waits for one").id;
    let file = JournalFile::open(&path, Durability::Process).expect("it was closed");
    let run = sandbox.resume(*suspended).expect("it can be resumed").resolve(call, Resolution::Approve).record(file);
    assert!(matches!(finish(run).ending, Ending::Finished(_)));
}

fn other_process(work: &str, folder: &Path) -> Child {
    let program = std::env::current_exe().expect("it has a name");
    let mut command = Command::new(program);
    command
        .args(["--exact", "work_of_another_process", "--nocapture"])
        .env(WORK, format!("{work}:{}", folder.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

#[test]
fn work_of_another_process() {
    let Ok(work) = std::env::var(WORK) else { return };
    match work.split_once(':') {
        Some(("run", folder)) => run_and_resume(Path::new(folder)),
        Some((seed, folder)) => resume_all(Path::new(folder), seed.parse().expect("a seed")),
        None => panic!("it is not said what to do"),
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
    folder
}

/// Numbers that are the same for each run of the tests.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn rows(folder: &Path) -> BTreeMap<i64, i64> {
    let database = database(folder);
    let mut query = database.prepare("SELECT n, count(*) FROM rows GROUP BY n").expect("it is a query");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("it is answered");
    rows.collect::<Result<_, _>>().expect("it is answered")
}

/// What is left in a folder after its process was killed: goes on from the journal, and checks that nothing happened twice, and
/// nothing was lost without a word. Whether calls were answered from the journal, and whether one was in doubt.
fn go_on_and_check(folder: &Path) -> (bool, bool) {
    let bytes = fs::read(folder.join("run.jsonl")).unwrap_or_default();
    let answers = match Journal::read(&bytes) {
        Ok(journal) => Answers::of_journal(&journal),
        Err(JournalError::Empty) => Answers::default(),
        Err(error) => panic!("{error}\n{}", String::from_utf8_lossy(&bytes)),
    };
    let (known, in_doubt) = (answers.count(), answers.in_doubt());
    let outcome = finish(sandbox(folder).prepare(SCRIPT).answers(answers));
    let refused: Vec<(i64, String)> = outcome.value().expect("it finishes").expect("it is a list");
    assert!(refused.iter().all(|(_, kind)| kind == "refused"), "{refused:?}");
    assert_eq!(refused.len(), in_doubt.len(), "each call in doubt is told of, and no other is refused");
    let rows = rows(folder);
    for n in 0..EFFECTS {
        let count = rows.get(&n).copied().unwrap_or_default();
        let is_in_doubt = refused.iter().any(|(refused, _)| *refused == n);
        assert!(count == 1 || (is_in_doubt && count == 0), "row {n} is there {count} times, {}", folder.display());
    }
    let failed = outcome.calls.iter().filter(|call| matches!(call.status, CallStatus::Failed(_))).count();
    assert_eq!(failed, refused.len());
    (known > 0, !in_doubt.is_empty())
}

#[test]
fn whenever_a_process_is_killed_each_effect_happens_once_or_is_in_doubt() {
    let whole = {
        let folder = folder("killed-never");
        let begun = Instant::now();
        assert!(other_process("run", &folder).wait().expect("it ends").success());
        assert_eq!(rows(&folder).values().sum::<i64>(), EFFECTS, "the positive control");
        begun.elapsed()
    };
    let (mut numbers, mut went_on, mut doubted) = (Numbers(7), 0, 0);
    for kill in 0..KILLS {
        let folder = folder(&format!("killed-{}", kill % 8));
        let mut process = other_process("run", &folder);
        thread::sleep(Duration::from_micros(numbers.below(whole.as_micros() as u64 * 5 / 4)));
        // One that has ended already is one of the cases.
        let _ = process.kill();
        process.wait().expect("it ends");
        let (had_answers, was_in_doubt) = go_on_and_check(&folder);
        went_on += u32::from(had_answers);
        doubted += u32::from(was_in_doubt);
    }
    assert!(went_on > KILLS / 20, "only {went_on} processes were killed after a call");
    println!("{went_on} of {KILLS} were killed after a call, {doubted} of them with a call in doubt");
}

const RUNS: usize = 1_000;
const RESUMERS: u64 = 4;

fn key() -> Key {
    Key::new([9; 32])
}

/// A file for each run that was resumed.
struct Files(PathBuf);

impl Once for Files {
    fn take(&self, id: &[u8; 16], _expires: SystemTime) -> io::Result<bool> {
        let name: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        match File::options().write(true).create_new(true).open(self.0.join(name)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A sandbox whose `pay` leaves a file, which must not be there.
fn paying(folder: &Path) -> Sandbox {
    let folder = folder.join("paid");
    let pay = Tool::new("pay", "Pays.", move |row: Row| {
        let paid = File::options().write(true).create_new(true).open(folder.join(row.n.to_string()));
        std::future::ready(paid.map(|_| row.n * 2).map_err(|error| error.to_string()))
    });
    let toolbox = Toolbox::new([pay.expect("it is a tool")]).expect("they fit");
    engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced")
}

/// Resumes the runs of a folder, in an order of its own. Others do the same.
fn resume_all(folder: &Path, seed: u64) {
    let (sandbox, once, mut numbers) = (paying(folder), Arc::new(Files(folder.join("taken"))), Numbers(seed));
    let mut order: Vec<usize> = (0..RUNS).collect();
    (1..RUNS).rev().for_each(|last| order.swap(last, numbers.below(last as u64 + 1) as usize));
    for n in order {
        let bytes = fs::read(folder.join(format!("{n}.run"))).expect("it is there");
        let suspended = Suspended::open(&key(), "acme", &bytes).expect("it is opened");
        let run = sandbox.resume(suspended).expect("it can be resumed").resolve(0, Resolution::Approve);
        match block_on(run.once(once.clone()).finish()) {
            Ok(outcome) => assert_eq!(outcome.value::<usize>().expect("it finishes").expect("a number"), n * 2 + 1),
            Err(Error::Resume(ResumeError::Spent)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_thousand_runs_are_resumed_once_each_by_processes_that_all_try_them_all() {
    let folder = folder("resumed");
    for name in ["taken", "paid"] {
        fs::create_dir(folder.join(name)).expect("it can be made");
    }
    let sandbox = paying(&folder);
    let terms = Terms { tenant: "acme".to_owned(), expires: SystemTime::now() + Duration::from_secs(3_600) };
    for n in 0..RUNS {
        let script = format!("const n = {n}; return await tools.pay({{ n }}) + 1");
        let run = sandbox.prepare(script).suspend_on(CancellationToken::new()).gate(|_| async { Verdict::Suspend });
        let Ending::Suspended(suspended) = finish(run).ending else { panic!("it is put aside") };
        fs::write(folder.join(format!("{n}.run")), suspended.seal(&key(), &terms).expect("it is sealed"))
            .expect("it is written");
    }
    let processes: Vec<Child> = (0..RESUMERS).map(|seed| other_process(&seed.to_string(), &folder)).collect();
    for mut process in processes {
        assert!(process.wait().expect("it ends").success());
    }
    let files = |name: &str| fs::read_dir(folder.join(name)).expect("it is there").count();
    assert_eq!((files("taken"), files("paid")), (RUNS, RUNS));
}
