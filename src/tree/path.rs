//! Paths in records, journals and patterns: relative, with `/`, and unable to leave their folder.
//!
//! Such a path may come from a pull request, so it is checked as a string before any file system sees it.

/// The folder that everything rendered lives below. Nothing outside it is ever written or deleted.
pub const TREE: &str = "clusters";

/// The longest path and the longest name that file systems commonly take.
const LONGEST_PATH: usize = 1024;
const LONGEST_NAME: usize = 255;

/// The problem with a path relative to some folder, if any.
#[must_use]
pub fn path_problem(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("an empty path");
    }
    if path.len() > LONGEST_PATH {
        return Some("a path of more than 1024 bytes");
    }
    if path.starts_with('/') {
        return Some("an absolute path");
    }
    if path.contains('\\') {
        return Some("a path with a backslash");
    }
    if path.chars().any(char::is_control) {
        return Some("a path with a control character");
    }
    path.split('/').find_map(name_problem)
}

/// The problem with the path of a folder in the tree, if any: it must be below `clusters/`.
#[must_use]
pub fn folder_problem(path: &str) -> Option<&'static str> {
    path_problem(path).or_else(|| {
        let below = path.strip_prefix(TREE).and_then(|rest| rest.strip_prefix('/'));
        below.is_none().then_some("a path that is not below clusters/")
    })
}

fn name_problem(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("a path with an empty name"),
        "." => Some("a path with `.`"),
        ".." => Some("a path with `..`"),
        _ if name.len() > LONGEST_NAME => Some("a name of more than 255 bytes"),
        // Also on case-insensitive file systems.
        _ if name.eq_ignore_ascii_case(".git") => Some("a path into .git"),
        _ => None,
    }
}

/// Whether this is a record's name: `gen.lock.json`, or `gen-<environment>.lock.json` if environments share a folder.
#[must_use]
pub fn is_record_name(name: &str) -> bool {
    if name == "gen.lock.json" {
        return true;
    }
    let environment = name.strip_prefix("gen-").and_then(|rest| rest.strip_suffix(".lock.json"));
    environment.is_some_and(is_label)
}

/// Whether a file name could be mistaken for a record's on any file system. No record can list such a file.
pub(super) fn resembles_record(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.starts_with("gen") && name.ends_with(".lock.json")
}

/// A DNS label: the format of app and environment names.
pub(super) fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_could_leave_their_folder_are_refused() {
        let hostile = [
            "",
            "/etc/passwd",
            "..",
            "../README.md",
            "a/../../b",
            ".",
            "a/./b",
            "a//b",
            "a/",
            "a\\b",
            "..\\b",
            "a\nb",
            "a\0b",
            ".git/config",
            "x/.GIT/hooks/pre-commit",
            "\u{85}",
        ];
        for path in hostile {
            assert!(path_problem(path).is_some(), "{path:?} was taken");
        }
        assert!(path_problem(&"a/".repeat(600)).is_some());
        assert!(path_problem(&"a".repeat(256)).is_some());
        for path in ["a", "access/role.yaml", "...", "a b", "ü/ö.yaml", ".gitignore"] {
            assert_eq!(path_problem(path), None, "{path:?}");
        }
    }

    #[test]
    fn folders_lie_below_the_tree() {
        for path in
            ["clusters", "clusters/", "clustersx/a", "src", "clusters/../src", "/clusters/a"]
        {
            assert!(folder_problem(path).is_some(), "{path:?} was taken");
        }
        assert_eq!(folder_problem("clusters/homelab/dev/demo-app"), None);
    }

    #[test]
    fn names_of_records() {
        for name in ["gen.lock.json", "gen-dev.lock.json", "gen-a-1.lock.json"] {
            assert!(is_record_name(name), "{name}");
        }
        for name in [
            "gen-.lock.json",
            "gen-Dev.lock.json",
            "GEN.lock.json",
            "gen-a/b.lock.json",
            "xgen.lock.json",
            "gen-..lock.json",
        ] {
            assert!(!is_record_name(name), "{name}");
        }
        for path in ["gen.lock.json", "a/GEN.LOCK.JSON", "gen-Dev.lock.json"] {
            assert!(resembles_record(path), "{path}");
        }
    }
}
