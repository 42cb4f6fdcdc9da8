//! Any bytes as what a tool answers. The body is `agentloop_tests::fuzzing`, which ordinary tests run over the seeds.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| agentloop_tests::fuzzing::settle(bytes));
