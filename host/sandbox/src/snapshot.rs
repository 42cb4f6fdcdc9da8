//! The memory of an instance as bytes: what differs from that of a fresh one, compressed.
//!
//! Between two steps the memory is all there is of a run in the guest (the build checks that). Most of it is as the image left it, so
//! it is compared page by page with that of an instance in which nothing ran.

use crate::instance;
use crate::limits::Limits;
use crate::state::State;
use crate::{Engine, Error, Toolbox};
use std::ops::Range;
use std::sync::Arc;

/// What is compared, and put back, as a whole. That of the processor: what is touched costs a page of it.
const PAGE_BYTES: usize = 4096;
/// Equal pages between two different ones that are put back with them: cheaper than to begin anew.
const GAP_PAGES_MAX: usize = 2;
/// Bytes of a number in a snapshot.
const NUMBER_BYTES: usize = 4;
const ZEROS: [u8; PAGE_BYTES] = [0; PAGE_BYTES];

/// A part of a memory, and where it begins.
pub(crate) struct Part {
    pub(crate) start: u32,
    pub(crate) bytes: Arc<[u8]>,
}

/// A memory that is put back.
pub(crate) struct Restored {
    /// Bytes of the memory.
    pub(crate) length: u32,
    pub(crate) parts: Vec<Part>,
}

/// The memory of an instance in which nothing ran.
pub(crate) async fn fresh_memory(engine: &Engine) -> Result<Arc<[u8]>, Error> {
    let state = State::unused(Arc::new(Limits::default()), Toolbox::default());
    let (mut store, guest) = instance::bare(engine, state).await?;
    let (memory,) = guest.contents.call_async(&mut store, ()).await.map_err(Error::Instance)?;
    Ok(memory.as_le_slice(&store).into())
}

/// The page of a memory, if it has that many.
fn page(memory: &[u8], index: usize) -> &[u8] {
    let start = index * PAGE_BYTES;
    memory.get(start..memory.len().min(start + PAGE_BYTES)).unwrap_or_default()
}

/// Whether a page is as in a fresh memory, which goes on with zeros.
fn is_fresh(page: &[u8], fresh: &[u8]) -> bool {
    let (same, grown) = page.split_at(fresh.len().min(page.len()));
    same == &fresh[..same.len()] && grown == &ZEROS[..grown.len()]
}

/// Stretches of pages that are not as in a fresh memory.
fn changed(memory: &[u8], fresh: &[u8]) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for index in 0..memory.len().div_ceil(PAGE_BYTES) {
        if is_fresh(page(memory, index), page(fresh, index)) {
            continue;
        }
        match stretches.last_mut() {
            Some(last) if index - last.end <= GAP_PAGES_MAX => last.end = index + 1,
            _ => stretches.push(index..index + 1),
        }
    }
    stretches
}

/// Writes bytes as they differ from those of a fresh memory: mostly zeros.
fn xor(bytes: &[u8], fresh: &[u8], out: &mut Vec<u8>) {
    let (same, grown) = bytes.split_at(fresh.len().min(bytes.len()));
    out.extend(same.iter().zip(fresh).map(|(byte, fresh)| byte ^ fresh));
    out.extend_from_slice(grown);
}

fn bytes_of(stretch: &Range<usize>, length: usize) -> Range<usize> {
    let at = |page: usize| (page * PAGE_BYTES).min(length);
    at(stretch.start)..at(stretch.end)
}

/// What of `fresh` lies there.
fn fresh_at<'a>(fresh: &'a [u8], bytes: &Range<usize>) -> &'a [u8] {
    fresh.get(bytes.start..fresh.len().min(bytes.end)).unwrap_or_default()
}

/// A memory as it differs from a fresh one.
pub(crate) fn take(memory: &[u8], fresh: &[u8]) -> Vec<u8> {
    let stretches = changed(memory, fresh);
    let mut difference = Vec::new();
    let mut snapshot = Vec::new();
    let mut number =
        |number: usize| snapshot.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    number(memory.len());
    number(stretches.len());
    for stretch in &stretches {
        number(stretch.start);
        number(stretch.len());
        let bytes = bytes_of(stretch, memory.len());
        xor(&memory[bytes.clone()], fresh_at(fresh, &bytes), &mut difference);
    }
    snapshot.extend_from_slice(&lz4_flex::compress(&difference));
    snapshot
}

/// The memory that [`take`] was given, as parts to put into a fresh one. `None`: no memory of at most `length_max` bytes gave that.
pub(crate) fn restored(snapshot: &[u8], fresh: &[u8], length_max: usize) -> Option<Restored> {
    let mut rest = snapshot;
    let mut number = || {
        let (number, after) = rest.split_first_chunk::<NUMBER_BYTES>()?;
        rest = after;
        usize::try_from(u32::from_le_bytes(*number)).ok()
    };
    let length = number().filter(|length| *length <= length_max)?;
    let count = number().filter(|count| *count <= length.div_ceil(PAGE_BYTES))?;
    let mut stretches = Vec::with_capacity(count);
    let mut end = 0;
    for _ in 0..count {
        let (start, pages) = (number()?, number()?);
        let stretch = start..start.checked_add(pages)?;
        if start < end || stretch.end > length.div_ceil(PAGE_BYTES) {
            return None;
        }
        end = stretch.end;
        stretches.push(bytes_of(&stretch, length));
    }
    let size = stretches.iter().map(ExactSizeIterator::len).sum();
    let difference = lz4_flex::decompress(rest, size).ok().filter(|difference| difference.len() == size)?;
    let mut difference = difference.as_slice();
    let parts = stretches.into_iter().map(|bytes| {
        let (own, after) = difference.split_at_checked(bytes.len())?;
        difference = after;
        let mut part = Vec::with_capacity(own.len());
        xor(own, fresh_at(fresh, &bytes), &mut part);
        Some(Part { start: u32::try_from(bytes.start).ok()?, bytes: part.into() })
    });
    Some(Restored { length: u32::try_from(length).ok()?, parts: parts.collect::<Option<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::{PAGE_BYTES, restored, take};

    /// Puts the parts into a fresh memory.
    fn put_back(snapshot: &[u8], fresh: &[u8]) -> Option<Vec<u8>> {
        let restored = restored(snapshot, fresh, 1 << 20)?;
        let mut memory = fresh.to_vec();
        memory.resize(restored.length as usize, 0);
        for part in restored.parts {
            memory[part.start as usize..][..part.bytes.len()].copy_from_slice(&part.bytes);
        }
        Some(memory)
    }

    fn fresh() -> Vec<u8> {
        (0..20 * PAGE_BYTES + 100).map(|index| (index / 7) as u8).collect()
    }

    #[test]
    fn what_was_taken_is_put_back_to_the_byte() {
        let fresh = fresh();
        let mut memory = fresh.clone();
        assert_eq!(put_back(&take(&memory, &fresh), &fresh).as_ref(), Some(&memory));
        assert!(take(&memory, &fresh).len() < 16);
        for place in [0, 5, PAGE_BYTES * 3 - 1, PAGE_BYTES * 9, fresh.len() - 1] {
            memory[place] ^= 0x55;
            assert_eq!(put_back(&take(&memory, &fresh), &fresh).as_ref(), Some(&memory));
        }
        memory.resize(fresh.len() + 3 * PAGE_BYTES, 0);
        memory[fresh.len() + PAGE_BYTES] = 1;
        assert_eq!(put_back(&take(&memory, &fresh), &fresh).as_ref(), Some(&memory));
    }

    #[test]
    fn what_no_memory_gave_is_refused() {
        let fresh = fresh();
        let mut memory = fresh.clone();
        memory[PAGE_BYTES * 4..PAGE_BYTES * 6].fill(9);
        let snapshot = take(&memory, &fresh);
        assert!(put_back(&snapshot, &fresh).is_some());
        for end in 0..snapshot.len() {
            assert!(put_back(&snapshot[..end], &fresh).is_none(), "cut at {end}");
        }
        let numbers = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        for wrong in [
            numbers(&[u32::MAX, 0, 0]),
            numbers(&[100, u32::MAX, 0, 1]),
            numbers(&[8192, 1, 1, 2]),
            numbers(&[8192, 1, u32::MAX, 1]),
            numbers(&[8192, 2, 1, 1, 0, 1]),
        ] {
            assert!(put_back(&wrong, &fresh).is_none(), "{wrong:?}");
        }
    }
}
