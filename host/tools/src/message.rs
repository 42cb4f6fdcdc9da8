//! Texts of others in messages.

/// Bytes of such a text that are shown.
const SHOWN_BYTES_MAX: usize = 200;

/// A text of a script or a server for a message: not longer than a message should be.
pub(crate) fn shorten(text: &str) -> String {
    if text.len() <= SHOWN_BYTES_MAX {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(SHOWN_BYTES_MAX)])
}
