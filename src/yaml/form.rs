//! A document that is the same for many but for some texts: written once, as far as it is known.
//!
//! Where a text belongs, the document holds a *place*, which stands for the text of a number. What is written between places is
//! kept; to write one of the many, only its texts are. Both ways, by the form and by the whole document with its texts in it, come
//! to the same, because one emitter writes all of it.

use super::emit::{Emitter, Hole};
use super::{Map, Value};

/// Begins a place.
const OPEN: char = '\u{E000}';
/// Ends it.
const CLOSE: char = '\u{E001}';

/// What stands for the text of a number.
#[must_use]
pub fn place(number: usize) -> Value {
    Value::Str(format!("{OPEN}{number}{CLOSE}"))
}

/// The number of the text that another stands for.
pub(super) fn number(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    digits.parse().ok()
}

/// Whether a value is a place.
#[must_use]
pub fn is_place(value: &Value) -> bool {
    value.as_str().is_some_and(|text| number(text).is_some())
}

/// What is written around the places of a document.
#[derive(Debug)]
pub struct Form {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Known(String),
    Hole(Hole),
}

/// A text, and how it is written wherever it stands: looked at once for all its places.
#[derive(Debug)]
pub struct Written {
    text: String,
    /// What stands behind the colon or the dash; none for a text of several lines, which are indented as its place is.
    line: Option<String>,
}

impl Written {
    /// A text that belongs in places.
    #[must_use]
    pub fn new(text: String) -> Self {
        let line = Emitter::line(&text);
        Self { text, line }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Form {
    /// The form of a mapping with places in it.
    #[must_use]
    pub fn new(document: &Map) -> Self {
        let (text, holes) = Emitter::around(document);
        let mut parts = Vec::with_capacity(2 * holes.len() + 1);
        let mut from = 0;
        for (at, hole) in holes {
            parts.push(Part::Known(text[from..at].to_owned()));
            parts.push(Part::Hole(hole));
            from = at;
        }
        parts.push(Part::Known(text[from..].to_owned()));
        Self { parts }
    }

    /// Writes the document with its texts, as [`super::emit_into`] would write the whole.
    ///
    /// # Panics
    /// Where there are fewer texts than places, which is a bug of the caller.
    pub fn write_into(&self, out: &mut String, texts: &[Written]) {
        let mut emitter = Emitter::new(out);
        for part in &self.parts {
            match part {
                Part::Known(text) => emitter.known(text),
                Part::Hole(hole) => match &texts[hole.number] {
                    Written {
                        line: Some(line), ..
                    } => emitter.known(line),
                    Written { text, line: None } => emitter.hole(*hole, text),
                },
            }
        }
        emitter.finish();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::emit_document;

    /// A document with its texts in their places.
    fn fill(part: &Value, texts: &[String]) -> Value {
        match part {
            Value::Str(text) => match number(text) {
                Some(number) => Value::Str(texts[number].clone()),
                None => part.clone(),
            },
            Value::Seq(items) => Value::Seq(items.iter().map(|item| fill(item, texts)).collect()),
            Value::Map(map) => {
                let entries = map.iter().map(|(key, value)| (key, fill(value, texts)));
                Value::Map(entries.collect())
            }
            _ => part.clone(),
        }
    }

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

    /// A document in which some values are places for `count` texts.
    fn document(count: usize) -> impl Strategy<Value = Map> {
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
            .prop_map(|entries| entries.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_form_writes_what_the_whole_document_is_written_as(
            document in document(3),
            sets in prop::collection::vec(prop::collection::vec(text(), 3), 1..4),
        ) {
            let form = Form::new(&document);
            let document = Value::Map(document);
            for texts in &sets {
                let mut out = String::new();
                let written: Vec<Written> = texts.iter().cloned().map(Written::new).collect();
                form.write_into(&mut out, &written);
                prop_assert_eq!(out, emit_document(&fill(&document, texts)));
            }
        }
    }

    #[test]
    fn only_places_are_filled() {
        let document = [("a", place(1)), ("b", "\u{E000}x\u{E001}".into())];
        let form = Form::new(&document.into_iter().collect());
        let texts = ["no", "yes"].map(|text| Written::new(text.to_owned()));
        let mut out = String::new();
        form.write_into(&mut out, &texts);
        assert_eq!(out, "a: \"yes\"\nb: \"\\ue000x\\ue001\"\n");
    }
}
