//! A task that runs an app's tests, if some can be seen: the usual command of its language, in the image that it is built in.

use super::checkout::{Checkout, Place, is_called, join, name};
use super::language::{Language, tool};
use crate::name::Check;

/// A task that runs the tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The image.
    pub image: String,
    /// The script.
    pub script: String,
    /// Where tests were seen.
    pub seen: Place,
}

/// Where tests were seen, the image to run them in if the Dockerfile names none, and the script.
type Found = (Place, &'static str, String);

/// An app's folder.
struct Looking<'c> {
    checkout: &'c Checkout,
    folder: &'c str,
}

/// A task for the tests, if some can be seen.
#[must_use]
pub fn test(
    checkout: &Checkout,
    folder: &str,
    language: Language,
    bases: &[String],
) -> Option<Test> {
    let looking = Looking { checkout, folder };
    let (seen, default, script) = match language {
        Language::Go => looking.go(),
        Language::Rust => looking.rust(),
        Language::Java => looking.java(),
        Language::DotNet => looking.dot_net(),
        Language::Php => looking.php(),
        Language::Python => looking.python(),
        Language::Ruby => looking.ruby(),
        Language::Node => looking.node(),
        Language::Static => None,
    }?;
    let is_image = |image: &&String| {
        image.chars().all(is_plain)
            && tool(image) == tool(default)
            && image.contains([':', '@'])
            && image.len() <= 200
    };
    let image = bases.iter().find(is_image).map(|image| whole(image));
    // Gems with parts in C need a compiler, which a slim image lacks.
    let image = image.map(|image| match image.strip_suffix("-slim") {
        Some(full) if language == Language::Ruby => full.to_owned(),
        _ => image,
    });
    let image = image.filter(|image| Check::Image.test(image).is_ok());
    Some(Test { image: image.unwrap_or_else(|| default.to_owned()), script, seen })
}

/// Whether a character means nothing else to a shell or to YAML.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_./:@".contains(c)
}

/// A path below a folder.
fn relative<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(&join(folder, ""))
}

/// An image with its registry, as Kubernetes and gen take it.
fn whole(image: &str) -> String {
    match image.split_once('/') {
        None => format!("docker.io/library/{image}"),
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => image.to_owned(),
        Some(_) => format!("docker.io/{image}"),
    }
}

impl Looking<'_> {
    fn has(&self, path: &str) -> bool {
        self.checkout.has(self.folder, path)
    }

    /// The first file of a kind.
    fn first(&self, is_one: impl Fn(&str) -> bool) -> Option<Place> {
        let mut all = self.checkout.below(self.folder);
        all.find(|(_, rest)| is_one(rest)).map(|(path, _)| Place::new(path, 0))
    }

    /// The line of a file that has this in it.
    fn says(&self, file: &str, part: &str) -> Option<Place> {
        let text = self.checkout.text(self.folder, file).filter(|text| text.contains(part))?;
        Some(Place::of(&join(self.folder, file), text, part))
    }

    /// The first line that has this in it, of the files of a kind.
    fn some_says(&self, is_one: impl Fn(&str) -> bool, part: &str) -> Option<Place> {
        let mut all = self.checkout.below(self.folder).filter(|(_, rest)| is_one(rest));
        all.find_map(|(_, rest)| self.says(rest, part))
    }

    fn go(&self) -> Option<Found> {
        let seen = self.first(|path| path.ends_with("_test.go"))?;
        Some((
            seen,
            "docker.io/library/golang:1.25",
            "export GOPATH=\"$HOME/go\"\ngo test ./...\n".to_owned(),
        ))
    }

    fn rust(&self) -> Option<Found> {
        let is_own = |path: &str| path.starts_with("tests/") && is_called(path, "rs");
        let seen = self
            .first(is_own)
            .or_else(|| self.some_says(|path| path.starts_with("src/"), "#[test]"))?;
        let script = if self.has("Cargo.lock") {
            "export CARGO_HOME=\"$HOME/.cargo\"\ncargo test --locked\n"
        } else {
            "export CARGO_HOME=\"$HOME/.cargo\"\ncargo test\n"
        };
        Some((seen, "docker.io/library/rust:1", script.to_owned()))
    }

    fn java(&self) -> Option<Found> {
        let seen =
            self.first(|path| path.starts_with("src/test/") || path.contains("/src/test/"))?;
        if self.has("pom.xml") {
            let script = "mvn --batch-mode -Dmaven.repo.local=\"$HOME/.m2\" test";
            let image = "docker.io/library/maven:3-eclipse-temurin-21";
            return Some((seen, image, script.to_owned()));
        }
        let script = "export GRADLE_USER_HOME=\"$HOME/.gradle\"\ngradle --no-daemon test\n";
        Some((seen, "docker.io/library/gradle:8-jdk21", script.to_owned()))
    }

    fn dot_net(&self) -> Option<Found> {
        let is_project = |path: &str| is_called(path, "csproj") || is_called(path, "fsproj");
        let seen = self.some_says(is_project, "Microsoft.NET.Test.Sdk")?;
        let solutions = self.checkout.below(self.folder).filter(|(_, path)| {
            !path.contains('/') && (is_called(path, "sln") || is_called(path, "slnx"))
        });
        let has_solution = solutions.count() == 1;
        let test = match relative(&seen.path, self.folder).filter(|_| !has_solution) {
            Some(path) if path.chars().all(is_plain) && !path.starts_with('-') => {
                format!("dotnet test {path}")
            }
            _ => "dotnet test".to_owned(),
        };
        let script = format!("export DOTNET_CLI_HOME=\"$HOME\" DOTNET_NOLOGO=1\n{test}\n");
        Some((seen, "mcr.microsoft.com/dotnet/sdk:9.0", script))
    }

    fn php(&self) -> Option<Found> {
        let seen = self.first(|path| matches!(path, "phpunit.xml" | "phpunit.xml.dist"))?;
        let script = "export COMPOSER_HOME=\"$HOME/.composer\"\ncomposer install --no-interaction\nvendor/bin/phpunit\n";
        Some((seen, "docker.io/library/composer:2", script.to_owned()))
    }

    fn python(&self) -> Option<Found> {
        let is_test = |path: &str| {
            let file = name(path);
            is_called(file, "py") && (file.starts_with("test_") || file.ends_with("_test.py"))
        };
        let seen = self.says("pyproject.toml", "[tool.pytest").or_else(|| self.first(is_test))?;
        let script = match (self.has("requirements.txt"), self.has("requirements-dev.txt")) {
            (true, true) => {
                "pip install --quiet --user -r requirements.txt -r requirements-dev.txt\npython -B -m pytest -q\n"
            }
            (false, true) => {
                "pip install --quiet --user -r requirements-dev.txt\npython -B -m pytest -q\n"
            }
            (true, false) => {
                "pip install --quiet --user -r requirements.txt pytest\npython -B -m pytest -q\n"
            }
            (false, false) => "pip install --quiet --user . pytest\npython -B -m pytest -q\n",
        };
        Some((seen, "docker.io/library/python:3.13-slim", script.to_owned()))
    }

    fn ruby(&self) -> Option<Found> {
        let spec = self.first(|path| path.starts_with("spec/") && path.ends_with("_spec.rb"));
        let test = || self.first(|path| path.starts_with("test/") && path.ends_with("_test.rb"));
        let is_rails = self.has("bin/rails");
        let (seen, run) = match spec {
            Some(seen) => (seen, "bundle exec rspec"),
            None if is_rails => (test()?, "bin/rails test"),
            None => (test()?, "bundle exec rake test"),
        };
        let script =
            format!("export BUNDLE_PATH=\"$HOME/bundle\"\nbundle install --quiet\n{run}\n");
        Some((seen, "docker.io/library/ruby:3.4", script))
    }

    fn node(&self) -> Option<Found> {
        let seen = self.says("package.json", "\"test\":")?;
        // What `npm init` writes.
        if self.says("package.json", "no test specified").is_some() {
            return None;
        }
        let script = if self.has("package-lock.json") {
            "npm ci --no-audit --no-fund\nnpm test\n"
        } else if self.has("yarn.lock") {
            "yarn install --frozen-lockfile\nyarn test\n"
        } else if self.has("pnpm-lock.yaml") {
            "npx --yes pnpm install --frozen-lockfile\nnpx --yes pnpm test\n"
        } else {
            "npm install --no-audit --no-fund --no-save\nnpm test\n"
        };
        Some((seen, "docker.io/library/node:22-slim", script.to_owned()))
    }
}
