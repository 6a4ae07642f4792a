//! One app of a checkout: each key with its value, how certain that is, and the place behind it.

mod image;
mod listens;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::checkout::{Checkout, Place, join, shown};
use super::dockerfile::{Dockerfile, read};
use super::git::Origin;
use super::language::{Language, languages};
use super::roots::{Root, relative};
use super::runs::{Runs, of_compose, of_procfile};
use super::unit::{Test, test};
use crate::import::compose::REGISTRY;
use crate::yaml::{Map, Value};

/// How certain a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// A file has it.
    Seen,
    /// A file suggests it.
    Guess,
    /// No file has it, and the spec needs it: a placeholder.
    StandIn,
    /// No file has it: it is written as a comment.
    Missing,
}

/// A key of an app.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The key.
    pub key: &'static str,
    /// The value; an example, if it is missing.
    pub value: Value,
    /// How certain it is.
    pub sure: Sure,
    /// The place behind it, or what to fill in.
    pub why: String,
}

/// A proposed app.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its language and the files that show it, others after the main one.
    pub language: String,
    /// Its keys, in the order in which they are written.
    pub lines: Vec<Line>,
    /// The task of its tests.
    pub test: Option<Test>,
    /// What its image is built from, or what is missing for that.
    pub build: (Sure, String),
    /// It has an HTTP path that a task can ask.
    pub is_asked: bool,
    /// What was found and is not in the spec, with the reason.
    pub left: Vec<String>,
}

impl App {
    /// Whether one of its processes runs before the app is rolled out.
    #[must_use]
    pub fn runs_first(&self) -> bool {
        let all = self.lines.iter().filter(|line| line.key == "processes");
        let all = all.filter_map(|line| line.value.as_map()).flat_map(Map::iter);
        let mut jobs = all.filter_map(|(_, process)| process.str_at(&["workload", "job"]));
        jobs.any(|when| when == "before")
    }
}

/// The state while an app is put together.
struct Making<'c> {
    checkout: &'c Checkout,
    root: &'c Root,
    file: Option<(&'c str, Dockerfile)>,
    app: App,
    compose: Runs,
    procfile: Runs,
}

/// Puts an app together.
#[must_use]
pub fn app(checkout: &Checkout, root: &Root, name: &str, origin: &Origin, others: &[&str]) -> App {
    let file = root.dockerfile.as_deref().and_then(|path| {
        let text = checkout.text("", path)?;
        Some((path, read(text)))
    });
    let bases: &[String] = file.as_ref().map_or(&[], |(_, file)| &file.bases);
    let all = languages(checkout, &root.folder, bases);
    let words: Vec<String> = all
        .iter()
        .map(|(language, place)| format!("{}: {}", language.name(), place.words()))
        .collect();
    let main: Option<Language> = all.first().map(|(language, _)| *language);
    let app = App {
        name: name.to_owned(),
        language: if words.is_empty() { "no known language".to_owned() } else { words.join("; ") },
        lines: Vec::new(),
        test: main.and_then(|main| test(checkout, &root.folder, main, bases)),
        build: (
            Sure::Seen,
            root.dockerfile.as_deref().map(|path| Place::new(path, 0).words()).unwrap_or_default(),
        ),
        is_asked: false,
        left: Vec::new(),
    };
    let compose = of_compose(checkout, root, name).unwrap_or_default();
    let procfile = of_procfile(checkout, root, name).unwrap_or_default();
    let mut making = Making { checkout, root, file, app, compose, procfile };
    making.source(origin);
    making.image();
    making.program();
    let port = making.port(others, main);
    making.checks(port, others);
    making.environment(port);
    making.user();
    making.processes();
    making.app.left.append(&mut making.compose.left);
    making.app.left.append(&mut making.procfile.left);
    making.app
}

impl Making<'_> {
    fn say(
        &mut self,
        key: &'static str,
        value: impl Into<Value>,
        sure: Sure,
        why: impl Into<String>,
    ) {
        self.app.lines.push(Line { key, value: value.into(), sure, why: why.into() });
    }

    fn source(&mut self, origin: &Origin) {
        let stand_in = format!("https://git.example/you/{}.git", self.app.name);
        let (url, sure, mut why) = match &origin.url {
            Some((url, place)) => (url.clone(), Sure::Seen, place.words()),
            None => (
                stand_in,
                Sure::StandIn,
                format!("the URL of this app's repository: {}", origin.why),
            ),
        };
        if origin.had_secret {
            why.push_str(", without its user and password; if it is private, add `secret: NAME`");
        }
        let mut value = Map::default();
        value.push("url", url.as_str());
        if let Some((branch, place)) = &origin.branch {
            value.push("branch", branch.as_str());
            let _ = write!(why, "; branch: {}", place.words());
        }
        if !self.root.folder.is_empty() {
            value.push("path", self.root.folder.as_str());
        }
        let value = if value.len() == 1 { Value::from(url) } else { Value::Map(value) };
        self.say("source", value, sure, why);
    }

    fn image(&mut self) {
        let image = format!("{REGISTRY}/{}", self.app.name);
        self.say(
            "image",
            image,
            Sure::StandIn,
            "an image repository that the pipeline can push to, without a tag",
        );
        match self.root.dockerfile.as_deref() {
            None => {
                let why = "write a Dockerfile: every builder needs one";
                self.app.build = (Sure::Missing, why.to_owned());
            }
            Some(path) => {
                if self.file.is_none() {
                    self.app.left.push(format!("{}: not read", Place::new(path, 0).words()));
                }
                let own = relative(self.root, path);
                if own != "Dockerfile" {
                    let value = Value::from([("dockerfile", own.into())]);
                    self.say("build", value, Sure::Seen, Place::new(path, 0).words());
                }
            }
        }
    }

    /// The command, if the image has none.
    fn program(&mut self) {
        let starts = self.file.as_ref().is_some_and(|(_, file)| !file.last.programs.is_empty());
        if let (false, Some(command)) = (starts, self.procfile.keys.get("command").cloned()) {
            self.say("command", command, Sure::Seen, self.procfile.words());
        } else if let (true, Some(place), true) =
            (starts, &self.procfile.place, self.procfile.keys.contains_key("command"))
        {
            self.app
                .left
                .push(format!("{}: process `web`: the image's own command is used", place.words()));
        } else {
            for key in ["command", "args"] {
                if let Some(value) = self.compose.keys.get(key).cloned() {
                    self.say(key, value, Sure::Seen, self.compose.words());
                }
            }
        }
    }

    fn environment(&mut self, port: Option<u16>) {
        let mut env = Map::default();
        let mut places = BTreeSet::new();
        // A Procfile's web process listens on the port in PORT.
        if let (true, Some(port)) = (self.procfile.keys.contains_key("env"), port) {
            env.push("PORT", port.to_string());
            places.insert(self.procfile.words());
        }
        if let Some(Value::Map(own)) = self.compose.keys.get("env") {
            places.insert(self.compose.words());
            for (name, value) in own.iter() {
                env.insert(name, value.clone());
            }
        }
        if !env.is_empty() {
            let why: Vec<String> = places.into_iter().collect();
            self.say("env", Value::Map(env), Sure::Seen, why.join(", "));
        }
        if let Some(storage) = self.compose.keys.get("storage").cloned() {
            let why = format!("{}; it does not give the size", self.compose.words());
            self.say("storage", storage, Sure::Guess, why);
        } else if let Some((path, file)) = &self.file {
            for (volume, line) in &file.last.volumes {
                let place = Place::new(path, *line).words();
                let volume = shown(volume);
                let why = "lost with the pod; `storage` keeps it";
                self.app.left.push(format!("{place}: the content of {volume}: {why}"));
            }
        }
    }

    fn processes(&mut self) {
        let mut all = self.procfile.processes.clone();
        let mut places = BTreeSet::new();
        if !all.is_empty() {
            places.insert(Place::new(&join(&self.root.folder, "Procfile"), 0).words());
        }
        // In a Procfile all run with the same variables.
        for (_, keys) in all.iter_mut() {
            if let Some(keys) = keys.as_map_mut()
                && keys.get("env") == Some(&Value::Null)
            {
                keys.remove("env");
            }
        }
        for (name, keys) in self.compose.processes.iter() {
            if !all.contains_key(name) {
                all.push(name.to_owned(), keys.clone());
                places.insert(self.compose.words());
            }
        }
        if !all.is_empty() {
            let why: Vec<String> = places.into_iter().collect();
            self.say("processes", Value::Map(all), Sure::Seen, why.join(", "));
        }
    }
}

impl Runs {
    fn words(&self) -> String {
        self.place.as_ref().map(Place::words).unwrap_or_default()
    }
}
