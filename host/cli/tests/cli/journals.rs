//! Journals, and runs that are put aside: what the commands about them print, and how they end.

use crate::harness::{Ran, agentloop, errors_in, folder, root, run, run_in};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

const PAY: &[&str] = &["examples/payment/pay.js", "--fixtures", "examples/payment/tools.json", "--ask", "pay"];

/// A folder of this test, with nothing in it.
fn empty(test: &str) -> PathBuf {
    let folder = folder(test);
    std::fs::remove_dir_all(&folder).expect("it is there");
    self::folder(test)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it is text")
}

fn ran(arguments: &[&str]) -> Ran {
    agentloop(arguments).output().expect("the binary starts").into()
}

/// The four commands of the README, and what journals say of it afterwards.
#[test]
fn a_payment_waits_without_a_process_and_is_made_once() {
    let state = empty("a_payment_waits");
    let of_state = ["--state", text(&state)];
    let paused = run(&[PAY, &["--pause-on", "ask"], &of_state].concat());
    let name = paused.stdout.trim_end().to_owned();
    let expected = format!(
        "a bill of 115 from Casa Lucía\npaused: run {name} waits for a decision\n  call 1: tools.pay({{\"to\":\"Casa \
         Lucía\",\"amount\":115}})\nhelp: agentloop resume {name} --approve 1, or --reject 1 --reason TEXT, or --amend 1 JSON\n"
    );
    assert_eq!(paused, Ran::new(15, &format!("{name}\n"), &expected));
    let waiting = format!("{name}\n  call 1: tools.pay({{\"to\":\"Casa Lucía\",\"amount\":115}})\n");
    assert_eq!(ran(&[&["runs"][..], &of_state].concat()), Ran::new(0, &waiting, ""));

    let wrong = ran(&[&["resume", &name, "--repeat", "1"][..], &of_state].concat());
    let message = "error: the run was not resumed: call 1: it was not made before: approve it instead\n";
    assert!(wrong.code == Some(2) && wrong.stderr.starts_with(message), "{wrong:?}");
    let resume = [&["resume", &name, "--approve", "1"][..], &of_state].concat();
    assert_eq!(ran(&resume), Ran::new(0, "paid Casa Lucía: receipt R-2026-0042\n", ""));
    let again = "error: the run was not resumed: this run was resumed before: each suspension of a run can be resumed \
                 once\nhelp: agentloop runs lists the runs that still wait\n";
    assert_eq!(ran(&resume), Ran::new(2, "", again));
    assert_eq!(ran(&[&["runs"][..], &of_state].concat()), Ran::new(0, "", "runs: none is put aside\n"));

    let journal = state.join(format!("{name}.jsonl"));
    let replayed = ran(&["replay", text(&journal)]);
    let same = "a bill of 115 from Casa Lucía\nreplayed: the same, to the unit of fuel (3 steps, 2 calls)\n";
    assert_eq!(replayed, Ran::new(0, "paid Casa Lucía: receipt R-2026-0042\n", same));
    let stats: Value = serde_json::from_str(&ran(&["stats", text(&journal), "--json"]).stdout).expect("it is JSON");
    assert_eq!(
        (&stats["usage"]["tools"]["pay"]["calls"], &stats["usage"]["steps"][0]["calls"]),
        (&1.into(), &1.into())
    );
    assert!(ran(&["stats", text(&journal)]).stdout.contains("\npay "));
}

#[test]
fn what_is_decided_is_what_happens() {
    let state = empty("what_is_decided");
    let of_state = ["--state", text(&state)];
    for (decision, code, stdout) in [
        (&["--reject", "1", "--reason", "too much"][..], 1, ""),
        (&["--answer", "1", "{\"number\":\"by hand\"}"], 0, "paid Casa Lucía: receipt by hand\n"),
        (&["--amend", "1", "{\"to\":\"Ann\",\"amount\":1}"], 0, "paid Casa Lucía: receipt R-2026-0042\n"),
    ] {
        let paused = run(&[PAY, &["--pause-on", "ask", "--json"], &of_state].concat());
        let report: Value = serde_json::from_str(&paused.stdout).expect("it is JSON");
        assert_eq!(errors_in(&report), Vec::<String>::new());
        assert_eq!((&report["status"], &report["pending"][0]["state"]), (&"paused".into(), &"asking".into()));
        let name = report["run"].as_str().expect("it has a name");
        let resumed = ran(&[&["resume", name], decision, &of_state].concat());
        assert_eq!((resumed.code, resumed.stdout.as_str()), (Some(code), stdout), "{}", resumed.stderr);
    }
    // Nothing decided: it is asked again, under the same name.
    let name = run(&[PAY, &["--pause-on", "ask"], &of_state].concat()).stdout.trim_end().to_owned();
    let again = ran(&[&["resume", &name][..], &of_state].concat());
    assert_eq!((again.code, again.stdout), (Some(15), format!("{name}\n")));
    let resumed = ran(&[&["resume", &name, "--approve", "1"][..], &of_state].concat());
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
}

#[test]
fn mistakes_are_told_before_anything_happens() {
    let state = empty("mistakes_are_told");
    let state = text(&state);
    for (arguments, message) in [
        (&["resume", "0123abcd", "--state", state][..], "there is no run `0123abcd` that was put aside"),
        (&["resume", "../../x", "--state", state], "there is no run `../../x` that was put aside"),
        (&["resume", "0123abcd", "--amend", "x", "1", "--state", state], "--amend: `x` is not the number of a call"),
        (
            &["resume", "0123abcd", "--approve", "1", "--reject", "1", "--state", state],
            "two things are said about call 1",
        ),
        (&["run", "-e", "1", "--state", state], "--state names the folder of runs that are put aside"),
        (&["run", "-e", "1", "--record", "README.md"], "the journal `README.md` is there already"),
        (&["run", "-e", "1", "--continue", "missing"], "there is no journal `missing`"),
        (&["replay", "README.md"], "`README.md`: this is not the journal of a run"),
        (&["replay", "README.md", "--files", "."], "a replay calls no tools, and there are flags about tools"),
        (&["run", "-e", "1", "--sync", "never"], "--sync says how safely a journal is kept"),
        (&["run", "--prompt", "x", "--record", "new"], "--prompt and --record do not go together"),
        (&["run", "--prompt", "x", "--continue", "README.md"], "--prompt and --continue do not go together"),
    ] {
        let ran = ran(arguments);
        assert!(matches!(ran.code, Some(2 | 66)), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.starts_with(&format!("error: {message}")), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("help: "), "{}", ran.stderr);
    }
}

#[test]
fn a_mended_script_goes_on_from_its_journal() {
    let folder = empty("a_mended_script");
    let tools = root().join("examples/payment/tools.json");
    let run =
        |script: &str, more: &[&str]| run_in(&folder, &[&["-e", script, "--fixtures", text(&tools)], more].concat());
    let broken = run("await tools.pay({ to: 'Ann', amount: 1 }); oops()", &["--record", "first.jsonl"]);
    assert_eq!(broken.code, Some(1), "{}", broken.stderr);
    let mended = "return (await tools.pay({ amount: 1, to: 'Ann' })).number";
    let went_on = run(mended, &["--continue", "first.jsonl", "--record", "second.jsonl"]);
    assert_eq!(went_on, Ran::new(0, "R-2026-0042\n", "continued: 1 answers are there from before\n"));
    let second = std::fs::read_to_string(folder.join("second.jsonl")).expect("it was written");
    assert!(second.contains("\"recalled\":true") && !second.contains("\"start\""), "{second}");
    // What the second run knows is in the first journal.
    let alone = run(mended, &["--continue", "second.jsonl"]);
    assert!(alone.stderr.starts_with("error: what is to be continued went on from run "), "{}", alone.stderr);
    let both = run(mended, &["--continue", "first.jsonl", "--continue", "second.jsonl"]);
    assert_eq!(both.code, Some(0), "{}", both.stderr);

    let inside =
        |arguments: &[&str]| -> Ran { agentloop(arguments).current_dir(&folder).output().expect("it starts").into() };
    std::fs::write(
        folder.join("tried.js"),
        "await tools.pay({ to: 'Ann', amount: 1 }); await tools.pay({ to: 'Bo', amount: 2 })",
    )
    .expect("the folder is writable");
    let tried = inside(&["replay", "first.jsonl", "--script", "tried.js"]);
    assert!(tried.stderr.contains("replayed: 1 calls were answered from the journal, 1 are new\n"), "{}", tried.stderr);
    assert!(tried.stderr.contains("  new: call 1: tools.pay({\"to\":\"Bo\",\"amount\":2})"), "{}", tried.stderr);
    assert_eq!(tried.code, Some(1), "the call is refused");
    let live = inside(&["replay", "first.jsonl", "--script", "tried.js", "--live", "--fixtures", text(&tools)]);
    assert_eq!(live.code, Some(0), "{}", live.stderr);

    let differs = inside(&["diff", "first.jsonl", "second.jsonl"]);
    assert_eq!(differs.code, Some(16), "{differs:?}");
    assert!(
        differs.stdout.contains("script: not the same\n") && differs.stdout.contains("step 0"),
        "{}",
        differs.stdout
    );
    let equal = inside(&["diff", "first.jsonl", "first.jsonl"]);
    assert_eq!(equal, Ran::new(0, "", "diff: both did the same, to the unit of fuel\n"));

    let text = std::fs::read_to_string(folder.join("second.jsonl")).expect("it is there");
    std::fs::write(folder.join("other.jsonl"), text.replacen("R-2026-0042", "R-2026-0043", 1))
        .expect("the folder is writable");
    let differs = inside(&["replay", "other.jsonl"]);
    assert_eq!(differs.code, Some(16), "{differs:?}");
    assert!(differs.stderr.contains("differs: in step "), "{}", differs.stderr);
    // Cut in the middle of a line, as by a process that was killed.
    std::fs::write(folder.join("cut.jsonl"), &text[..text.len() / 2 + text.len() / 4]).expect("the folder is writable");
    let cut = inside(&["replay", "cut.jsonl"]);
    assert!(cut.code == Some(0) && cut.stderr.contains("then its process was stopped"), "{cut:?}");
}

/// A process that was killed in the middle of a call: its run is listed, and what is in doubt is decided by who runs it again.
#[cfg(unix)]
#[test]
fn what_a_killed_process_leaves_in_doubt_is_decided_by_its_user() {
    let state = empty("what_a_killed_process");
    let tools = state.join("tools.json");
    let slow =
        r#"[{"name":"pay","description":"Pays.","input_schema":{},"responses":[{"result":"paid","delay_ms":60000}]}]"#;
    std::fs::write(&tools, slow).expect("the folder is writable");
    let script = "console.log('paying'); return await tools.pay({ amount: 1 })";
    let flags = ["run", "-e", script, "--fixtures", text(&tools), "--pause-on", "ask", "--state", text(&state)];
    let mut child = agentloop(&flags).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary starts");
    let name = loop {
        let files = std::fs::read_dir(&state).expect("it is there").filter_map(Result::ok);
        let begun = files.map(|file| file.path()).find(|path| {
            path.extension().is_some_and(|ending| ending == "jsonl")
                && std::fs::read_to_string(path).is_ok_and(|journal| journal.contains("{\"start\""))
        });
        if let Some(journal) = begun {
            break journal.file_stem().expect("it has a name").to_str().expect("it is text").to_owned();
        }
        assert_eq!(child.try_wait().expect("it is there"), None, "it waits for its call");
        std::thread::yield_now();
    };
    let runs = ["runs", "--state", text(&state)];
    assert_eq!(ran(&runs), Ran::new(0, "", "runs: none is put aside\n"), "it is on its way");
    child.kill().expect("it is there");
    child.wait().expect("it ends");
    let journal = state.join(format!("{name}.jsonl"));
    let told = format!(
        "{name}\n  its process was stopped; agentloop run SCRIPT --continue {} runs its script without doing again what was done\n",
        journal.display()
    );
    assert_eq!(ran(&runs), Ran::new(0, &told, ""));

    let quick = state.join("quick.json");
    std::fs::write(&quick, slow.replace("60000", "0")).expect("the folder is writable");
    let again = |decision: &[&str]| {
        run(&[&["-q", "-e", script, "--fixtures", text(&quick), "--continue", text(&journal)], decision].concat())
    };
    let refused = again(&[]);
    assert!(refused.code == Some(1) && refused.stderr.contains("nobody knows whether it happened"), "{refused:?}");
    assert_eq!(again(&["--answer", "0", "\"by hand\""]), Ran::new(0, "by hand\n", ""));
    assert_eq!(again(&["--repeat", "0"]), Ran::new(0, "paid\n", ""));
    let other = again(&["--repeat", "1"]);
    let message = "error: --repeat 1: this call is not in doubt\nhelp: of the journals given, 0 are; nothing ran\n";
    assert_eq!(other, Ran::new(2, "", message));
    let replayed = ran(&["replay", text(&journal)]);
    assert!(
        replayed.stderr.contains("paying\n") && replayed.stderr.contains("then its process was stopped"),
        "{replayed:?}"
    );
}

/// No file may grow beyond 20 MB: as on a disk that is full.
#[cfg(unix)]
#[test]
fn a_run_whose_journal_cannot_be_written_is_stopped_before_the_call() {
    let folder = empty("a_run_whose_journal");
    let tools = root().join("examples/payment/tools.json");
    let script = "for (let n = 0; n < 30; n++) await tools.pay({ to: 'x'.repeat(1e6), amount: n }); return 'paid'";
    let limited = |name: &str, limit: &str| -> Ran {
        let shell = format!(
            "trap '' XFSZ; {limit} exec {} run -q -e \"{script}\" --fixtures {} --record {name} --sync never",
            env!("CARGO_BIN_EXE_agentloop"),
            tools.display()
        );
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &shell]).current_dir(&folder).output().expect("there is a shell").into()
    };
    let stopped = limited("full", "ulimit -f 40000;");
    assert_eq!(stopped.code, Some(17), "{stopped:?}");
    let message = "error: the run was stopped, because its journal could not be written";
    assert!(stopped.stderr.starts_with(message), "{stopped:?}");
    let journal = std::fs::read_to_string(folder.join("full")).expect("it was begun");
    let answers = journal.matches("\"answer\"").count();
    assert!((5..25).contains(&answers), "{answers} calls were answered");
    assert_eq!(limited("whole", ""), Ran::new(0, "paid\n", ""), "the positive control");
}

/// A process that is told to end puts its run aside.
#[cfg(unix)]
#[test]
fn a_process_that_is_told_to_end_leaves_a_run_that_can_be_resumed() {
    let state = empty("a_process_that_is_told");
    let script = "console.log('ready'); await new Promise((done) => setTimeout(done, 1500)); return 'rested'";
    let mut command = agentloop(&["run", "-e", script, "--pause-on", "ask", "--state", text(&state)]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    assert_eq!(lines.next().expect("it says something").expect("it is text"), "ready");
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("it is there");
    lines.for_each(drop);
    let ended: Ran = child.wait_with_output().expect("it ends").into();
    assert_eq!(ended.code, Some(15));
    let resumed = ran(&["resume", ended.stdout.trim_end(), "--state", text(&state)]);
    assert_eq!(resumed, Ran::new(0, "rested\n", ""));
}
