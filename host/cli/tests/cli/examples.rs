//! The examples do what they say, with the command that they say.

use crate::harness::{check, root};

/// Runs the command in the first comment of `examples/NAME.js`.
#[track_caller]
fn check_example(name: &str, stderr: &str) {
    let script = std::fs::read_to_string(root().join(format!("examples/{name}.js"))).expect("the example is there");
    let command = script.lines().find_map(|line| line.strip_prefix("//     agentloop run ")).expect("it has a command");
    let expected = std::fs::read_to_string(root().join(format!("examples/{name}.expected.json"))).expect("it is there");
    check(&command.split(' ').collect::<Vec<_>>(), 0, &expected, stderr);
}

#[test]
fn parallel_join_joins() {
    check_example("parallel-join", "");
}

#[test]
fn paging_reads_every_page_in_spite_of_failures() {
    let warnings = "\
page p2: 503 service busy (attempt 1 of 3)
page p2: 503 service busy (attempt 2 of 3)
page p3: 502 bad gateway (attempt 1 of 3)
";
    check_example("paging", warnings);
}

#[test]
fn report_sums_up_a_thousand_records() {
    check_example("report", "");
}

#[test]
fn errors_are_handled() {
    check_example("errors", "live price of desk: the price server is down for maintenance\n");
}
