//! A fresh sandbox and `1+1`, against a new native runtime and context. Processor time.

use agentloop_benches::meter::total;
use agentloop_benches::{fresh, subject};
use criterion::Criterion;

/// Executions per sample and thread where starting threads must not count.
const PER_THREAD: u32 = 100;

fn main() -> anyhow::Result<()> {
    let engine = subject::engine()?;
    let subject = subject::Subject::plain(&engine)?;
    let mut criterion = Criterion::default().configure_from_args();

    let mut group = criterion.benchmark_group("fresh");
    group.bench_function("ours", |bencher| bencher.iter_custom(|n| total(n, || fresh::ours(&subject, 1)).cpu));
    group.bench_function("native", |bencher| bencher.iter_custom(|n| total(n, || fresh::native(1)).cpu));
    group.finish();

    // By the clock: how many executions a second two threads get out of one engine.
    let mut group = criterion.benchmark_group("fresh on two threads");
    group.throughput(criterion::Throughput::Elements(2 * u64::from(PER_THREAD))).sample_size(20);
    group.bench_function("ours", |bencher| {
        bencher.iter_custom(|n| total(n, || fresh::ours_parallel(&engine, 2, PER_THREAD)).wall);
    });
    group.bench_function("native", |bencher| {
        bencher.iter_custom(|n| total(n, || fresh::native_parallel(2, PER_THREAD)).wall);
    });
    group.finish();
    criterion.final_summary();
    Ok(())
}
