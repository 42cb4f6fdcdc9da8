//! Attempts to use more than a run was given, one module per resource. Each limit has its own ending, and the exact
//! ending is what is compared. Loops are bounded by fuel, so no test depends on how fast the machine is.

mod calls;
mod cancellation;
mod console;
mod fuel;
mod loops;
mod recursion;
mod sizes;
mod time;
mod waiting;
