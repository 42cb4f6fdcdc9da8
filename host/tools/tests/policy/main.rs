//! Policies, as they meet the calls of scripts in a real sandbox.

mod asks;
mod constraints;
mod decisions;
mod limits;
mod support;
