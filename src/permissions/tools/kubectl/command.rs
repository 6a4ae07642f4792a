//! A command of kubectl, and what its readers share.

use crate::permissions::names::Names;
use crate::permissions::rule::Place;
use crate::permissions::tools::flags::Flags;
use crate::permissions::tools::need::{Kind, Needs, known};

/// A command with all that its reading needs.
pub(super) struct Command<'a> {
    pub(super) flags: Flags,
    pub(super) stdin: Option<&'a str>,
    pub(super) names: &'a Names<'a>,
    pub(super) needs: &'a mut Needs,
}

/// What a command acts on: objects of a kind by name, or all of it.
pub(super) struct Target {
    /// In which namespace.
    pub(super) place: Place,
    /// The kind.
    pub(super) kind: Kind,
    /// The names; none for all.
    pub(super) names: Vec<String>,
}

impl Command<'_> {
    /// Adds verbs on what a command acts on.
    pub(super) fn add(&mut self, target: &Target, verbs: &[&str]) -> Result<(), String> {
        self.needs.add(target.place, &target.kind, &target.names, verbs)
    }

    /// The same on all of another kind in the same namespace.
    pub(super) fn add_all(
        &mut self,
        target: &Target,
        kind: &Kind,
        verbs: &[&str],
    ) -> Result<(), String> {
        self.needs.add(target.place, kind, &[], verbs)
    }

    /// What nearly every command does first: get what it names, or list what it selects; then further verbs on the same.
    pub(super) fn fetch(&mut self, more: &[&str]) -> Result<(), String> {
        for target in self.targets()? {
            self.fetch_one(&target, more)?;
        }
        Ok(())
    }

    pub(super) fn fetch_one(&mut self, target: &Target, more: &[&str]) -> Result<(), String> {
        let all = target.names.is_empty();
        self.add(target, &[if all { "list" } else { "get" }])?;
        self.add(target, more)
    }

    /// Whether it only tries, without telling the server. What the server tries needs the rights of the real thing, and so may
    /// an unknown value.
    pub(super) fn only_tries(&self) -> bool {
        matches!(self.flags.value("dry-run"), Some("client" | "true"))
    }

    /// The object that a flag `--from=KIND/NAME` reads.
    pub(super) fn from(&mut self) -> Result<(), String> {
        let Some(from) = self.flags.value("from") else {
            return Ok(());
        };
        let (kind, name) = from.split_once('/').ok_or("`--from` names no `KIND/NAME`")?;
        let name = known(name).ok_or("the name in `--from` is only known when it runs")?;
        let (kind, name) = (Kind::named(kind)?, name.to_owned());
        self.needs.add(self.place()?, &kind, &[name], &["get"])
    }
}
