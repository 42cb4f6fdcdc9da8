//! The eight compute scripts on both sides. Processor time.

use agentloop_benches::compute::Program;
use agentloop_benches::meter::total;
use agentloop_benches::subject::{Subject, engine};
use criterion::Criterion;

fn main() -> anyhow::Result<()> {
    let subject = Subject::plain(&engine()?)?;
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    for program in Program::all()? {
        let mut group = criterion.benchmark_group(program.name);
        group.bench_function("ours", |bencher| bencher.iter_custom(|n| total(n, || program.ours(&subject)).cpu));
        group.bench_function("native", |bencher| bencher.iter_custom(|n| total(n, || program.native()).cpu));
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}
