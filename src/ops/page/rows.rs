//! Rows that say the same of many apps, once.
//!
//! A thousand apps have a thousand times the same rights, but for their names. So the names of the app and of the environment in a row
//! become blanks, and rows that are then equal become one, with the list of where it holds. The names fit back into the blanks, so
//! nothing is lost.

use std::collections::BTreeMap;

/// Stands for the name of the app.
pub const APP: char = '\u{E000}';
/// Stands for the name of the environment.
pub const ENVIRONMENT: char = '\u{E001}';

/// Where a row holds: environment, and app if it is about one.
pub type Where = (String, Option<String>);

/// A row, with blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<String>,
    /// Where it holds, sorted.
    pub places: Vec<Where>,
}

/// Rows by their cells.
#[derive(Debug, Default)]
pub struct Rows(BTreeMap<Vec<String>, Vec<Where>>);

impl Rows {
    /// Adds a row.
    pub fn add(&mut self, at: &Where, cells: Vec<String>) {
        let (environment, app) = at;
        let blank = |cell: String| {
            // What has such a character of its own would be filled wrongly, so it has none.
            let cell = cell.replace([APP, ENVIRONMENT], "\u{fffd}");
            let cell = app.as_ref().map_or(cell.clone(), |app| blanked(&cell, app, APP));
            blanked(&cell, environment, ENVIRONMENT)
        };
        let cells = cells.into_iter().map(blank).collect();
        let places = self.0.entry(cells).or_default();
        if places.last() != Some(at) {
            places.push(at.clone());
        }
    }

    /// All rows. A row that holds in one place has its names.
    #[must_use]
    pub fn done(self) -> Vec<Row> {
        let all = self.0.into_iter().map(|(cells, mut places)| {
            places.sort();
            places.dedup();
            let cells = match places.as_slice() {
                [place] => cells.iter().map(|cell| filled(cell, place)).collect(),
                _ => cells,
            };
            Row { cells, places }
        });
        all.collect()
    }
}

/// The names in their blanks.
#[must_use]
pub fn filled(cell: &str, (environment, app): &Where) -> String {
    cell.replace(APP, app.as_deref().unwrap_or_default()).replace(ENVIRONMENT, environment)
}

/// The text with a blank for each name that is a word of its own.
fn blanked(text: &str, name: &str, blank: char) -> String {
    if name.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let left = before.chars().next_back().or(out.chars().next_back());
        out.push_str(before);
        // The end of an API group is no name: `pipelines` of `tekton.dev`.
        if left != Some('.') && is_edge(left) && is_edge(after.chars().next()) {
            out.push(blank);
        } else {
            out.push_str(name);
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_groups_are_no_names() {
        assert_eq!(
            blanked("tasks.tekton.dev in shop-dev", "dev", '?'),
            "tasks.tekton.dev in shop-?"
        );
    }

    fn place(environment: &str, app: &str) -> Where {
        (environment.to_owned(), Some(app.to_owned()))
    }

    #[test]
    fn rows_that_differ_in_names_only_are_one() {
        let mut rows = Rows::default();
        for (environment, app) in [("dev", "shop"), ("prod", "shop"), ("dev", "web-shop")] {
            let at = place(environment, app);
            rows.add(&at, vec![format!("{app}-{environment}/{app}"), "get pods".to_owned()]);
            rows.add(&at, vec![format!("{app}-{environment}/{app}"), "get pods".to_owned()]);
        }
        rows.add(&place("dev", "shop"), vec!["workshop in development, shop".to_owned()]);
        let all = rows.done();
        assert_eq!(all.len(), 2, "{all:?}");
        let many = all.iter().find(|row| row.places.len() == 3).expect("one holds thrice");
        assert_eq!(filled(&many.cells[0], &many.places[2]), "shop-prod/shop");
        let one = all.iter().find(|row| row.places.len() == 1).expect("one holds once");
        assert_eq!(one.cells, ["workshop in development, shop"]);
    }

    #[test]
    fn names_fit_back() {
        for text in ["a-a-a/a", "aa a", "", "x\u{E000}y", "ä a"] {
            let mut rows = Rows::default();
            let at = place("e", "a");
            rows.add(&at, vec![text.to_owned()]);
            assert_eq!(rows.done()[0].cells[0], text.replace('\u{E000}', "\u{fffd}"));
        }
    }
}
