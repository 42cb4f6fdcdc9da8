//! Arrows point down only, and what the sandbox crate is made of can open neither a socket nor a file.

use super::reach::metadata;
use super::root;
use cargo_metadata::DependencyKind;
use std::process::Command;

/// The layers, from the ground up: a crate may use what stands before it.
const LAYERS: &[&str] = &[
    "agentloop-guest",
    "agentloop-sandbox",
    "agentloop-tools",
    "agentloop",
    "agentloop-cli",
    "agentloop-tests",
    "agentloop-benches",
];

/// Crates that open sockets or files. None may be in the sandbox's tree.
const REACHING_OUT: &[&str] = &[
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "ureq",
    "curl",
    "async-std",
    "smol",
    "async-io",
    "tempfile",
    "walkdir",
    "memmap2",
    "notify",
];

/// What Tokio must not be asked for there.
const TOKIO_FEATURES: &[&str] = &["net", "fs", "process", "signal", "io-std", "full"];

/// One line for each crate that the sandbox is linked with: name, version, features.
fn tree_of_the_sandbox() -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--package", "agentloop-sandbox", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p} features={f}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(ToOwned::to_owned).collect()
}

#[test]
fn arrows_point_down_only() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let level = |name: &str| LAYERS.iter().position(|layer| *layer == name);
        let own = level(&package.name).unwrap_or_else(|| panic!("`{}` has no layer: add it to the list", package.name));
        for dependency in
            package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development)
        {
            if level(&dependency.name).is_some_and(|below| below >= own) {
                wrong.push(format!("{} -> {}", package.name, dependency.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_sandbox_is_made_of_nothing_that_opens_a_socket_or_a_file() {
    let tree = tree_of_the_sandbox();
    let names: Vec<&str> = tree.iter().filter_map(|line| line.split(' ').next()).collect();
    let found: Vec<&&str> = REACHING_OUT.iter().filter(|name| names.contains(name)).collect();
    assert_eq!(found, Vec::<&&str>::new());
    // The list of names is read from the right tree.
    assert!(names.contains(&"wasmtime") && names.contains(&"tokio"), "{names:?}");
}

#[test]
fn the_sandbox_asks_tokio_for_timers_and_tasks_only() {
    let tree = tree_of_the_sandbox();
    let tokio = tree.iter().find(|line| line.starts_with("tokio v")).expect("it is in the tree");
    let features =
        tokio.split("features=").nth(1).and_then(|features| features.split(' ').next()).expect("it has features");
    let reaching: Vec<&str> = features.split(',').filter(|feature| TOKIO_FEATURES.contains(feature)).collect();
    assert_eq!(reaching, Vec::<&str>::new(), "{features}");
}
