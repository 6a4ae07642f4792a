//! What a command acts on, and where.

use super::super::need::{Kind, Object, known, place};
use super::{Command, manifest};
use crate::model::Place;

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
    /// Where the command acts: in the namespace of its flag, or in the pod's own.
    pub(super) fn place(&self) -> Result<Place, String> {
        match self.flags.value("namespace") {
            Some(namespace) => place(namespace, self.names),
            None => Ok(Place::Pipeline),
        }
    }

    /// What the words and `-f` name.
    pub(super) fn targets(&self) -> Result<Vec<Target>, String> {
        if self.flags.any(&["filename", "kustomize"]).is_some() {
            return self.objects();
        }
        let place = self.place()?;
        let words = &self.flags.words;
        let Some(first) = words.first() else {
            return Err("it names no kind".to_owned());
        };
        let name = |text: &str| match known(text) {
            Some(text) if is_name(text) => Ok(text.to_owned()),
            Some(text) => Err(format!("`{text}` is no name")),
            None => Err("the name of what it acts on is only known when it runs".to_owned()),
        };
        if words.iter().any(|word| word.contains('/')) {
            let mut targets: Vec<Target> = Vec::new();
            for word in words {
                let Some((kind, text)) = word.split_once('/') else {
                    // Beside `kind/name` there are only others of the same form.
                    let named = name(word)?;
                    return Err(format!("`{named}` stands beside `KIND/NAME`, but is none"));
                };
                targets.push(Target {
                    place,
                    kind: Kind::named(kind)?,
                    names: vec![name(text)?],
                });
            }
            return Ok(targets);
        }
        let names = words[1..]
            .iter()
            .map(|word| name(word))
            .collect::<Result<Vec<_>, _>>();
        let kinds = first
            .split(',')
            .map(Kind::named)
            .collect::<Result<Vec<_>, _>>()?;
        let names = names?;
        Ok(kinds
            .into_iter()
            .map(|kind| Target {
                place,
                kind,
                names: names.clone(),
            })
            .collect())
    }

    /// The objects of `-f -`. A file is not seen.
    pub(super) fn objects(&self) -> Result<Vec<Target>, String> {
        let files: Vec<&str> = self.flags.values("filename").collect();
        let folder = self.flags.value("kustomize");
        if let Some(file) = folder.or(files.iter().copied().find(|file| *file != "-")) {
            let file = known(file).unwrap_or("a file");
            return Err(format!("it reads `{file}`, which gen does not see"));
        }
        if files.is_empty() {
            return Err("it names no manifest".to_owned());
        }
        let objects = manifest::objects(self.stdin)?;
        objects
            .into_iter()
            .map(|object| self.target(object))
            .collect()
    }

    fn target(&self, object: Object) -> Result<Target, String> {
        let place = match &object.namespace {
            Some(namespace) => place(namespace, self.names)?,
            None => self.place()?,
        };
        Ok(Target {
            place,
            kind: object.kind,
            names: object.name.into_iter().collect(),
        })
    }
}

/// Whether a text can be the name of an object, of whatever kind.
fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
    !text.is_empty() && text.chars().all(allowed)
}
