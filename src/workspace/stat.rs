//! The statistics cache `.gen/stat`: what every published file was on disk, and the digest of what it was rendered from.
//!
//! Only an optimisation, and only ever of this checkout: missing, damaged, or by another version of gen, it is not there. A file
//! whose size, times and inode are those that gen saw holds what gen saw, unless it changed within the clock's last tick; so what
//! is that young is not remembered (as git does with its index).

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::prelude::*;

use super::disk::Stamp;
use super::place::{Found, Place};
use crate::diagnostics::Diagnostics;
use crate::tree::{GEN_VERSION, hash};

const STAT: &str = "stat";
const LARGEST: u64 = 256 * 1024 * 1024;

/// Longer than a tick of the kernel's coarse clock (at most 10 ms), from which files get their times.
const MARGIN: i64 = 20_000_000;
/// For file systems that keep whole seconds, or two of them.
const COARSE_MARGIN: i64 = 2_100_000_000;

/// The cache as it was when the run began.
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

/// What is remembered of a folder.
pub(super) struct CachedUnit<'a> {
    pub input_digest: &'a str,
    pub facts: &'a str,
    lines: &'a str,
}

/// What will be remembered of a folder.
#[derive(Debug)]
pub(super) struct NewUnit {
    pub key: String,
    pub input_digest: String,
    pub facts: String,
    pub files: Vec<(String, Stamp)>,
}

impl Cache {
    /// Loads what an earlier run saved. Whatever is wrong with it, the cache is empty then.
    pub fn load(gen_folder: &Place) -> Self {
        let Ok(Found::File(content)) = gen_folder.read(STAT, LARGEST) else {
            return Self::default();
        };
        let text = String::from_utf8(content.bytes).unwrap_or_default();
        match index(&text) {
            Some(units) => Self { text, units },
            None => Self::default(),
        }
    }

    /// How many folders are remembered.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// What is remembered under a key.
    pub fn unit(&self, key: &str) -> Option<CachedUnit<'_>> {
        let block = self.units.get(key)?;
        Some(CachedUnit {
            input_digest: &self.text[block.digest.clone()],
            facts: &self.text[block.facts.clone()],
            lines: &self.text[block.files.clone()],
        })
    }

    /// Saves what was remembered, without what this run touched, and with what it learned.
    pub fn save(
        &self,
        gen_folder: &Place,
        touched: &BTreeMap<String, Option<NewUnit>>,
    ) -> Result<(), Diagnostics> {
        let learned: Vec<&NewUnit> = touched.values().flatten().collect();
        let learned: Vec<String> = learned.par_iter().map(|unit| unit.to_text()).collect();
        let length: usize = learned.iter().map(String::len).sum();
        let mut body = String::with_capacity(self.text.len() + length);
        let mut kept: Vec<&Block> = Vec::new();
        for (key, block) in &self.units {
            if !touched.contains_key(key) {
                kept.push(block);
            }
        }
        kept.sort_by_key(|block| block.whole.start);
        for block in kept {
            body.push_str(&self.text[block.whole.clone()]);
        }
        for unit in learned {
            body.push_str(&unit);
        }
        let text = format!("{}{body}", head(&body));
        gen_folder.replace(STAT, text.as_bytes())
    }
}

impl CachedUnit<'_> {
    /// The files and what they were; nothing where a line is damaged.
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
        let (key, digest, facts) = (&self.key, &self.input_digest, &self.facts);
        format!("{key}\t{digest}\t{}\t{}\n{facts}\n{lines}", facts.len(), lines.len())
    }

    /// Whether the cache's form can hold it.
    pub fn fits(&self) -> bool {
        let plain = |text: &str| !text.contains(['\t', '\n', '\r']);
        plain(&self.key)
            && plain(&self.input_digest)
            && self.files.iter().all(|(path, _)| plain(path))
    }
}

/// Whether a file that was looked at now could still change without a sign.
pub(super) fn is_racy(stamp: Stamp, now: i64) -> bool {
    let newest = stamp.mtime.max(stamp.ctime);
    let margin = if newest % 1_000_000_000 == 0 { COARSE_MARGIN } else { MARGIN };
    newest.saturating_add(margin) > now
}

/// Nanoseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "how young a file is decides whether its statistics can be trusted, never what is rendered"
)]
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(0)
}

fn head(body: &str) -> String {
    format!("gen-stat 1 {GEN_VERSION} {}\n", hash(body.as_bytes()))
}

/// Finds the blocks, without reading their lines: most are read in parallel later.
fn index(text: &str) -> Option<HashMap<String, Block>> {
    let start = text.find('\n')? + 1;
    if text[..start] != head(&text[start..]) {
        return None;
    }
    let mut units = HashMap::new();
    let mut at = start;
    while at < text.len() {
        let end = at + text[at..].find('\n')?;
        let line = &text[at..end];
        let mut fields = line.split('\t');
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
