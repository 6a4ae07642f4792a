//! Where rows hold: in words for people, in numbers for the search.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use crate::ops::page::{PageReport, Where};

/// The most apps that are named where something holds.
const NAMED: usize = 8;

/// The numbers of apps and environments, and the sets of places.
pub(super) struct Places<'r> {
    apps: BTreeMap<&'r str, usize>,
    environments: BTreeMap<&'r str, usize>,
    /// The number of apps in each environment.
    in_each: Vec<usize>,
    known: BTreeMap<String, usize>,
}

impl<'r> Places<'r> {
    /// The numbers of a page.
    pub(super) fn new(report: &'r PageReport) -> Self {
        let in_each =
            |at: usize| report.apps.iter().filter(|(_, cells)| cells[at].is_some()).count();
        Self {
            apps: report
                .apps
                .iter()
                .enumerate()
                .map(|(at, (name, _))| (name.as_str(), at))
                .collect(),
            environments: report
                .environments
                .iter()
                .enumerate()
                .map(|(at, one)| (one.name.as_str(), at))
                .collect(),
            in_each: (0..report.environments.len()).map(in_each).collect(),
            known: BTreeMap::new(),
        }
    }

    /// The apps by environment, in the order of the environments.
    fn by_environment<'p>(&self, places: &'p [Where]) -> Vec<(usize, &'p str, Vec<&'p str>)> {
        let mut all: BTreeMap<(usize, &str), Vec<&str>> = BTreeMap::new();
        for (environment, app) in places {
            // What is of a cluster and of no environment comes last.
            let at = self.environments.get(environment.as_str()).copied().unwrap_or(usize::MAX);
            all.entry((at, environment)).or_default().extend(app.as_deref());
        }
        all.into_iter().map(|((at, name), apps)| (at, name, apps)).collect()
    }

    /// The number of a set of places, by which the script finds it.
    pub(super) fn id(&mut self, places: &[Where]) -> usize {
        let mut text = "[".to_owned();
        for (environment, _, apps) in self.by_environment(places) {
            let mut numbers: Vec<usize> =
                apps.iter().filter_map(|app| self.apps.get(app).copied()).collect();
            numbers.sort_unstable();
            let mut ranges: Vec<(usize, usize)> = Vec::new();
            for number in numbers {
                match ranges.last_mut() {
                    Some((_, last)) if *last + 1 >= number => *last = number,
                    _ => ranges.push((number, number)),
                }
            }
            if text.len() > 1 {
                text.push(',');
            }
            let _ = write!(text, "[{environment},[");
            for (at, (first, last)) in ranges.iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                let _ = write!(text, "{comma}[{first},{last}]");
            }
            text.push_str("]]");
        }
        text.push(']');
        let next = self.known.len();
        *self.known.entry(text).or_insert(next)
    }

    /// Where something holds, in words.
    pub(super) fn named(&self, places: &[Where]) -> String {
        let all = self.by_environment(places).into_iter();
        let one = all.map(|(at, name, apps)| {
            let total = self.in_each.get(at).copied().unwrap_or(0);
            match apps.len() {
                0 => name.to_owned(),
                2 if total == 2 => format!("{name}: both apps"),
                count if count == total && count > 1 => format!("{name}: all {count} apps"),
                _ => format!("{name}: {}", listed(&apps)),
            }
        });
        one.collect::<Vec<_>>().join("; ")
    }

    /// The apps of one environment, in words.
    pub(super) fn apps_of(&self, environment: &str, apps: &[String]) -> String {
        let places: Vec<Where> =
            apps.iter().map(|app| (environment.to_owned(), Some(app.clone()))).collect();
        let named = self.named(&places);
        named.split_once(": ").map(|(_, apps)| apps.to_owned()).unwrap_or(named)
    }

    /// What the script reads.
    pub(super) fn data(&self) -> String {
        let mut sets: Vec<(&String, usize)> =
            self.known.iter().map(|(text, at)| (text, *at)).collect();
        sets.sort_by_key(|(_, at)| *at);
        let sets: Vec<&str> = sets.iter().map(|(text, _)| text.as_str()).collect();
        let mut names: Vec<(&str, usize)> =
            self.apps.iter().map(|(name, at)| (*name, *at)).collect();
        names.sort_by_key(|(_, at)| *at);
        let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        let names = json!(names).to_string();
        format!("{{\"apps\":{names},\"rows\":[{}]}}", sets.join(","))
    }
}

/// Names with commas, the first of many.
fn listed(names: &[&str]) -> String {
    if names.len() <= NAMED {
        return names.join(", ");
    }
    format!("{} and {} more", names[..NAMED].join(", "), names.len() - NAMED)
}
