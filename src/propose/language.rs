//! The language of an app, by the files that its tools need.

use super::checkout::{Checkout, Place, name};

/// A language, or what an app is instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Go
    Go,
    /// Rust
    Rust,
    /// Java and what else Maven and Gradle build
    Java,
    /// .NET
    DotNet,
    /// PHP
    Php,
    /// Python
    Python,
    /// Ruby
    Ruby,
    /// Node.js
    Node,
    /// Files for a web server
    Static,
}

impl Language {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Go => "Go",
            Self::Rust => "Rust",
            Self::Java => "Java",
            Self::DotNet => ".NET",
            Self::Php => "PHP",
            Self::Python => "Python",
            Self::Ruby => "Ruby",
            Self::Node => "Node.js",
            Self::Static => "static files",
        }
    }

    /// Names of images of its tools.
    fn images(self) -> &'static [&'static str] {
        match self {
            Self::Go => &["golang"],
            Self::Rust => &["rust"],
            Self::Java => &["maven", "gradle", "eclipse-temurin", "openjdk"],
            Self::DotNet => &["sdk", "aspnet"],
            Self::Php => &["php", "composer"],
            Self::Python => &["python"],
            Self::Ruby => &["ruby"],
            Self::Node => &["node"],
            Self::Static => &["nginx", "httpd", "caddy"],
        }
    }
}

/// The languages of a folder with the files that show them: the main one is the first.
#[must_use]
pub fn languages(checkout: &Checkout, folder: &str, bases: &[String]) -> Vec<(Language, Place)> {
    const FILES: [(Language, &[&str]); 8] = [
        (Language::Go, &["go.mod"]),
        (Language::Rust, &["Cargo.toml"]),
        (Language::Java, &["pom.xml", "build.gradle", "build.gradle.kts"]),
        (Language::Php, &["composer.json"]),
        (Language::Python, &["pyproject.toml", "requirements.txt", "setup.py", "Pipfile"]),
        (Language::Ruby, &["Gemfile"]),
        (Language::Node, &["package.json"]),
        (Language::Static, &["index.html", "public/index.html"]),
    ];
    let mut all: Vec<(Language, Place)> = Vec::new();
    for (language, names) in FILES {
        let there = names.iter().find(|name| checkout.has(folder, name));
        if let Some(path) = there {
            all.push((language, Place::new(&super::checkout::join(folder, path), 0)));
        }
        if language == Language::Java
            && let Some(path) = project(checkout, folder)
        {
            all.push((Language::DotNet, Place::new(path, 0)));
        }
    }
    let is_base = |(language, _): &(Language, Place)| {
        bases.iter().any(|base| language.images().contains(&tool(base)))
    };
    if let Some(at) = all.iter().position(is_base) {
        let main = all.remove(at);
        all.insert(0, main);
    }
    // A page beside a program is part of it.
    if all.len() > 1 && all[0].0 != Language::Static {
        all.retain(|(language, _)| *language != Language::Static);
    }
    all
}

/// The project of .NET in a folder or in one below.
fn project<'c>(checkout: &'c Checkout, folder: &str) -> Option<&'c str> {
    let is_one = |rest: &str| {
        rest.matches('/').count() <= 2
            && name(rest)
                .rsplit_once('.')
                .is_some_and(|(_, end)| matches!(end, "csproj" | "fsproj"))
    };
    let mut all: Vec<&str> =
        checkout.below(folder).filter(|(_, rest)| is_one(rest)).map(|(path, _)| path).collect();
    // The app, rather than its tests.
    all.sort_by_key(|path| (path.to_ascii_lowercase().contains("test"), path.matches('/').count()));
    all.first().copied()
}

/// `golang` of `docker.io/library/golang:1.25`.
pub(super) fn tool(image: &str) -> &str {
    let last = name(image.split('@').next().unwrap_or_default());
    last.split(':').next().unwrap_or_default()
}
