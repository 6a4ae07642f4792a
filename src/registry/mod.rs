//! Asks image registries whether an image is there, by their common interface
//! (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md>).
//!
//! With the credentials that `docker login` left on this machine, which only go to the registry that they are for, and to what it names
//! for tokens. Nothing is pulled: a manifest is asked for by its head.

mod answer;
mod ask;
mod challenge;
mod credentials;
mod reference;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use answer::Answer;
use ask::Client;
pub use credentials::Credentials;
use reference::Reference;

/// Requests at a time.
const AT_ONCE: usize = 8;

/// How to ask.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    /// The images, as objects name them, and what each is to be there for: `linux/arm64`. If that is nothing, any platform will do.
    pub images: BTreeMap<String, BTreeSet<String>>,
    /// Registries that are asked by plain HTTP, as host and port; those on this machine always are.
    pub plain: BTreeSet<String>,
}

/// Asks for each image, several at a time.
#[must_use]
pub fn ask(questions: &Questions, credentials: &Credentials) -> BTreeMap<String, Answer> {
    let client = Client::new(credentials, &questions.plain);
    let images: Vec<(&String, &BTreeSet<String>)> = questions.images.iter().collect();
    let (next, answers) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        while let Some((image, platforms)) = images.get(next.fetch_add(1, Ordering::Relaxed)) {
            let answer = match Reference::of(image) {
                Some(reference) => client.find(&reference, platforms),
                None => Answer::Unknown("it is not the name of an image".to_owned()),
            };
            let mut answers = answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            answers.insert((*image).clone(), answer);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(images.len()) {
            scope.spawn(work);
        }
    });
    answers.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
