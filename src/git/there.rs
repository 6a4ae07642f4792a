//! Files on disk that already have the content of the new commit: all of it if a run was interrupted after that file,
//! or a prefix of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::area::{Builder, Update, failed};
use super::program::entries;
use crate::diagnostics::Diagnostics;

impl Builder<'_> {
    /// The paths whose files on disk already match the new commit; when finishing an interrupted run, also files that are only
    /// a prefix.
    pub(super) fn already_there(
        &self,
        ahead: &[Update],
        finishing: bool,
    ) -> Result<(Vec<String>, Vec<PathBuf>), Diagnostics> {
        let program = &self.repository.program;
        let dirty = self.call("diff-files").args(["-z", "--name-only"]).run()?;
        let dirty: BTreeSet<&str> = entries(&dirty).collect();
        let (mut there, mut torn) = (Vec::new(), Vec::new());
        for Update { path, content } in ahead {
            let on_disk = program.folder().join(path);
            let is_file = on_disk.symlink_metadata().is_ok_and(|status| status.is_file());
            let known = dirty.contains(path.as_str());
            let same = match content {
                None => known && !is_file,
                Some((_, wanted)) if is_file && (known || !self.in_index(path)?) => {
                    let same = program.call("hash-object").args(["--", path]).text()? == *wanted;
                    if finishing && !same && self.begins(path, &on_disk, wanted)? {
                        torn.push(on_disk);
                    }
                    same
                }
                Some(_) => false,
            };
            if same {
                there.push(path.clone());
            }
        }
        Ok((there, torn))
    }

    /// Whether a file is a prefix of what git would write for an object.
    fn begins(&self, path: &str, file: &Path, object: &str) -> Result<bool, Diagnostics> {
        let bytes = fs::read(file).map_err(|error| failed(file, &error))?;
        let call = self.repository.program.call("cat-file").args(["--filters", "--path"]);
        Ok(call.args([path, object]).run()?.starts_with(&bytes))
    }

    fn in_index(&self, path: &str) -> Result<bool, Diagnostics> {
        Ok(!self.call("ls-files").args(["-z", "--", path]).run()?.is_empty())
    }
}
