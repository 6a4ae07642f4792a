//! What a script is read into: a flat list of the commands that it may run, in order.
//!
//! Branches and loops do not show: a task needs the rights of every branch. A variable has a value where it has only one in the
//! whole script, so that the order in which commands run does not matter either.

use std::collections::HashMap;

/// A script.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// Its commands, those of its functions and of `$(…)` included.
    pub(super) commands: Vec<Command>,
    /// Values of variables, in the order of the script.
    pub(super) bindings: Vec<Binding>,
    /// How often each variable is set.
    pub(super) writes: HashMap<String, Writes>,
    /// A command sets a variable whose name is not literal.
    pub(super) writes_any: bool,
    /// Functions that it defines.
    pub(super) functions: Vec<String>,
}

/// A simple command, or words that are only data: the value of a variable, the list of a loop, the input of a block.
#[derive(Debug, Default)]
pub(super) struct Command {
    /// The words.
    pub(super) words: Vec<Word>,
    /// The words are data.
    pub(super) is_data: bool,
    /// The text that comes in by standard input, if it is in the script.
    pub(super) stdin: Option<Word>,
    /// The command as it is written, shortened.
    pub(super) text: String,
    /// It is in the body of a function.
    pub(super) in_function: bool,
    /// Its output goes into a file or another command.
    pub(super) hands_on: bool,
}

/// One place that sets a variable.
#[derive(Debug)]
pub(super) struct Binding {
    /// The value; for a loop, the words that it goes through.
    pub(super) words: Vec<Word>,
    /// It is a loop's.
    pub(super) is_loop: bool,
    /// The block that it is in is still being read.
    pub(super) is_open: bool,
}

/// How often a variable is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writes {
    /// By one assignment.
    Once,
    /// By loops, none within another.
    Loops,
    /// In a way that leaves its value unknown.
    Unclear,
}

/// A word: pieces without a space between.
#[derive(Debug, Default, Clone)]
pub(super) struct Word(pub(super) Vec<Piece>);

/// A piece of a word. What is quoted stays one word, whatever it expands to.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Literal text.
    Text { text: String, quoted: bool },
    /// A variable, and the binding that it has here.
    Variable { name: String, binding: Option<usize>, quoted: bool },
    /// Known only when the script runs; several words unless it is quoted.
    Unknown { quoted: bool },
}

impl Word {
    /// The text of a word that holds nothing to expand.
    pub(super) fn literal(&self) -> Option<String> {
        let text = |piece: &Piece| match piece {
            Piece::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.0.iter().map(text).collect()
    }

    /// Adds text; neighbouring texts become one.
    pub(super) fn push(&mut self, more: &str, is_quoted: bool) {
        if let Some(Piece::Text { text, quoted }) = self.0.last_mut()
            && *quoted == is_quoted
        {
            text.push_str(more);
            return;
        }
        self.0.push(Piece::Text { text: more.to_owned(), quoted: is_quoted });
    }
}

impl Script {
    /// Notes that a variable is set, and to what if that is one text at this place.
    pub(super) fn assign(&mut self, name: &str, value: Option<Word>) {
        let first = value.is_some() && !self.writes.contains_key(name);
        let writes = if first { Writes::Once } else { Writes::Unclear };
        self.writes.insert(name.to_owned(), writes);
        self.bindings.extend(value.map(|word| Binding {
            words: vec![word],
            is_loop: false,
            is_open: true,
        }));
    }

    /// Ends the block that began when there were so many bindings.
    pub(super) fn close(&mut self, start: usize) {
        for binding in &mut self.bindings[start..] {
            binding.is_open = false;
        }
    }
}
