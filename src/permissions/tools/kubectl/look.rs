//! Commands that only look.

use super::command::Command;
use crate::permissions::tools::need::Kind;

impl Command<'_> {
    /// `get`: one by one by name, else a list. A watch begins with either.
    pub(super) fn get(&mut self) -> Result<(), String> {
        let watches = self.flags.any(&["watch", "watch-only"]).is_some();
        self.fetch(if watches { &["watch"] } else { &[] })
    }

    /// `describe` gets each object, its events, and what belongs to it. `TYPE NAME` also means every name that begins so.
    pub(super) fn describe(&mut self) -> Result<(), String> {
        let words = &self.flags.words;
        let prefix = words.len() == 2 && !words.iter().any(|word| word.contains('/'));
        for mut target in self.targets()? {
            if prefix || target.names.is_empty() {
                self.add_all(&target, &target.kind, &["list"])?;
            }
            if prefix && matches!(target.kind.plural.as_str(), "pods" | "replicasets") {
                target.names.clear();
            }
            self.add(&target, &["get"])?;
            if self.flags.value("show-events") != Some("false") {
                self.add_all(&target, &Kind::new("", "events"), &["list"])?;
            }
            let related: &[(&str, &str, &str)] = match target.kind.plural.as_str() {
                "deployments" => &[("apps", "replicasets", "list")],
                "statefulsets"
                | "daemonsets"
                | "replicasets"
                | "replicationcontrollers"
                | "persistentvolumeclaims" => &[("", "pods", "list")],
                "services" => &[("discovery.k8s.io", "endpointslices", "list")],
                "ingresses" => {
                    &[("discovery.k8s.io", "endpointslices", "list"), ("", "services", "get")]
                }
                _ => &[],
            };
            for (group, plural, verb) in related {
                self.add_all(&target, &Kind::new(group, plural), &[verb])?;
            }
        }
        Ok(())
    }

    /// `logs`: of a pod, of what a label selects, or of the first pod of a workload, for which it waits.
    pub(super) fn logs(&mut self) -> Result<(), String> {
        self.flags.all_seen()?;
        let (pods, log) = (Kind::new("", "pods"), Kind::new("", "pods/log"));
        let Some(first) = self.flags.words.first() else {
            let place = self.place()?;
            self.needs.add(place, &pods, &[], &["list"])?;
            return self.needs.add(place, &log, &[], &["get"]);
        };
        let is_pod = !first.contains('/');
        // A second word is a container.
        self.flags.words.truncate(1);
        if is_pod {
            self.flags.words.insert(0, "pods".to_owned());
        }
        for target in self.targets()? {
            self.add(&target, &["get"])?;
            if target.kind == pods {
                let names = &target.names;
                self.needs.add(target.place, &log, names, &["get"])?;
            } else {
                self.add_all(&target, &pods, &["list", "watch"])?;
                self.add_all(&target, &log, &["get"])?;
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
}
