//! A document that is the same for many but for some values: written once, as far as it is known.
//!
//! Where a value belongs, the document holds a *place*: a text of its own that stands for the value of a number. What is written
//! between places is kept; to write one of the many, only its values are. Both ways, by the form and by the whole document with
//! its values in it, come to the same text, because one emitter writes all of it.

use super::emit::{Emitter, Hole};
use super::{Map, Value};

/// Begins a place.
const OPEN: char = '\u{E000}';
/// Ends it.
const CLOSE: char = '\u{E001}';

/// A text that stands for the value of a number.
#[must_use]
pub fn place(number: usize) -> Value {
    Value::Str(format!("{OPEN}{number}{CLOSE}"))
}

/// The number of the value that a text stands for.
pub(super) fn number(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    digits.parse().ok()
}

/// Whether a value is a place.
#[must_use]
pub fn is_place(value: &Value) -> bool {
    value.as_str().is_some_and(|text| number(text).is_some())
}

/// A document with places, and what is written around them.
#[derive(Debug)]
pub struct Form {
    outline: Value,
    parts: Vec<Part>,
    /// How many bytes are known.
    size: usize,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Hole(Hole),
}

impl Form {
    /// The form of a document with places. Nothing for what is no mapping.
    #[must_use]
    pub fn new(outline: Value) -> Option<Self> {
        let map = outline.as_map().filter(|map| !map.is_empty())?;
        let (text, holes) = Emitter::around(map);
        let mut parts = Vec::with_capacity(2 * holes.len() + 1);
        let mut from = 0;
        for (at, hole) in holes {
            parts.push(Part::Text(text[from..at].to_owned()));
            parts.push(Part::Hole(hole));
            from = at;
        }
        parts.push(Part::Text(text[from..].to_owned()));
        let size = text.len();
        Some(Self {
            outline,
            parts,
            size,
        })
    }

    /// The document with its places.
    #[must_use]
    pub fn outline(&self) -> &Value {
        &self.outline
    }

    /// What a part of the outline stands for: the value of its number, where it is a place.
    ///
    /// # Panics
    /// Where there are fewer values than places, which is a bug of the caller.
    #[must_use]
    pub fn resolve<'v>(&self, part: &'v Value, values: &'v [Value]) -> &'v Value {
        match part.as_str().and_then(number) {
            Some(number) => &values[number],
            None => part,
        }
    }

    /// The whole document.
    ///
    /// # Panics
    /// As [`Form::resolve`].
    #[must_use]
    pub fn fill(&self, values: &[Value]) -> Value {
        fill(&self.outline, values)
    }

    /// Writes the document with its values, as [`super::emit_into`] would write the whole.
    ///
    /// # Panics
    /// As [`Form::resolve`].
    pub fn write_into(&self, out: &mut String, values: &[Value]) {
        out.reserve(self.size + self.size / 4);
        let mut emitter = Emitter::new(out);
        for part in &self.parts {
            match part {
                Part::Text(text) => emitter.known(text),
                Part::Hole(hole) => emitter.hole(*hole, &values[hole.number]),
            }
        }
        emitter.finish();
    }
}

/// A document with its values in their places.
///
/// # Panics
/// As [`Form::resolve`].
#[must_use]
pub fn fill(part: &Value, values: &[Value]) -> Value {
    match part {
        Value::Str(text) => match number(text) {
            Some(number) => values[number].clone(),
            None => part.clone(),
        },
        Value::Seq(items) => Value::Seq(items.iter().map(|item| fill(item, values)).collect()),
        // What is shared was known before there were any values.
        Value::Map(map) if map.shared().is_some() => part.clone(),
        Value::Map(map) => {
            let mut whole = Map::with_capacity(map.len());
            for (key, value) in map.entries() {
                whole.push(key.clone(), fill(value, values));
            }
            Value::Map(whole)
        }
        _ => part.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::emit_document;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z]{0,6}",
            "[ -~]{0,12}",
            "[a-c \n\t]{0,8}",
            Just("two lines\n\n".to_owned()),
            Just("yes".to_owned()),
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            text().prop_map(Value::Str),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Seq),
                prop::collection::vec((text(), inner), 0..4)
                    .prop_map(|entries| Value::Map(entries.into_iter().collect())),
            ]
        })
    }

    /// A document in which some values are places for `count` values.
    fn document(count: usize) -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            2 => (0..count).prop_map(place),
            2 => text().prop_map(Value::Str),
            1 => value().prop_map(|mut value| {
                value.share();
                value
            }),
        ];
        let inner = leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Seq),
                prop::collection::vec((text(), inner), 0..4)
                    .prop_map(|entries| Value::Map(entries.into_iter().collect())),
            ]
        });
        prop::collection::vec((text(), inner), 1..5)
            .prop_map(|entries| Value::Map(entries.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn a_form_writes_what_the_whole_document_is_written_as(
            outline in document(3),
            sets in prop::collection::vec(prop::collection::vec(value(), 3), 1..4),
        ) {
            let form = Form::new(outline).expect("a mapping with entries");
            for values in &sets {
                let mut written = String::new();
                form.write_into(&mut written, values);
                prop_assert_eq!(written, emit_document(&form.fill(values)));
            }
        }
    }

    #[test]
    fn only_places_are_filled() {
        let outline = Value::from([("a", place(1)), ("b", "\u{E000}x\u{E001}".into())]);
        let form = Form::new(outline).unwrap();
        let whole = form.fill(&["no".into(), "yes".into()]);
        assert_eq!(whole.str_at(&["a"]), Some("yes"));
        assert_eq!(whole.str_at(&["b"]), Some("\u{E000}x\u{E001}"));
        assert!(Form::new(Value::Seq(Vec::new())).is_none());
    }
}
