//! From words as they are written to words as a command gets them, with marks for what only the run can know.

use std::collections::HashMap;

use super::syntax::{Piece, Script, Word, Writes};
use crate::permissions::tools::need::{ANYTHING, UNKNOWN, known};

/// A longer value is not followed, so that doubling it ends.
const LONGEST: usize = 1024;

/// The values of variables.
pub(super) struct Values<'s> {
    script: &'s Script,
    /// Variables that are set before the script begins.
    given: HashMap<String, String>,
    /// What each binding may hold: one text, or several for a loop.
    bound: Vec<Vec<String>>,
    /// The loop whose values are gone through, and the value that its variable has now.
    now: Option<(usize, usize)>,
}

impl<'s> Values<'s> {
    pub(super) fn new(script: &'s Script, given: HashMap<String, String>) -> Self {
        let mut values = Self { script, given, bound: Vec::new(), now: None };
        // A binding only refers to those before it.
        for binding in &script.bindings {
            let texts = if binding.is_loop {
                let words = binding.words.iter().flat_map(|word| values.fields(word));
                words.map(|word| word.replace(ANYTHING, &UNKNOWN.to_string())).collect()
            } else {
                binding.words.iter().map(|word| values.text(word)).collect()
            };
            values.bound.push(texts);
        }
        values
    }

    /// How many values the loops have that a command's words refer to, and which of them it is; of several loops the first, and the
    /// others are unknown.
    pub(super) fn turns<'w>(
        &self,
        words: impl Iterator<Item = &'w Word>,
    ) -> (Option<usize>, usize) {
        let mut pieces = words.flat_map(|word| &word.0);
        let looped = pieces.find_map(|piece| match piece {
            Piece::Variable { binding: Some(index), .. } => {
                self.script.bindings[*index].is_loop.then_some(*index)
            }
            _ => None,
        });
        (looped, looped.map_or(1, |index| self.bound[index].len()))
    }

    /// Gives a loop's variable one of its values.
    pub(super) fn turn(&mut self, looped: Option<usize>, turn: usize) {
        self.now = looped.map(|index| (index, turn));
    }

    /// The words of a word: none, one or several.
    pub(super) fn fields(&self, word: &Word) -> Vec<String> {
        let mut done = Vec::new();
        let mut open: Option<String> = None;
        let mut bare = String::new();
        for piece in &word.0 {
            match piece {
                Piece::Text { text, quoted } => {
                    open.get_or_insert_default().push_str(text);
                    if !quoted {
                        bare.push_str(text);
                    }
                }
                Piece::Variable { quoted: true, .. } | Piece::Unknown { quoted: true } => {
                    open.get_or_insert_default().push_str(&self.piece(piece));
                }
                _ => {
                    let text = self.piece(piece);
                    let splits = !self.script.writes.contains_key("IFS");
                    let sure = known(&text).is_some()
                        && !is_pattern(&text)
                        && (splits || !text.contains(char::is_whitespace));
                    if !sure {
                        open.get_or_insert_default().push(ANYTHING);
                        continue;
                    }
                    for (index, part) in text.split(char::is_whitespace).enumerate() {
                        if index > 0 {
                            done.extend(open.take());
                        }
                        if !part.is_empty() {
                            open.get_or_insert_default().push_str(part);
                        }
                    }
                }
            }
        }
        if is_pattern(&bare) {
            open.get_or_insert_default().push(ANYTHING);
        }
        done.extend(open);
        done
    }

    /// A word as one text: an assigned value, the body of a here-document.
    pub(super) fn text(&self, word: &Word) -> String {
        let text: String = word.0.iter().map(|piece| self.piece(piece)).collect();
        text.replace(ANYTHING, &UNKNOWN.to_string())
    }

    fn piece(&self, piece: &Piece) -> String {
        match piece {
            Piece::Text { text, .. } => text.clone(),
            Piece::Variable { name, binding, .. } => {
                let value = self.value(name, *binding);
                value.map_or_else(|| UNKNOWN.to_string(), str::to_owned)
            }
            Piece::Unknown { quoted: true } => UNKNOWN.to_string(),
            Piece::Unknown { quoted: false } => ANYTHING.to_string(),
        }
    }

    /// The value of a variable where it has one value only, whichever way the script takes.
    fn value(&self, name: &str, binding: Option<usize>) -> Option<&str> {
        if self.script.writes_any {
            return None;
        }
        let value = match (self.script.writes.get(name), binding) {
            (None, _) => self.given.get(name)?,
            (Some(Writes::Once | Writes::Loops), Some(index)) => match self.bound[index].as_slice()
            {
                [only] => only,
                several => several.get(self.now.filter(|now| now.0 == index)?.1)?,
            },
            _ => return None,
        };
        (value.len() <= LONGEST).then_some(value)
    }
}

/// Whether the shell would look for files of that name, or make several words of it.
fn is_pattern(text: &str) -> bool {
    let behind = |open: char, signs: &[char], close: char| {
        text.find(open)
            .is_some_and(|start| text[start..].contains(signs) && text[start..].contains(close))
    };
    behind('{', &[',', '.'], '}') || behind('[', &['['], ']') || text.contains(['*', '?'])
}
