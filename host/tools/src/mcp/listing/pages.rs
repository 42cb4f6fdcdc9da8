//! Lists that come in pages, followed up to a bound on each thing that could go on for ever.

use crate::mcp::errors::Error;
use crate::mcp::mirror::Headers;
use crate::mcp::schema::bytes_of;
use crate::mcp::session::Session;
use serde_json::{Value, json};
use std::collections::HashSet;

/// So many items are taken.
const ITEMS_MAX: usize = 10_000;

/// So many pages are asked for.
const PAGES_MAX: usize = 1_000;

/// So many bytes of items are taken, as JSON text.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// A mark of the next page that is longer is not sent back.
const CURSOR_BYTES_MAX: usize = 4 * 1024;

/// How far a list was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// There may be more.
    Going,
    /// To its end.
    Done,
    /// Not to its end, for this reason.
    Stopped(&'static str),
}

/// A list in pages.
pub(super) struct Pages {
    method: &'static str,
    member: &'static str,
    cursor: Option<String>,
    seen: HashSet<String>,
    items: usize,
    bytes: usize,
    walk: Walk,
}

impl Pages {
    /// The list that `method` gives, under the name `member`.
    pub(super) fn new(method: &'static str, member: &'static str) -> Self {
        Self { method, member, cursor: None, seen: HashSet::new(), items: 0, bytes: 0, walk: Walk::Going }
    }

    /// How far the list was followed.
    pub(super) fn walk(&self) -> Walk {
        self.walk
    }

    /// The items of the next page. `None` after the last.
    pub(super) async fn next(&mut self, session: &Session) -> Result<Option<Vec<Value>>, Error> {
        if self.walk != Walk::Going {
            return Ok(None);
        }
        let params = match self.cursor.take() {
            None => json!({}),
            Some(cursor) => json!({ "cursor": cursor }),
        };
        let mut result = session.request(self.method, params, Headers::new(), None).await?;
        let items = match result.get_mut(self.member).map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        let next = result.get("nextCursor").and_then(Value::as_str).filter(|cursor| !cursor.is_empty());
        let items = self.within_bounds(items);
        self.turn(next);
        Ok(Some(items))
    }

    fn within_bounds(&mut self, mut items: Vec<Value>) -> Vec<Value> {
        for (at, item) in items.iter().enumerate() {
            self.bytes += bytes_of(item);
            if self.items == ITEMS_MAX {
                self.walk = Walk::Stopped("there are more than 10,000");
            } else if self.bytes > BYTES_MAX {
                self.walk = Walk::Stopped("it has more than 64 MiB");
            } else {
                self.items += 1;
                continue;
            }
            items.truncate(at);
            break;
        }
        items
    }

    fn turn(&mut self, next: Option<&str>) {
        if self.walk != Walk::Going {
            return;
        }
        self.walk = match next {
            None => Walk::Done,
            Some(next) if next.len() > CURSOR_BYTES_MAX => Walk::Stopped("the mark of a page has more than 4 KiB"),
            Some(next) if !self.seen.insert(next.to_owned()) => Walk::Stopped("its pages go round in a circle"),
            Some(_) if self.seen.len() >= PAGES_MAX => Walk::Stopped("it has more than 1,000 pages"),
            Some(next) => {
                self.cursor = Some(next.to_owned());
                Walk::Going
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Pages, Walk};
    use serde_json::json;

    #[test]
    fn a_list_of_too_many_items_or_bytes_is_cut() {
        let mut pages = Pages::new("", "");
        assert_eq!(pages.within_bounds(vec![json!(1); 9_999]).len(), 9_999);
        assert_eq!(pages.walk(), Walk::Going);
        assert_eq!(pages.within_bounds(vec![json!(1); 3]).len(), 1);
        assert_eq!(pages.walk(), Walk::Stopped("there are more than 10,000"));
        let mut pages = Pages::new("", "");
        let item = json!("x".repeat(16 * 1024 * 1024 - 2));
        assert_eq!(pages.within_bounds(vec![item; 6]).len(), 4);
        assert_eq!(pages.walk(), Walk::Stopped("it has more than 64 MiB"));
    }

    #[test]
    fn pages_without_end_are_cut() {
        let mut pages = Pages::new("", "");
        pages.turn(Some("a"));
        pages.turn(Some("b"));
        pages.turn(Some("a"));
        assert_eq!(pages.walk(), Walk::Stopped("its pages go round in a circle"));
        let mut pages = Pages::new("", "");
        for page in 1..1_000 {
            pages.turn(Some(&page.to_string()));
            assert_eq!(pages.walk(), Walk::Going, "{page}");
        }
        pages.turn(Some("more"));
        assert_eq!(pages.walk(), Walk::Stopped("it has more than 1,000 pages"));
        let mut pages = Pages::new("", "");
        pages.turn(Some(&"x".repeat(5_000)));
        assert_eq!(pages.walk(), Walk::Stopped("the mark of a page has more than 4 KiB"));
    }
}
