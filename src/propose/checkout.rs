//! The content of a checkout: names of files, and the texts of those that describe the app.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostics::visible;

/// The files of a checkout.
#[derive(Debug, Clone, Default)]
pub struct Checkout {
    /// The name of its folder.
    pub name: String,
    /// All paths that were seen, in their order.
    pub paths: Vec<String>,
    /// The texts of those that were read.
    pub texts: BTreeMap<String, Arc<str>>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path.
    pub path: String,
    /// The line, from 1; 0 for the whole file.
    pub line: usize,
}

/// Folders whose files are not the app's own, or are made of those.
const FOREIGN: [&str; 9] = [
    "node_modules",
    "bower_components",
    "vendor",
    "third_party",
    "target",
    "dist",
    "obj",
    "venv",
    "__pycache__",
];
/// Files that describe what the app is made of and how it runs.
const MANIFESTS: [&str; 22] = [
    "Dockerfile",
    "Containerfile",
    "Procfile",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "pyproject.toml",
    "requirements.txt",
    "requirements-dev.txt",
    "package.json",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "setup.cfg",
    "Gemfile",
    "application.properties",
    "application.yml",
    "application.yaml",
];
/// Endings of sources, in which routes are looked for.
const SOURCES: [&str; 21] = [
    "py", "js", "mjs", "cjs", "ts", "mts", "jsx", "tsx", "go", "rs", "java", "kt", "scala", "cs",
    "fs", "php", "rb", "ex", "conf", "csproj", "fsproj",
];
/// Files of git with the origin of the checkout.
pub const OF_GIT: [&str; 3] = [".git/config", ".git/HEAD", ".git/refs/remotes/origin/HEAD"];

/// Whether a folder's files are looked at.
#[must_use]
pub fn is_own(folder: &str) -> bool {
    let name = name(folder);
    !name.starts_with('.') && !FOREIGN.contains(&name)
}

/// Whether a file describes what the app is and how it runs.
#[must_use]
pub fn is_manifest(path: &str) -> bool {
    MANIFESTS.contains(&name(path)) || is_dockerfile(path)
}

/// Whether a file may name routes.
#[must_use]
pub fn is_source(path: &str) -> bool {
    name(path).rsplit_once('.').is_some_and(|(_, end)| SOURCES.contains(&end))
}

/// Whether a file describes how an image is built.
#[must_use]
pub fn is_dockerfile(path: &str) -> bool {
    let name = name(path);
    matches!(name, "Dockerfile" | "Containerfile")
        || name.starts_with("Dockerfile.") && !is_called(name, "dockerignore")
        || is_called(name, "Dockerfile")
}

/// Whether a path has this extension.
#[must_use]
pub fn is_called(path: &str, extension: &str) -> bool {
    name(path).rsplit_once('.').is_some_and(|(_, end)| end == extension)
}

/// The last part of a path.
#[must_use]
pub fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path; empty for the checkout itself.
#[must_use]
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path below a folder.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

impl Checkout {
    /// The text of a file below a folder.
    #[must_use]
    pub fn text(&self, folder: &str, path: &str) -> Option<&str> {
        self.texts.get(&join(folder, path)).map(AsRef::as_ref)
    }

    /// Whether there is a file.
    #[must_use]
    pub fn has(&self, folder: &str, path: &str) -> bool {
        self.paths.binary_search(&join(folder, path)).is_ok()
    }

    /// The paths below a folder, each with what follows the folder.
    pub fn below<'c>(&'c self, folder: &str) -> impl Iterator<Item = (&'c str, &'c str)> {
        let folder = folder.to_owned();
        self.paths.iter().filter_map(move |path| {
            let rest = match folder.as_str() {
                "" => Some(path.as_str()),
                folder => path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')),
            };
            Some((path.as_str(), rest?))
        })
    }
}

impl Place {
    /// A line of a file.
    #[must_use]
    pub fn new(path: &str, line: usize) -> Self {
        Self { path: path.to_owned(), line }
    }

    /// The first line of a text with this in it, or the whole file.
    #[must_use]
    pub fn of(path: &str, text: &str, part: &str) -> Self {
        let at = text.lines().position(|line| line.contains(part));
        Self::new(path, at.map_or(0, |at| at + 1))
    }

    /// `FILE:LINE`, whatever the file is called.
    #[must_use]
    pub fn words(&self) -> String {
        let path = shown(&self.path);
        if self.line == 0 { path } else { format!("{path}:{}", self.line) }
    }
}

/// A foreign text for a comment or a line of output: on one line, without codes, and short.
#[must_use]
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let line: String = text.chars().take(LONGEST + 1).collect();
    let line = visible(&line).replace('\n', "\\u{a}");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let start: String = line.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_is_one_short_line_without_codes() {
        assert_eq!(shown("a\nb\u{1b}[31m"), "a\\u{a}b\\u{1b}[31m");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), 80);
        assert_eq!(Place::new("a\nversion: 2", 3).words(), "a\\u{a}version: 2:3");
    }
}
