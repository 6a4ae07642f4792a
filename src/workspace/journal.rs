//! The journal: the complete list of the changes that a publication is about to make.
//!
//! Without it nothing in the tree was touched; with it everything can be done again. It is in the checkout, where a pull request
//! could add one, so it has no authority of its own: the hashes are in the staged records, deletions need the record on
//! disk, and overwriting somebody's work needs `--force` again.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::place::{Found, Place, link};
use crate::diagnostics::{Diagnostics, TreeError};
use crate::tree::{folder_problem, hash, is_hash, is_record_name, path_problem};

/// The journal's name in `.gen/`.
pub(super) const JOURNAL: &str = "journal";

/// Maximum size of a journal, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The changes to one folder: deletions, then files, then the record, which completes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The folder of the new files in the stage.
    pub stage: usize,
    pub folder: String,
    pub record: String,
    /// The hash of the new record, which contains those of all files; none to remove everything listed by the record.
    pub sha256: Option<String>,
    /// Relative to the folder; includes the record if it changes.
    pub write: Vec<String>,
    pub delete: Vec<String>,
}

impl Entry {
    /// An entry without changes yet.
    pub fn new(stage: usize, folder: &str, record: &str, sha256: Option<String>) -> Self {
        let (folder, record) = (folder.to_owned(), record.to_owned());
        Self { stage, folder, record, sha256, write: Vec::new(), delete: Vec::new() }
    }

    /// Folder and record, since several records can share a folder.
    pub fn key(&self) -> String {
        format!("{}/{}", self.folder, self.record)
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u64,
    folders: usize,
}

/// Writes a journal, complete or not at all.
pub(super) fn write(gen_folder: &Place, entries: &[&Entry]) -> Result<(), Diagnostics> {
    gen_folder.replace(JOURNAL, to_text(entries).as_bytes())
}

/// Reads the journal of an interrupted run, if any.
pub(super) fn read(gen_folder: &Place) -> Result<Option<Vec<Entry>>, Diagnostics> {
    let content = match gen_folder.read(JOURNAL, LARGEST)? {
        Found::Absent => return Ok(None),
        Found::File(content) => content,
        Found::Link => return Err(link(&gen_folder.at(JOURNAL))),
        Found::Large(_) => return Err(bad("it is too large")),
        Found::Irregular => return Err(bad("it is not a regular file")),
    };
    let text = String::from_utf8(content.bytes).map_err(|_| bad("it is not UTF-8"))?;
    parse(&text).map(Some).map_err(|problem| bad(&problem))
}

/// The error for an invalid journal.
pub(super) fn bad(problem: &str) -> Diagnostics {
    TreeError::BadJournal { problem: problem.to_owned() }.into()
}

/// Lines of JSON; the last is the hash of all others, to detect a torn journal.
fn to_text(entries: &[&Entry]) -> String {
    let head = Head { version: 1, folders: entries.len() };
    let lines: Vec<String> = entries.par_iter().map(line).collect();
    let mut text = line(&head) + &lines.concat();
    let end = hash(text.as_bytes());
    text.push_str(&end);
    text.push('\n');
    text
}

fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data") + "\n"
}

fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let torn = || "it is torn".to_owned();
    let body = text.strip_suffix('\n').ok_or_else(torn)?;
    let (_, end) = body.rsplit_once('\n').ok_or_else(torn)?;
    let body = &text[..body.len() - end.len()];
    if hash(body.as_bytes()) != end {
        return Err(torn());
    }
    let mut lines = body.lines();
    let head: Head = json(lines.next().unwrap_or_default())?;
    if head.version != 1 {
        return Err(format!("unsupported version {}", head.version));
    }
    let entries: Vec<Entry> = lines.map(json).collect::<Result<_, _>>()?;
    if entries.len() != head.folders {
        return Err(torn());
    }
    let mut seen = BTreeSet::new();
    let mut stages = BTreeSet::new();
    for entry in &entries {
        check(entry)?;
        if !seen.insert((&entry.folder, &entry.record)) || !stages.insert(entry.stage) {
            return Err(format!("it lists `{}` twice", entry.folder));
        }
    }
    Ok(entries)
}

fn json<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("not written by gen ({error})"))
}

fn check(entry: &Entry) -> Result<(), String> {
    if let Some(problem) = folder_problem(&entry.folder) {
        return Err(format!("it lists {problem}"));
    }
    if !is_record_name(&entry.record) {
        return Err("it lists no record".to_owned());
    }
    if entry.sha256.as_deref().is_some_and(|text| !is_hash(text)) {
        return Err("a record has no hash".to_owned());
    }
    if entry.sha256.is_none() && !entry.write.is_empty() {
        return Err("it writes into a removed folder".to_owned());
    }
    let paths = entry.write.iter().chain(&entry.delete);
    if let Some(problem) = paths.map(String::as_str).find_map(path_problem) {
        return Err(format!("it lists {problem}"));
    }
    if entry.delete.contains(&entry.record) {
        return Err("it deletes a record".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            stage: 3,
            folder: "clusters/homelab/dev/demo-app".to_owned(),
            record: "gen.lock.json".to_owned(),
            sha256: Some(hash(b"")),
            write: vec!["a.yaml".to_owned(), "gen.lock.json".to_owned()],
            delete: vec!["b/c.yaml".to_owned()],
        }
    }

    #[test]
    fn a_journal_reads_back_as_it_was_written() {
        let other = Entry { stage: 4, record: "gen-dev.lock.json".to_owned(), ..entry() };
        let text = to_text(&[&entry(), &other]);
        assert_eq!(parse(&text), Ok(vec![entry(), other]));
    }

    #[test]
    fn every_torn_journal_is_known_as_one() {
        let text = to_text(&[&entry()]);
        for end in 0..text.len() {
            assert_eq!(parse(&text[..end]), Err("it is torn".to_owned()), "{end}");
        }
        assert!(parse(&text.replace("b/c", "b/d")).is_err());
    }

    #[test]
    fn what_gen_would_not_do_is_refused() {
        let hostile: [fn(&mut Entry); 14] = [
            |entry| entry.folder = "src".to_owned(),
            |entry| entry.folder = "clusters".to_owned(),
            |entry| entry.folder = "clusters/../src".to_owned(),
            |entry| entry.folder = "/etc".to_owned(),
            |entry| entry.folder = "clusters/x/.git".to_owned(),
            |entry| entry.record = "../../gen.lock.json".to_owned(),
            |entry| entry.record = "README.md".to_owned(),
            |entry| entry.write.push("../README.md".to_owned()),
            |entry| entry.write.push("/etc/passwd".to_owned()),
            |entry| entry.delete.push("../../../../README.md".to_owned()),
            |entry| entry.delete.push("a\\b".to_owned()),
            |entry| entry.delete.push("gen.lock.json".to_owned()),
            |entry| entry.sha256 = Some("sha256:".to_owned()),
            |entry| entry.sha256 = None,
        ];
        for (number, change) in hostile.iter().enumerate() {
            let mut entry = entry();
            change(&mut entry);
            assert!(parse(&to_text(&[&entry])).is_err(), "{number}");
        }
        assert!(parse(&to_text(&[&entry(), &entry()])).is_err());
    }
}
