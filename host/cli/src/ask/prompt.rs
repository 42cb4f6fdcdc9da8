//! The prompt: from the command line or from standard input.

use crate::exit::{Complaint, Exit};
use crate::script::read_at_most;
use crate::units::grouped;
use std::io;

/// More is no prompt but data, which belongs into a tool.
const PROMPT_BYTES_MAX: usize = 1 << 20;

/// The prompt that `argument` says, or names.
pub(super) fn read(argument: &str) -> Result<String, Complaint> {
    let bytes = match argument {
        "-" => read_at_most(io::stdin().lock(), PROMPT_BYTES_MAX).map_err(|error| {
            let message = format!("standard input could not be read: {error}");
            Complaint::new(Exit::NotReadable, message, "give the prompt itself, as in --prompt 'How many are there?'")
        })?,
        text => text.as_bytes().to_vec(),
    };
    if bytes.len() > PROMPT_BYTES_MAX {
        return Err(Complaint::new(
            Exit::Usage,
            format!("the prompt is longer than {} bytes, the most there may be", grouped(PROMPT_BYTES_MAX as u64)),
            "keep data out of the prompt: give it to the model through a tool",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let message = format!("the prompt is not UTF-8 text: it goes wrong at offset {offset}");
        Complaint::new(Exit::NotText, message, "give a text, saved as UTF-8")
    })?;
    match text.trim() {
        "" => Err(Complaint::new(
            Exit::Usage,
            "the prompt is empty",
            "ask something, as in --prompt 'How many are there?'",
        )),
        prompt => Ok(prompt.to_owned()),
    }
}
