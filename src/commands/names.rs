//! What a shell offers for an argument: the names of apps and environments, and what `gen explain` knows.
//!
//! The shell asks while somebody types, so a spec that is not finished, or none at all, is no error: fewer names are offered.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};

use crate::ops::names;
use crate::workspace::{Workspace, find_root};

/// The apps of the spec.
pub fn apps() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        workspace().map(|files| plain(names::apps(&files))).unwrap_or_default()
    })
}

/// The environments of the spec.
pub fn environments() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        workspace().map(|files| plain(names::environments(&files))).unwrap_or_default()
    })
}

/// The templates, built in and own.
pub fn templates() -> ArgValueCandidates {
    ArgValueCandidates::new(|| plain(names::templates(workspace().as_ref())))
}

/// The rules of `gen check`.
pub fn rules() -> ArgValueCandidates {
    ArgValueCandidates::new(|| described(names::rules()))
}

/// What `gen explain` knows: the next step of a key, a task, a code.
pub fn explained() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        typed.to_str().map(|typed| described(names::explained(typed))).unwrap_or_default()
    })
}

fn plain(names: Vec<String>) -> Vec<CompletionCandidate> {
    names.into_iter().map(CompletionCandidate::new).collect()
}

fn described(names: Vec<(String, String)>) -> Vec<CompletionCandidate> {
    let candidate =
        |(name, about): (String, String)| CompletionCandidate::new(name).help(Some(about.into()));
    names.into_iter().map(candidate).collect()
}

/// The repository that the typed command line is about.
fn workspace() -> Option<Workspace> {
    let current = std::env::current_dir().ok()?;
    let root = find_root(&current, directory(std::env::args_os()).as_deref()).ok()?;
    Some(Workspace::new(&root))
}

/// The folder that `-C` names, among words that may not be a whole command line yet.
fn directory(words: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    let mut words = words.skip_while(|word| word != "--").skip(1);
    while let Some(word) = words.next() {
        if word == "-C" || word == "--directory" {
            return words.next().map(PathBuf::from);
        }
        let word = word.to_str().unwrap_or_default();
        if let Some(folder) = word.strip_prefix("--directory=").or_else(|| word.strip_prefix("-C"))
        {
            return Some(folder.trim_start_matches('=').into());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_found_in_unfinished_command_lines() {
        let of = |line: &str| {
            let found = directory(line.split(' ').map(OsString::from));
            found.map(|folder| folder.to_string_lossy().into_owned())
        };
        for (line, folder) in [
            ("gen -- gen -C lab render --env", Some("lab")),
            ("gen -- gen -Clab render", Some("lab")),
            ("gen -- gen render --directory lab -", Some("lab")),
            ("gen -- gen render --directory=lab", Some("lab")),
            ("gen -C mine -- gen render", None),
            ("gen -- gen -C", None),
            ("gen", None),
        ] {
            assert_eq!(of(line).as_deref(), folder, "{line}");
        }
    }
}
