//! Attempts to get out of the sandbox, one module per family. Each test is a story: the attack, the proof that it works
//! where nothing defends against it, and the exact way in which it is refused here. After each, the same engine answers.

mod builtins;
mod clock;
mod envelope;
mod evaluators;
mod forged_calls;
mod globals;
mod pollution;
mod thenables;
mod tool_names;
mod tool_results;
mod wrapper;
