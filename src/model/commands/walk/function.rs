//! Functions, and the variables that are their own.

use std::rc::Rc;

use super::super::need::{Data, known};
use super::super::shell::Function;
use super::super::{ANYTHING, UNKNOWN, Unread};
use super::Walker;

impl Walker<'_> {
    pub(super) fn call(
        &mut self,
        function: &Rc<Function>,
        words: &[String],
        text: &str,
    ) -> Result<(), Unread> {
        if self.active.contains(&function.name) {
            if function.uses_tools {
                let problem = format!("the function `{}` calls itself", function.name);
                return Err(Unread::new(text, problem));
            }
            return Ok(());
        }
        let before = self.scope.get("@").map(<[String]>::to_vec);
        let several = words.iter().any(|word| word.contains(ANYTHING));
        self.scope.set("@", (!several).then(|| words.to_vec()));
        self.active.push(function.name.clone());
        self.hidden.push(Vec::new());
        let mark = function.facts.returns.then(|| self.scope.mark());
        self.node(&function.body, Data::Unknown)?;
        if let Some(mark) = mark {
            // What stands behind a `return` may not have run.
            let changed = self.scope.restore(&mark);
            self.scope
                .forget(changed.iter().filter(|name| *name != "@"));
        }
        for (name, value) in self.hidden.pop().into_iter().flatten().rev() {
            self.scope.set(&name, value);
        }
        self.active.pop();
        self.scope.set("@", before);
        Ok(())
    }

    /// `export`, `local` and their like, as far as they are no assignments.
    pub(super) fn declare(&mut self, words: &[String]) {
        let Some((first, rest)) = words.split_first() else {
            return;
        };
        let local = first != "export" && first != "readonly";
        for word in rest {
            if let Some(flags) = word.strip_prefix('-') {
                // A reference to another variable changes what it refers to.
                if local && flags.contains('n') {
                    self.scope.forget_all();
                }
                continue;
            }
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word.as_str(), None),
            };
            if known(name).is_none() {
                self.scope.forget_all();
                continue;
            }
            if local {
                self.hide(name);
            } else if first == "export" {
                self.scope.export(name);
            }
            match value {
                Some(value) => self
                    .scope
                    .set_text(name, value.replace(ANYTHING, &UNKNOWN.to_string())),
                None if local => self.scope.set(name, None),
                None => {}
            }
        }
    }

    /// Remembers what a function's own variable hides.
    pub(super) fn hide(&mut self, name: &str) {
        let value = self.scope.get(name).map(<[String]>::to_vec);
        if let Some(hidden) = self.hidden.last_mut() {
            hidden.push((name.to_owned(), value));
        }
    }
}
