//! An object from the server, without managed fields: they are half of it, and read only if Flux takes
//! over fields.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Reads an object without `metadata.managedFields`.
///
/// # Errors
/// The reason why it is not JSON, or not an object.
pub(super) fn read(body: &[u8]) -> Result<Value, serde_json::Error> {
    let mut decoder = serde_json::Deserializer::from_slice(body);
    let object = Without(&["metadata", "managedFields"]).deserialize(&mut decoder)?;
    decoder.end()?;
    Ok(object)
}

/// The object without `metadata.managedFields`.
pub(super) fn without_owners(mut object: Value) -> Value {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("managedFields");
    }
    object
}

/// A mapping without the value at this path, which has at least one name.
struct Without<'p>(&'p [&'p str]);

impl<'de> DeserializeSeed<'de> for Without<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, decoder: D) -> Result<Value, D::Error> {
        decoder.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Without<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            match self.0 {
                [name] if key == *name => drop(entries.next_value::<IgnoredAny>()?),
                [name, rest @ ..] if key == *name => {
                    map.insert(key, entries.next_value_seed(Without(rest))?);
                }
                _ => {
                    map.insert(key, entries.next_value()?);
                }
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_book_is_left_out() {
        let text = r#"{"kind":"X","metadata":{"name":"a","managedFields":[{"f:b":{}}],"labels":{"managedFields":"x"}},"managedFields":1}"#;
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(
            read.to_string(),
            r#"{"kind":"X","metadata":{"name":"a","labels":{"managedFields":"x"}},"managedFields":1}"#
        );
        assert_eq!(without_owners(serde_json::from_str(text).unwrap()), read);
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for text in [
            "",
            "[]",
            "null",
            "{",
            r#"{"metadata":"x"}"#,
            r#"{"metadata":{"managedFields":[}}"#,
            "{}x",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
