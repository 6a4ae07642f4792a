//! Files on disk that already have the content of the new commit: all of it if a run was interrupted after that file,
//! or a prefix of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::area::{Area, Update, failed};
use crate::diagnostics::Diagnostics;

/// The paths whose files on disk already match the new commit; when finishing an interrupted run, also files that are only
/// a prefix.
pub(super) fn already_there(
    area: &Area,
    ahead: &[Update],
    finishing: bool,
) -> Result<(Vec<String>, Vec<PathBuf>), Diagnostics> {
    let dirty = area.call("diff-files").args(["-z", "--name-only"]).run()?;
    let dirty: BTreeSet<&str> =
        dirty.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok()).collect();
    let (mut there, mut torn) = (Vec::new(), Vec::new());
    for update in ahead {
        let path = update.path.as_str();
        let wanted = update.content.as_ref().map(|(_, object)| object.as_str());
        let on_disk = area.program().folder().join(path);
        let is_file = on_disk.symlink_metadata().is_ok_and(|status| status.is_file());
        let known = dirty.contains(path);
        let same = match wanted {
            None => known && !is_file,
            Some(wanted) if is_file && (known || !in_index(area, path)?) => {
                let call = area.program().call("hash-object").arg("--");
                let same = call.arg(path).text()? == wanted;
                if finishing && !same && begins(area, path, &on_disk, wanted)? {
                    torn.push(on_disk);
                }
                same
            }
            Some(_) => false,
        };
        if same {
            there.push(path.to_owned());
        }
    }
    Ok((there, torn))
}

/// Whether a file is a prefix of what git would write for an object.
fn begins(area: &Area, path: &str, file: &Path, object: &str) -> Result<bool, Diagnostics> {
    let bytes = fs::read(file).map_err(|error| failed(file, &error))?;
    let call = area.program().call("cat-file").args(["--filters", "--path"]);
    let whole = call.args([path, object]).run()?;
    Ok(whole.starts_with(&bytes))
}

fn in_index(area: &Area, path: &str) -> Result<bool, Diagnostics> {
    let listed = area.call("ls-files").args(["-z", "--"]).arg(path).run()?;
    Ok(!listed.is_empty())
}
