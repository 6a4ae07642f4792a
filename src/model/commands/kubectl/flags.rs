//! Flags of kubectl and flux: which of them take the next word, because the words that are left say what a command acts on.

use super::super::ANYTHING;
use super::super::need::known;

/// What a program's flags are: names with a space between.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Table {
    /// Those that take a value.
    pub(in super::super) values: &'static str,
    /// Those that take none, or only behind a `=`.
    pub(in super::super) switches: &'static str,
    /// One letter for a long name.
    pub(in super::super) letters: &'static [(char, &'static str)],
}

/// Flags and words of a command.
#[derive(Debug, Default)]
pub(in super::super) struct Flags {
    set: Vec<(String, String)>,
    /// What is no flag.
    pub(in super::super) words: Vec<String>,
    /// A word that is not quoted and not known may be a flag.
    hidden: bool,
}

impl Flags {
    /// Sorts words into flags and others. An unknown flag is an error, because it may take the next word. The value of a flag is
    /// taken for one word, also where it is an unquoted variable, as in `--timeout=$T`.
    pub(in super::super) fn read(words: &[String], tables: &[Table]) -> Result<Self, String> {
        let mut flags = Self::default();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                flags.words.extend(rest.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                let value = match (value, takes_value(name, tables)) {
                    (Some(value), Some(_)) => value,
                    (None, Some(true)) => rest.next().cloned().unwrap_or_default(),
                    (None, Some(false)) => "true".to_owned(),
                    (_, None) => return Err(unknown(word)),
                };
                flags.set.push((name.to_owned(), value));
                continue;
            }
            let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) else {
                flags.hidden |= word.starts_with(ANYTHING);
                flags.words.push(word.clone());
                continue;
            };
            flags.letters(letters, word, &mut rest, tables)?;
        }
        Ok(flags)
    }

    fn letters(
        &mut self,
        letters: &str,
        word: &str,
        rest: &mut std::slice::Iter<'_, String>,
        tables: &[Table],
    ) -> Result<(), String> {
        for (index, letter) in letters.char_indices() {
            let all = tables.iter().flat_map(|table| table.letters);
            let Some((_, name)) = all.copied().find(|(known, _)| *known == letter) else {
                return Err(unknown(word));
            };
            let mut value = "true".to_owned();
            let behind = &letters[index + letter.len_utf8()..];
            let takes = takes_value(name, tables) == Some(true);
            if takes && behind.is_empty() {
                value = rest.next().cloned().unwrap_or_default();
            } else if takes {
                behind
                    .strip_prefix('=')
                    .unwrap_or(behind)
                    .clone_into(&mut value);
            }
            self.set.push((name.to_owned(), value));
            if takes {
                return Ok(());
            }
        }
        Ok(())
    }

    /// An error where an unknown word may be a flag. Commands that need to know all their words find that by themselves.
    pub(in super::super) fn all_seen(&self) -> Result<(), String> {
        if self.hidden {
            return Err("a word of it may be a flag when it runs; put it in quotes".to_owned());
        }
        Ok(())
    }

    /// The value of a flag; the last one counts.
    pub(in super::super) fn value(&self, name: &str) -> Option<&str> {
        let mut set = self.set.iter().rev();
        set.find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of a flag that may be given more than once.
    pub(in super::super) fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let set = self.set.iter().filter(move |(known, _)| known == name);
        set.map(|(_, value)| value.as_str())
    }

    /// Whether a switch is on, or may be.
    pub(in super::super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value != "false")
    }

    /// The first of the flags that is given.
    pub(in super::super) fn any<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.has(name))
    }
}

/// Whether a flag takes the next word; nothing where it is not known. The first table that knows it decides.
fn takes_value(name: &str, tables: &[Table]) -> Option<bool> {
    tables.iter().find_map(|table| {
        if listed(table.values, name) {
            Some(true)
        } else {
            listed(table.switches, name).then_some(false)
        }
    })
}

fn unknown(word: &str) -> String {
    if word.contains(ANYTHING) || known(word).is_none() {
        return "a flag of it is only known when it runs".to_owned();
    }
    format!("gen does not know its flag `{word}`")
}

/// The first word that is no flag, where flags before it are those of the table.
pub(in super::super) fn verb(words: &[String], table: Table) -> Result<Option<&str>, String> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let Some(flag) = word.strip_prefix('-') else {
            return match known(word) {
                Some(word) => Ok(Some(word)),
                None => Err("its verb is only known when it runs".to_owned()),
            };
        };
        let takes = match flag.strip_prefix('-') {
            Some(name) => listed(table.values, name),
            None => table
                .letters
                .iter()
                .any(|(letter, name)| flag == letter.to_string() && listed(table.values, name)),
        };
        if takes {
            rest.next();
        }
    }
    Ok(None)
}

fn listed(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|known| known == name)
}
