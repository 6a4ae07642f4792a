//! Positions in a text, as bytes and as line and column.

use crate::diagnostics::Position;

/// The location of errors about a text as a whole.
pub(super) const START: Position = Position { line: 1, column: 1 };

/// The starts of a text's lines.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Self { text, starts: starts.collect() }
    }

    /// The byte at a position; the end of the text for a position after it.
    pub(super) fn offset(&self, at: Position) -> usize {
        let line = (at.line as usize).saturating_sub(1);
        let Some(start) = self.starts.get(line) else {
            return self.text.len();
        };
        let rest = &self.text[*start..];
        let column = (at.column as usize).saturating_sub(1);
        rest.char_indices().nth(column).map_or(self.text.len(), |(at, _)| start + at)
    }

    /// The position of a byte.
    pub(super) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset);
        let column = self.text[self.starts[line - 1]..offset].chars().count() + 1;
        Position { line: number(line), column: number(column) }
    }

    /// The line of a byte, without its line break.
    pub(super) fn line_at(&self, offset: usize) -> &'t str {
        let start = self.line_start(offset);
        self.text[start..].lines().next().unwrap_or_default()
    }

    /// The start of a byte's line.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        let line = self.starts.partition_point(|start| *start <= offset);
        self.starts[line - 1]
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_places_agree() {
        let text = "aé\n\u{E000}0\u{E001}b\n\nlast";
        let lines = Lines::new(text);
        for (offset, _) in text.char_indices() {
            assert_eq!(lines.offset(lines.position(offset)), offset);
        }
        assert_eq!(lines.position(text.len()), Position { line: 4, column: 5 });
        assert_eq!(lines.offset(Position { line: 9, column: 1 }), text.len());
        assert_eq!(lines.line_at(4), "\u{E000}0\u{E001}b");
    }
}
