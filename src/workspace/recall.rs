//! `.gen/last`: the input and the report of the last render, so that the same render is reported again instead of repeated.
//!
//! It is valid only if every file, list and pattern that was read gives the same answer, every folder of the tree is in the
//! statistics cache, and no file in them was touched. Like that cache it is an optimisation for this checkout alone: if it is
//! missing, damaged or from another program, everything is rendered.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::area::refuse_unfinished;
use super::lock;
use super::place::Place;
use super::records::names;
use super::stage::STAGE;
use super::stat::{Cache, load_sealed, sealed};
use crate::diagnostics::Diagnostics;
use crate::files::Files;
use crate::tree::{TREE, hash};

pub(super) const LAST: &str = "last";

/// Files that record all questions, with digests of the answers.
pub struct Noted<'a> {
    files: &'a dyn Files,
    /// The digest of each answer; none after an error, which must be shown again.
    answers: Mutex<BTreeMap<Question, Option<String>>>,
}

/// A call of [`Files`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Question {
    Read(String, u64),
    Base64(String, u64),
    List(String),
    Glob(String),
}

/// A remembered render.
#[derive(Debug, Serialize, Deserialize)]
struct Last {
    program: String,
    inputs: Vec<(Question, String)>,
    told: String,
}

impl<'a> Noted<'a> {
    /// Records from now on.
    #[must_use]
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, answers: Mutex::default() }
    }

    /// The input so far and the report of the render, for [`super::Publication::remember`]. None if a file could not be read.
    /// `program` identifies the program, since another one may render the same input differently.
    #[must_use]
    pub fn remembered(&self, program: &str, told: String) -> Option<String> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            answers.iter().map(|(question, answer)| Some((question.clone(), answer.clone()?)));
        let last =
            Last { program: program.to_owned(), inputs: known.collect::<Option<_>>()?, told };
        let body = serde_json::to_string(&last).ok()?;
        Some(sealed(LAST, &body))
    }

    fn note<T>(
        &self,
        question: Question,
        answer: Result<T, Diagnostics>,
        digest: impl FnOnce(&T) -> String,
    ) -> Result<T, Diagnostics> {
        let digest = answer.as_ref().ok().map(digest);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        // The render may have used either state of a file that changed meanwhile.
        let before = answers.insert(question.clone(), digest.clone());
        if before.is_some_and(|before| before != digest) {
            answers.insert(question, None);
        }
        answer
    }
}

impl Files for Noted<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        let question = Question::Read(path.to_owned(), limit);
        self.note(question, self.files.read(path, limit), of_text)
    }

    fn read_base64(&self, path: &str, limit: u64) -> Result<Option<Arc<str>>, Diagnostics> {
        let question = Question::Base64(path.to_owned(), limit);
        self.note(question, self.files.read_base64(path, limit), of_text)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Diagnostics> {
        let question = Question::List(folder.to_owned());
        self.note(question, self.files.list(folder), of_names)
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, Diagnostics> {
        let question = Question::Glob(pattern.to_owned());
        self.note(question, self.files.glob(pattern), of_names)
    }
}

impl Question {
    /// The digest of the current answer.
    fn ask(&self, files: &dyn Files) -> Option<String> {
        match self {
            Self::Read(path, limit) => files.read(path, *limit).map(|text| of_text(&text)),
            Self::Base64(path, limit) => files.read_base64(path, *limit).map(|text| of_text(&text)),
            Self::List(folder) => files.list(folder).map(|names| of_names(&names)),
            Self::Glob(pattern) => files.glob(pattern).map(|names| of_names(&names)),
        }
        .ok()
    }
}

#[expect(clippy::ref_option, reason = "the result of `Files::read`")]
fn of_text(text: &Option<Arc<str>>) -> String {
    text.as_ref().map_or_else(|| "none".to_owned(), |text| hash(text.as_bytes()))
}

#[expect(clippy::ptr_arg, reason = "the result of `Files::list`")]
fn of_names(names: &Vec<String>) -> String {
    // No name contains a NUL.
    hash(names.join("\0").as_bytes())
}

/// The last render, of the same input. Nobody writes to the checkout while this exists.
pub struct Recalled {
    root: Place,
    gen_folder: Place,
    last: Last,
    _lock: OwnedFd,
}

/// The last render, if all its input is the same. That fails fast if it is not; the tree is checked by [`Recalled::told`].
#[must_use]
pub fn recall(root: &Path, files: &dyn Files, program: &str) -> Option<Recalled> {
    let root = Place::root(root).ok()?;
    let lock = lock::shared(&root).ok()??;
    refuse_unfinished(&root).ok()?;
    let gen_folder = root.open(lock::GEN).ok()??;
    // An unfinished render left staged files; the next one removes them.
    if gen_folder.status(STAGE).ok()?.is_some() {
        return None;
    }
    let last: Last = serde_json::from_str(&load_sealed(&gen_folder, LAST)?).ok()?;
    let holds =
        |(question, answer): &(Question, String)| question.ask(files).as_ref() == Some(answer);
    let same = last.program == program && last.inputs.par_iter().all(holds);
    same.then_some(Recalled { root, gen_folder, last, _lock: lock })
}

impl Recalled {
    /// The files that the render read.
    #[must_use]
    pub fn read(&self) -> Vec<String> {
        let inputs = self.last.inputs.iter();
        let read = inputs.filter_map(|(question, _)| match question {
            Question::Read(path, _) | Question::Base64(path, _) => Some(path.clone()),
            Question::List(_) | Question::Glob(_) => None,
        });
        read.collect()
    }

    /// Its report, if the tree is still as the render left it: then nothing would be written.
    #[must_use]
    pub fn told(self) -> Option<String> {
        untouched(&self.root, &Cache::load(&self.gen_folder))?.then_some(self.last.told)
    }
}

/// Whether the tree matches the cache.
fn untouched(root: &Place, cache: &Cache) -> Option<bool> {
    let found = match root.open(TREE).ok()? {
        Some(tree) => names(&tree).ok()?,
        None => Vec::new(),
    };
    if found.len() != cache.len() {
        return Some(false);
    }
    let is_as_it_was = |key: &String| {
        let unit = cache.unit(key)?;
        let place = root.open(key.rsplit_once('/')?.0).ok()??;
        let mut files = unit.files();
        Some(files.all(|file| file.is_some_and(|(path, stamp)| place.is_still(path, stamp))))
    };
    Some(found.par_iter().all(|key| is_as_it_was(key).unwrap_or(false)))
}
