//! The template library: built-in templates, overrides in a user's `templates/`, and added tasks.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::filters::sha256;
use super::nearest::did_you_mean;
use super::{BUILT_IN, Engine, TemplateSource};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span, TemplateError};

/// The prefix of an ejected template's first line; the hash of the built-in text follows.
const BASE: &str = "# gen: base sha256:";
/// Templates that a user can add, not only override.
const TASKS: &str = "tasks/";
/// What `gen init` copies. It is no template, and a copy in a user's folder replaces nothing.
const INIT: &str = "init/";

/// The origin of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Compiled in; an identical user's file changes nothing.
    BuiltIn,
    /// A user's file that overrides a built-in one.
    Override,
    /// A user's own task.
    Added,
}

/// One template of the library.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name: the path below `templates/`.
    pub name: String,
    /// Its origin.
    pub origin: Origin,
    /// Its first comment.
    pub description: Option<String>,
    /// Its text.
    pub text: Arc<str>,
    file: FileId,
    base: Option<&'static str>,
}

/// All templates, sorted by name.
#[derive(Debug)]
pub struct Library {
    entries: Vec<Entry>,
}

impl Library {
    /// The built-in templates, overridden by the user's, given as paths below `templates/` with their texts.
    ///
    /// Overrides are resolved here; a broken one is found when the engine parses it.
    #[must_use]
    pub fn new(user: Vec<(String, Arc<str>)>, sources: &mut Sources) -> (Self, Diagnostics) {
        Self::over(BUILT_IN, user, sources)
    }

    /// The same over other built-in templates.
    pub(super) fn over(
        built_in: &[(&'static str, &'static str)],
        mut user: Vec<(String, Arc<str>)>,
        sources: &mut Sources,
    ) -> (Self, Diagnostics) {
        let mut problems = Diagnostics::default();
        let mut entries: Vec<Entry> = built_in
            .iter()
            .map(|(name, text)| {
                let file = sources.add(format!("(built in) {name}"), *text);
                let text = Arc::from(*text);
                Entry::new((*name).to_owned(), Origin::BuiltIn, text, file)
                    .on(Some(text_of(built_in, name)))
            })
            .collect();
        user.sort();
        for (name, text) in user {
            let known = entries.iter().position(|entry| entry.name == name);
            match known {
                Some(known) => {
                    let base = entries[known].base.unwrap_or_default();
                    if is_same(&text, base) {
                        continue;
                    }
                    let file = sources.add(format!("templates/{name}"), text.clone());
                    if base_of(&text).is_some_and(|hash| hash != sha256(base)) {
                        let kind = TemplateError::BaseMoved { name: name.clone() };
                        problems.push(Diagnostic::warning(kind).at(Span::top_of(file)));
                    }
                    entries[known] = Entry::new(name, Origin::Override, text, file).on(Some(base));
                }
                None if is_task(&name) => {
                    let file = sources.add(format!("templates/{name}"), text.clone());
                    entries.push(Entry::new(name, Origin::Added, text, file));
                }
                None => {
                    let hint = hint_for(&name, &entries);
                    let path = name.clone();
                    let error = Diagnostic::error(TemplateError::UnknownOverride { path, hint });
                    problems.push(error.in_file(format!("templates/{name}")));
                }
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        (Self { entries }, problems)
    }

    /// All templates, sorted by name.
    #[must_use]
    pub fn list(&self) -> &[Entry] {
        &self.entries
    }

    /// The template with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// A built-in template as a file to edit: its first line has the hash of the built-in text, so that a later gen can
    /// detect that it has changed. Nothing for a name that is not built in.
    #[must_use]
    pub fn eject(&self, name: &str) -> Option<String> {
        let base = self.get(name)?.base?;
        Some(format!("{BASE}{}\n{base}", sha256(base)))
    }

    /// Every task template: its name without folder and ending, its file, its text.
    pub fn tasks(&self) -> impl Iterator<Item = (&str, FileId, &str)> {
        let tasks = self.entries.iter().filter_map(|entry| {
            Some((entry.name.strip_prefix(TASKS)?.strip_suffix(".yaml")?, entry))
        });
        tasks.map(|(name, entry)| (name, entry.file, &*entry.text))
    }

    /// Whether a template of the user stands in the place of a built-in one in a folder.
    #[must_use]
    pub fn replaces_in(&self, folder: &str) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.origin != Origin::BuiltIn && entry.name.starts_with(folder))
    }

    /// A digest of every template: when it is the same, so is everything that templates say.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for entry in &self.entries {
            digest.update(&entry.name);
            digest.update([0]);
            digest.update(&*entry.text);
            digest.update([0]);
        }
        crate::tree::hash(&digest.finalize())
    }

    /// The engine over these templates.
    ///
    /// # Errors
    /// Errors in any of them.
    pub fn into_engine(self) -> Result<Engine, Diagnostics> {
        let sources = self.entries.into_iter().map(|entry| TemplateSource {
            name: entry.name,
            text: entry.text,
            file: entry.file,
        });
        Engine::new(sources.collect())
    }
}

impl Entry {
    fn new(name: String, origin: Origin, text: Arc<str>, file: FileId) -> Self {
        Self { name, origin, description: describe(&text), text, file, base: None }
    }

    fn on(self, base: Option<&'static str>) -> Self {
        Self { base, ..self }
    }
}

fn text_of(built_in: &[(&'static str, &'static str)], name: &str) -> &'static str {
    let found = built_in.iter().find(|(other, _)| *other == name);
    found.map(|(_, text)| *text).unwrap_or_default()
}

/// Whether a user's file is identical to the built-in one: with or without the line of eject, and with either
/// kind of line breaks, because git can change those.
fn is_same(text: &str, base: &str) -> bool {
    let body = match base_of(text) {
        Some(_) => text.split_once('\n').map_or("", |(_, body)| body),
        None => text,
    };
    body.lines().eq(base.lines())
}

fn base_of(text: &str) -> Option<&str> {
    text.lines().next()?.strip_prefix(BASE).map(str::trim_end)
}

/// A file directly in `tasks/`, with a valid Kubernetes object name.
fn is_task(name: &str) -> bool {
    let stem = name.strip_prefix(TASKS).and_then(|file| file.strip_suffix(".yaml"));
    stem.is_some_and(|stem| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !stem.is_empty() && stem.chars().all(fits) && !stem.starts_with('-') && !stem.ends_with('-')
    })
}

fn hint_for(name: &str, entries: &[Entry]) -> String {
    if name.starts_with(INIT) {
        return "files of `gen init` are copied once and cannot be replaced: remove it".to_owned();
    }
    if name.starts_with(TASKS) {
        return "name a task `tasks/NAME.yaml`, with a-z, 0-9 and `-` in NAME".to_owned();
    }
    did_you_mean(name, entries.iter().map(|entry| entry.name.as_str())).unwrap_or_else(|| {
        "`gen template list` shows the names; new files go to `tasks/`".to_owned()
    })
}

/// The first comment, of YAML or of the template language, on one line.
fn describe(text: &str) -> Option<String> {
    let first =
        text.lines().find(|line| !line.trim().is_empty() && !line.starts_with(BASE))?.trim();
    let comment = match first.strip_prefix("{#") {
        Some(comment) => comment.trim_start_matches('-').split("#}").next()?,
        None => first.strip_prefix('#')?,
    };
    let comment = comment.trim_end_matches('-').trim();
    (!comment.is_empty()).then(|| comment.to_owned())
}
