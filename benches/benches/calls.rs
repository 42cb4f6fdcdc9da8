//! Tool calls: one after the other (processor time, 100 calls per run), and 100 of 10 ms at once (by the clock).

use agentloop_benches::calls::{self, Answer};
use agentloop_benches::meter::total;
use agentloop_benches::subject;
use criterion::{Criterion, Throughput};

const CALLS: u32 = 100;

fn main() -> anyhow::Result<()> {
    let subject = calls::subject(&subject::engine()?)?;
    let mut criterion = Criterion::default().configure_from_args();

    let mut group = criterion.benchmark_group("100 tool calls in sequence");
    group.throughput(Throughput::Elements(u64::from(CALLS))).sample_size(20);
    for bytes in [10, 1_000, 100_000] {
        group.bench_function(format!("{bytes} bytes each way"), |bencher| {
            bencher.iter_custom(|n| total(n, || calls::sequential(&subject, Answer::Settled, bytes, CALLS)).cpu);
        });
    }
    group.bench_function("10 bytes each way, answered at once", |bencher| {
        bencher.iter_custom(|n| total(n, || calls::sequential(&subject, Answer::AtOnce, 10, CALLS)).cpu);
    });
    group.finish();

    criterion.bench_function("100 tool calls of 10 ms in parallel", |bencher| {
        bencher.iter_custom(|n| total(n, || calls::parallel(&subject)).wall);
    });
    criterion.final_summary();
    Ok(())
}
