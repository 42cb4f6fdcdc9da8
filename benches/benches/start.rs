//! Cold start of the process, `agentloop run -e 1+1`: processor time of the child.

use agentloop_benches::meter::total;
use agentloop_benches::start;
use anyhow::Context as _;
use criterion::Criterion;

fn main() -> anyhow::Result<()> {
    let agentloop = start::locate()?.context("run `cargo build --release -p agentloop-cli` first")?;
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    criterion.bench_function("process cold start", |bencher| {
        bencher.iter_custom(|n| total(n, || start::cold(&agentloop, 1)).cpu);
    });
    criterion.final_summary();
    Ok(())
}
