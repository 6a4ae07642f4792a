//! Templates of signatures: `{word}`, or `{word|what stands there without it}`. Braces around anything else are themselves.

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Text as it is.
    Text(&'t str),
    /// A word, and what stands there without it.
    Blank { word: &'t str, otherwise: &'t str },
}

/// The pieces of a template, in order.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut start, mut from) = (Vec::new(), 0, 0);
    while let Some(at) = template[from..].find('{').map(|at| from + at) {
        from = at + 1;
        let Some(end) = template[from..].find('}').map(|end| from + end) else { break };
        let inner = &template[from..end];
        let (word, otherwise) = inner.split_once('|').unwrap_or((inner, ""));
        if word.is_empty() || !word.chars().all(|c| c.is_ascii_lowercase()) {
            continue;
        }
        if start < at {
            pieces.push(Piece::Text(&template[start..at]));
        }
        pieces.push(Piece::Blank { word, otherwise });
        (start, from) = (end + 1, end + 1);
    }
    if start < template.len() {
        pieces.push(Piece::Text(&template[start..]));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn only_words_are_blanks() {
        let blank = |word, otherwise| Piece::Blank { word, otherwise };
        assert_eq!(
            pieces("a {b} {c|d e}{f}, {G} {} {x: {y}"),
            [
                Piece::Text("a "),
                blank("b", ""),
                Piece::Text(" "),
                blank("c", "d e"),
                blank("f", ""),
                Piece::Text(", {G} {} {x: "),
                blank("y", ""),
            ]
        );
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("a {b"), [Piece::Text("a {b")]);
    }
}
