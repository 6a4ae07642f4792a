//! Commands that change something.

use super::super::need::{Data, Kind, Object, known};
use super::{Command, Dry, Target};

/// What `kubectl create KIND` makes, by the names of the kind there.
const CREATES: &[(&[&str], &str)] = &[
    (&["configmap", "cm"], "configmaps"),
    (&["cronjob", "cj"], "cronjobs"),
    (&["deployment", "deploy"], "deployments"),
    (&["ingress", "ing"], "ingresses"),
    (&["job"], "jobs"),
    (&["poddisruptionbudget", "pdb"], "poddisruptionbudgets"),
    (&["quota", "resourcequota"], "resourcequotas"),
    (&["role"], "roles"),
    (&["rolebinding"], "rolebindings"),
    (&["secret"], "secrets"),
    (&["service", "svc"], "services"),
    (&["serviceaccount", "sa"], "serviceaccounts"),
];

impl Command<'_> {
    /// A change of what is there: fetched, then patched.
    pub(super) fn change(&mut self) -> Result<(), String> {
        if self.flags.has("local") {
            return Ok(());
        }
        let only_read = self.dry() == Dry::Client || self.flags.has("list");
        self.fetch(if only_read { &[] } else { &["patch"] })
    }

    /// `create` sends what it makes, and reads nothing. With `--dry-run=client -o yaml` it is a way to write a manifest.
    pub(super) fn create(&mut self) -> Result<Data, String> {
        let dry = self.dry() == Dry::Client;
        if self.flags.any(&["filename", "kustomize"]).is_some() {
            for target in self.objects()? {
                if !dry {
                    self.add(&target, &["create"])?;
                }
            }
            return Ok(Data::Unknown);
        }
        let Some(word) = self.flags.words.first() else {
            return Err("it names no kind".to_owned());
        };
        let word = known(word).ok_or("what it creates is only known when it runs")?;
        if word == "token" {
            return Err(
                "gen grants no access to `serviceaccounts/token`, declared or not".to_owned(),
            );
        }
        let Some((_, plural)) = CREATES.iter().find(|(words, _)| words.contains(&word)) else {
            Kind::named(word)?;
            return Err(format!(
                "gen does not know what `kubectl create {word}` makes"
            ));
        };
        let kind = Kind::named(plural)?;
        let place = self.place()?;
        let from = self.flags.value("from").filter(|_| *plural == "jobs");
        if let Some(from) = from.map(str::to_owned) {
            let Some((_, name)) = from.split_once('/') else {
                return Err("`--from` names no `cronjob/NAME`".to_owned());
            };
            let name = known(name).ok_or("the name in `--from` is only known when it runs")?;
            let kind = Kind::new("batch", "cronjobs");
            self.needs.add(place, &kind, &[name.to_owned()], &["get"])?;
        }
        self.new_object(&kind)?;
        // `create secret generic NAME`, `create service clusterip NAME`
        let index = if matches!(*plural, "secrets" | "services") {
            2
        } else {
            1
        };
        let name = self.flags.words.get(index).and_then(|name| known(name));
        let prints = matches!(self.flags.value("output"), Some("yaml" | "json"));
        Ok(match name {
            Some(name) if dry && prints => Data::Objects(vec![Object {
                kind,
                name: Some(name.to_owned()),
                namespace: self.flags.value("namespace").map(str::to_owned),
            }]),
            _ => Data::Unknown,
        })
    }

    /// `apply` from the client compares first; from the server it only patches, which creates what is missing.
    pub(super) fn apply(&mut self) -> Result<(), String> {
        if self.flags.has("prune") {
            return Err("`--prune` deletes whatever carries a label".to_owned());
        }
        if !self.flags.words.is_empty() {
            return Err(
                "gen does not read the files and parts of `apply` that are named by words"
                    .to_owned(),
            );
        }
        self.no_subresource()?;
        let client = self.dry() == Dry::Client;
        let verbs: &[&str] = match (
            client,
            self.flags.has("server-side"),
            self.flags.has("force"),
        ) {
            (true, _, _) => &["get"],
            (_, true, _) => &["patch", "create"],
            (_, _, true) => &["get", "patch", "create", "delete"],
            _ => &["get", "patch", "create"],
        };
        for target in self.objects()? {
            if target.names.is_empty() {
                return Err("an object of its manifest has no name".to_owned());
            }
            self.add(&target, verbs)?;
        }
        Ok(())
    }

    /// `replace` needs the present version; with `--force` it deletes and creates.
    pub(super) fn replace(&mut self) -> Result<(), String> {
        self.no_subresource()?;
        let verbs: &[&str] = match (self.dry(), self.flags.has("force")) {
            (Dry::Client, _) => &["get"],
            (_, true) => &["get", "delete", "create"],
            _ => &["get", "update"],
        };
        for target in self.objects()? {
            self.add(&target, verbs)?;
        }
        Ok(())
    }

    /// `delete` does not look before; but then it waits until the object is gone, if it may.
    pub(super) fn delete(&mut self) -> Result<(), String> {
        let dry = self.dry();
        for target in self.targets()? {
            if target.names.is_empty() {
                self.add(&target, &["list"])?;
            }
            if dry == Dry::Client {
                continue;
            }
            self.add(&target, &["delete"])?;
            let waits = dry == Dry::Not && self.flags.value("wait") != Some("false");
            // Without that right kubectl goes on without waiting, so a Secret can be deleted by who may not read it.
            if waits && !target.kind.is("", "secrets") {
                self.add(&target, &["get", "list", "watch"])?;
            }
        }
        Ok(())
    }

    pub(super) fn scale(&mut self) -> Result<(), String> {
        let dry = self.dry() == Dry::Client;
        let compares = self
            .flags
            .any(&["current-replicas", "resource-version"])
            .is_some();
        for target in self.targets()? {
            self.fetch_one(&target, &[])?;
            if dry {
                continue;
            }
            let part = Kind::new(&target.kind.group, &format!("{}/scale", target.kind.plural));
            let verbs: &[&str] = if compares {
                &["get", "update"]
            } else {
                &["get", "patch"]
            };
            self.add_as(&target, &part, &target.names, verbs)?;
        }
        Ok(())
    }

    pub(super) fn set(&mut self) -> Result<(), String> {
        let Some(what) = self.flags.words.first().cloned() else {
            return Ok(());
        };
        self.flags.words.remove(0);
        match known(&what) {
            Some("image" | "selector") => self.flags.words.retain(|word| !word.contains('=')),
            Some("env") => {
                self.flags
                    .words
                    .retain(|word| !word.contains('=') && !word.ends_with('-'));
                self.env_from()?;
            }
            Some("resources") => {}
            Some("serviceaccount" | "sa") => {
                self.flags.words.pop();
            }
            Some("subject") => {
                return Err(
                    "gen grants no writing of Roles and bindings, declared or not".to_owned(),
                );
            }
            _ => {
                return Err(
                    "gen reads `set image`, `env`, `resources`, `selector` and `serviceaccount`"
                        .to_owned(),
                );
            }
        }
        self.change()
    }

    /// `set env --from=configmap/NAME` reads the names of the keys there.
    fn env_from(&mut self) -> Result<(), String> {
        let Some(from) = self.flags.value("from").map(str::to_owned) else {
            return Ok(());
        };
        let Some((kind, name)) = from.split_once('/') else {
            return Err("`--from` names no `KIND/NAME`".to_owned());
        };
        let name = known(name).ok_or("the name in `--from` is only known when it runs")?;
        let place = self.place()?;
        self.needs
            .add(place, &Kind::named(kind)?, &[name.to_owned()], &["get"])
    }

    pub(super) fn rollout(&mut self) -> Result<(), String> {
        let Some(what) = self.flags.words.first().cloned() else {
            return Ok(());
        };
        self.flags.words.remove(0);
        let targets = self.targets()?;
        for target in &targets {
            match known(&what) {
                Some("status") => self.fetch_one(target, &["list", "watch"])?,
                Some("restart" | "pause" | "resume") => self.fetch_one(target, &["patch"])?,
                Some("undo") => {
                    let dry = self.dry() == Dry::Client;
                    // It gets each by name, also what it found in a list.
                    self.fetch_one(target, if dry { &["get"] } else { &["get", "patch"] })?;
                    self.revisions(target)?;
                }
                Some("history") => {
                    self.fetch_one(target, &["get"])?;
                    self.revisions(target)?;
                }
                _ => return Err("gen reads `rollout status`, `restart`, `undo`, `history`, `pause` and `resume`".to_owned()),
            }
        }
        Ok(())
    }

    /// Where the revisions of a workload are kept.
    fn revisions(&mut self, target: &Target) -> Result<(), String> {
        let plural = match target.kind.plural.as_str() {
            "deployments" => "replicasets",
            "statefulsets" | "daemonsets" => "controllerrevisions",
            other => return Err(format!("`{other}` have no revisions")),
        };
        self.add_as(target, &Kind::new("apps", plural), &[], &["list"])
    }
}
