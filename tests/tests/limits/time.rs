//! Deadlines. Time of the host is paused in these tests; only the guest's own execution is measured with a real clock.

use agentloop_sandbox::{LimitKind, Limits};
use agentloop_tests::{check_with, limit};
use std::time::Duration;

#[test]
fn a_guest_that_executes_for_too_long_is_stopped() {
    let limits = || Limits { guest_time_max: Duration::from_millis(20), fuel_max: u64::MAX, ..Limits::default() };
    check_with(limits(), "while (true);", limit(LimitKind::GuestTime, 20));
    check_with(limits(), "/^(a+)+$/.test('a'.repeat(60) + 'b')", limit(LimitKind::GuestTime, 20));
    check_with(
        limits(),
        "(async () => { for (;;) await null })(); await new Promise(() => {})",
        limit(LimitKind::GuestTime, 20),
    );
}

#[test]
fn a_run_that_computes_past_its_deadline_is_stopped() {
    let limits = Limits { wall_time_max: Duration::from_millis(20), fuel_max: u64::MAX, ..Limits::default() };
    check_with(limits, "while (true);", limit(LimitKind::WallTime, 20));
}

#[test]
fn a_run_that_waits_past_its_deadline_is_stopped() {
    let hour = Duration::from_secs(3_600);
    let limits = || Limits { wall_time_max: Duration::from_secs(60), call_time_max: hour, ..Limits::default() };
    check_with(limits(), "await tools.never({})", limit(LimitKind::WallTime, 60_000));
    check_with(limits(), "try { await tools.never({}) } finally { return 1 }", limit(LimitKind::WallTime, 60_000));
}

#[test]
fn time_spent_waiting_is_not_time_of_the_guest() {
    let limits = Limits { guest_time_max: Duration::from_millis(500), ..Limits::default() };
    check_with(limits, "await tools.slow({ ms: 20_000 }); return 1", agentloop_tests::finished("1"));
}
