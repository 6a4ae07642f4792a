//! Users that the commands of a Dockerfile make, with their numbers as far as those are known.

use std::collections::BTreeMap;

use super::text::{expanded, words};

/// A user that a command makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// The number, if the command sets it.
    pub id: Option<u32>,
    /// The line of the command.
    pub line: usize,
    /// `useradd`, which is not in Alpine; otherwise `adduser`.
    is_useradd: bool,
    is_system: bool,
}

/// Options whose value is the next word. Short ones may stand together, as in `-rmd /app`.
const SHORT: &str = "bcdefgGhkKpsuZ";
const LONG: [&str; 18] = [
    "base-dir",
    "comment",
    "expiredate",
    "firstuid",
    "gecos",
    "gid",
    "groups",
    "home",
    "home-dir",
    "inactive",
    "ingroup",
    "key",
    "lastuid",
    "password",
    "root",
    "shell",
    "skel",
    "uid",
];
/// Images of Debian or Alpine without users of their own from 1000.
const PLAIN: [&str; 7] = ["alpine", "debian", "golang", "php", "python", "ruby", "rust"];

impl Made {
    /// The number that the tool gives to the first user that it makes in an official image, if that is known.
    #[must_use]
    pub fn usual(&self, tool: &str, base: &str) -> Option<u32> {
        let is_alpine = tool == "alpine" || base.contains("alpine");
        let is_plain = PLAIN.contains(&tool) || is_alpine && tool == "eclipse-temurin";
        match (self.is_useradd, self.is_system, is_alpine) {
            _ if !is_plain => None,
            (true, true, false) => Some(999),
            (false, true, true) => Some(100),
            (true, false, false) | (false, false, _) => Some(1000),
            _ => None,
        }
    }
}

/// The users that the commands of a `RUN` make, by name.
pub(super) fn made(
    run: &str,
    line: usize,
    variables: &BTreeMap<String, String>,
) -> Vec<(String, Made)> {
    let is_one = |command: &&str| command.contains("useradd") || command.contains("adduser");
    let commands = run.split([';', '&', '|']).filter(is_one);
    commands.filter_map(|command| of(&words(&expanded(command, variables)), line)).collect()
}

fn of(words: &[String], line: usize) -> Option<(String, Made)> {
    let tool = |word: &String| match word.rsplit('/').next() {
        Some("useradd") => Some(true),
        Some("adduser") => Some(false),
        _ => None,
    };
    let (at, is_useradd) =
        words.iter().enumerate().find_map(|(at, word)| Some((at, tool(word)?)))?;
    let mut made = Made { id: None, line, is_useradd, is_system: false };
    let mut name = None;
    let mut rest = words[at + 1..].iter();
    while let Some(word) = rest.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (option, own) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            made.is_system |= option == "system";
            let value = own.or_else(|| {
                LONG.contains(&option).then(|| rest.next().map(String::as_str)).flatten()
            });
            if option == "uid" {
                made.id = value.and_then(|value| value.parse().ok());
            }
        } else if let Some(short) = word.strip_prefix('-') {
            let (before, taking) = short.find(|c| SHORT.contains(c)).map_or((short, None), |at| {
                (&short[..at], Some(short[at..].split_at(short[at..].len().min(1))))
            });
            made.is_system |= before.contains(if is_useradd { 'r' } else { 'S' });
            if let Some((option, own)) = taking {
                let value =
                    if own.is_empty() { rest.next().map(String::as_str) } else { Some(own) };
                if option == "u" {
                    made.id = value.and_then(|value| value.parse().ok());
                }
            }
        } else if name.is_none() {
            name = Some(word.clone());
        }
    }
    Some((name?, made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_its_number_however_it_is_said() {
        let variables = BTreeMap::from([("UID".to_owned(), "1001".to_owned())]);
        for command in [
            "useradd -u 1001 app",
            "/usr/sbin/useradd --uid=1001 --no-create-home app",
            "groupadd app && useradd -rmu 1001 -g app -d /app app",
            "adduser -D -H -g '' -u 1001 app",
            "adduser -u1001 -D app",
            "adduser --disabled-password --gecos \"the app\" --home \"/none\" --uid \"${UID}\" app",
            "adduser app --uid 1001",
        ] {
            let all = made(command, 3, &variables);
            let [(name, made)] = &all[..] else { panic!("{command}: {all:?}") };
            assert_eq!((name.as_str(), made.id, made.line), ("app", Some(1001), 3), "{command}");
        }
        assert_eq!(made("apt-get install adduser", 1, &variables), []);
        assert_eq!(made("useradd -u $X app", 1, &variables)[0].1.id, None);
    }

    #[test]
    fn the_first_user_has_the_usual_number() {
        for (command, tool, base, number) in [
            ("useradd -m app", "python", "python:3.12-slim", Some(1000)),
            ("useradd --system app", "debian", "debian:13", Some(999)),
            ("adduser -D app", "python", "python:3.12-alpine", Some(1000)),
            ("adduser -S app -G app", "alpine", "alpine:3.22", Some(100)),
            ("adduser --system app", "debian", "debian:13", None),
            ("adduser -S app", "eclipse-temurin", "eclipse-temurin:21-jre-alpine", Some(100)),
            // `node` is 1000 there.
            ("useradd app", "node", "node:22", None),
            ("useradd app", "ubuntu", "ubuntu:24.04", None),
        ] {
            let all = made(command, 1, &BTreeMap::new());
            assert_eq!(all[0].1.usual(tool, base), number, "{command}");
        }
    }
}
