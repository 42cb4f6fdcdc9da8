//! The guest's allocator under random load, with its contents and its invariants checked.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../build/zig.rs"]
mod zig;

use std::path::Path;
use std::process::Command;

#[track_caller]
fn check(pages_max: &str, exit: i32) {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("heap_stress_{pages_max}"));
    let compiled = zig::locate(manifest)
        .unwrap()
        .command()
        .args(["cc", "-target", "x86-linux-musl", "-O1", "-g0", "-std=gnu23", "-D_GNU_SOURCE", "-Wno-everything"])
        .arg(manifest.join("tests/heap_stress.c"))
        .arg("-o")
        .arg(&program)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&compiled.stderr), "");
    let output = Command::new(&program).arg(pages_max).output().unwrap();
    assert_eq!((String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()), ("", Some(exit)));
}

#[test]
fn the_heap_holds_its_contents_and_becomes_whole_again() {
    check("4000", 0);
}

#[test]
fn the_heap_survives_running_out_of_memory() {
    check("300", 2);
}
