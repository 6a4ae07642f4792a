//! Rewrites a source file that machines own: read, changed and replaced while nobody else writes.

use std::path::Path;

use super::area::refuse_unfinished;
use super::lock;
use super::place::{Found, Place, failed, link, split};
use crate::diagnostics::Diagnostics;
use crate::files::{decoded, irregular, too_large};

/// The temporary file in `.gen/` with the new text.
const NEW: &str = "source.new";

/// Gives a file a new text. `change` gets the old text, if any, and returns the new one; if they are equal, nothing is written.
/// The lock is held meanwhile, so that no concurrent change is lost; the file is replaced atomically, and never through a link.
/// Returns whether it was written.
///
/// The file's folder must exist.
///
/// # Errors
/// Errors of `change`; GEN0807 while another gen writes, GEN0808 after an interrupted render, GEN0805 and GEN0811 if the file or a
/// folder above it is a link or not a file, GEN0106 and GEN0107 if it is not a text of at most `limit` bytes, and GEN0806.
pub fn rewrite(
    root: &Path,
    path: &str,
    limit: u64,
    change: impl FnOnce(Option<&str>) -> Result<String, Diagnostics>,
) -> Result<bool, Diagnostics> {
    let root = Place::root(root)?;
    let (gen_folder, _lock) = lock::exclusive(&root)?;
    refuse_unfinished(&root)?;
    let (folders, name) = split(path);
    let open = |folders| {
        let missing = || failed(folders, &std::io::ErrorKind::NotFound.into());
        root.open(folders)?.ok_or_else(missing)
    };
    let inner = folders.map(open).transpose()?;
    let folder = inner.as_ref().unwrap_or(&root);
    let before = text(folder, name, limit)?;
    let after = change(before.as_deref())?;
    if before.as_deref() == Some(after.as_str()) {
        return Ok(false);
    }
    gen_folder.remove_file(NEW)?;
    gen_folder.create(NEW, after.as_bytes())?;
    let renamed = root.disk.rename(&gen_folder.fd, NEW, &folder.fd, name);
    renamed.map_err(|error| failed(&folder.at(name), &error))?;
    Ok(true)
}

fn text(folder: &Place, name: &str, limit: u64) -> Result<Option<String>, Diagnostics> {
    let path = folder.at(name);
    match folder.read(name, limit)? {
        Found::Absent => Ok(None),
        Found::File(content) => decoded(&path, content.bytes).map(Some),
        Found::Large(size) => Err(too_large(&path, size, limit)),
        Found::Link => Err(link(&path)),
        Found::Irregular => Err(irregular(&path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::TreeError;

    const PINS: &str = "environments/dev.pins.yaml";

    fn repository() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("environments")).unwrap();
        root
    }

    fn says(result: &Result<bool, Diagnostics>, code: &str) -> bool {
        result.as_ref().is_err_and(|error| error.to_string().contains(code))
    }

    #[test]
    fn a_text_is_written_once_and_whole() {
        let root = repository();
        let write = |text: &str| rewrite(root.path(), PINS, 100, |_| Ok(text.to_owned()));
        assert!(write("one\n").unwrap());
        assert!(!write("one\n").unwrap());
        assert!(write("two\n").unwrap());
        assert_eq!(std::fs::read_to_string(root.path().join(PINS)).unwrap(), "two\n");
        let left: Vec<_> = std::fs::read_dir(root.path().join("environments")).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing beside it");
        let refused = rewrite(root.path(), PINS, 100, |before| {
            assert_eq!(before, Some("two\n"));
            Err(TreeError::Unfinished {}.into())
        });
        assert!(refused.is_err());
        assert!(write("two\n").is_ok_and(|written| !written));
    }

    #[test]
    fn no_link_is_followed_and_nothing_strange_is_replaced() {
        let root = repository();
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("target");
        std::fs::write(&target, "theirs\n").unwrap();
        let write = |path: &str| rewrite(root.path(), path, 100, |_| Ok("ours\n".to_owned()));
        std::os::unix::fs::symlink(&target, root.path().join(PINS)).unwrap();
        assert!(says(&write(PINS), "GEN0805"));
        std::os::unix::fs::symlink(outside.path(), root.path().join("elsewhere")).unwrap();
        assert!(says(&write("elsewhere/dev.pins.yaml"), "GEN0805"));
        std::fs::create_dir(root.path().join("environments/folder")).unwrap();
        assert!(says(&write("environments/folder"), "GEN0811"));
        assert!(says(&write("nowhere/x.yaml"), "GEN0806"));
        std::fs::write(root.path().join("environments/large"), [b'x'; 101]).unwrap();
        assert!(says(&write("environments/large"), "GEN0106"));
        std::fs::write(root.path().join("environments/bytes"), [0xff]).unwrap();
        assert!(says(&write("environments/bytes"), "GEN0107"));
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "theirs\n");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    }

    #[test]
    fn many_at_once_lose_nothing() {
        // New repositories, since the first who come also make `.gen/`.
        for _ in 0..20 {
            let root = repository();
            let add = |number: usize| {
                rewrite(root.path(), PINS, 10_000, |before| {
                    Ok(format!("{}{number}\n", before.unwrap_or_default()))
                })
            };
            let together = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for number in 0..8 {
                    let (add, together) = (&add, &together);
                    scope.spawn(move || {
                        together.wait();
                        add(number).unwrap();
                    });
                }
            });
            let text = std::fs::read_to_string(root.path().join(PINS)).unwrap();
            assert_eq!(text.lines().count(), 8);
            assert_eq!(
                std::fs::read_to_string(root.path().join(".gen/.gitignore")).unwrap(),
                "*\n"
            );
        }
    }
}
