//! What the sandbox is: for whoever compares two of them.

/// SHA-256 of the component, in hexadecimal.
pub(crate) const COMPONENT: &str = env!("AGENTLOOP_COMPONENT");
