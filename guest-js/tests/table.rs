//! The table of functions that the guest calls indirectly.

use wasmparser::{Parser, Payload};

/// A table of no more than this is cleared by writing to it. A larger one takes two system calls, which a short run would notice.
const ENTRIES_MAX: u64 = 4096 / 8;

#[test]
fn the_table_of_functions_fits_a_page() {
    let mut entries = Vec::new();
    for payload in Parser::new(0).parse_all(agentloop_guest::COMPONENT) {
        if let Payload::TableSection(tables) = payload.expect("the component is valid") {
            entries.extend(tables.into_iter().map(|table| table.expect("the component is valid").ty.initial));
        }
    }
    let most = entries.into_iter().max().expect("the engine calls its functions indirectly");
    assert!((400..=ENTRIES_MAX).contains(&most), "{most} entries");
}
