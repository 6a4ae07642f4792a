//! Commands that change something.

use super::command::Command;
use crate::permissions::names::listed;
use crate::permissions::tools::need::{Kind, known};

/// What `kubectl create KIND` makes. Of each, every name that kubectl takes is one of the kind.
const CREATES: &str = "configmaps cronjobs deployments ingresses jobs poddisruptionbudgets resourcequotas roles rolebindings secrets \
    services serviceaccounts";

impl Command<'_> {
    /// A change of what is there: fetched, then patched.
    pub(super) fn change(&mut self) -> Result<(), String> {
        if self.flags.has("local") {
            return Ok(());
        }
        let only_read = self.only_tries() || self.flags.has("list");
        self.fetch(if only_read { &[] } else { &["patch"] })
    }

    /// `label` and `annotate`: words with `=`, or that end with `-`, are not what it acts on.
    pub(super) fn mark(&mut self) -> Result<(), String> {
        if !self.needs.are_of_others() {
            self.flags.all_seen()?;
        }
        let words = &mut self.flags.words;
        words.retain(|word| !word.contains('=') && !word.ends_with('-'));
        self.change()
    }

    pub(super) fn set(&mut self) -> Result<(), String> {
        match self.flags.words.first().map(String::as_str) {
            Some("image" | "env") => self.flags.words.remove(0),
            _ => return Err("gen reads `set image` and `set env`".to_owned()),
        };
        self.from()?;
        self.mark()
    }

    /// `create` sends what it makes, and reads nothing.
    pub(super) fn create(&mut self) -> Result<(), String> {
        self.flags.all_seen()?;
        if self.flags.any(&["filename", "kustomize"]).is_some() {
            let verbs: &[&str] = if self.only_tries() { &[] } else { &["create"] };
            return self.send(verbs);
        }
        let word = self.flags.words.first().ok_or("it names no kind")?;
        let word = known(word).ok_or("what it creates is only known when it runs")?;
        if word == "token" {
            return Err(
                "gen grants no access to `serviceaccounts/token`, declared or not".to_owned()
            );
        }
        let kind = Kind::named(word)?;
        if !listed(CREATES, &kind.plural) {
            return Err(format!("gen does not know what `kubectl create {word}` makes"));
        }
        if kind.plural == "jobs" {
            self.from()?;
        }
        if self.only_tries() {
            return Ok(());
        }
        let place = self.place()?;
        self.needs.add(place, &kind, &[], &["create"])
    }

    /// Verbs on the objects of its manifest.
    pub(super) fn send(&mut self, verbs: &[&str]) -> Result<(), String> {
        for target in self.objects()? {
            self.add(&target, verbs)?;
        }
        Ok(())
    }

    /// `apply` from the client compares first; from the server it only patches, which creates what is missing.
    pub(super) fn apply(&mut self) -> Result<(), String> {
        if self.flags.has("prune") {
            return Err("`--prune` deletes whatever carries a label".to_owned());
        }
        if !self.flags.words.is_empty() {
            return Err("gen does not read the files and parts of `apply` that are named by words"
                .to_owned());
        }
        if self.objects()?.iter().any(|target| target.names.is_empty()) {
            return Err("an object of its manifest has no name".to_owned());
        }
        let (server, force) = (self.flags.has("server-side"), self.flags.has("force"));
        self.send(match (self.only_tries(), server, force) {
            (true, _, _) => &["get"],
            (_, true, _) => &["patch", "create"],
            (_, _, true) => &["get", "patch", "create", "delete"],
            _ => &["get", "patch", "create"],
        })
    }

    /// `delete` does not look before; but then it waits until the object is gone, if it may.
    pub(super) fn delete(&mut self) -> Result<(), String> {
        let waits = self.flags.value("dry-run") != Some("server")
            && self.flags.value("wait") != Some("false");
        for target in self.targets()? {
            if target.names.is_empty() {
                self.add(&target, &["list"])?;
            }
            if self.only_tries() {
                continue;
            }
            self.add(&target, &["delete"])?;
            // Without that right kubectl goes on without waiting, so a Secret can be deleted by who may not read it.
            if waits && !target.kind.is("", "secrets") {
                self.add(&target, &["get", "list", "watch"])?;
            }
        }
        Ok(())
    }

    pub(super) fn scale(&mut self) -> Result<(), String> {
        for mut target in self.targets()? {
            self.fetch_one(&target, &[])?;
            target.kind.plural.push_str("/scale");
            if !self.only_tries() {
                self.add(&target, &["get", "patch"])?;
            }
        }
        Ok(())
    }

    pub(super) fn rollout(&mut self) -> Result<(), String> {
        if self.flags.words.is_empty() {
            return Ok(());
        }
        let what = self.flags.words.remove(0);
        // `undo` and `history` get each by name, also what they found in a list.
        let verbs: &[&str] = match what.as_str() {
            "status" => &["list", "watch"],
            "restart" | "pause" | "resume" => &["patch"],
            "undo" if !self.only_tries() => &["get", "patch"],
            "undo" | "history" => &["get"],
            _ => {
                return Err(
                    "gen reads `rollout status`, `restart`, `undo`, `history`, `pause` and `resume`"
                        .to_owned(),
                );
            }
        };
        for target in self.targets()? {
            self.fetch_one(&target, verbs)?;
            if matches!(what.as_str(), "undo" | "history") {
                let revisions = match target.kind.plural.as_str() {
                    "deployments" => "replicasets",
                    "statefulsets" | "daemonsets" => "controllerrevisions",
                    other => return Err(format!("`{other}` have no revisions")),
                };
                self.add_all(&target, &Kind::new("apps", revisions), &["list"])?;
            }
        }
        Ok(())
    }
}
