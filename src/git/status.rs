//! Differences between the last commit, the index and the files on disk.

use super::program::{Program, entries};
use crate::diagnostics::Diagnostics;

/// The state of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Its content or mode, in the index or on disk.
    Changed,
    /// The file is missing on disk.
    Deleted,
    /// Untracked.
    Untracked,
    /// Ignored, or the whole folder if the path ends with `/`.
    Ignored,
    /// In conflict after a merge.
    Unmerged,
}

/// A path that differs, relative to the top of the checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirty {
    /// The path.
    pub path: String,
    /// Its state.
    pub difference: Difference,
}

/// Differences at or below these paths, relative to the program's folder. Paths that are not UTF-8 are not gen's.
pub fn status(program: &Program, paths: &[String]) -> Result<Vec<Dirty>, Diagnostics> {
    let listing = program
        .call("status")
        .args(["--porcelain=v2", "-z", "--untracked-files=all"])
        .args(["--ignored=matching", "--no-renames", "--ignore-submodules=all", "--"])
        .args(paths)
        .limit(512 << 20)
        .run()?;
    Ok(entries(&listing).filter_map(read).collect())
}

/// git-status(1), "Porcelain Format Version 2".
fn read(line: &str) -> Option<Dirty> {
    let (kind, rest) = line.split_once(' ')?;
    let (fields, difference) = match kind {
        "1" => {
            let gone = rest.as_bytes().get(1) == Some(&b'D') || rest.starts_with("D.");
            (7, if gone { Difference::Deleted } else { Difference::Changed })
        }
        "u" => (9, Difference::Unmerged),
        "?" => (0, Difference::Untracked),
        "!" => (0, Difference::Ignored),
        _ => return None,
    };
    let path = rest.splitn(fields + 1, ' ').nth(fields)?.to_owned();
    Some(Dirty { path, difference })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_status() {
        let hash = "0".repeat(40);
        let one = |xy: &str| format!("1 {xy} N... 100644 100644 100644 {hash} {hash} a b.yaml");
        for (line, wanted) in [
            (one(".M"), Difference::Changed),
            (one("A."), Difference::Changed),
            (one(".D"), Difference::Deleted),
            (one("D."), Difference::Deleted),
            (one("AD"), Difference::Deleted),
            ("? a b.yaml".to_owned(), Difference::Untracked),
            ("! a b.yaml".to_owned(), Difference::Ignored),
            (
                format!("u UU N... 100644 100644 100644 100644 {hash} {hash} {hash} a b.yaml"),
                Difference::Unmerged,
            ),
        ] {
            let path = "a b.yaml".to_owned();
            assert_eq!(read(&line), Some(Dirty { path, difference: wanted }), "{line}");
        }
        assert_eq!(read("# branch.oid x"), None);
        assert_eq!(read(""), None);
    }
}
