//! Words that messages are made of.

/// A number with its noun: `1 list`, `2 lists`.
#[must_use]
pub fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
