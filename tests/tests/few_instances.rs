//! An engine with fewer instances than there are runs. In a process of its own: the number is that of whoever asks first.

use agentloop_sandbox::{Ending, Engine, Error, Limits, Tool, Toolbox};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

#[track_caller]
fn refused(instances: u32) -> String {
    match Engine::with_instances(instances) {
        Err(Error::Limit { limit: "instances", reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_instances_hold_two_runs_and_the_others_wait() {
    assert_eq!(refused(0), "0 is out of range; give 1 to 16000");
    assert_eq!(refused(16_001), "16001 is out of range; give 1 to 16000");
    let engine = Engine::with_instances(2).expect("the engine starts");
    let others = "the engine of this process was started with 2, and cannot have 3 now; ask before anything else does";
    assert_eq!(refused(3), others);
    Engine::with_instances(2).expect("it is the same number");
    Engine::new().expect("any number will do");

    let (held, most) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let (holding, seen) = (Arc::clone(&held), Arc::clone(&most));
    let hold = Tool::new("hold", "Takes a moment.", move |_: serde_json::Value| {
        seen.fetch_max(holding.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        let holding = Arc::clone(&holding);
        async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            holding.fetch_sub(1, Ordering::Relaxed);
            Ok::<_, String>("held")
        }
    });
    let toolbox = Toolbox::new([hold.expect("it is a tool")]).expect("it fits");
    let sandbox = engine.sandbox(toolbox, Limits::default()).expect("the limits can be enforced");
    let endings = agentloop_tests::block_on(async move {
        let mut running = JoinSet::new();
        for _ in 0..20 {
            let sandbox = sandbox.clone();
            running.spawn(async move { sandbox.run("await tools.hold({})").await.expect("the host is well").ending });
        }
        running.join_all().await
    });
    assert!(endings.iter().all(|ending| matches!(ending, Ending::Finished(_))), "{endings:?}");
    assert_eq!((endings.len(), most.load(Ordering::Relaxed)), (20, 2));
}
