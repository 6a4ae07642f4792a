//! What a command acts on, and where.

use super::command::{Command, Target};
use super::manifest;
use crate::permissions::rule::Place;
use crate::permissions::tools::need::{Kind, SOME, known, place};

impl Command<'_> {
    /// Where the command acts: in the namespace of its flag, or in the pod's own.
    pub(super) fn place(&self) -> Result<Place, String> {
        match self.flags.value("namespace") {
            Some(namespace) => place(namespace, &self.names.namespaces),
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
        let (first, others) = words.split_first().ok_or("it names no kind")?;
        if words.iter().any(|word| word.contains('/')) {
            let target = |word: &String| {
                let Some((kind, text)) = word.split_once('/') else {
                    // Beside `kind/name` there are only others of the same form.
                    let named = self.name(word)?;
                    return Err(format!("`{named}` stands beside `KIND/NAME`, but is none"));
                };
                let (kind, names) = (Kind::named(kind)?, vec![self.name(text)?]);
                Ok(Target { place, kind, names })
            };
            return words.iter().map(target).collect();
        }
        let kinds = first.split(',').map(Kind::named);
        let kinds = kinds.collect::<Result<Vec<_>, _>>()?;
        let names: Vec<String> =
            others.iter().map(|word| self.name(word)).collect::<Result<_, _>>()?;
        let target = |kind| Target { place, kind, names: names.clone() };
        Ok(kinds.into_iter().map(target).collect())
    }

    /// A word that can be the name of an object. What only the run knows is some name where the needs are only to be known.
    fn name(&self, text: &str) -> Result<String, String> {
        if known(text).is_none() && self.needs.are_of_others() {
            return Ok(SOME.to_owned());
        }
        name(text)
    }

    /// The objects of `-f -`. A file is not seen.
    pub(super) fn objects(&self) -> Result<Vec<Target>, String> {
        let mut files = self.flags.values("filename").peekable();
        let is_given = files.peek().is_some();
        let folder = self.flags.value("kustomize");
        if let Some(file) = folder.or_else(|| files.find(|file| *file != "-")) {
            let file = known(file).unwrap_or("a file");
            return Err(format!("it reads `{file}`, which gen does not see"));
        }
        if !is_given {
            return Err("it names no manifest".to_owned());
        }
        let stdin = self.stdin.ok_or("it reads manifests that gen does not see")?;
        let target = |object: manifest::Object| {
            Ok(Target {
                place: match &object.namespace {
                    Some(namespace) => place(namespace, &self.names.namespaces)?,
                    None => self.place()?,
                },
                kind: object.kind,
                names: object.name.into_iter().collect(),
            })
        };
        manifest::read(stdin)?.into_iter().map(target).collect()
    }
}

/// A word that can be the name of an object, of whatever kind.
fn name(text: &str) -> Result<String, String> {
    let text = known(text).ok_or("the name of what it acts on is only known when it runs")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
    if text.is_empty() || !text.chars().all(allowed) {
        return Err(format!("`{text}` is no name"));
    }
    Ok(text.to_owned())
}
