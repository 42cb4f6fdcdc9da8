//! The one module with `unsafe` in it: loads the code that the build script compiled.
//!
//! The image is part of the executable and is used where the operating system mapped it: nothing is copied, pages that are
//! never touched are never read, and all processes of one executable share them. Its code is never writable.

#![expect(unsafe_code, reason = "compiled code can only be taken on trust; this is where its origin is stated")]

use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};
use wasmtime::component::Component;
use wasmtime::{Config, CustomCodeMemory, Engine};

/// Aligned to at least the page size of every machine the sandbox runs on, so that the code begins at a page.
#[repr(C, align(65536))]
struct Paged<T: ?Sized>(T);

/// What the build script of this crate made of the guest, with the settings of [`crate::config`].
static IMAGE: &Paged<[u8]> = &Paged(*include_bytes!(concat!(env!("OUT_DIR"), "/agentloop.cwasm")));

/// Lets an engine execute the image in place.
pub(crate) fn prepare(config: &mut Config) {
    config.with_custom_code_memory(Some(Arc::new(ImageCode)));
}

/// Takes the compiled component. The engine must have been [prepared](prepare).
pub(crate) fn load(engine: &Engine) -> wasmtime::Result<Component> {
    // SAFETY: the bytes are embedded in this crate by its own build script, which got them from
    // `Engine::precompile_component` of the same version of Wasmtime; nobody else can supply them. They are a `static`:
    // they live as long as the process, and nothing writes to them.
    let component = unsafe { Component::deserialize_raw(engine, NonNull::from(&IMAGE.0)) }?;
    // Now, and not with the first instance: this reads most of what lies behind the code, to copy it, and nothing else does.
    component.initialize_copy_on_write_image()?;
    #[cfg(target_os = "linux")]
    let_go_behind(component.image_range().end);
    Ok(component)
}

/// Takes what lies between the code and `end` out of this process's memory: whoever reads there again has it read from the executable
/// again.
#[cfg(target_os = "linux")]
fn let_go_behind(end: *const u8) {
    use rustix::mm::{Advice, madvise};
    let Some(code_end) = CODE_END.get() else { return };
    let Some(length) = end.addr().checked_sub(*code_end) else { return };
    let pages = IMAGE.0.as_ptr().wrapping_add(*code_end - IMAGE.0.as_ptr().addr()).cast_mut().cast();
    // SAFETY: the pages hold the image and nothing else, and the advice changes none of their bytes: only memory without a file behind it
    // would lose them, and such memory can be told by the advice that no other accepts, which is taken back.
    unsafe {
        match madvise(pages, length, Advice::LinuxWipeOnFork) {
            Ok(()) => drop(madvise(pages, length, Advice::LinuxKeepOnFork)),
            Err(rustix::io::Errno::INVAL) => drop(madvise(pages, length, Advice::LinuxDontNeed)),
            Err(_) => {}
        }
    }
}

/// Where the code of the image ends, and the page with it.
static CODE_END: OnceLock<usize> = OnceLock::new();

/// Makes the code of the image executable, for good: it is constant, and every engine of the process uses the same.
struct ImageCode;

impl CustomCodeMemory for ImageCode {
    fn required_alignment(&self) -> usize {
        rustix::param::page_size()
    }

    fn publish_executable(&self, start: *const u8, length: usize) -> wasmtime::Result<()> {
        use rustix::mm::{MprotectFlags, mprotect};
        let offset = start.addr().checked_sub(IMAGE.0.as_ptr().addr());
        if offset.and_then(|offset| offset.checked_add(length)).is_none_or(|end| end > IMAGE.0.len()) {
            wasmtime::bail!("code outside the image was to be made executable");
        }
        let pages = length.next_multiple_of(rustix::param::page_size());
        // SAFETY: the pages hold the image and nothing else: it begins at a page, and `Paged` pads its end. Read-only data
        // becomes readable and executable; nothing becomes writable.
        unsafe { mprotect(start.cast_mut().cast(), pages, MprotectFlags::READ | MprotectFlags::EXEC) }?;
        CODE_END.get_or_init(|| start.addr() + pages);
        Ok(())
    }

    fn unpublish_executable(&self, _start: *const u8, _length: usize) -> wasmtime::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::IMAGE;
    use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

    /// Bytes of a line of the cache.
    const LINE: usize = 64;
    /// Bytes of machine code from where the interpreter's fast loop reads an opcode to its jump.
    const DISPATCH: usize = 39;
    /// The fast loop is the one large function that jumps so soon.
    const JUMP_WITHIN: usize = 160;
    const BYTES_MIN: usize = 8 << 10;

    /// Where the jump through a register ends that is the first of this code: an addition to an address, and a jump there.
    fn first_jump(code: &[u8]) -> Option<usize> {
        let jumps = |bytes: &[u8]| match *bytes {
            [0x48, 0x03, _, 0xff, 0xe0..=0xe7, ..] => Some(5),
            [0x4c | 0x4d, 0x03, _, 0x41, 0xff, 0xe0..=0xe7, ..] => Some(6),
            _ => None,
        };
        code.windows(6).enumerate().find_map(|(at, bytes)| jumps(bytes).map(|length| at + length))
    }

    #[test]
    fn the_dispatch_of_the_fast_loop_lies_in_one_line_of_the_cache() {
        let file = object::File::parse(&IMAGE.0).expect("the image is an ELF file");
        let text = file.section_by_name(".text").expect("it has code");
        let code = text.data().expect("it is in the file");
        let mut ends = Vec::new();
        for symbol in file.symbols().filter(|symbol| symbol.size() >= BYTES_MIN as u64) {
            let begin = usize::try_from(symbol.address() - text.address()).expect("it fits");
            let Some(code) = code.get(begin..begin + JUMP_WITHIN) else { continue };
            ends.extend(first_jump(code).map(|end| begin + end));
        }
        let [end] = ends[..] else { panic!("one function has such a loop, not {}", ends.len()) };
        let lines = (end - DISPATCH) / LINE..=(end - 1) / LINE;
        assert_eq!(lines.start(), lines.end(), "give HOT_SHIFT in agentloop_hot.h its other value");
    }
}
