//! The image that a Dockerfile's last stage makes. The file is read, and nothing in it is run.

mod request;
mod text;
mod users;

use std::collections::BTreeMap;

pub use request::{Request, request};
use text::{expanded, instructions, unquoted, words};
pub use users::Made;

/// The image of a stage, as far as its instructions show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// Ports of `EXPOSE`: number, protocol, line.
    pub ports: Vec<(u16, String, usize)>,
    /// What follows `EXPOSE` and is no port: text and line.
    pub unclear: Vec<(String, usize)>,
    /// `USER`, with its line.
    pub user: Option<(String, usize)>,
    /// The request of `HEALTHCHECK`, if it makes one, and its line.
    pub health: Option<(Option<Request>, usize)>,
    /// `ENTRYPOINT` and `CMD`, with their lines.
    pub programs: BTreeMap<String, (String, usize)>,
    /// The image that it is made from, which is no stage.
    pub base: String,
    /// Users that are made, by name.
    pub users: BTreeMap<String, Made>,
    /// Paths of `VOLUME`, with their lines.
    pub volumes: Vec<(String, usize)>,
    /// The variables.
    variables: BTreeMap<String, String>,
}

/// A Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The image of its last stage.
    pub last: Image,
    /// The images that stages are made from, in their order.
    pub bases: Vec<String>,
    /// Users that stages make, with the images that those are made from: an image from `scratch` copies its users.
    pub made: BTreeMap<String, (Made, String)>,
}

/// Reads a Dockerfile.
#[must_use]
pub fn read(text: &str) -> Dockerfile {
    let mut file = Dockerfile::default();
    let mut stages: BTreeMap<String, Image> = BTreeMap::new();
    let mut global: BTreeMap<String, String> = BTreeMap::new();
    let mut current: Option<(Option<String>, Image)> = None;
    for (line, text) in instructions(text) {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        let (word, rest) = (word.to_ascii_uppercase(), rest.trim());
        if word == "FROM" {
            if let Some((name, image)) = current.take() {
                let all = image.users.iter();
                let all = all.map(|(user, made)| (user.clone(), (*made, image.base.clone())));
                file.made.extend(all);
                stages.extend(name.map(|name| (name, image)));
            }
            let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
            let base = expanded(words.next().unwrap_or_default(), &global);
            let name = words.next().filter(|word| word.eq_ignore_ascii_case("as"));
            let name = name.and_then(|_| words.next()).map(str::to_ascii_lowercase);
            let image = stages.get(&base.to_ascii_lowercase()).cloned().unwrap_or_else(|| {
                file.bases.push(base.clone());
                Image { base, ..Image::default() }
            });
            current = Some((name, image));
        } else if let Some((_, image)) = &mut current {
            image.take(&word, rest, line, &global);
        } else if word == "ARG"
            && let Some((name, value)) = rest.split_once('=')
        {
            global.insert(name.trim().to_owned(), unquoted(value).to_owned());
        }
    }
    file.last = current.map(|(_, image)| image).unwrap_or_default();
    file
}

impl Image {
    /// The value of a variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    fn take(&mut self, word: &str, rest: &str, line: usize, global: &BTreeMap<String, String>) {
        match word {
            "ENV" | "ARG" => self.variables(rest, global),
            "EXPOSE" => {
                for word in rest.split_whitespace() {
                    self.expose(&expanded(word, &self.variables), line);
                }
            }
            "USER" => {
                let user = expanded(unquoted(rest), &self.variables);
                let user = user.split(':').next().unwrap_or_default().to_owned();
                self.user = (!user.is_empty()).then_some((user, line));
            }
            "HEALTHCHECK" => {
                let command = expanded(rest, &self.variables);
                let is_none = rest.eq_ignore_ascii_case("none");
                self.health = (!is_none).then(|| (request(&command), line));
            }
            "CMD" | "ENTRYPOINT" => {
                let command = expanded(rest, &self.variables);
                self.programs.insert(word.to_owned(), (command, line));
            }
            "RUN" => self.users.extend(users::made(rest, line, &self.variables)),
            "VOLUME" => self.volumes(rest, line),
            _ => {}
        }
    }

    fn variables(&mut self, rest: &str, global: &BTreeMap<String, String>) {
        if let Some(value) = global.get(rest) {
            self.variables.insert(rest.to_owned(), value.clone());
        }
        if let (false, Some((name, value))) = (rest.contains('='), rest.split_once(' ')) {
            self.variables.insert(name.to_owned(), value.trim().to_owned());
        }
        for pair in rest.split_whitespace() {
            if let Some((name, value)) = pair.split_once('=') {
                let value = expanded(unquoted(value), &self.variables);
                self.variables.insert(name.to_owned(), value);
            }
        }
    }

    /// Words, or a list in JSON.
    fn volumes(&mut self, rest: &str, line: usize) {
        let rest = rest.trim_start_matches('[').trim_end_matches(']').replace(',', " ");
        let all = words(&expanded(&rest, &self.variables));
        self.volumes.extend(all.into_iter().map(|path| (path, line)));
    }

    fn expose(&mut self, word: &str, line: usize) {
        let (number, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
        let protocol = protocol.to_ascii_uppercase();
        let is_known = matches!(protocol.as_str(), "TCP" | "UDP" | "SCTP");
        match number.parse::<u16>() {
            Ok(number) if number > 0 && is_known => {
                let is_there =
                    |(other, of, _): &(u16, String, usize)| *other == number && *of == protocol;
                if !self.ports.iter().any(is_there) {
                    self.ports.push((number, protocol, line));
                }
            }
            _ => self.unclear.push((word.to_owned(), line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_stage_counts_with_what_it_is_made_from() {
        let text = "ARG BASE=debian:13\nFROM golang:1.25 AS build\nEXPOSE 1\nUSER root\nFROM $BASE AS run\nENV PORT=9000\nRUN useradd --uid 1001 \\\n    # a comment\n    app && true\nEXPOSE $PORT 53/udp 9000/tcp 8000-8010\nFROM run\nUSER app:app\nHEALTHCHECK --interval=5s \\\n  CMD curl -f http://localhost:${PORT}/healthz || exit 1\nCMD [\"x\"]\n";
        let file = read(text);
        assert_eq!(file.bases, ["golang:1.25", "debian:13"]);
        let last = file.last;
        assert_eq!(last.ports, [(9000, "TCP".to_owned(), 10), (53, "UDP".to_owned(), 10)]);
        assert_eq!(last.unclear, [("8000-8010".to_owned(), 10)]);
        assert_eq!(last.user, Some(("app".to_owned(), 12)));
        assert_eq!((last.users["app"].id, last.users["app"].line), (Some(1001), 7));
        assert_eq!(last.health, Some((Some((Some(9000), "/healthz".to_owned())), 13)));
        assert_eq!(last.programs["CMD"], ("[\"x\"]".to_owned(), 15));
    }

    #[test]
    fn a_here_document_has_no_instructions() {
        let file = read("FROM a\nRUN <<EOF\nUSER root\nEXPOSE 1\nEOF\nEXPOSE 80\n");
        assert_eq!(file.last.ports, [(80, "TCP".to_owned(), 6)]);
        assert_eq!(file.last.user, None);
    }

    #[test]
    fn a_value_that_grows_without_end_does_not() {
        let mut text = "FROM a\nENV A=xxxxxxxxxxxxxxxx\n".to_owned();
        for _ in 0..64 {
            text.push_str("ENV A=$A$A$A$A\n");
        }
        assert!(read(&text).last.variables["A"].len() <= 3 * 4096);
    }
}
