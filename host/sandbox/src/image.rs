//! The one module with `unsafe` in it: loads the code that the build script compiled.
//!
//! The image is part of the executable and is used where the operating system mapped it: nothing is copied, pages that are
//! never touched are never read, and all processes of one executable share them. Its code is never writable.

#![expect(unsafe_code, reason = "compiled code can only be taken on trust; this is where its origin is stated")]

use std::ptr::NonNull;
use std::sync::Arc;
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
    unsafe { Component::deserialize_raw(engine, NonNull::from(&IMAGE.0)) }
}

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
        Ok(())
    }

    fn unpublish_executable(&self, _start: *const u8, _length: usize) -> wasmtime::Result<()> {
        Ok(())
    }
}
