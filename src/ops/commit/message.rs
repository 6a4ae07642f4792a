//! The commit message: environments, apps, images and files, and the trailers for `gen log`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::change::Tally;
use crate::diagnostics::{Diagnostics, FileId};
use crate::files::Texts;
use crate::git::{Snapshot, Update};
use crate::name::naturally;
use crate::ops::pins::changes;
use crate::spec::Pins;
use crate::tree::{GEN_VERSION, Record, hash, is_record_name};
use crate::workspace::Workspace;

use super::objects::objects;
use super::rebuild::is_rendered;
use super::report::PinMoved;

/// Maximum number of names in a line of the message; the rest is counted.
const MOST_NAMES: usize = 12;

/// Maximum number of pins in the message; the rest is counted.
const MOST_PINS: usize = 100;

/// The changes of a commit, from the paths that it changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Environments, with their changed apps.
    pub(super) environments: BTreeMap<String, BTreeSet<String>>,
    /// Changed pins.
    pub(super) pins: Vec<PinMoved>,
    /// Changed files of the spec.
    pub(super) spec: Vec<String>,
    /// The numbers of new, changed and removed rendered files.
    pub(super) rendered: [usize; 3],
    /// Created, changed and removed objects.
    pub(super) objects: Tally,
    /// Other versions of gen that rendered the old files.
    pub(super) versions: BTreeSet<String>,
}

/// Analyzes changes to a commit. Paths are relative to the folder of gen.yaml.
pub(super) fn told(parent: &Snapshot, changes: &[Update]) -> Result<Told, Diagnostics> {
    let mut told = Told { objects: objects(parent, changes)?, ..Told::default() };
    let mut records = Vec::new();
    for update in changes {
        let path = update.path.as_str();
        let before = parent.entry(path);
        if !is_rendered(path) {
            told.spec.push(path.to_owned());
            if let Some(name) = pins_of(path) {
                let text = |object: Option<&str>| -> Result<Pins, Diagnostics> {
                    let bytes = object.map(|name| parent.object(name, Workspace::LARGEST_SPEC));
                    let bytes = bytes.transpose()?.flatten().unwrap_or_default();
                    let text = String::from_utf8(bytes).unwrap_or_default();
                    Ok(Pins::read(FileId::BUILT_IN, &text).unwrap_or_default())
                };
                let before = text(before.map(|entry| entry.object.as_str()))?;
                let after = text(update.content.as_ref().map(|(_, object)| object.as_str()))?;
                told.pins.extend(moved(name, &before, &after));
            }
            continue;
        }
        let which = match (before, &update.content) {
            (None, _) => 0,
            (Some(_), Some(_)) => 1,
            (Some(_), None) => 2,
        };
        told.rendered[which] += 1;
        if let Some((environment, app)) = place(path) {
            let apps = told.environments.entry(environment.to_owned()).or_default();
            apps.extend(app.map(str::to_owned));
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if before.is_some() && is_record_name(name) && records.len() < 50 {
            records.push(path);
        }
    }
    for pin in &told.pins {
        let apps = told.environments.entry(pin.environment.clone()).or_default();
        apps.insert(pin.app.clone());
    }
    for (path, text) in parent.texts_of(records, Record::LARGEST)? {
        if let Ok(record) = Record::read(&path, &text)
            && record.gen_version != GEN_VERSION
        {
            told.versions.insert(record.gen_version);
        }
    }
    Ok(told)
}

/// The environment of a pins file.
fn pins_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("environments/")?;
    name.strip_suffix(".pins.yaml").filter(|name| !name.contains('/'))
}

fn moved(environment: &str, before: &Pins, after: &Pins) -> Vec<PinMoved> {
    let pins = changes(before, after).into_iter().flat_map(|change| {
        change.fields.into_iter().map(move |field| PinMoved {
            environment: environment.to_owned(),
            app: change.app.clone(),
            key: field.name,
            before: field.before,
            after: field.after,
        })
    });
    pins.collect()
}

/// The environment and app of a rendered path: `clusters/CLUSTER/ENV/APP/…`, `clusters/CLUSTER/flux/gen-ENV.…`.
pub(super) fn place(path: &str) -> Option<(&str, Option<&str>)> {
    let mut names = path.split('/').skip(2);
    match (names.next()?, names.next()?, names.next()) {
        ("flux", file, None) => {
            let name = file.strip_prefix("gen-")?;
            Some((name.split('.').next()?, None))
        }
        (environment, "shared", Some(_)) => Some((environment, None)),
        (environment, app, Some(_)) => Some((environment, Some(app))),
        _ => None,
    }
}

/// A digest of everything that was read.
pub(super) fn spec_hash(read: &Texts) -> String {
    let mut digest = Sha256::new();
    for (path, text) in read {
        digest.update(hash(path.as_bytes()));
        digest.update(hash(text.as_bytes()));
    }
    // Long enough to distinguish specs, and short enough to read.
    hash(&digest.finalize())[.."sha256:".len() + 16].to_owned()
}

impl Told {
    /// The whole message, with the user's own text instead of the generated one, if any.
    pub(super) fn message(
        &self,
        [own, reason]: [Option<&str>; 2],
        is_first: bool,
        spec: &str,
    ) -> String {
        let mut text = match own {
            Some(own) => format!("{}\n", own.trim_end()),
            None => format!("{}\n{}", self.subject(is_first), self.body()),
        };
        text.push('\n');
        let trailers = [("Gen-Env", self.environments.keys().collect()), ("Gen-App", self.apps())];
        for (name, values) in trailers {
            let values: Vec<&str> = values.into_iter().map(String::as_str).collect();
            if !values.is_empty() {
                let _ = writeln!(text, "{name}: {}", values.join(", "));
            }
        }
        if let Some(reason) = reason {
            let _ = writeln!(text, "Gen-Reason: {reason}");
        }
        let _ = writeln!(text, "Gen-Spec: {spec}");
        text
    }

    fn apps(&self) -> BTreeSet<&String> {
        self.environments.values().flatten().collect()
    }

    fn subject(&self, is_first: bool) -> String {
        let environments = names(self.environments.keys());
        let apps = self.apps();
        let images = self.pins.iter().filter(|pin| pin.key == "image" || pin.key == "tag");
        let deployed: BTreeSet<(&str, &str)> =
            images.map(|pin| (pin.app.as_str(), pin.environment.as_str())).collect();
        let only_pins =
            !self.pins.is_empty() && self.spec.iter().all(|path| pins_of(path).is_some());
        let what = names(apps.iter().copied());
        if is_first {
            return "Render what gen.yaml describes".to_owned();
        }
        match (only_pins, deployed.len()) {
            (true, 1) => {
                let (app, environment) = deployed.first().copied().unwrap_or_default();
                return format!("Deploy {app} to {environment}");
            }
            (true, 2..) => return format!("Deploy {what} to {environments}"),
            (true, _) => return format!("Run {what} in {environments}"),
            _ => {}
        }
        if self.spec.is_empty() && !self.versions.is_empty() {
            return format!("Render with gen {GEN_VERSION}");
        }
        match (self.environments.is_empty(), apps.is_empty()) {
            (true, _) => "Change the spec".to_owned(),
            (false, true) => format!("Change {environments}"),
            (false, false) => format!("Change {what} in {environments}"),
        }
    }

    fn body(&self) -> String {
        let mut out = String::new();
        for PinMoved { environment, app, key, before, after } in self.pins.iter().take(MOST_PINS) {
            let [before, after] = [before, after].map(|one| one.as_deref().unwrap_or("none"));
            let _ = write!(out, "\n{app} in {environment}: {key}\n  {before}\n  → {after}\n");
        }
        if self.pins.len() > MOST_PINS {
            let _ = writeln!(out, "\nand {} more", self.pins.len() - MOST_PINS);
        }
        out.push('\n');
        for environment in naturally(self.environments.keys()) {
            let apps = &self.environments[environment];
            let apps =
                if apps.is_empty() { "shared objects".to_owned() } else { names(apps.iter()) };
            let _ = writeln!(out, "{environment}: {apps}");
            for object in self.objects.named.get(environment).into_iter().flatten() {
                let _ = writeln!(out, "  {object}");
            }
            let is_cut = self.objects.named.contains_key(environment);
            if let Some(more) = self.objects.unnamed.get(environment) {
                let line =
                    if is_cut { format!("and {more} more") } else { format!("objects: {more}") };
                let _ = writeln!(out, "  {line}");
            }
        }
        let _ = writeln!(out, "{}", self.counts());
        for version in &self.versions {
            let _ = writeln!(out, "rendered by gen {version} before, by {GEN_VERSION} now");
        }
        out
    }

    /// The numbers of files and objects, in a line.
    pub(super) fn counts(&self) -> String {
        let [new, changed, gone] = self.rendered;
        let files = |count: usize| if count == 1 { "file" } else { "files" };
        let mut text = format!("{} {} of the spec", self.spec.len(), files(self.spec.len()));
        for (count, what) in [(new, "new"), (changed, "changed"), (gone, "removed")] {
            if count > 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        if new + changed + gone > 0 {
            let _ = write!(text, " below clusters/: {}", self.objects.counts());
        }
        text
    }
}

/// The first names, and the number of the others.
fn names<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    let count = names.len();
    let mut shown = naturally(names.map(String::as_str));
    shown.truncate(MOST_NAMES);
    let mut text = shown.join(", ");
    if count > MOST_NAMES {
        let _ = write!(text, " and {} more", count - MOST_NAMES);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_a_rendered_file_is() {
        assert_eq!(place("clusters/home/dev/shop/app/workload.yaml"), Some(("dev", Some("shop"))));
        assert_eq!(place("clusters/home/dev/shop/gen.lock.json"), Some(("dev", Some("shop"))));
        assert_eq!(place("clusters/home/dev/shared/x.yaml"), Some(("dev", None)));
        assert_eq!(place("clusters/home/flux/gen-dev.yaml"), Some(("dev", None)));
        assert_eq!(place("clusters/home/flux/gen-dev.lock.json"), Some(("dev", None)));
        assert_eq!(place("clusters/home/flux/x.yaml"), None);
        assert_eq!(place("clusters/README.md"), None);
    }

    #[test]
    fn subjects_say_what_happens() {
        let pin = |app: &str, key| PinMoved {
            environment: "dev".to_owned(),
            app: app.to_owned(),
            key,
            before: None,
            after: Some("x".to_owned()),
        };
        let mut told = Told {
            environments: [("dev".to_owned(), ["shop".to_owned()].into())].into(),
            pins: vec![pin("shop", "image")],
            spec: vec!["environments/dev.pins.yaml".to_owned()],
            rendered: [0, 2, 0],
            objects: Tally::default(),
            versions: BTreeSet::new(),
        };
        assert_eq!(told.subject(false), "Deploy shop to dev");
        told.pins = vec![pin("shop", "nonce")];
        assert_eq!(told.subject(false), "Run shop in dev");
        told.pins = vec![pin("a", "image"), pin("b", "tag")];
        told.environments = [("dev".to_owned(), ["a".to_owned(), "b".to_owned()].into())].into();
        assert_eq!(told.subject(false), "Deploy a, b to dev");
        told.spec.push("gen.yaml".to_owned());
        assert_eq!(told.subject(false), "Change a, b in dev");
        told.spec.clear();
        told.pins.clear();
        told.versions = ["0.0.9".to_owned()].into();
        assert_eq!(told.subject(false), format!("Render with gen {GEN_VERSION}"));
        let many: BTreeSet<String> = (0..20).map(|n| format!("app-{n:02}")).collect();
        told.environments = [("dev".to_owned(), many)].into();
        told.versions.clear();
        assert!(
            told.subject(false).ends_with("app-11 and 8 more in dev"),
            "{}",
            told.subject(false)
        );
        // The trailers have all of them.
        assert!(
            told.message([None; 2], false, "sha256:0").contains("app-19\nGen-Spec: sha256:0\n")
        );
        let mine = told.message([Some("mine\n\n"), Some("a hotfix")], false, "x");
        assert!(mine.starts_with("mine\n\nGen-Env: dev\n"));
        assert!(mine.ends_with("\nGen-Reason: a hotfix\nGen-Spec: x\n"));
    }
}
