//! The statistics cache `.gen/stat`: the state of every published file on disk, and the digest of its input.
//!
//! Only an optimisation, for this checkout alone: if it is missing, damaged, or from another version of gen, it counts as empty. A
//! file with the same size, times and inode has the same content, unless it changed within the clock's last tick; so files that
//! young are not remembered (like in git's index).

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::prelude::*;

use super::disk::Stamp;
use super::outcome::Remember;
use super::place::{Found, Place};
use crate::diagnostics::Diagnostics;
use crate::tree::{GEN_VERSION, hash};

const STAT: &str = "stat";

/// Longer than a tick of the kernel's coarse clock (at most 10 ms), which files get their times from.
const MARGIN: i64 = 20_000_000;
/// For file systems with a resolution of one or two seconds.
const COARSE_MARGIN: i64 = 2_100_000_000;

/// The cache at the start of the run.
#[derive(Debug, Default)]
pub(super) struct Cache {
    text: String,
    units: HashMap<String, Block>,
}

#[derive(Debug)]
struct Block {
    /// Head and body.
    whole: Range<usize>,
    digest: Range<usize>,
    facts: Range<usize>,
    files: Range<usize>,
}

/// The entry of a folder.
pub(super) struct CachedUnit<'a> {
    pub input_digest: &'a str,
    pub facts: &'a str,
    lines: &'a str,
}

/// A new entry of a folder.
#[derive(Debug)]
pub(super) struct NewUnit {
    pub key: String,
    pub remember: Remember,
    pub files: Vec<(String, Stamp)>,
}

impl Cache {
    /// Loads the cache of an earlier run.
    pub fn load(gen_folder: &Place) -> Self {
        let text = load_sealed(gen_folder, STAT).unwrap_or_default();
        index(&text).map_or_else(Self::default, |units| Self { text, units })
    }

    /// The number of folders.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// The entry with a key.
    pub fn unit(&self, key: &str) -> Option<CachedUnit<'_>> {
        let block = self.units.get(key)?;
        Some(CachedUnit {
            input_digest: &self.text[block.digest.clone()],
            facts: &self.text[block.facts.clone()],
            lines: &self.text[block.files.clone()],
        })
    }

    /// Saves the cache, with the entries that this run touched removed or replaced.
    pub fn save(
        &self,
        gen_folder: &Place,
        touched: &BTreeMap<String, Option<NewUnit>>,
    ) -> Result<(), Diagnostics> {
        let new: Vec<&NewUnit> = touched.values().flatten().collect();
        let new: Vec<String> = new.par_iter().map(|unit| unit.to_text()).collect();
        let kept = self.units.iter().filter(|(key, _)| !touched.contains_key(*key));
        let mut kept: Vec<&Block> = kept.map(|(_, block)| block).collect();
        kept.sort_by_key(|block| block.whole.start);
        let length: usize = new.iter().map(String::len).sum();
        let mut body = String::with_capacity(self.text.len() + length);
        body.extend(kept.into_iter().map(|block| &self.text[block.whole.clone()]));
        body.extend(new);
        gen_folder.replace(STAT, sealed(STAT, &body).as_bytes())
    }
}

impl CachedUnit<'_> {
    /// The files and their states; none for a damaged line.
    pub fn files(&self) -> impl Iterator<Item = Option<(&str, Stamp)>> {
        self.lines.lines().map(|line| {
            let mut fields = line.split('\t');
            let path = fields.next()?;
            let stamp = Stamp {
                size: fields.next()?.parse().ok()?,
                mtime: fields.next()?.parse().ok()?,
                ctime: fields.next()?.parse().ok()?,
                inode: fields.next()?.parse().ok()?,
            };
            Some((path, stamp))
        })
    }
}

impl NewUnit {
    fn to_text(&self) -> String {
        let mut lines = String::new();
        for (path, stamp) in &self.files {
            let Stamp { size, mtime, ctime, inode } = stamp;
            let _ = writeln!(lines, "{path}\t{size}\t{mtime}\t{ctime}\t{inode}");
        }
        let (key, Remember { input_digest: digest, facts }) = (&self.key, &self.remember);
        format!("{key}\t{digest}\t{}\t{}\n{facts}\n{lines}", facts.len(), lines.len())
    }

    /// Whether the format of the cache can hold it.
    pub fn fits(&self) -> bool {
        let plain = |text: &str| !text.contains(['\t', '\n', '\r']);
        plain(&self.key)
            && plain(&self.remember.input_digest)
            && self.files.iter().all(|(path, _)| plain(path))
    }
}

/// Whether a file that is read now could still change without a new stamp.
pub(super) fn is_racy(stamp: Stamp, now: i64) -> bool {
    let newest = stamp.mtime.max(stamp.ctime);
    let margin = if newest % 1_000_000_000 == 0 { COARSE_MARGIN } else { MARGIN };
    newest.saturating_add(margin) > now
}

/// Nanoseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the age of a file decides whether its statistics can be trusted, never what is rendered"
)]
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(0)
}

/// The largest file of this kind that is read.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A text with a first line by which [`load_sealed`] detects damage and other versions of gen.
pub(super) fn sealed(name: &str, body: &str) -> String {
    head(name, body) + body
}

/// Reads a sealed text; none if there is anything wrong with it.
pub(super) fn load_sealed(gen_folder: &Place, name: &str) -> Option<String> {
    let Ok(Found::File(content)) = gen_folder.read(name, LARGEST) else {
        return None;
    };
    let mut text = String::from_utf8(content.bytes).ok()?;
    let start = text.find('\n')? + 1;
    if text[..start] != head(name, &text[start..]) {
        return None;
    }
    text.drain(..start);
    Some(text)
}

fn head(name: &str, body: &str) -> String {
    format!("gen-{name} 1 {GEN_VERSION} {}\n", hash(body.as_bytes()))
}

/// Finds the blocks, without parsing their lines: most are parsed in parallel later.
fn index(text: &str) -> Option<HashMap<String, Block>> {
    let mut units = HashMap::new();
    let mut at = 0;
    while at < text.len() {
        let end = at + text[at..].find('\n')?;
        let mut fields = text[at..end].split('\t');
        let key = fields.next()?;
        let digest = fields.next()?;
        let facts: usize = fields.next()?.parse().ok()?;
        let files: usize = fields.next()?.parse().ok()?;
        let digest_at = at + key.len() + 1;
        let facts = end + 1..(end + 1).checked_add(facts)?;
        let files = facts.end.checked_add(1)?..facts.end.checked_add(1)?.checked_add(files)?;
        text.get(facts.clone())?;
        text.get(files.clone())?;
        let block = Block {
            whole: at..files.end,
            digest: digest_at..digest_at + digest.len(),
            facts,
            files: files.clone(),
        };
        units.insert(key.to_owned(), block);
        at = files.end;
    }
    Some(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_younger_than_a_tick_is_not_trusted() {
        const SECOND: i64 = 1_000_000_000;
        let now = 1_000 * SECOND + 500_000_000;
        let stamp = |mtime, ctime| Stamp { size: 1, mtime, ctime, inode: 1 };
        let old = now - SECOND + 1;
        assert!(!is_racy(stamp(old, old), now));
        assert!(is_racy(stamp(now - MARGIN / 2, old), now));
        assert!(is_racy(stamp(old, now - MARGIN / 2), now), "a renamed file");
        assert!(is_racy(stamp(old, now + SECOND), now), "a clock ahead of ours");
        assert!(is_racy(stamp(999 * SECOND, 999 * SECOND), now), "a file system of whole seconds");
        assert!(!is_racy(stamp(900 * SECOND, 900 * SECOND), now));
    }
}
