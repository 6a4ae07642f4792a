//! What could not be read of a script.

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::permissions) struct Unread {
    /// The command as it is written, shortened.
    pub(in crate::permissions) command: String,
    /// Why, as the end of a sentence.
    pub(in crate::permissions) problem: String,
}

impl Unread {
    pub(super) fn new(command: &str, problem: impl Into<String>) -> Self {
        Self { command: shorten(command), problem: problem.into() }
    }
}

/// A text on one line, and not a long one, for an error.
pub(super) fn shorten(text: &str) -> String {
    const LENGTH: usize = 90;
    let words = text.split_whitespace().filter(|word| *word != "\\");
    let words: Vec<&str> = words.take(LENGTH).collect();
    let line = words.join(" ");
    if line.chars().count() <= LENGTH {
        return line;
    }
    let start: String = line.chars().take(LENGTH - 1).collect();
    format!("{}…", start.trim_end())
}
