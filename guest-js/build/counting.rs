//! Reference counts of the image: what is in it lives as long as the instance, so runs need not count who refers to it.
//!
//! A count below zero marks such an object. Whoever would change a count looks at its sign first: the engine loads it anyway,
//! and what it saves is a write, to a page that would have to be put back when the instance is dropped. The image has a
//! hundred such pages that any script would write to.

use anyhow::{Context as _, Result, ensure};

const COUNT: &str = "JS_REF_COUNT(";
/// So many places count up or down. An engine upgrade that adds one has to be looked at.
const PLACES: usize = 28;

const ACCESSORS: &str = "#define JS_REF_COUNT(p) (js_rc(p)->ref_count)\n";
const COUNTERS: &str = "
static inline void agentloop_ref(void *p)
{
    int count = JS_REF_COUNT(p);
    if (likely(count >= 0))
        JS_REF_COUNT(p) = count + 1;
}

/* Answers the new count: 1 for what is not counted. */
static inline int agentloop_unref(void *p)
{
    int count = JS_REF_COUNT(p) - 1;
    if (likely(count > 0))
        return JS_REF_COUNT(p) = count;
    if (count < -1)
        return 1;
    return JS_REF_COUNT(p) = count;
}
";

/// Makes every place of the engine that counts references leave those below zero alone.
pub(super) fn count_only_what_can_die(text: &str) -> Result<String> {
    ensure!(text.matches(ACCESSORS).count() == 1, "the engine keeps its reference counts elsewhere");
    let mut places = 0;
    let mut counted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(COUNT) {
        let (before, from) = rest.split_at(start);
        let end = from.find(')').context("JS_REF_COUNT without its end")?;
        let (object, after) = (&from[COUNT.len()..end], &from[end + 1..]);
        if let Some(before) = before.strip_suffix("--") {
            counted.extend([before, "agentloop_unref(", object, ")"]);
            rest = after;
        } else if let Some(after) = after.strip_prefix("--") {
            counted.extend([before, "agentloop_unref(", object, ")"]);
            rest = after;
        } else if let Some(after) = after.strip_prefix("++") {
            counted.extend([before, "agentloop_ref(", object, ")"]);
            rest = after;
        } else {
            counted.extend([before, COUNT, object, ")"]);
            rest = after;
            continue;
        }
        places += 1;
    }
    counted.push_str(rest);
    ensure!(places == PLACES, "the engine counts references in {places} places, not {PLACES}");
    Ok(counted.replacen(ACCESSORS, &[ACCESSORS, COUNTERS].concat(), 1))
}
