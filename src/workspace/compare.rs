//! One folder against the disk: what to write, what to delete, what to refuse.
//!
//! gen overwrites and deletes only what its record says it wrote. Everything else on disk is somebody's work.

use super::cursor::Cursor;
use super::disk::Stamp;
use super::judge::Judge;
use super::outcome::{Change, Options, Outcome};
use super::place::{Found, Place, link};
use crate::diagnostics::Diagnostics;
use crate::tree::{Folder, Record, bad_record};

/// Larger files are not gen's; they are not read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A record as it stands on disk.
pub(super) struct OnDisk {
    pub record: Record,
    pub text: String,
    pub stamp: Stamp,
}

/// What a folder needs.
#[derive(Default)]
pub(super) struct Compared {
    pub outcome: Outcome,
    /// Paths relative to the folder, each with what it was when it was compared. The record is among them where it changes.
    pub write: Vec<(String, Option<Stamp>)>,
    pub delete: Vec<(String, Stamp)>,
    /// Files that are as they should be, the record included.
    pub same: Vec<(String, Stamp)>,
    /// Nothing is on disk, not even the folder.
    pub whole: bool,
}

/// Reads a record; none where there is none.
pub(super) fn read_record(place: &Place, name: &str) -> Result<Option<OnDisk>, Diagnostics> {
    let path = place.at(name);
    let content = match place.read(name, Record::LARGEST)? {
        Found::Absent => return Ok(None),
        Found::File(content) => content,
        Found::Link => return Err(link(&path)),
        Found::Large(_) => return Err(bad_record(&path, "it has more than a mebibyte")),
        Found::Irregular => return Err(bad_record(&path, "it is not a regular file")),
    };
    let stamp = content.stamp;
    let text = String::from_utf8(content.as_written().into_owned());
    let text = text.map_err(|_| bad_record(&path, "it is not UTF-8"))?;
    let record = Record::read(&path, &text)?;
    Ok(Some(OnDisk {
        record,
        text,
        stamp,
    }))
}

/// Compares a rendered folder with the disk. `text` is the text of its new record.
pub(super) fn compare(
    root: &Place,
    folder: &Folder,
    text: &str,
    options: Options,
) -> Result<Compared, Diagnostics> {
    let Some(place) = root.open(&folder.path)? else {
        return Ok(all_new(folder, text, options));
    };
    let old = read_record(&place, &folder.record)?;
    let mut judge = Judge::new(&place, old.as_ref().map(|old| &old.record), options);
    let mut cursor = Cursor::new(&place);
    for (path, text) in &folder.files {
        let found = cursor.read(path, LARGEST)?;
        judge.wanted(path, text, found)?;
    }
    let gone = |path: &&String| !folder.files.contains_key(*path);
    for path in old
        .iter()
        .flat_map(|old| old.record.files.keys())
        .filter(gone)
    {
        judge.unwanted(path)?;
    }
    match &old {
        Some(old) if old.text == text => judge.same(&folder.record, old.stamp),
        old => {
            let before = old.as_ref().map(|old| (old.text.clone(), old.stamp));
            judge.write(&folder.record, before, text);
        }
    }
    judge.count_kept(&folder.record, folder.files.keys())?;
    Ok(judge.finish())
}

/// Compares what a record names with the disk, to remove it all.
pub(super) fn compare_removal(
    root: &Place,
    folder: &str,
    record: &str,
    options: Options,
) -> Result<Compared, Diagnostics> {
    let Some(place) = root.open(folder)? else {
        return Ok(Compared::default());
    };
    let Some(old) = read_record(&place, record)? else {
        return Ok(Compared::default());
    };
    let mut judge = Judge::new(&place, Some(&old.record), options);
    for path in old.record.files.keys() {
        judge.unwanted(path)?;
    }
    judge.delete(record, &old.text, old.stamp);
    judge.count_kept(record, std::iter::empty())?;
    Ok(judge.finish())
}

fn all_new(folder: &Folder, text: &str, options: Options) -> Compared {
    let mut compared = Compared {
        whole: true,
        ..Compared::default()
    };
    let record = (&folder.record, text);
    let files = folder
        .files
        .iter()
        .map(|(path, text)| (path, text.as_str()));
    for (path, text) in files.chain([record]) {
        let shown = format!("{}/{path}", folder.path);
        if options.check {
            compared.outcome.changes.push(Change {
                path: shown.clone(),
                before: None,
                after: Some(text.to_owned()),
            });
        }
        compared.outcome.written.push(shown);
        compared.write.push((path.clone(), None));
    }
    compared.sort();
    compared
}

/// Finds a file that a record names, and refuses where the way to it leads into the folder of another record.
pub(super) fn find_owned(place: &Place, path: &str) -> Result<Found, Diagnostics> {
    for (end, _) in path.match_indices('/') {
        let Some(inner) = place.open(&path[..end])? else {
            return Ok(Found::Absent);
        };
        if inner.status("gen.lock.json")?.is_some() {
            let problem = format!("it names `{path}`, which lies in the folder of another record");
            return Err(bad_record(&place.path, &problem));
        }
    }
    Cursor::new(place).read(path, LARGEST)
}

impl Compared {
    pub fn sort(&mut self) {
        self.outcome.written.sort();
        self.outcome.removed.sort();
        self.outcome
            .changes
            .sort_by(|one, other| one.path.cmp(&other.path));
        self.write.sort_by(|one, other| one.0.cmp(&other.0));
    }
}
