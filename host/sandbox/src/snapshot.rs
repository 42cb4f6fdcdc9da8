//! The memory of an instance as bytes: what differs from that of a fresh one, compressed.
//!
//! Between two steps the memory is all there is of a run in the guest (the build checks that). Most of it is as the image left it, so
//! it is compared page by page with that of an instance in which nothing ran.

use crate::limits::Limits;
use crate::state::State;
use crate::{Engine, Error, Toolbox, bindings, instance};
use std::ops::Range;
use std::sync::Arc;

/// What is compared, and put back, as a whole. That of the processor: what is touched costs a page of it.
const PAGE_BYTES: usize = 4096;
/// Equal pages between two different ones that are put back with them: cheaper than to begin anew.
const GAP_PAGES_MAX: usize = 2;
/// Bytes of a number in a snapshot.
const NUMBER_BYTES: usize = 4;
const ZEROS: [u8; PAGE_BYTES] = [0; PAGE_BYTES];

/// A memory that is put back.
pub(crate) struct Restored {
    /// Bytes of the memory.
    pub(crate) length: u32,
    /// Parts of it, and where each begins.
    pub(crate) parts: Vec<(u32, Vec<u8>)>,
}

/// The memory of an instance in which nothing ran.
pub(crate) async fn fresh_memory(engine: &Engine) -> Result<Arc<[u8]>, Error> {
    let mut store = instance::store(engine, State::unused(Arc::new(Limits::default()), Toolbox::default()));
    let guest = bindings::instantiate(engine.guest(), &mut store).await?;
    let (memory,) = guest
        .contents(&mut store)
        .map_err(Error::Instance)?
        .call_async(&mut store, ())
        .await
        .map_err(Error::Instance)?;
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

/// Turns bytes into what differs from those of a fresh memory, mostly zeros; and back.
fn xor(bytes: &mut [u8], fresh: &[u8]) {
    bytes.iter_mut().zip(fresh).for_each(|(byte, fresh)| *byte ^= fresh);
}

fn bytes_of(stretch: &Range<usize>, length: usize) -> Range<usize> {
    let at = |page: usize| (page * PAGE_BYTES).min(length);
    at(stretch.start)..at(stretch.end)
}

/// What of `fresh` lies there.
fn fresh_at<'a>(fresh: &'a [u8], bytes: &Range<usize>) -> &'a [u8] {
    fresh.get(bytes.start..fresh.len().min(bytes.end)).unwrap_or_default()
}

/// A memory as it differs from a fresh one: its length, and for each stretch of pages where it begins, how many there are, and how
/// they differ.
pub(crate) fn take(memory: &[u8], fresh: &[u8]) -> Vec<u8> {
    let mut snapshot = number(memory.len()).to_vec();
    for stretch in changed(memory, fresh) {
        let bytes = bytes_of(&stretch, memory.len());
        let mut difference = memory[bytes.clone()].to_vec();
        xor(&mut difference, fresh_at(fresh, &bytes));
        let compressed = lz4_flex::compress(&difference);
        for part in [stretch.start, stretch.len(), compressed.len()] {
            snapshot.extend_from_slice(&number(part));
        }
        snapshot.extend_from_slice(&compressed);
    }
    snapshot
}

fn number(number: usize) -> [u8; NUMBER_BYTES] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// Takes a number off the beginning.
fn take_number(rest: &mut &[u8]) -> Option<usize> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    usize::try_from(u32::from_le_bytes(*number)).ok()
}

/// The memory that [`take`] was given, as parts to put into a fresh one. `None`: no memory of at most `length_max` bytes gave that.
pub(crate) fn restored(snapshot: &[u8], fresh: &[u8], length_max: usize) -> Option<Restored> {
    let mut rest = snapshot;
    let length = take_number(&mut rest).filter(|length| *length <= length_max)?;
    let (mut parts, mut end) = (Vec::new(), 0);
    while !rest.is_empty() {
        let (start, pages, compressed) = (take_number(&mut rest)?, take_number(&mut rest)?, take_number(&mut rest)?);
        let stretch = start..start.checked_add(pages)?;
        if start < end || pages == 0 || stretch.end > length.div_ceil(PAGE_BYTES) {
            return None;
        }
        end = stretch.end;
        let bytes = bytes_of(&stretch, length);
        let (compressed, after) = rest.split_at_checked(compressed)?;
        rest = after;
        let mut part = lz4_flex::decompress(compressed, bytes.len()).ok().filter(|part| part.len() == bytes.len())?;
        xor(&mut part, fresh_at(fresh, &bytes));
        parts.push((u32::try_from(bytes.start).ok()?, part));
    }
    Some(Restored { length: u32::try_from(length).ok()?, parts })
}

#[cfg(test)]
mod tests {
    use super::{PAGE_BYTES, is_fresh, page, restored, take};
    use crate::{CancellationToken, Ending, Engine, Limits, Tool, Toolbox, Verdict};
    use tokio::runtime::Builder;

    /// Puts the parts into a fresh memory.
    fn put_back(snapshot: &[u8], fresh: &[u8]) -> Option<Vec<u8>> {
        let restored = restored(snapshot, fresh, 1 << 20)?;
        let mut memory = fresh.to_vec();
        memory.resize(restored.length as usize, 0);
        for (start, bytes) in restored.parts {
            memory[start as usize..][..bytes.len()].copy_from_slice(&bytes);
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

    /// Each page takes memory while the run waits, and time when its instance is dropped.
    #[test]
    fn a_run_that_waits_has_written_to_few_pages() {
        let runtime = Builder::new_current_thread().enable_time().build().expect("it starts");
        let engine = Engine::new().expect("it starts");
        let ask = Tool::instant("ask", "Asks.", |_: serde_json::Value| Ok::<_, String>("yes")).expect("it is a tool");
        let toolbox = Toolbox::new([ask]).expect("they fit");
        let sandbox = engine.sandbox(toolbox, Limits::default()).expect("the limits can be enforced");
        let pages = |script: &str| {
            let run = sandbox.prepare(script).suspend_on(CancellationToken::new()).gate(|_| async { Verdict::Suspend });
            let Ending::Suspended(suspended) = runtime.block_on(run.finish()).expect("the host is well").ending else {
                panic!("it is put aside")
            };
            let fresh = runtime.block_on(engine.fresh_memory()).expect("there is one");
            let parts = restored(&suspended.snapshot, &fresh, 1 << 30).expect("it is whole").parts;
            let is_written = |start: usize, bytes: &[u8]| !is_fresh(bytes, page(&fresh, start / PAGE_BYTES));
            parts.iter().fold(0, |sum, (start, bytes)| {
                let places = (*start as usize..).step_by(PAGE_BYTES).zip(bytes.chunks(PAGE_BYTES));
                sum + places.filter(|(start, bytes)| is_written(*start, bytes)).count()
            })
        };
        let few = pages("const seen = [1, 2, 3]; const more = await tools.ask({}); return [...seen, more]");
        assert!((5..=13).contains(&few), "{few} pages");
        let many = pages("const filled = 'x'.repeat(400_000); await tools.ask({}); return filled.length");
        assert!(many > 90, "{many} pages: what is written is counted");
    }

    #[test]
    fn what_no_memory_gave_is_refused() {
        let fresh = fresh();
        let mut memory = fresh.clone();
        memory[PAGE_BYTES * 4..PAGE_BYTES * 6].fill(9);
        let snapshot = take(&memory, &fresh);
        assert!(put_back(&snapshot, &fresh).is_some());
        // The length alone is a memory that is as good as fresh.
        for end in (0..snapshot.len()).filter(|end| *end != 4) {
            assert!(put_back(&snapshot[..end], &fresh).is_none(), "cut at {end}");
        }
        let stretch = |start: u32, pages: u32| {
            let numbers = [8192, start, pages, 2].into_iter().flat_map(u32::to_le_bytes);
            numbers.chain([0, 0]).collect::<Vec<u8>>()
        };
        for (start, pages) in [(1, 2), (u32::MAX, 1), (1, u32::MAX), (0, 0), (2, 1), (0, 1)] {
            assert!(put_back(&stretch(start, pages), &fresh).is_none(), "{pages} pages from {start}");
        }
        assert!(put_back(&u32::MAX.to_le_bytes(), &fresh).is_none());
    }
}
