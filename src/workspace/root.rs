//! Finds the root of the repository.

use std::path::{Path, PathBuf};

use crate::diagnostics::{Diagnostics, UsageError};

/// The root of the repository: the folder given by `-C`, otherwise the nearest one with `gen.yaml` from `start` upwards.
///
/// The search ends at the root of the git repository, so that the gen.yaml of another project further up is never used.
///
/// # Errors
/// GEN0603 if there is no gen.yaml.
pub fn find_root(start: &Path, chosen: Option<&Path>) -> Result<PathBuf, Diagnostics> {
    let has = |folder: &Path, name: &str| folder.join(name).symlink_metadata().is_ok();
    let first = chosen.map_or_else(|| start.to_owned(), |chosen| start.join(chosen));
    let mut folder = first.as_path();
    loop {
        if has(folder, "gen.yaml") {
            return Ok(folder.to_owned());
        }
        match folder.parent() {
            Some(parent) if chosen.is_none() && !has(folder, ".git") => folder = parent,
            _ => {
                let start = first.display().to_string();
                let hint = if has(&first, "gen.yml") {
                    "rename `gen.yml` to `gen.yaml`"
                } else {
                    "create a repository with `gen init`, or set the folder with `-C DIR`"
                };
                return Err(UsageError::NoRepository { start, hint }.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_gen_yaml_below_the_git_root() {
        let outer = tempfile::tempdir().unwrap();
        let repository = outer.path().join("repository");
        let deep = repository.join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(outer.path().join("gen.yaml"), "").unwrap();
        assert_eq!(find_root(&deep, None).unwrap(), outer.path());

        std::fs::write(repository.join(".git"), "gitdir: elsewhere").unwrap();
        let error = find_root(&deep, None).unwrap_err();
        assert!(error.to_string().starts_with("[GEN0603]"), "{error}");

        std::fs::write(repository.join("gen.yaml"), "").unwrap();
        assert_eq!(find_root(&deep, None).unwrap(), repository);
        assert_eq!(find_root(&repository, None).unwrap(), repository);
        assert!(find_root(outer.path(), Some(Path::new("repository/a"))).is_err());
        assert_eq!(find_root(outer.path(), Some(Path::new("repository"))).unwrap(), repository);
    }
}
