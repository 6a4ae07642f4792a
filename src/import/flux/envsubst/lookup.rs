//! Values of variables, and why a text is refused.

/// What is known of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<'v> {
    /// Its value.
    Value(&'v str),
    /// It has none.
    Unset,
    /// Whoever knows is not here.
    Unknown,
}

/// Why a text cannot be substituted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It does not parse: Flux refuses the whole object.
    Malformed(&'static str),
    /// A variable has no value, and Flux is strict.
    Unset(String),
    /// More work than any true manifest makes.
    TooLarge,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(why) => out.write_str(why),
            Self::Unset(name) => write!(out, "`{name}` has no value, and Flux is strict"),
            Self::TooLarge => out.write_str("the substituted text is too large"),
        }
    }
}

/// The values, and what became of the variables.
pub trait Lookup {
    /// What is known of a variable.
    fn find(&self, name: &str) -> Known<'_>;
    /// An expression stays as it is, for its variable is unknown.
    fn kept(&mut self, name: &str);
    /// A variable without value and default becomes an empty text.
    fn emptied(&mut self, name: &str);
}
