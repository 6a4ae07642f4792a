//! Commands that only look.

use super::super::need::{Kind, known};
use super::{Command, Target};

impl Command<'_> {
    /// `get`: one by one by name, else a list. A watch begins with either.
    pub(super) fn get(&mut self) -> Result<(), String> {
        self.no_subresource()?;
        let watch: &[&str] = if self.watches() { &["watch"] } else { &[] };
        self.fetch(watch)
    }

    /// What nearly every command does first: get what it names, or list what it selects; then further verbs on the same.
    pub(super) fn fetch(&mut self, more: &[&str]) -> Result<(), String> {
        for target in self.targets()? {
            self.fetch_one(&target, more)?;
        }
        Ok(())
    }

    pub(super) fn fetch_one(&mut self, target: &Target, more: &[&str]) -> Result<(), String> {
        let first = if target.names.is_empty() {
            "list"
        } else {
            "get"
        };
        let mut verbs = vec![first];
        verbs.extend(more);
        self.add(target, &verbs)
    }

    /// `describe` gets each object, its events, and what belongs to it. `TYPE NAME` also means every name that begins so.
    pub(super) fn describe(&mut self) -> Result<(), String> {
        let prefix =
            self.flags.words.len() == 2 && !self.flags.words.iter().any(|word| word.contains('/'));
        for target in self.targets()? {
            let mut names: &[String] = &target.names;
            let generated = target.kind.is("", "pods") || target.kind.is("apps", "replicasets");
            if prefix && generated {
                names = &[];
            }
            self.add_as(&target, &target.kind, names, &["get"])?;
            if prefix || target.names.is_empty() {
                self.add_as(&target, &target.kind, &[], &["list"])?;
            }
            if self.flags.value("show-events") != Some("false") {
                self.add_as(&target, &Kind::new("", "events"), &[], &["list"])?;
            }
            let related: &[(&str, &str, &str)] = match target.kind.plural.as_str() {
                "deployments" => &[("apps", "replicasets", "list")],
                "statefulsets"
                | "daemonsets"
                | "replicasets"
                | "replicationcontrollers"
                | "persistentvolumeclaims" => &[("", "pods", "list")],
                "services" => &[("discovery.k8s.io", "endpointslices", "list")],
                "ingresses" => &[
                    ("discovery.k8s.io", "endpointslices", "list"),
                    ("", "services", "get"),
                ],
                _ => &[],
            };
            for (group, plural, verb) in related {
                self.add_as(&target, &Kind::new(group, plural), &[], &[verb])?;
            }
        }
        Ok(())
    }

    /// `logs`: of a pod, of what a label selects, or of the first pod of a workload, for which it waits.
    pub(super) fn logs(&mut self) -> Result<(), String> {
        let place = self.place()?;
        let (pods, log) = (Kind::new("", "pods"), Kind::new("", "pods/log"));
        let Some(first) = self.flags.words.first().cloned() else {
            self.needs.add(place, &pods, &[], &["list"])?;
            return self.needs.add(place, &log, &[], &["get"]);
        };
        // A second word is a container.
        self.flags.words.truncate(1);
        if !first.contains('/') {
            self.flags.words.insert(0, "pods".to_owned());
        }
        for target in self.targets()? {
            self.add(&target, &["get"])?;
            if target.kind == pods {
                self.add_as(&target, &log, &target.names, &["get"])?;
            } else {
                self.add_as(&target, &pods, &[], &["list", "watch"])?;
                self.add_as(&target, &log, &[], &["get"])?;
            }
        }
        Ok(())
    }

    /// `wait` gets, then lists and watches until it is so.
    pub(super) fn wait(&mut self) -> Result<(), String> {
        if self.flags.has("local") {
            return Ok(());
        }
        for target in self.targets()? {
            self.add(&target, &["get", "list", "watch"])?;
        }
        Ok(())
    }

    /// `top` asks the metrics server.
    pub(super) fn top(&mut self) -> Result<(), String> {
        match self.flags.words.first().map(String::as_str) {
            Some("pod" | "pods" | "po") => {}
            Some("node" | "nodes" | "no") => {
                return Err(
                    "nodes belong to the whole cluster, where gen grants nothing".to_owned(),
                );
            }
            None => return Ok(()),
            Some(word) => {
                let word = known(word).unwrap_or("what is only known when it runs");
                return Err(format!("gen does not know `top {word}`"));
            }
        }
        "pods.metrics.k8s.io".clone_into(&mut self.flags.words[0]);
        self.fetch(&[])
    }
}
