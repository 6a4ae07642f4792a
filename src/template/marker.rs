//! Markers: placeholders for values in the rendered text, and the values themselves.
//!
//! A marker is a private-use character, the index of the value, and a second private-use character; libyaml and its kin
//! reject control characters, but accept these. The values live only in the state of one render.

use minijinja::value::{DynObject, ValueKind};
use minijinja::{Error, Output, State, Value};

/// Starts a marker.
pub(super) const OPEN: char = '\u{E000}';
/// Ends a marker.
pub(super) const CLOSE: char = '\u{E001}';

/// Whether a character is a marker character.
pub(super) fn is_reserved(c: char) -> bool {
    matches!(c, OPEN | CLOSE)
}

/// The first byte of both, and of no common character.
const FIRST_BYTE: u8 = 0xEE;

/// Whether a text contains a marker character. Nearly all do not, and the first byte is a fast check.
pub(super) fn holds_reserved(text: &str) -> bool {
    memchr::memchr(FIRST_BYTE, text.as_bytes()).is_some() && text.contains(is_reserved)
}

/// Whether a string in a context contains a marker character.
pub(super) fn brings_reserved(value: &Value) -> bool {
    match value.kind() {
        ValueKind::String => value.as_str().is_some_and(holds_reserved),
        ValueKind::Seq => {
            value.try_iter().is_ok_and(|mut items| items.any(|item| brings_reserved(&item)))
        }
        ValueKind::Map => {
            value.as_object().and_then(DynObject::try_iter_pairs).is_some_and(|mut pairs| {
                pairs.any(|(key, value)| brings_reserved(&key) || brings_reserved(&value))
            })
        }
        _ => false,
    }
}

/// The values printed by one render, in order: a marker's index is the position in this list.
#[derive(Default)]
struct Printed(Vec<Value>);

/// Prints a value: a marker for it, or, for captured text, the text, which already contains markers.
///
/// Captured text is a safe string in minijinja. Nothing else is one: `safe` and `escape` do not exist here, and
/// `capture` rejects anything that could turn a value into one.
pub(super) fn print(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_safe() {
        return Ok(out.write_str(value.as_str().unwrap_or_default())?);
    }
    // Only `{{ x if y }}` without an `else` is undefined here; minijinja rejects all other undefined values before.
    if value.is_undefined() {
        return Ok(());
    }
    let values = &mut state.get_or_insert_extension_with(Printed::default).0;
    let index = values.len();
    values.push(value.clone());
    Ok(out.write_str(Marker::new(index).as_str())?)
}

/// The marker of a value.
pub(super) fn marker(index: usize) -> String {
    Marker::new(index).as_str().to_owned()
}

/// The text of a marker, from `first` on. (By hand: formatting would dominate the time of printing.)
struct Marker {
    bytes: [u8; Marker::LONGEST],
    first: usize,
}

impl Marker {
    const LONGEST: usize = OPEN.len_utf8() + 20 + CLOSE.len_utf8();

    fn new(mut index: usize) -> Self {
        let mut bytes = [0; Self::LONGEST];
        let mut first = bytes.len() - CLOSE.len_utf8();
        CLOSE.encode_utf8(&mut bytes[first..]);
        loop {
            first -= 1;
            bytes[first] = b"0123456789"[index % 10];
            index /= 10;
            if index == 0 {
                break;
            }
        }
        first -= OPEN.len_utf8();
        OPEN.encode_utf8(&mut bytes[first..]);
        Self { bytes, first }
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[self.first..]).unwrap_or_default()
    }
}

/// Takes the values printed by a render.
pub(super) fn take_printed(state: &mut State) -> Vec<Value> {
    std::mem::take(&mut state.get_or_insert_extension_with(Printed::default).0)
}

/// A part of a rendered text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Literal text of a template.
    Text(&'t str),
    /// A value.
    Value(usize),
}

/// Splits a text at its markers; nothing if it has marker characters outside of markers.
pub(super) fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let (index, after) = behind.split_once(CLOSE)?;
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Value(index.parse().ok()?));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    let is_whole =
        |piece: &Piece| !matches!(piece, Piece::Text(text) if text.contains(is_reserved));
    pieces.iter().all(is_whole).then_some(pieces)
}

/// A rendered line for people: `{{ … }}` for each marker.
pub(super) fn readable(line: &str) -> String {
    let mut out = String::new();
    for piece in pieces(line).unwrap_or_default() {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Value(_) => out.push_str("{{ … }}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_any_index() {
        for index in [0, 7, 10, 4096, usize::MAX] {
            assert_eq!(pieces(&marker(index)), Some(vec![Piece::Value(index)]));
        }
    }

    #[test]
    fn splits_at_markers_only() {
        assert_eq!(
            pieces("a\u{E000}12\u{E001}b"),
            Some(vec![Piece::Text("a"), Piece::Value(12), Piece::Text("b")])
        );
        assert_eq!(pieces(""), Some(vec![]));
        for broken in [
            "\u{E000}",
            "\u{E001}",
            "\u{E000}x\u{E001}",
            "\u{E000}\u{E001}",
            "\u{E000}0\u{E001}\u{E001}",
            "\u{E000}\u{E000}0\u{E001}",
        ] {
            assert_eq!(pieces(broken), None, "{broken:?}");
        }
    }
}
