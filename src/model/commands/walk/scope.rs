//! Variables while a script is walked. What is tried and may not happen can be taken back.

use std::collections::{HashMap, HashSet};

use super::super::UNKNOWN;

/// A variable's words; a scalar has one. Nothing where the value is not known.
pub(super) type Value = Option<Vec<String>>;

/// A longer value is not followed, so that doubling it ends.
const LONGEST: usize = 64 * 1024;

/// The variables that are known to exist, and what they hold. All others come from outside.
#[derive(Debug, Default)]
pub(super) struct Scope {
    values: HashMap<String, Value>,
    /// Those whose value is known.
    known: HashSet<String>,
    exported: HashSet<String>,
    /// What `set` replaced since the outermost mark.
    log: Vec<(String, Option<Value>)>,
    marks: usize,
}

/// A point to go back to.
#[must_use]
pub(super) struct Mark(usize);

impl Scope {
    /// The value, where it is known.
    pub(super) fn get(&self, name: &str) -> Option<&[String]> {
        self.values.get(name)?.as_deref()
    }

    /// Whether the script or the task sets the variable, to whatever.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// How many variables there are, as a measure of the work to copy or forget them all.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Sets a variable to words, or to something that is not known.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        let long = |words: &Vec<String>| words.iter().map(String::len).sum::<usize>() > LONGEST;
        let value = if value.as_ref().is_some_and(long) {
            None
        } else {
            value
        };
        let old = self.replace(name, Some(value));
        if self.marks > 0 {
            self.log.push((name.to_owned(), old));
        }
    }

    /// Sets a variable to one text, which may have unknown parts.
    pub(super) fn set_text(&mut self, name: &str, text: String) {
        let value = (text != UNKNOWN.to_string()).then(|| vec![text]);
        self.set(name, value);
    }

    fn replace(&mut self, name: &str, value: Option<Value>) -> Option<Value> {
        if matches!(value, Some(Some(_))) {
            self.known.insert(name.to_owned());
        } else {
            self.known.remove(name);
        }
        match value {
            Some(value) => self.values.insert(name.to_owned(), value),
            None => self.values.remove(name),
        }
    }

    /// Makes values unknown; `*` stands for all.
    pub(super) fn forget<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) {
        for name in names {
            if name == "*" {
                self.forget_all();
            } else {
                self.set(name, None);
            }
        }
    }

    /// Makes all values unknown: a file that gen does not see may have set them.
    pub(super) fn forget_all(&mut self) {
        let mut names: Vec<String> = self.known.iter().cloned().collect();
        names.sort();
        for name in names {
            self.set(&name, None);
        }
    }

    /// Hands the variable to programs that are started.
    pub(super) fn export(&mut self, name: &str) {
        self.exported.insert(name.to_owned());
    }

    /// A point to go back to.
    pub(super) fn mark(&mut self) -> Mark {
        self.marks += 1;
        Mark(self.log.len())
    }

    /// Goes back, and tells what had been changed.
    pub(super) fn restore(&mut self, mark: &Mark) -> Vec<String> {
        let mut changed = Vec::new();
        while self.log.len() > mark.0 {
            if let Some((name, old)) = self.log.pop() {
                self.replace(&name, old);
                changed.push(name);
            }
        }
        self.marks -= 1;
        changed.sort();
        changed.dedup();
        changed
    }

    /// The variables as a program sees them that this one starts.
    pub(super) fn child(&self) -> Self {
        let mut child = Self::default();
        for (name, value) in &self.values {
            // A variable that is not exported is not there, or is what it was outside.
            let exported = self.exported.contains(name);
            child.set(name, value.clone().filter(|_| exported));
            if exported {
                child.export(name);
            }
        }
        child
    }
}
