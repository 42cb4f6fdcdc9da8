//! Variables in the texts of an entry.

use super::{ConfigError, Lookup};
use serde_json::Value;
use std::cell::RefCell;

/// A text may become so long, in bytes.
const EXPANDED_BYTES_MAX: usize = 64 * 1024;

/// Replaces `${…}` in the texts of one server's entry.
pub(super) struct Expander<'a> {
    pub(super) server: &'a str,
    pub(super) environment: Lookup<'a>,
    pub(super) inputs: &'a Value,
    /// What was put in: none of it may be shown.
    pub(super) used: &'a RefCell<Vec<String>>,
}

impl Expander<'_> {
    /// The text with its variables replaced, once: what a variable holds is not looked at again. What is no name in
    /// braces stays as it is.
    pub(super) fn expand(&self, place: &str, text: &str) -> Result<String, ConfigError> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let (before, from) = rest.split_at(start);
            out.push_str(before);
            let Some(end) = from.find('}') else {
                rest = from;
                break;
            };
            let value = self.value(place, &from[2..end])?;
            out.push_str(&value);
            self.used.borrow_mut().push(value);
            rest = &from[end + 1..];
            if out.len() > EXPANDED_BYTES_MAX {
                return Err(ConfigError::new(place, "the text has more than 64 KiB once its variables are replaced"));
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn value(&self, place: &str, name: &str) -> Result<String, ConfigError> {
        if let Some(id) = name.strip_prefix("input:") {
            return self.input(place, id);
        }
        match name {
            "userHome" => return self.variable(place, "HOME", None),
            "pathSeparator" | "/" => return Ok(std::path::MAIN_SEPARATOR.to_string()),
            _ => {}
        }
        let (name, default) = match name.strip_prefix("env:").unwrap_or(name).split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (name.strip_prefix("env:").unwrap_or(name), None),
        };
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
        if !is_name || name.starts_with("workspaceFolder") {
            let message = format!(
                "`${{{}}}` of the server `{}` is not known here; write the value itself, or use `${{VAR}}` for an \
                 environment variable",
                name.chars().take(100).collect::<String>(),
                self.server
            );
            return Err(ConfigError::new(place, message));
        }
        self.variable(place, name, default)
    }

    fn variable(&self, place: &str, name: &str, default: Option<&str>) -> Result<String, ConfigError> {
        let value = (self.environment)(name);
        match (value, default) {
            (Some(value), None) => Ok(value),
            (Some(value), Some(_)) if !value.is_empty() => Ok(value),
            (_, Some(default)) => Ok(default.to_owned()),
            (None, None) => {
                let message = format!(
                    "the environment variable `{name}` of the server `{}` is not set; set it, or write \
                     `${{{name}:-…}}` with a value to use without it",
                    self.server
                );
                Err(ConfigError::new(place, message))
            }
        }
    }

    fn input(&self, place: &str, id: &str) -> Result<String, ConfigError> {
        let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
        let variable = format!("AGENTLOOP_INPUT_{}", id.chars().map(letter).collect::<String>());
        if let Some(value) = (self.environment)(&variable) {
            return Ok(value);
        }
        let inputs = self.inputs.as_array().map(Vec::as_slice).unwrap_or_default();
        let input = inputs.iter().find(|input| input.get("id").and_then(Value::as_str) == Some(id));
        if let Some(default) = input.and_then(|input| input.get("default")?.as_str()) {
            return Ok(default.to_owned());
        }
        let message = format!(
            "the input `{id}` of the server `{}` has no value; set the environment variable `{variable}`, or give the \
             input a `default`",
            self.server
        );
        Err(ConfigError::new(place, message))
    }
}
