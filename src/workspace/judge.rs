//! The verdict over each file of a folder: as it should be, gen's to write or delete, or somebody's work.

use std::collections::BTreeSet;

use super::compare::{Compared, find_owned, read_record};
use super::disk::{Nature, Stamp};
use super::outcome::{Change, Options};
use super::place::{Content, Found, Place, link};
use crate::diagnostics::{Diagnostic, Diagnostics, TreeError};
use crate::tree::hash;
use crate::tree::{Record, is_record_name};

/// Collects the verdicts over a folder's files.
pub(super) struct Judge<'a> {
    place: &'a Place,
    old: Option<&'a Record>,
    options: Options,
    done: Compared,
}

impl<'a> Judge<'a> {
    pub fn new(place: &'a Place, old: Option<&'a Record>, options: Options) -> Self {
        let done = Compared::default();
        Self {
            place,
            old,
            options,
            done,
        }
    }

    pub fn finish(mut self) -> Compared {
        self.done.sort();
        self.done
    }

    /// Whether a content is what the record says that gen wrote.
    fn is_ours(&self, path: &str, content: &Content) -> bool {
        let named = self.old.and_then(|old| old.files.get(path));
        named.is_some_and(|named| *named == hash(&content.as_written()))
    }

    pub fn wanted(&mut self, path: &str, text: &str, found: Found) -> Result<(), Diagnostics> {
        match found {
            Found::Absent => self.write(path, None, text),
            // With other line ends too: git takes a file of another size for an edited one, so it is left as git made it.
            Found::File(content) if *content.as_written() == *text.as_bytes() => {
                self.same(path, content.stamp);
            }
            Found::File(content) => {
                let ours = self.is_ours(path, &content);
                let Content { bytes, stamp } = content;
                let before = String::from_utf8_lossy(&bytes).into_owned();
                if ours || self.options.force || self.options.check {
                    self.write(path, Some((before, stamp)), text);
                } else {
                    self.refuse(path, before, Some(text));
                }
            }
            // Not even --force replaces what is no file, or too large to have been looked at.
            Found::Link => return Err(link(&self.place.at(path))),
            Found::Irregular => return Err(irregular(&self.place.at(path))),
            Found::Large(_) => return Err(in_the_way(&self.place.at(path)).into()),
        }
        Ok(())
    }

    /// A file that the record names and that is rendered no more: gen deletes it only as gen wrote it.
    pub fn unwanted(&mut self, path: &str) -> Result<(), Diagnostics> {
        match find_owned(self.place, path)? {
            Found::File(content) => {
                let before = String::from_utf8_lossy(&content.bytes);
                if self.is_ours(path, &content) {
                    self.delete(path, &before, content.stamp);
                } else if self.options.check {
                    self.change(path, Some(before.into_owned()), None);
                } else if !self.options.force {
                    self.refuse(path, before.into_owned(), None);
                }
                // By force it stays, and is foreign from now on.
            }
            Found::Link => return Err(link(&self.place.at(path))),
            Found::Absent | Found::Irregular | Found::Large(_) => {}
        }
        Ok(())
    }

    pub fn same(&mut self, path: &str, stamp: Stamp) {
        self.done.outcome.unchanged += 1;
        self.done.same.push((path.to_owned(), stamp));
    }

    pub fn write(&mut self, path: &str, before: Option<(String, Stamp)>, after: &str) {
        let (before, stamp) = before.unzip();
        if self.options.check {
            self.change(path, before, Some(after.to_owned()));
        }
        self.done.outcome.written.push(self.place.at(path));
        self.done.write.push((path.to_owned(), stamp));
    }

    pub fn delete(&mut self, path: &str, before: &str, stamp: Stamp) {
        if self.options.check {
            self.change(path, Some(before.to_owned()), None);
        }
        self.done.outcome.removed.push(self.place.at(path));
        self.done.delete.push((path.to_owned(), stamp));
    }

    fn refuse(&mut self, path: &str, before: String, after: Option<&str>) {
        let named = self.old.is_some_and(|old| old.files.contains_key(path));
        let shown = self.place.at(path);
        let kind = if named {
            TreeError::HandEdited { path: shown }
        } else {
            in_the_way_kind(shown)
        };
        self.done.outcome.refused.push(Diagnostic::error(kind));
        self.change(path, Some(before), after.map(str::to_owned));
    }

    fn change(&mut self, path: &str, before: Option<String>, after: Option<String>) {
        let path = self.place.at(path);
        self.done.outcome.changes.push(Change {
            path,
            before,
            after,
        });
    }

    /// Counts the files that neither this folder nor another record in it accounts for.
    pub fn count_kept<'n>(
        &mut self,
        record: &str,
        wanted: impl Iterator<Item = &'n String>,
    ) -> Result<(), Diagnostics> {
        let mut known: BTreeSet<String> = wanted.cloned().collect();
        known.insert(record.to_owned());
        known.extend(self.done.delete.iter().map(|(path, _)| path.clone()));
        for (name, _) in self.place.list()? {
            if name != record && is_record_name(&name) {
                // Whether another record is good is found out where that folder is compared.
                if let Ok(Some(other)) = read_record(self.place, &name) {
                    known.extend(other.record.files.into_keys());
                }
                known.insert(name);
            }
        }
        self.done.outcome.kept = count_unknown(self.place, "", &known)?;
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

fn in_the_way_kind(path: String) -> TreeError {
    TreeError::ForeignInTheWay { path }
}

fn in_the_way(path: &str) -> Diagnostic {
    Diagnostic::error(in_the_way_kind(path.to_owned()))
}

fn irregular(path: &str) -> Diagnostics {
    let path = path.to_owned();
    Diagnostic::error(TreeError::NotRegular { path }).into()
}
