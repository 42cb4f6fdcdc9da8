//! x
pub(crate) const COMPONENT: &str = "";
