//! How a text is written: the plainest way in which no reader takes it for anything else.

use std::fmt::Write as _;

use super::super::is_ambiguous;

/// How one text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is.
    Plain,
    /// In `'…'`, for texts such as JSON and regular expressions, which double quotes would fill with backslashes.
    Single,
    /// In `"…"`, with escapes.
    Double,
    /// As a literal block, `|`.
    Block,
}

/// Means something next to certain others: space, `:`, `#`.
const CONTEXT: u8 = 1;
/// Must be escaped in double quotes: `"`, `\`.
const QUOTE: u8 = 2;
const APOSTROPHE: u8 = 4;
const TAB: u8 = 8;
const BREAK: u8 = 16;
/// No reader takes it raw.
const CONTROL: u8 = 32;
/// Part of a character beyond ASCII.
const WIDE: u8 = 64;

/// What each byte asks for, wherever it stands. Most texts are made of nothing but zeros here.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte {
            0x20 | 0x3A | 0x23 => CONTEXT,
            0x22 | 0x5C => QUOTE,
            0x27 => APOSTROPHE,
            0x09 => TAB,
            0x0A => BREAK,
            0x00..=0x1F | 0x7F => CONTROL,
            0x80.. => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// So many bytes at once tell their classes by comparing, which processors do for all of them together.
const STRIDE: usize = 32;

/// What the bytes of a text ask for, all together.
fn classes_in(bytes: &[u8]) -> u8 {
    let (strides, rest) = bytes.as_chunks::<STRIDE>();
    let looked_up = |all, byte: &u8| all | CLASSES[usize::from(*byte)];
    let compared =
        |all, stride: &[u8; STRIDE]| stride.iter().fold(all, |all, byte| all | compared(*byte));
    rest.iter().fold(0, looked_up) | strides.iter().fold(0, compared)
}

/// The same as [`CLASSES`] says, without looking it up.
fn compared(byte: u8) -> u8 {
    let asks = |is: bool, class: u8| u8::from(is).wrapping_neg() & class;
    let is = |character: u8, class: u8| asks(byte == character, class);
    let control = asks(byte < b' ', CONTROL) & !is(b'\t', CONTROL) & !is(b'\n', CONTROL);
    is(b' ', CONTEXT)
        | is(b':', CONTEXT)
        | is(b'#', CONTEXT)
        | is(b'"', QUOTE)
        | is(b'\\', QUOTE)
        | is(b'\'', APOSTROPHE)
        | is(b'\t', TAB)
        | is(b'\n', BREAK)
        | control
        | is(0x7F, CONTROL)
        | asks(byte >= 0x80, WIDE)
}

/// Decides how a text is written where it may be a block.
pub(super) fn style_of(text: &str) -> Style {
    let classes = classes_in(text.as_bytes());
    if classes & CONTROL != 0 || (classes & WIDE != 0 && text.chars().any(is_invisible)) {
        return Style::Double;
    }
    if classes & BREAK != 0 {
        return if stays_a_block(text) { Style::Block } else { Style::Double };
    }
    if classes & TAB == 0 && is_plain(text, classes) {
        Style::Plain
    } else if classes & (QUOTE | APOSTROPHE | TAB) == QUOTE {
        Style::Single
    } else {
        Style::Double
    }
}

/// Whether a text is one of those that nearly all keys are: a few ASCII letters, and none of the short words that have a meaning.
pub(super) fn is_word(text: &str) -> bool {
    let is_short = text.len() < 64;
    is_short && text.bytes().all(|byte| byte.is_ascii_alphabetic()) && !is_ambiguous(text)
}

/// Whether a text of several lines is read as itself out of a block, also after kustomize has written the block again: it
/// forgets the indentation that a tab at the beginning needs. Nothing but white space is a riddle in a block.
fn stays_a_block(text: &str) -> bool {
    !text.trim_start_matches('\n').starts_with('\t')
        && !text.trim_matches(['\n', '\t', ' ']).is_empty()
}

/// Whether a text of one line without tabs means itself without quotes.
fn is_plain(text: &str, classes: u8) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let leads_well = match first {
        b' ' | b'!' | b'"' | b'#' | b'%' | b'&' | b'\'' | b'*' | b',' | b':' | b'>' | b'?'
        | b'@' | b'[' | b']' | b'`' | b'{' | b'|' | b'}' => false,
        // A list's dash has a space behind it; three of them, or three dots, cut a stream in two.
        b'-' => bytes.get(1).is_some_and(|b| *b != b' ') && !text.starts_with("---"),
        b'.' => !text.starts_with("..."),
        _ => true,
    };
    if !leads_well || is_ambiguous(text) {
        return false;
    }
    if classes & CONTEXT != 0 {
        let joins_badly =
            |(one, next): (&u8, &u8)| matches!((one, next), (b':', b' ') | (b' ', b'#'));
        let mut pairs = bytes.iter().zip(&bytes[1..]);
        if matches!(last, b' ' | b':') || pairs.any(joins_badly) {
            return false;
        }
    }
    classes & WIDE == 0 || text.trim().len() == text.len()
}

/// What nobody sees on a screen, and what readers may refuse or take for a line break. Written raw it could hide what a
/// file says: directions that turn text around, spaces of no width, private characters, characters that are none.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{B}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{61C}' | '\u{180E}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..)
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Writes a number that stays one with a point in it. Readers of YAML 1.1 know an exponent only behind a point and with
/// a sign: `1.0e+21`. What JSON has no number for is null, as in JSON.
pub(super) fn float(out: &mut String, number: f64) {
    if !number.is_finite() {
        out.push_str("null");
        return;
    }
    let start = out.len();
    // The shortest digits that read back as the same number; writing to a String cannot fail.
    let _ = write!(out, "{number:?}");
    let Some(exponent) = out[start..].find('e').map(|at| start + at) else {
        return;
    };
    if !out[exponent..].starts_with("e-") {
        out.insert(exponent + 1, '+');
    }
    if !out[start..exponent].contains('.') {
        out.insert_str(exponent, ".0");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_plain() {
        for word in [
            "metadata",
            "kind",
            "infinity",
            "infinite",
            "name",
            "null",
            "on",
            "falsehood",
            "é",
            "a b",
        ] {
            assert!(!is_word(word) || style_of(word) == Style::Plain, "{word}");
        }
        assert!(is_word("apiVersion") && !is_word("app.kubernetes.io/name"));
    }

    #[test]
    fn both_ways_to_tell_a_class_agree() {
        for byte in 0..=u8::MAX {
            assert_eq!(compared(byte), CLASSES[usize::from(byte)], "{byte}");
        }
        let text: Vec<u8> = (0..100).map(|n| b'a' + n % 26).collect();
        for at in 0..text.len() {
            let mut text = text.clone();
            text[at] = b'\n';
            assert_eq!(classes_in(&text), BREAK, "{at}");
        }
    }
}
