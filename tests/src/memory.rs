//! What the process holds, as the kernel counts it.

/// Resident memory of this process in bytes (`/proc/self/statm`, second field).
pub fn resident_bytes() -> usize {
    const PAGE_BYTES: usize = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").expect("the kernel tells what a process holds");
    let pages = statm.split_whitespace().nth(1).and_then(|field| field.parse::<usize>().ok());
    pages.expect("the second field is a number") * PAGE_BYTES
}
