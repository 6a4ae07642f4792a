//! The path of a field in an object.

use std::fmt;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The value of a key in a mapping.
    Key(String),
    /// The list item with this merge key: `containers[demo-app]` is the item whose `name` is `demo-app`.
    Item {
        /// The merge key.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// The order of a list's items, rather than a field.
    Order,
}

/// The path of a field, from the object's root; empty for the object as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(pub Vec<Step>);

impl fmt::Display for FieldPath {
    /// `spec.template.spec.containers[demo-app].image`; other keys than plain words as `annotations["a.b/c"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |key: &str| {
            !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
        };
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if plain(key) && index == 0 => write!(f, "{key}")?,
                Step::Key(key) if plain(key) => write!(f, ".{key}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Item { value, .. } => write!(f, "[{value}]")?,
                Step::Order => write!(f, " (order)")?,
            }
        }
        Ok(())
    }
}
