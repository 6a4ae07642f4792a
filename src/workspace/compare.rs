//! Compares one folder with the disk. The verdicts are [`crate::tree::compare`]'s; here the disk is read, and `--force` and `--check`
//! are applied to the verdicts.

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::disk::{Nature, Stamp};
use super::outcome::{FileDiff, Options, Outcome};
use super::place::{Content, Found, Place, link};
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};
use crate::files::irregular;
use crate::tree::{
    self, Comparison, Folder, Record, Side, SideFile, bad_record, hash, is_record_name,
};

/// Larger files are not gen's; they are not read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The work to do in a folder.
#[derive(Default)]
pub(super) struct Compared {
    pub outcome: Outcome,
    /// Paths relative to the folder, each with its state when it was compared. A record that changes is among them.
    pub write: Vec<(String, Option<Stamp>)>,
    pub delete: Vec<(String, Stamp)>,
    /// Files that are up to date, possibly including the record.
    pub same: Vec<(String, Stamp)>,
    /// Nothing is on disk, not even the folder.
    pub whole: bool,
}

/// Reads a record and its file, with the line ends that gen writes; none if it does not exist.
pub(super) fn read_record(
    place: &Place,
    name: &str,
) -> Result<Option<(Record, Content)>, Diagnostics> {
    let path = place.at(name);
    let content = match place.read(name, Record::LARGEST)? {
        Found::Absent => return Ok(None),
        Found::File(content) => content,
        Found::Link => return Err(link(&path)),
        Found::Large(_) => return Err(bad_record(&path, "it is larger than 1 MiB")),
        Found::Irregular => return Err(bad_record(&path, "it is not a regular file")),
    };
    let stamp = content.stamp;
    let text = String::from_utf8(content.as_written().into_owned());
    let text = text.map_err(|_| bad_record(&path, "it is not UTF-8"))?;
    let record = Record::read(&path, &text)?;
    Ok(Some((record, Content { bytes: text.into_bytes(), stamp })))
}

/// Compares a rendered folder with the disk. `text` is the text of its new record.
pub(super) fn compare(
    root: &Place,
    folder: &Folder,
    text: &str,
    options: Options,
) -> Result<Compared, Diagnostics> {
    let text_of = |path: &str| folder.files.get(path).map_or(text, String::as_str);
    let mut compared = Compared::default();
    let Some(place) = root.open(&folder.path)? else {
        let paths = folder.files.keys().chain([&folder.record]);
        let write = paths.map(|path| (path.clone(), None)).collect();
        compared.whole = true;
        compared.take(
            Comparison { write, ..Comparison::default() },
            &folder.path,
            options,
            text_of,
        );
        return Ok(compared);
    };
    let (old, file) = read_record(&place, &folder.record)?.unzip();
    let mut side = DiskSide { place: &place, cursor: Cursor::new(&place) };
    let verdicts = tree::compare(&mut side, old.as_ref().zip(file), folder, text)?;
    compared.take(verdicts, &folder.path, options, text_of);
    compared.count_others(&place, &folder.record, folder.files.keys())?;
    Ok(compared)
}

/// Compares the files listed by a record with the disk, to remove them all.
pub(super) fn compare_removal(
    root: &Place,
    folder: &str,
    record: &str,
    options: Options,
) -> Result<Compared, Diagnostics> {
    let mut compared = Compared::default();
    if let Some(place) = root.open(folder)?
        && let Some((old, file)) = read_record(&place, record)?
    {
        let mut side = DiskSide { place: &place, cursor: Cursor::new(&place) };
        let verdicts = tree::compare_removal(&mut side, (&old, file), record)?;
        compared.take(verdicts, folder, options, |_| "");
        compared.count_others(&place, record, std::iter::empty())?;
    }
    Ok(compared)
}

/// Finds a file listed by a record, and refuses a path into the folder of another record.
pub(super) fn find_owned(place: &Place, path: &str) -> Result<Found, Diagnostics> {
    for (end, _) in path.match_indices('/') {
        let Some(inner) = place.open(&path[..end])? else {
            return Ok(Found::Absent);
        };
        if inner.status("gen.lock.json")?.is_some() {
            let problem = format!("it lists `{path}`, which belongs to another record");
            return Err(bad_record(&place.path, &problem));
        }
    }
    Cursor::new(place).read(path, LARGEST)
}

impl SideFile for Content {
    // With other line ends too: to git a file of another size is an edited one, so it is left as git made it.
    fn holds(&self, text: &str) -> bool {
        *self.as_written() == *text.as_bytes()
    }

    fn has_hash(&self, named: &str) -> Result<bool, Diagnostics> {
        Ok(hash(&self.as_written()) == named)
    }
}

/// A folder on disk.
struct DiskSide<'a> {
    place: &'a Place,
    cursor: Cursor<'a>,
}

impl Side for DiskSide<'_> {
    type File = Content;

    fn find(&mut self, path: &str) -> Result<Option<Content>, Diagnostics> {
        let shown = || self.place.at(path);
        match self.cursor.read(path, LARGEST)? {
            Found::Absent => Ok(None),
            Found::File(content) => Ok(Some(content)),
            // Not even --force replaces anything but a file, or a file too large to be read.
            Found::Link => Err(link(&shown())),
            Found::Irregular => Err(irregular(&shown())),
            Found::Large(_) => Err(TreeError::ForeignInTheWay { path: shown() }.into()),
        }
    }

    fn find_owned(&mut self, path: &str) -> Result<Option<Content>, Diagnostics> {
        match find_owned(self.place, path)? {
            Found::File(content) => Ok(Some(content)),
            Found::Link => Err(link(&self.place.at(path))),
            Found::Absent | Found::Irregular | Found::Large(_) => Ok(None),
        }
    }
}

impl Compared {
    /// Applies the options to verdicts. `text` returns the rendered text of a path.
    fn take<'t>(
        &mut self,
        mut verdicts: Comparison<Content>,
        folder: &str,
        Options { force, check }: Options,
        text: impl Fn(&str) -> &'t str,
    ) {
        let at = |path: &str| format!("{folder}/{path}");
        let content = |file: &Content| String::from_utf8_lossy(&file.bytes).into_owned();
        let difference = |path: &str, before: Option<&Content>, after: Option<&str>| FileDiff {
            path: at(path),
            before: before.map(content),
            after: after.map(str::to_owned),
        };
        let outcome = &mut self.outcome;
        outcome.unchanged = verdicts.same.len();
        self.same = verdicts.same.into_iter().map(|(path, file)| (path, file.stamp)).collect();
        for refused in verdicts.refused {
            let after = refused.is_wanted.then(|| text(&refused.path));
            if refused.is_wanted && (force || check) {
                verdicts.write.push((refused.path, Some(refused.file)));
            } else if check || !force {
                // By force a file that would be deleted stays, and is foreign from now on.
                outcome.changes.push(difference(&refused.path, Some(&refused.file), after));
                if !check {
                    let error = refused.error(at(&refused.path));
                    outcome.refused.push(Diagnostic::error(error));
                }
            }
        }
        for (path, before) in verdicts.write {
            if check {
                outcome.changes.push(difference(&path, before.as_ref(), Some(text(&path))));
            }
            outcome.written.push(at(&path));
            self.write.push((path, before.map(|file| file.stamp)));
        }
        for (path, file) in verdicts.delete {
            if check {
                outcome.changes.push(difference(&path, Some(&file), None));
            }
            outcome.removed.push(at(&path));
            self.delete.push((path, file.stamp));
        }
        outcome.written.sort();
        outcome.removed.sort();
        outcome.changes.sort_by(|one, other| one.path.cmp(&other.path));
        self.write.sort_by(|one, other| one.0.cmp(&other.0));
    }

    /// Counts the files that belong neither to this folder nor to another record in it.
    fn count_others<'n>(
        &mut self,
        place: &Place,
        record: &str,
        wanted: impl Iterator<Item = &'n String>,
    ) -> Result<(), Diagnostics> {
        let mut known: BTreeSet<String> = wanted.cloned().collect();
        known.insert(record.to_owned());
        known.extend(self.delete.iter().map(|(path, _)| path.clone()));
        for (name, _) in place.list()? {
            if name != record && is_record_name(&name) {
                // Whether another record is valid is checked with its own folder.
                if let Ok(Some((other, _))) = read_record(place, &name) {
                    known.extend(other.files.into_keys());
                }
                known.insert(name);
            }
        }
        self.outcome.kept = count_unknown(place, "", &known)?;
        Ok(())
    }
}

fn count_unknown(
    place: &Place,
    prefix: &str,
    known: &BTreeSet<String>,
) -> Result<usize, Diagnostics> {
    let mut count = 0;
    for (name, nature) in place.list()? {
        let path = format!("{prefix}{name}");
        if nature == Nature::Folder {
            if let Some(inner) = place.open(&name)? {
                count += count_unknown(&inner, &format!("{path}/"), known)?;
            }
        } else if !known.contains(&path) {
            count += 1;
        }
    }
    Ok(count)
}
