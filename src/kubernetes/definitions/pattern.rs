//! Patterns that texts have to match, as a `CustomResourceDefinition` has them.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use regex::Regex;

/// What makes the expression; nothing where only Go understands it.
type Make = Box<dyn FnOnce() -> Option<Regex> + Send>;

/// A pattern: a regular expression of Go's, anywhere in the text unless it says otherwise.
#[derive(Clone)]
pub struct Pattern {
    text: Arc<str>,
    /// Made when a text is first compared with it: most never are.
    regex: Arc<LazyLock<Option<Regex>, Make>>,
}

impl Pattern {
    /// The pattern of a schema.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text: Arc<str> = Arc::from(text);
        let own = Arc::clone(&text);
        let make: Make = Box::new(move || Regex::new(&own).ok());
        Self { text, regex: Arc::new(LazyLock::new(make)) }
    }

    /// The pattern itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What is wrong with a text; nothing also where only Go understands the pattern.
    #[must_use]
    pub fn problem(&self, text: &str) -> Option<String> {
        let is_met = self.regex.as_ref().as_ref().is_none_or(|regex| regex.is_match(text));
        (!is_met).then(|| {
            if self.text.contains("(ms|s|m") {
                format!("must be a duration such as `90s` or `1h30m`, not `{text}`")
            } else {
                format!("must match `{}`, unlike `{text}`", self.text)
            }
        })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_searched_for_as_go_does() {
        let duration = Pattern::new(r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$");
        assert_eq!(duration.problem("1h30m"), None);
        let why = duration.problem("soon").expect("none");
        assert_eq!(why, "must be a duration such as `90s` or `1h30m`, not `soon`");
        let start = Pattern::new("^https?://");
        assert_eq!(start.problem("http://registry.example"), None);
        assert_eq!(
            start.problem("ftp://x").as_deref(),
            Some("must match `^https?://`, unlike `ftp://x`")
        );
        assert_eq!(Pattern::new("(?<=only Go or not even Go").problem("x"), None);
    }
}
