//! One folder against the disk: what to write, what to delete, what to refuse. The verdicts are [`crate::tree::compare`]'s; this looks
//! at the disk, and does what `--force` and `--check` make of a verdict.

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::disk::{Nature, Stamp};
use super::outcome::{FileDiff, Options, Outcome};
use super::place::{Content, Found, Place, link};
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};
use crate::tree::{
    self, Comparison, Folder, Record, Side, SideFile, bad_record, hash, is_record_name,
};

/// Larger files are not gen's; they are not read.
const LARGEST: u64 = 16 * 1024 * 1024;

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

/// Reads a record and its file, with the line ends that gen writes; none where there is none.
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
    let bytes = text.into_bytes();
    Ok(Some((record, Content { bytes, stamp })))
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
    let (old, file) = read_record(&place, &folder.record)?.unzip();
    let mut compared = OnDisk::new(&place, options);
    let verdicts = tree::compare(&mut compared.side(), old.as_ref().zip(file), folder, text)?;
    compared.take(verdicts, |path| folder.files.get(path).map_or(text, String::as_str));
    compared.finish(&folder.record, folder.files.keys())
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
    let Some((old, file)) = read_record(&place, record)? else {
        return Ok(Compared::default());
    };
    let mut compared = OnDisk::new(&place, options);
    let verdicts = tree::compare_removal(&mut compared.side(), (&old, file), record)?;
    compared.take(verdicts, |_| "");
    compared.finish(record, std::iter::empty())
}

fn all_new(folder: &Folder, text: &str, options: Options) -> Compared {
    let mut compared = Compared { whole: true, ..Compared::default() };
    let record = (&folder.record, text);
    let files = folder.files.iter().map(|(path, text)| (path, text.as_str()));
    for (path, text) in files.chain([record]) {
        let shown = format!("{}/{path}", folder.path);
        if options.check {
            compared.outcome.changes.push(FileDiff {
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
            let problem = format!("it lists `{path}`, which belongs to another record");
            return Err(bad_record(&place.path, &problem));
        }
    }
    Cursor::new(place).read(path, LARGEST)
}

impl SideFile for Content {
    // With other line ends too: git takes a file of another size for an edited one, so it is left as git made it.
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
            // Not even --force replaces what is no file, or too large to have been looked at.
            Found::Link => Err(link(&shown())),
            Found::Irregular => Err(TreeError::NotRegular { path: shown() }.into()),
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

/// What becomes of the verdicts over a folder on disk.
struct OnDisk<'a> {
    place: &'a Place,
    options: Options,
    done: Compared,
}

impl<'a> OnDisk<'a> {
    fn new(place: &'a Place, options: Options) -> Self {
        let done = Compared::default();
        Self { place, options, done }
    }

    fn side(&self) -> DiskSide<'a> {
        let place = self.place;
        let cursor = Cursor::new(place);
        DiskSide { place, cursor }
    }

    /// Takes over verdicts. `text` gives the rendered text of a path.
    fn take<'t>(&mut self, verdicts: Comparison<Content>, text: impl Fn(&str) -> &'t str) {
        let Options { force, check } = self.options;
        for (path, file) in verdicts.same {
            self.done.outcome.unchanged += 1;
            self.done.same.push((path, file.stamp));
        }
        for (path, before) in verdicts.write {
            let after = text(&path);
            self.write(path, before, after);
        }
        for (path, file) in verdicts.delete {
            if check {
                self.differs(&path, Some(&file), None);
            }
            self.done.outcome.removed.push(self.place.at(&path));
            self.done.delete.push((path, file.stamp));
        }
        for refused in verdicts.refused {
            let after = refused.is_wanted.then(|| text(&refused.path));
            match after {
                Some(after) if force || check => {
                    self.write(refused.path, Some(refused.file), after);
                }
                None if check => self.differs(&refused.path, Some(&refused.file), None),
                // By force it stays, and is foreign from now on.
                None if force => {}
                after => {
                    let error = refused.error(self.place.at(&refused.path));
                    self.done.outcome.refused.push(Diagnostic::error(error));
                    self.differs(&refused.path, Some(&refused.file), after);
                }
            }
        }
    }

    fn write(&mut self, path: String, before: Option<Content>, after: &str) {
        if self.options.check {
            self.differs(&path, before.as_ref(), Some(after));
        }
        self.done.outcome.written.push(self.place.at(&path));
        let stamp = before.map(|file| file.stamp);
        self.done.write.push((path, stamp));
    }

    fn differs(&mut self, path: &str, before: Option<&Content>, after: Option<&str>) {
        let text = |file: &Content| String::from_utf8_lossy(&file.bytes).into_owned();
        self.done.outcome.changes.push(FileDiff {
            path: self.place.at(path),
            before: before.map(text),
            after: after.map(str::to_owned),
        });
    }

    /// Counts the files that neither this folder nor another record in it accounts for, and ends.
    fn finish<'n>(
        mut self,
        record: &str,
        wanted: impl Iterator<Item = &'n String>,
    ) -> Result<Compared, Diagnostics> {
        let mut known: BTreeSet<String> = wanted.cloned().collect();
        known.insert(record.to_owned());
        known.extend(self.done.delete.iter().map(|(path, _)| path.clone()));
        for (name, _) in self.place.list()? {
            if name != record && is_record_name(&name) {
                // Whether another record is good is found out where that folder is compared.
                if let Ok(Some((other, _))) = read_record(self.place, &name) {
                    known.extend(other.files.into_keys());
                }
                known.insert(name);
            }
        }
        self.done.outcome.kept = count_unknown(self.place, "", &known)?;
        self.done.sort();
        Ok(self.done)
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

impl Compared {
    fn sort(&mut self) {
        self.outcome.written.sort();
        self.outcome.removed.sort();
        self.outcome.changes.sort_by(|one, other| one.path.cmp(&other.path));
        self.write.sort_by(|one, other| one.0.cmp(&other.0));
    }
}
