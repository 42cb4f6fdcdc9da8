//! Measures everything and prints one table: `cargo run --release -p agentloop-benches --bin table`.

use agentloop_benches::apart;
use agentloop_benches::machine::Machine;
use agentloop_benches::peer::Peer;
use agentloop_benches::record;
use agentloop_benches::table::{Plan, measure};
use anyhow::{Result, bail, ensure};
use std::io::{self, Write as _};
use std::path::PathBuf;

const USAGE: &str = "usage: table [--quick] [--json] [--peer] [--record DIR]\n\
    --quick       fewer rounds: about fifteen seconds\n\
    --json        raw numbers as JSON lines on stdout, instead of the table\n\
    --peer        the nearest other product as well, installed from its registry (Python 3.10)\n\
    --record DIR  also write DIR/<date>-<machine>.md";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, part] = arguments.as_slice()
        && first == apart::ARGUMENT
    {
        return Ok(writeln!(io::stdout(), "{}", apart::answer(part)?)?);
    }
    let options = Options::parse(&arguments)?;
    ensure!(!cfg!(debug_assertions), "a debug build measures nothing: run it with `--release`");

    let machine = Machine::here();
    let rounds = options.plan.rounds;
    let peer = options.has_peer.then(Peer::start).transpose()?;
    let table = measure(options.plan, peer, |round| {
        // Progress nobody can read is no reason to stop.
        let _ = writeln!(io::stderr(), "round {} of {rounds}", round + 1);
    })?;
    let text = if options.json { table.json_lines()? } else { table.markdown() };
    io::stdout().write_all(text.as_bytes())?;
    if let Some(folder) = options.record {
        let command = ["cargo run --release -p agentloop-benches --bin table --", &arguments.join(" ")].join(" ");
        let path = record::write(&folder, &machine, &command, &table)?;
        writeln!(io::stderr(), "recorded in {}", path.display())?;
    }
    Ok(())
}

struct Options {
    plan: Plan,
    json: bool,
    has_peer: bool,
    record: Option<PathBuf>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { plan: Plan::FULL, json: false, has_peer: false, record: None };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match (argument.as_str(), arguments.as_slice().first()) {
                ("--quick", _) => options.plan = Plan::QUICK,
                ("--json", _) => options.json = true,
                ("--peer", _) => options.has_peer = true,
                ("--record", Some(folder)) => {
                    options.record = Some(folder.into());
                    arguments.next();
                }
                ("--record", None) => bail!("`--record` needs a folder\n{USAGE}"),
                (other, _) => bail!("`{other}` is not an option\n{USAGE}"),
            }
        }
        Ok(options)
    }
}
