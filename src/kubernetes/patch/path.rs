//! The current path of a patch in an object, for messages: `spec.containers[orders].env`.

use std::fmt;

/// A path that grows and shrinks during a walk.
#[derive(Debug, Default)]
pub(super) struct Path {
    steps: Vec<Step>,
}

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a mapping, by key.
    Key(String),
    /// Into a list, by the item's merge key, name or index.
    Item(String),
}

impl Path {
    /// Goes down.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Goes up again.
    pub fn pop(&mut self) {
        self.steps.pop();
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("the object");
        }
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Item(name) => write!(f, "[{name}]")?,
                Step::Key(key) if key.contains(['.', '/']) => write!(f, "[\"{key}\"]")?,
                Step::Key(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}
