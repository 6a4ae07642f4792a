//! `.gen/last`: what the last render was made from and what it told, so that a render of the same is told again instead of done.
//!
//! It holds only where every file, list and pattern that was read answers as it did then, every folder of the tree is one that the
//! statistics cache knows, and no file in them was touched. Like that cache it is an optimisation of this checkout alone: missing,
//! damaged or by another program, it is not there, and the render is done.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::area::refuse_unfinished;
use super::disk::Disk;
use super::lock::{self, Lock};
use super::place::{Found, Place};
use super::records::names;
use super::stage::STAGE;
use super::stat::Cache;
use crate::diagnostics::Diagnostics;
use crate::files::Files;
use crate::tree::{GEN_VERSION, TREE, hash};

pub(super) const LAST: &str = "last";
const LARGEST: u64 = 64 * 1024 * 1024;

/// Files that note what they are asked, and a digest of what they answer.
pub struct Noted<'a> {
    files: &'a dyn Files,
    /// The digest of each answer; none where there was an error, which is to be told again.
    answers: Mutex<BTreeMap<Question, Option<String>>>,
}

/// What files are asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Question {
    Read(String, u64),
    List(String),
    Glob(String),
}

/// A render as it is remembered.
#[derive(Debug, Serialize, Deserialize)]
struct Last {
    program: String,
    inputs: Vec<(Question, String)>,
    told: String,
}

impl<'a> Noted<'a> {
    /// Notes what `files` are asked from now on.
    #[must_use]
    pub fn new(files: &'a dyn Files) -> Self {
        let answers = Mutex::default();
        Self { files, answers }
    }

    /// What was read up to now, and what the render told, for [`super::Publication::remember`]. Nothing where a file could not be
    /// read. `program` says which program rendered: another one may render the same otherwise.
    #[must_use]
    pub fn remembered(&self, program: &str, told: String) -> Option<String> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            answers.iter().map(|(question, answer)| Some((question.clone(), answer.clone()?)));
        let last =
            Last { program: program.to_owned(), inputs: known.collect::<Option<_>>()?, told };
        let body = serde_json::to_string(&last).ok()?;
        Some(format!("{}{body}", head(&body)))
    }

    fn note<T>(
        &self,
        question: Question,
        answer: Result<T, Diagnostics>,
        digest: impl FnOnce(&T) -> String,
    ) -> Result<T, Diagnostics> {
        let digest = answer.as_ref().ok().map(digest);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        // What changed while it was read was read by nobody as it is now.
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
    /// The digest of what files answer now.
    fn ask(&self, files: &dyn Files) -> Option<String> {
        match self {
            Self::Read(path, limit) => files.read(path, *limit).map(|text| of_text(&text)),
            Self::List(folder) => files.list(folder).map(|names| of_names(&names)),
            Self::Glob(pattern) => files.glob(pattern).map(|names| of_names(&names)),
        }
        .ok()
    }
}

#[expect(clippy::ref_option, reason = "what `Files::read` gives")]
fn of_text(text: &Option<Arc<str>>) -> String {
    text.as_ref().map_or_else(|| "none".to_owned(), |text| hash(text.as_bytes()))
}

#[expect(clippy::ptr_arg, reason = "what `Files::list` gives")]
fn of_names(names: &Vec<String>) -> String {
    // No name holds a NUL.
    hash(names.join("\0").as_bytes())
}

fn head(body: &str) -> String {
    format!("gen-last 1 {GEN_VERSION} {}\n", hash(body.as_bytes()))
}

fn load(gen_folder: &Place) -> Option<Last> {
    let Ok(Found::File(content)) = gen_folder.read(LAST, LARGEST) else {
        return None;
    };
    let text = str::from_utf8(&content.bytes).ok()?;
    let (first, body) = text.split_at(text.find('\n')? + 1);
    if first != head(body) {
        return None;
    }
    serde_json::from_str(body).ok()
}

/// The last render, of the same that would be rendered now. Nobody writes to the checkout while it lives.
pub struct Recalled {
    root: Place,
    gen_folder: Place,
    last: Last,
    _lock: Lock,
}

/// The last render, where everything that it read answers as it did then. That is told soon where it is not so; the tree is looked at
/// by [`Recalled::told`].
#[must_use]
pub fn recall(root: &Path, files: &dyn Files, program: &str) -> Option<Recalled> {
    let root = Place::root(Arc::new(Disk::default()), root).ok()?;
    let lock = lock::shared(&root).ok()??;
    refuse_unfinished(&root).ok()?;
    let gen_folder = root.open(lock::GEN).ok()??;
    // A render that did not come to its end left what it staged; the next one clears that away.
    if gen_folder.status(STAGE).ok()?.is_some() {
        return None;
    }
    let last = load(&gen_folder)?;
    let holds =
        |(question, answer): &(Question, String)| question.ask(files).as_ref() == Some(answer);
    let same = last.program == program && last.inputs.par_iter().all(holds);
    same.then_some(Recalled { root, gen_folder, last, _lock: lock })
}

impl Recalled {
    /// The files that it read.
    #[must_use]
    pub fn read(&self) -> Vec<String> {
        let inputs = self.last.inputs.iter();
        let read = inputs.filter_map(|(question, _)| match question {
            Question::Read(path, _) => Some(path.clone()),
            Question::List(_) | Question::Glob(_) => None,
        });
        read.collect()
    }

    /// What it told, where the tree is just what it left: then it would be told again, and nothing be written.
    #[must_use]
    pub fn told(self) -> Option<String> {
        untouched(&self.root, &Cache::load(&self.gen_folder))?.then_some(self.last.told)
    }
}

/// Whether the tree is just what the cache knows of it.
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
