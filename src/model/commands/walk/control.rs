//! Branches and loops: what they change is unknown behind them.

use std::collections::HashSet;

use super::super::need::Data;
use super::super::shell::{Facts, Join, List, Loop, Node};
use super::super::{ANYTHING, UNKNOWN, Unread};
use super::{COMMAND, Walker};

impl Walker<'_> {
    /// Walks what may or may not run, takes it back, and tells what it changed.
    pub(super) fn attempt(&mut self, list: &List) -> Result<Vec<String>, Unread> {
        let mark = self.scope.mark();
        self.list(list)?;
        Ok(self.scope.restore(&mark))
    }

    pub(super) fn chain(&mut self, first: &Node, rest: &[(Join, Node)]) -> Result<(), Unread> {
        self.node(first, Data::Unknown)?;
        let mut mark = self.scope.mark();
        for (join, node) in rest {
            // What follows `&&` runs only behind what is left of it; what follows `||` may run without.
            if *join == Join::Or {
                let changed = self.scope.restore(&mark);
                self.scope.forget(&changed);
                mark = self.scope.mark();
            }
            self.node(node, Data::Unknown)?;
        }
        let changed = self.scope.restore(&mark);
        self.scope.forget(&changed);
        Ok(())
    }

    pub(super) fn condition(
        &mut self,
        branches: &[(List, List)],
        rest: &List,
    ) -> Result<(), Unread> {
        let mut changed = Vec::new();
        let mut mark = None;
        for (condition, list) in branches {
            self.list(condition)?;
            // From the second on, a condition itself may not run.
            mark.get_or_insert_with(|| self.scope.mark());
            changed.extend(self.attempt(list)?);
        }
        changed.extend(self.attempt(rest)?);
        if let Some(mark) = mark {
            changed.extend(self.scope.restore(&mark));
        }
        self.scope.forget(&changed);
        Ok(())
    }

    pub(super) fn repeat(&mut self, looped: &Loop) -> Result<(), Unread> {
        let mut changes = self.changes(&looped.facts)?;
        let Some((name, words)) = &looped.over else {
            self.scope.forget(&changes);
            self.list(&looped.condition)?;
            self.attempt(&looped.body)?;
            self.scope.forget(&changes);
            return Ok(());
        };
        let mut items = Vec::new();
        for word in words {
            items.extend(self.fields(word)?);
        }
        self.scope.forget(&changes);
        for item in items {
            let mark = self.scope.mark();
            self.scope
                .set_text(name, item.replace(ANYTHING, &UNKNOWN.to_string()));
            self.list(&looped.body)?;
            self.scope.restore(&mark);
            self.spend(COMMAND)?;
        }
        changes.push(name.clone());
        self.scope.forget(&changes);
        Ok(())
    }

    /// What a stretch of the script may change, with the functions that it calls.
    pub(super) fn changes(&mut self, facts: &Facts) -> Result<Vec<String>, Unread> {
        let mut names: Vec<String> = facts.assigned.clone();
        let mut calls: Vec<String> = facts.called.clone();
        let mut seen: HashSet<String> = HashSet::new();
        let mut work = names.len() + calls.len();
        while let Some(call) = calls.pop() {
            if !seen.insert(call.clone()) {
                continue;
            }
            for function in self.functions.get(&call).into_iter().flatten() {
                work += function.facts.assigned.len() + function.facts.called.len();
                names.extend(
                    function
                        .facts
                        .assigned
                        .iter()
                        .filter(|name| *name != "@")
                        .cloned(),
                );
                calls.extend(function.facts.called.iter().cloned());
            }
        }
        if names.iter().any(|name| name == "*") {
            work += self.scope.len();
        }
        self.spend(work * COMMAND)?;
        Ok(names)
    }
}
