//! Schemas of strangers: taken as they are, or replaced by one that allows everything.

mod weight;

use serde::Serialize;
use serde_json::{Value, json};
use std::io;

/// A larger schema is not taken.
const SCHEMA_BYTES_MAX: usize = 256 * 1024;

/// A schema that is nested more deeply is not taken.
const SCHEMA_DEPTH_MAX: usize = 64;

/// The schema of arguments that stands for all others.
pub(super) fn any_object() -> Value {
    json!({ "type": "object" })
}

/// Why a schema is not taken, if it is not.
pub(super) fn fault(schema: &Value) -> Option<&'static str> {
    match schema {
        Value::Object(_) if bytes_of(schema) > SCHEMA_BYTES_MAX => Some("it is larger than 256 KiB"),
        Value::Object(_) if depth_of(schema) > SCHEMA_DEPTH_MAX => Some("it is nested more than 64 levels deep"),
        Value::Object(_) => weight::fault(schema),
        _ => Some("it is no object"),
    }
}

/// How long a value is as JSON text, without writing it.
pub(super) fn bytes_of(value: &impl Serialize) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Nothing that counts can fail, and JSON values always have a text.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// How deeply a value is nested. It was read from text, so it is no deeper than the reader allows.
fn depth_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth_of).max().unwrap_or_default(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{any_object, bytes_of, fault};
    use serde_json::{Value, json};

    #[test]
    fn large_and_deep_schemas_are_not_taken() {
        let nested = |levels| (0..levels).fold(json!({}), |inner, _| json!({ "not": inner }));
        assert_eq!(fault(&any_object()), None);
        assert_eq!(fault(&nested(63)), None);
        assert_eq!(fault(&nested(64)), Some("it is nested more than 64 levels deep"));
        assert_eq!(fault(&json!({ "title": "x".repeat(256 * 1024) })), Some("it is larger than 256 KiB"));
        assert_eq!(fault(&json!(true)), Some("it is no object"));
        assert_eq!(fault(&Value::Null), Some("it is no object"));
    }

    #[test]
    fn sizes_are_those_of_the_text() {
        let value = json!({ "a": [1, "ü\n", null] });
        assert_eq!(bytes_of(&value), value.to_string().len());
    }
}
