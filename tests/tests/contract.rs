//! The built component's whole surface, as the binary itself states it: a new import is a visible difference.
//!
//! `BLESS=1 cargo test -p agentloop-tests --test contract` writes the golden file anew.

use std::path::Path;
use wit_component::{DecodedWasm, WitPrinter};

/// The world that the component's own type section describes, and the interfaces it names.
fn world_of(component: &[u8]) -> String {
    let DecodedWasm::Component(resolve, world) =
        wit_component::decode(component).expect("the component can be decoded")
    else {
        panic!("the guest is a component, not a package of WIT");
    };
    let package = resolve.worlds[world].package.expect("a decoded world belongs to a package");
    let others: Vec<_> = resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package).collect();
    let mut printer = WitPrinter::default();
    printer.print(&resolve, package, &others).expect("WIT can be printed");
    printer.output.to_string()
}

#[test]
fn the_component_imports_and_exports_the_contract_and_nothing_else() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/component.txt");
    let world = world_of(agentloop_guest::COMPONENT);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&golden, &world).expect("the golden file can be written");
    }
    let expected = std::fs::read_to_string(&golden).expect("the golden file can be read");
    assert_eq!(world, expected, "the contract of the built component changed; see the head of this test");
}
