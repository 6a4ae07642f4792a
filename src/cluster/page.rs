//! A page of a list, read object by object: each is dropped before the next one is built.

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

use super::kinds::Resource;

/// Reads a page; returns the token for the next one. Each object gets apiVersion and kind, which lists omit for built-in kinds.
///
/// # Errors
/// The reason why it is not a page of these objects. Objects seen until then do not count.
pub(super) fn read(
    resource: &Resource,
    body: &[u8],
    mut see: impl FnMut(Value),
) -> Result<Option<String>, String> {
    let api_version = resource.api_version();
    let mut wrong = Ok(());
    let each = |mut object: Value| {
        if wrong.is_ok() {
            wrong = complete(resource, &api_version, &mut object);
        }
        if wrong.is_ok() {
            see(object);
        }
    };
    let mut decoder = serde_json::Deserializer::from_slice(body);
    let mut list = List { found: Found::default(), each };
    (&mut list)
        .deserialize(&mut decoder)
        .and_then(|()| decoder.end())
        .map_err(|error| error.to_string())?;
    let Found { api_version: version, kind, next, has_items } = list.found;
    wrong?;
    if kind != format!("{}List", resource.kind) || version != api_version {
        let words = resource.words();
        return Err(format!("it is `{kind}` of `{version}`, expected a list of {words}"));
    }
    if !has_items {
        return Err("it has no items".to_owned());
    }
    Ok(next.filter(|token| !token.is_empty()))
}

fn complete(resource: &Resource, api_version: &str, object: &mut Value) -> Result<(), String> {
    let Some(map) = object.as_object_mut() else {
        return Err("an item is not an object".to_owned());
    };
    for (key, expected) in [("apiVersion", api_version), ("kind", resource.kind.as_str())] {
        let found = map.entry(key).or_insert_with(|| expected.into());
        if found.as_str() != Some(expected) {
            return Err(format!("the {key} of an item is {found}"));
        }
    }
    let has_name =
        map.get("metadata").and_then(|metadata| metadata.get("name")).is_some_and(Value::is_string);
    if has_name { Ok(()) } else { Err("an item has no name".to_owned()) }
}

#[derive(Default)]
struct Found {
    api_version: String,
    kind: String,
    next: Option<String>,
    has_items: bool,
}

/// A list or its items, whose objects go to `each`.
struct List<F> {
    found: Found,
    each: F,
}

impl<'de, F: FnMut(Value)> DeserializeSeed<'de> for &mut List<F> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, decoder: D) -> Result<(), D::Error> {
        decoder.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Value)> Visitor<'de> for &mut List<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.found.has_items { "objects" } else { "a list of objects" })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.found.has_items {
            return Err(de::Error::custom("its items are not a list"));
        }
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "apiVersion" => self.found.api_version = map.next_value()?,
                "kind" => self.found.kind = map.next_value()?,
                "metadata" => {
                    let metadata: Value = map.next_value()?;
                    self.found.next =
                        metadata.get("continue").and_then(Value::as_str).map(str::to_owned);
                }
                "items" => {
                    self.found.has_items = true;
                    map.next_value_seed(&mut *self)?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    /// Go writes a nil slice as null.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(object) = items.next_element::<Value>()? {
            (self.each)(object);
        }
        Ok(())
    }
}
