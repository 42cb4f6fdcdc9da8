//! Secrets: where they are taken from, and that scripts do not see them.

mod canaries;
mod sources;
