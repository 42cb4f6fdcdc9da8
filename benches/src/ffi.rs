//! The one module with `unsafe` in it: calls into `native/*.c`. It owns no state and keeps no pointer beyond a call.

#![expect(unsafe_code, reason = "native QuickJS-NG and the kernel's meters are only to be had from C")]

use anyhow::{Context as _, Result, bail};
use std::ffi::{CStr, c_char, c_int};
use std::time::Duration;

/// Text that a native run may answer with, in bytes. The scripts answer with checksums.
const VALUE_BYTES_MAX: usize = 4096;

unsafe extern "C" {
    fn agentloop_native_run(
        source: *const c_char,
        source_length: usize,
        out: *mut u8,
        capacity: usize,
        length: *mut usize,
    ) -> c_int;
    fn agentloop_usage(scope: c_int, cpu_ns: *mut u64, minor_faults: *mut u64, peak_kib: *mut u64);
}

/// Runs a script on native QuickJS-NG, in a runtime and context of its own that are gone afterwards, and gives the text
/// of its value.
///
/// # Errors
///
/// When the script threw, or its value is no short text.
pub fn run_native(script: &CStr) -> Result<String> {
    let mut value = [0_u8; VALUE_BYTES_MAX];
    let mut length = 0_usize;
    let source = script.to_bytes();
    // SAFETY: `source` is followed by a zero, as the callee demands, because it comes from a `CStr`; `value` is writable
    // for the length passed; the callee writes at most that much, and keeps neither pointer.
    let status = unsafe {
        agentloop_native_run(source.as_ptr().cast(), source.len(), value.as_mut_ptr(), value.len(), &raw mut length)
    };
    let bytes = value.get(..length).context("the value of a native run is too long")?;
    let text = String::from_utf8_lossy(bytes).into_owned();
    match status {
        0 => Ok(text),
        1 => bail!("the script threw on native QuickJS-NG: {text}"),
        _ => bail!("native QuickJS-NG is out of memory"),
    }
}

/// Whose use is read.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    /// The calling thread.
    Thread,
    /// All threads of this process.
    Process,
    /// Child processes that have ended and were waited for.
    Children,
}

/// What the kernel has counted so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Processor time, user and system.
    pub cpu: Duration,
    /// Page faults that needed no disk.
    pub minor_faults: u64,
    /// KiB in memory at the peak: of the whole process, or of the largest child.
    pub peak_kib: u64,
}

impl Usage {
    /// Reads the meters.
    pub fn of(scope: Scope) -> Self {
        let scope = match scope {
            Scope::Thread => 0,
            Scope::Process => 1,
            Scope::Children => 2,
        };
        let (mut cpu_ns, mut minor_faults, mut peak_kib) = (0, 0, 0);
        // SAFETY: the pointers are valid for one write, and `scope` is one of the callee's three.
        unsafe { agentloop_usage(scope, &raw mut cpu_ns, &raw mut minor_faults, &raw mut peak_kib) };
        Self { cpu: Duration::from_nanos(cpu_ns), minor_faults, peak_kib }
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Usage, run_native};

    #[track_caller]
    fn check(script: &std::ffi::CStr, expected: Result<&str, &str>) {
        let outcome = run_native(script).map_err(|error| error.to_string());
        assert_eq!(outcome.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_native_run_answers_with_the_text_of_its_value() {
        check(c"1+1", Ok("2"));
        check(c"[1, 'é'].join()", Ok("1,é"));
    }

    #[test]
    fn a_native_run_that_throws_or_answers_at_length_is_an_error() {
        check(c"throw new Error('x')", Err("the script threw on native QuickJS-NG: Error: x"));
        check(c"'x'.repeat(5000)", Err("the value of a native run is too long"));
    }

    #[test]
    fn processor_time_grows_with_work() {
        let before = Usage::of(Scope::Thread).cpu;
        check(c"let n = 0; for (let i = 0; i < 1e5; i++) n += i; n", Ok("4999950000"));
        assert!(Usage::of(Scope::Thread).cpu > before);
    }
}
