//! Measures everything once per round, ours and native side by side, so that a machine that slows down slows both.

use crate::apart;
use crate::calls::{self, Answer};
use crate::compute::Program;
use crate::fresh::{self, Round};
use crate::meter::{Cost, Pair, in_turn};
use crate::peer::Peer;
use crate::report::{Goal, Row, Table};
use crate::series::Series;
use crate::start;
use crate::stopping;
use crate::subject::{Subject, engine};
use crate::turns;
use crate::types;
use agentloop_sandbox::Engine;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Samples of each quantity.
    pub rounds: u32,
    /// Executions of `1+1` per sample, side and thread.
    pub fresh: u32,
    /// The same, in the process that does nothing else: on two threads, the start of the threads is part of it.
    pub fresh_apart: u32,
    /// Processes per sample.
    pub starts: u32,
    /// Calls per sample.
    pub calls: u32,
}

impl Plan {
    /// Enough to be recorded: about two minutes.
    pub const FULL: Self = Self { rounds: 11, fresh: 500, fresh_apart: 3_000, starts: 20, calls: 1_000 };
    /// Enough to see whether a change did something: about fifteen seconds.
    pub const QUICK: Self = Self { rounds: 3, fresh: 200, fresh_apart: 500, starts: 5, calls: 100 };
}

const FRESH: &str = "fresh sandbox, `1+1`, drop";
const FRESH_GOAL: Goal = Goal::RatioAtMost(0.25);
/// Name and bytes of what goes there and comes back, and microseconds that a call may take.
const PAYLOADS: [(&str, u32, f64); 3] = [("10 B", 10, 6.0), ("1 KB", 1_000, 12.0), ("100 KB", 100_000, 700.0)];
const MICROSECONDS: &str = "µs CPU";
const MILLISECONDS: &str = "ms CPU";
const MILLISECONDS_WALL: &str = "ms";

/// Measures everything, the peer where it can be asked the same. `progress` hears of each round.
///
/// # Errors
///
/// When something does not run: half a table is none.
pub fn measure(plan: Plan, peer: Option<Peer>, mut progress: impl FnMut(u32)) -> Result<Table> {
    let mut bench = Bench::new(plan, peer)?;
    for round in 0..plan.rounds {
        progress(round);
        bench.round(round)?;
    }
    Ok(bench.table)
}

struct Bench {
    plan: Plan,
    peer: Option<Peer>,
    engine: Engine,
    plain: Subject,
    calling: Subject,
    furnished: Subject,
    programs: Vec<Program>,
    agentloop: Option<PathBuf>,
    table: Table,
    /// The row that was measured last.
    last: Option<usize>,
}

impl Bench {
    fn new(plan: Plan, peer: Option<Peer>) -> Result<Self> {
        let engine = engine()?;
        let plain = Subject::plain(&engine)?;
        let calling = calls::subject(&engine)?;
        let furnished = types::subject(&engine)?;
        // The first runs of a process touch memory that later ones find in place. A cold process has a line of its own.
        fresh::ours(&plain, plan.fresh)?;
        fresh::native(plan.fresh)?;
        let mut table = Table::default();
        let agentloop = start::locate()?;
        if agentloop.is_none() {
            table.notes.push(
                "Left out: process cold start. Run `cargo build --release -p agentloop-cli` and measure again."
                    .to_owned(),
            );
        }
        let mut bench = Self {
            plan,
            peer,
            engine,
            plain,
            calling,
            furnished,
            programs: Program::all()?,
            agentloop,
            table,
            last: None,
        };
        bench.apart()?;
        Ok(bench)
    }

    fn stopping(&mut self) -> Result<()> {
        for (name, script) in stopping::ENDLESS {
            let time = stopping::stopped_ms(&self.engine, script)?;
            let what = format!("{name} stopped, {} ms allowed", stopping::TIME.as_millis());
            self.single(&what, MILLISECONDS_WALL, Goal::AtMost(510.0), time);
            self.peer(|peer| peer.stopped_ms(script))?;
        }
        Ok(())
    }

    fn round(&mut self, round: u32) -> Result<()> {
        self.fresh(round)?;
        self.calls()?;
        self.types(round)?;
        self.stopping()?;
        if let Some(agentloop) = self.agentloop.clone() {
            self.cold_start(&agentloop)?;
        }
        self.compute(round)
    }

    /// What is there before the rounds: measured in processes of their own.
    fn apart(&mut self) -> Result<()> {
        let thousand = apart::crowd(1_000)?;
        self.single("memory of a waiting run, 1,000 held", "KiB", Goal::AtMost(100.0), thousand.kib);
        let crowd = apart::crowd(10_000)?;
        self.single("memory of a waiting run, 10,000 held", "KiB", Goal::AtMost(100.0), crowd.kib);
        let what = "`1+1` among 10,000, 1,000 a second woken, one in an endless loop: 99 of 100";
        self.single(what, MILLISECONDS_WALL, Goal::AtMost(5.0), crowd.short_run_p99_ms);
        if let Some(peak) = apart::start_peak_mb()? {
            self.single("`agentloop run -e 1+1`, peak of memory", "MB", Goal::AtMost(20.0), peak);
        }
        for Round { alone, on_one, on_two } in apart::fresh(self.plan.rounds, self.plan.fresh_apart)? {
            self.pair(FRESH, MICROSECONDS, FRESH_GOAL, alone.ours.cpu_us(), alone.native.cpu_us());
            self.single("the same: page faults", "", Goal::None, alone.ours.faults());
            let what = "the same on two threads";
            self.pair(what, "/s", Goal::None, on_two.ours.per_second(), on_two.native.per_second());
            self.pair(what, MICROSECONDS, Goal::None, on_two.ours.cpu_us(), on_two.native.cpu_us());
            let gain = |two: Cost, one: Cost| two.per_second() / one.per_second();
            let (what, goal) = ("executions per second on two threads, by those on one", Goal::AtLeast(1.8));
            self.pair(what, "", goal, gain(on_two.ours, on_one.ours), gain(on_two.native, on_one.native));
        }
        Ok(())
    }

    fn fresh(&mut self, round: u32) -> Result<()> {
        let count = self.plan.fresh;
        let Pair { ours, native } = in_turn(round, || fresh::ours(&self.plain, count), || fresh::native(count))?;
        self.pair("the same, after larger scripts", MICROSECONDS, Goal::None, ours.cpu_us(), native.cpu_us());
        self.row(FRESH, MICROSECONDS, FRESH_GOAL);
        self.peer(|peer| Ok(peer.fresh(count)?.cpu_us()))
    }

    fn calls(&mut self) -> Result<()> {
        for (name, bytes, most) in PAYLOADS {
            let cost = calls::sequential(&self.calling, Answer::Settled, bytes, self.plan.calls)?;
            self.single(&format!("tool call, {name} each way"), MICROSECONDS, Goal::AtMost(most), cost.cpu_us());
            let calls = self.plan.calls;
            self.peer(|peer| Ok(peer.sequential(bytes, calls)?.cpu_us()))?;
        }
        let cost = calls::sequential(&self.calling, Answer::AtOnce, 10, self.plan.calls)?;
        self.single("tool call answered at once, 10 B each way", MICROSECONDS, Goal::None, cost.cpu_us());

        let cost = calls::parallel(&self.calling)?;
        let goal = Goal::AtMost(11.0);
        self.single("100 calls of 10 ms at once, whole run", MILLISECONDS_WALL, goal, cost.wall_us() / 1e3);
        self.peer(|peer| Ok(peer.parallel()?.wall_us() / 1e3))?;

        let cost = turns::iterations(self.plan.calls)?;
        let what = "iteration of the agent loop, model at once, no tools";
        self.single(what, MICROSECONDS, Goal::AtMost(200.0), cost.cpu_us());
        Ok(())
    }

    fn types(&mut self, round: u32) -> Result<()> {
        let count = self.plan.fresh / 2;
        let Pair { ours: javascript, native } =
            in_turn(round, || types::javascript(&self.furnished, count), || types::native(count))?;
        let (what, goal) = ("a script of 2 KB, three tools, whole run", Goal::RatioAtMost(0.5));
        self.pair(what, MICROSECONDS, goal, javascript.cpu_us(), native.cpu_us());
        let (javascript, count) = (javascript.cpu_us() / 1e3, self.plan.starts);
        let typescript = types::typescript(&self.furnished, count)?.cpu_us() / 1e3;
        let goal = Goal::AtMost(3.0);
        self.single("what its types cost, in TypeScript", MILLISECONDS, goal, typescript - javascript);
        Ok(())
    }

    fn cold_start(&mut self, agentloop: &Path) -> Result<()> {
        let cost = start::cold(agentloop, self.plan.starts)?;
        let what = "process cold start, `agentloop run -e 1+1`";
        self.single(what, MILLISECONDS, Goal::AtMost(8.0), cost.cpu_us() / 1e3);
        let starts = self.plan.starts;
        self.peer(|peer| Ok(peer.cold(starts)?.cpu_us() / 1e3))?;
        self.single(what, MILLISECONDS_WALL, Goal::None, cost.wall_us() / 1e3);
        Ok(())
    }

    fn compute(&mut self, round: u32) -> Result<()> {
        for program in &self.programs {
            let Pair { ours, native } = in_turn(round, || program.ours(&self.plain), || program.native())?;
            let what = format!("compute, {}", program.name);
            let place = place(&mut self.table.compute, &what, MILLISECONDS, Goal::None);
            let row = &mut self.table.compute[place];
            row.ours.0.push(ours.cpu_us() / 1e3);
            row.native.get_or_insert_default().0.push(native.cpu_us() / 1e3);
            if let Some(peer) = &mut self.peer {
                row.peer.get_or_insert_default().0.push(program.peer(peer)?.cpu_us() / 1e3);
            }
        }
        Ok(())
    }

    /// A sample of the peer for the line that was measured last.
    fn peer(&mut self, sample: impl FnOnce(&mut Peer) -> Result<f64>) -> Result<()> {
        if let Some(peer) = &mut self.peer {
            let sample = sample(peer)?;
            if let Some(row) = self.last.and_then(|last| self.table.rows.get_mut(last)) {
                row.peer.get_or_insert_default().0.push(sample);
            }
        }
        Ok(())
    }

    fn row(&mut self, what: &str, unit: &'static str, goal: Goal) -> &mut Row {
        let place = place(&mut self.table.rows, what, unit, goal);
        self.last = Some(place);
        &mut self.table.rows[place]
    }

    fn single(&mut self, what: &str, unit: &'static str, goal: Goal, sample: f64) {
        self.row(what, unit, goal).ours.0.push(sample);
    }

    fn pair(&mut self, what: &str, unit: &'static str, goal: Goal, ours: f64, native: f64) {
        let row = self.row(what, unit, goal);
        row.ours.0.push(ours);
        row.native.get_or_insert_default().0.push(native);
    }
}

/// Where the row of this name and unit is, made in the first round.
fn place(rows: &mut Vec<Row>, what: &str, unit: &'static str, goal: Goal) -> usize {
    rows.iter().position(|row| row.what == what && row.unit == unit).unwrap_or_else(|| {
        rows.push(Row { what: what.to_owned(), unit, ours: Series::default(), native: None, peer: None, goal });
        rows.len() - 1
    })
}
