//! The ports of an app and the paths of its checks.

use super::{Making, Sure};
use crate::propose::checkout::{Place, join, shown};
use crate::propose::health;
use crate::propose::language::Language;
use crate::propose::port::{of_base, of_command, of_sources, of_variables};
use crate::yaml::{Map, Value};

impl Making<'_> {
    /// Adds the ports, and returns the main one.
    pub(super) fn port(&mut self, others: &[&str], main: Option<Language>) -> Option<u16> {
        let exposed = self.exposed();
        if !exposed.is_empty() {
            return self.ports(&exposed);
        }
        for key in ["port", "ports"] {
            let Some(value) = self.compose.keys.get(key).cloned() else { continue };
            let main = value.as_int().or_else(|| {
                let all = value.as_map()?;
                let first =
                    all.get("http").or_else(|| all.iter().next().map(|(_, value)| value))?;
                first.as_int()
            });
            let main = main.and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
            if main.is_some() {
                self.say(key, value, Sure::Seen, self.compose.words());
                return main;
            }
        }
        if let Some((port, why)) = self.guessed(others, main) {
            self.say("port", u32::from(port), Sure::Guess, why);
            return Some(port);
        }
        let why = "the port it listens on; without one, it is a worker";
        self.say("port", 8080_u32, Sure::Missing, why);
        None
    }

    /// A port that no file exposes, and why it may be that.
    fn guessed(&self, others: &[&str], main: Option<Language>) -> Option<(u16, String)> {
        if let Some((path, file)) = &self.file
            && let Some((port, variable)) = of_variables(&file.last)
        {
            let text = self.checkout.text("", path).unwrap_or_default();
            let place = Place::of(path, text, variable).words();
            let why = format!("{place}: the variable {variable}");
            return Some((port, why));
        }
        if let Some((path, file)) = &self.file
            && let Some((port, line)) = of_command(&file.last)
        {
            let why = format!("{}: the command", Place::new(path, line).words());
            return Some((port, why));
        }
        if self.procfile.keys.contains_key("port") {
            let why = format!("{}: it listens on the port in PORT", self.procfile.words());
            return Some((8080, why));
        }
        if let Some((port, place)) = of_sources(self.checkout, &self.root.folder, others) {
            return Some((port, place.words()));
        }
        if let Some((path, file)) = &self.file
            && let Some(port) = of_base(&file.last)
        {
            let (place, base) = (Place::new(path, 0).words(), shown(&file.last.base));
            return Some((port, format!("{place}: images such as `{base}` listen there")));
        }
        if let (Some(Language::Java), Some(place)) = (main, self.spring()) {
            return Some((8080, format!("{}: the default of Spring Boot", place.words())));
        }
        None
    }

    /// The line that makes Spring Boot part of the app.
    fn spring(&self) -> Option<Place> {
        let files = ["pom.xml", "build.gradle", "build.gradle.kts"];
        files.iter().map(|name| join(&self.root.folder, name)).find_map(|path| {
            let text = self.checkout.text("", &path)?;
            ["spring-boot-starter-web", "org.springframework.boot"]
                .iter()
                .find(|part| text.contains(**part))
                .map(|part| Place::of(&path, text, part))
        })
    }

    /// What the Dockerfile exposes: port, protocol, and where that is.
    fn exposed(&mut self) -> Vec<(u16, String, Place)> {
        let Some((path, file)) = &self.file else { return Vec::new() };
        for (text, line) in &file.last.unclear {
            let place = Place::new(path, *line).words();
            self.app.left.push(format!("{place}: EXPOSE {} is not a port", shown(text)));
        }
        let place = |line: usize| Place::new(path, line);
        let all = file.last.ports.iter();
        all.map(|(port, protocol, line)| (*port, protocol.clone(), place(*line))).collect()
    }

    fn ports(&mut self, all: &[(u16, String, Place)]) -> Option<u16> {
        /// The most ports of an app.
        const MOST: usize = 16;
        let why = all[0].2.words();
        let main = all.iter().find(|(_, protocol, _)| protocol == "TCP").map(|(port, ..)| *port);
        if let ([_], Some(port)) = (all, main) {
            self.say("port", u32::from(port), Sure::Seen, why);
            return Some(port);
        }
        let mut map = Map::default();
        for (port, protocol, _) in &all[..all.len().min(MOST)] {
            let is_tcp = protocol == "TCP";
            let name = match (is_tcp, main == Some(*port)) {
                (true, true) => "http".to_owned(),
                (true, false) => format!("port-{port}"),
                (false, _) => format!("{}-{port}", protocol.to_ascii_lowercase()),
            };
            let number = Value::from(u32::from(*port));
            let full = [("port", number.clone()), ("protocol", protocol.as_str().into())];
            map.push(name, if is_tcp { number } else { Value::from(full) });
        }
        if all.len() > MOST {
            self.app.left.push(format!("{why}: more than {MOST} ports"));
        }
        self.say("ports", Value::Map(map), Sure::Seen, why);
        main
    }

    /// Adds the paths of the health checks.
    pub(super) fn checks(&mut self, port: Option<u16>, others: &[&str]) {
        let Some(main) = port else { return };
        let found = health::paths(self.checkout, &self.root.folder, others);
        let said = self.requested(main);
        if let Some((of, path, place)) = said {
            let value = match of.filter(|of| *of != main) {
                None => Value::from(path),
                Some(of) => {
                    Value::from([("path", path.into()), ("port", Value::from(u32::from(of)))])
                }
            };
            self.say("health", value, Sure::Seen, place);
            self.app.is_asked = true;
        } else if let Some((path, place)) = found.health {
            self.say("health", path, Sure::Guess, place.words());
            self.app.is_asked = true;
        } else {
            let why = "an HTTP path; otherwise an open port";
            self.say("health", "/healthz", Sure::Missing, why);
        }
        if let Some((path, place)) = found.ready {
            self.say("ready", path, Sure::Guess, place.words());
            self.app.is_asked = true;
        } else {
            let why = "an HTTP path, if not that of `health`";
            self.say("ready", "/ready", Sure::Missing, why);
        }
    }

    /// The request of the health check in the Dockerfile or the Compose file: port, path, and where that is.
    fn requested(&mut self, main: u16) -> Option<(Option<u16>, String, String)> {
        if let Some((path, file)) = &self.file
            && let Some((request, line)) = &file.last.health
        {
            let place = Place::new(path, *line).words();
            if let Some((port, path)) = request {
                return Some((*port, path.clone(), place));
            }
            let why = "HEALTHCHECK is not an HTTP request to the app; as a command: `health: {exec: […]}`";
            self.app.left.push(format!("{place}: {why}"));
        }
        let (port, path) = self.compose.health.clone()?;
        port.is_none_or(|port| port == main).then(|| (port, path, self.compose.words()))
    }
}
