//! What a golden case is about: the part of a tree that is compared.
//!
//! A case's file `about` has a selector a line; `#` begins a comment. A selector names files by a pattern (`*`, `**`), and may
//! narrow them:
//!
//! - `dev/dev/shop/app/workload.yaml`: files as they are
//! - `dev/dev/shop/app/workload.yaml Deployment/shop`: objects; `*` stands for any part of a kind or name
//! - `dev/dev/shop/app/workload.yaml Deployment/shop spec.template.spec.containers[shop].env`: fields of objects; items of a list
//!   by their `name` or by `*`. Kind and name of the object and the name of each item stay.
//! - `objects dev/dev/shop/**`: which objects there are, in `objects.txt`, a line each
//! - `unchanged`: every file is as it was before the last call of gen
//!
//! Lines stay as they were written, so that quoting and order are compared too.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobMatcher};

/// A tree: path below clusters/ and content.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// What a case is about.
pub struct About {
    selectors: Vec<Selector>,
}

struct Selector {
    /// As it was written.
    line: String,
    what: What,
}

enum What {
    Unchanged,
    Objects(GlobMatcher),
    Files(GlobMatcher),
    Parts { files: GlobMatcher, object: GlobMatcher, field: Vec<Step> },
}

/// A step into an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    /// In a selector, an item by its `name`, or `*`.
    Named(String),
    /// In an object, an item by its number.
    Item(usize),
}

/// Of paths a `*` matches within one name, of objects anything.
fn glob(pattern: &str, is_path: bool) -> GlobMatcher {
    let glob = GlobBuilder::new(pattern).literal_separator(is_path).build();
    glob.unwrap_or_else(|error| panic!("{error}")).compile_matcher()
}

impl About {
    /// Reads the file.
    pub fn new(text: &str) -> Self {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let selectors = lines
            .filter(|line| !line.is_empty())
            .map(|line| Selector { line: line.to_owned(), what: What::new(line) });
        Self { selectors: selectors.collect() }
    }

    /// The part of the tree `after` that is compared, as files of the case; or the selectors that select nothing.
    pub fn of(&self, before: &Tree, after: &Tree) -> Result<Tree, String> {
        let mut wrong = Vec::new();
        let mut parts: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
        let mut objects = BTreeSet::new();
        if self.selectors.is_empty() {
            wrong.push("`about` has no selector".to_owned());
        }
        for Selector { line, what } in &self.selectors {
            let mut count = 0;
            match what {
                What::Unchanged => {
                    count = 1;
                    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                    let changed =
                        paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
                    wrong.extend(
                        changed.map(|path| format!("{path} is not as it was before the last call")),
                    );
                }
                What::Objects(files) => {
                    for (path, content) in after.iter().filter(|(path, _)| files.is_match(path)) {
                        let text = String::from_utf8_lossy(content);
                        let all: Vec<Document> = documents(path, &text);
                        objects.extend(all.iter().map(|each| format!("{path} {}\n", each.title())));
                        if all.is_empty() {
                            objects.insert(format!("{path}\n"));
                        }
                        count += 1;
                    }
                }
                What::Files(files) => {
                    for (path, content) in after.iter().filter(|(path, _)| files.is_match(path)) {
                        let lines = String::from_utf8_lossy(content).lines().count();
                        parts.insert(path, vec![true; lines]);
                        count += 1;
                    }
                }
                What::Parts { files, object, field } => {
                    for (path, content) in after.iter().filter(|(path, _)| files.is_match(path)) {
                        let text = String::from_utf8_lossy(content);
                        let kept =
                            parts.entry(path).or_insert_with(|| vec![false; text.lines().count()]);
                        for document in documents(path, &text) {
                            if object.is_match(document.title()) {
                                count += document.keep(field, kept);
                            }
                        }
                    }
                }
            }
            if count == 0 {
                wrong.push(format!("`about` selects nothing with `{line}`"));
            }
        }
        if !wrong.is_empty() {
            return Err(wrong.join("\n"));
        }
        let mut files = Tree::new();
        for (path, kept) in parts.into_iter().filter(|(_, kept)| kept.contains(&true)) {
            let content = &after[path];
            let part = if kept.iter().all(|kept| *kept) {
                content.clone()
            } else {
                part(path, &String::from_utf8_lossy(content), &kept).into_bytes()
            };
            files.insert(format!("out/{path}"), part);
        }
        if !objects.is_empty() {
            files.insert(
                "objects.txt".to_owned(),
                objects.into_iter().collect::<String>().into_bytes(),
            );
        }
        Ok(files)
    }
}

impl What {
    fn new(line: &str) -> Self {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["unchanged"] => Self::Unchanged,
            ["objects", files] => Self::Objects(glob(files, true)),
            [files] => Self::Files(glob(files, true)),
            [files, object] => Self::Parts {
                files: glob(files, true),
                object: glob(object, false),
                field: Vec::new(),
            },
            [files, object, field] => Self::Parts {
                files: glob(files, true),
                object: glob(object, false),
                field: steps(field),
            },
            _ => panic!("no selector: {line}"),
        }
    }
}

/// `a.b[c].d` as steps.
fn steps(field: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for word in field.split('.') {
        let mut parts = word.split('[');
        steps.extend(
            parts.next().filter(|key| !key.is_empty()).map(|key| Step::Key(key.to_owned())),
        );
        steps.extend(parts.map(|name| Step::Named(name.trim_end_matches(']').to_owned())));
    }
    steps
}

/// A line of a file.
struct Line<'a> {
    /// Its number in the file.
    number: usize,
    text: &'a str,
    /// Where in its object it stands.
    steps: Vec<Step>,
    /// The columns at which it begins items.
    dashes: Vec<usize>,
}

/// One object of a file.
struct Document<'a> {
    lines: Vec<Line<'a>>,
}

fn documents<'a>(path: &str, text: &'a str) -> Vec<Document<'a>> {
    let mut all = Vec::new();
    let mut reader = Reader::default();
    let mut lines = Vec::new();
    if std::path::Path::new(path).extension().is_some_and(|ending| ending == "yaml") {
        for (number, text) in text.lines().enumerate() {
            if text == "---" {
                all.push(Document { lines: std::mem::take(&mut lines) });
                reader = Reader::default();
            } else if !text.starts_with('#') {
                lines.push(reader.line(number, text));
            }
        }
    }
    all.push(Document { lines });
    all.retain(|document| !document.lines.is_empty());
    all
}

/// Follows the lines of what gen writes: two columns a level, lists in the column of their key, and no value over several lines but
/// block scalars.
#[derive(Default)]
struct Reader {
    /// Steps into the object, and the column of each.
    stack: Vec<(usize, Step)>,
    /// Lines beyond this column belong to a block scalar.
    scalar: Option<usize>,
}

impl Reader {
    fn line<'a>(&mut self, number: usize, text: &'a str) -> Line<'a> {
        let mut rest = text.trim_start();
        let mut column = text.len() - rest.len();
        let mut dashes = Vec::new();
        if !self.scalar.is_some_and(|outer| rest.is_empty() || column > outer) {
            while rest == "-" || rest.starts_with("- ") {
                self.stack.retain(|(at, _)| *at <= column);
                let before = self.stack.last().cloned();
                let item = match before {
                    Some((at, Step::Item(item))) if at == column => {
                        self.stack.pop();
                        item + 1
                    }
                    _ => 0,
                };
                self.stack.push((column, Step::Item(item)));
                dashes.push(column);
                rest = rest[1..].trim_start();
                column += 2;
            }
            let mut value = rest;
            let mut holder = dashes.last().copied().unwrap_or_default();
            if let Some((key, after)) = key(rest) {
                self.stack.retain(|(at, _)| *at < column);
                self.stack.push((column, Step::Key(key.to_owned())));
                (value, holder) = (after, column);
            }
            self.scalar = value.starts_with(['|', '>']).then_some(holder);
        }
        Line {
            number,
            text,
            steps: self.stack.iter().map(|(_, step)| step.clone()).collect(),
            dashes,
        }
    }
}

/// The key of an entry, and what is written after its colon.
fn key(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\":")?,
        None => text.split_once(": ").or_else(|| Some((text.strip_suffix(':')?, "")))?,
    };
    Some((key, rest.trim_start()))
}

impl Document<'_> {
    /// What is written at a place that holds a scalar.
    fn scalar(&self, steps: &[Step]) -> Option<&str> {
        let line = self.lines.iter().find(|line| line.steps == steps)?;
        let text = line.text.trim_start_matches([' ', '-']);
        Some(key(text)?.1.trim_matches('"'))
    }

    /// `KIND/NAME`.
    fn title(&self) -> String {
        let kind = self.scalar(&keys(&["kind"])).unwrap_or_default();
        let named = |key| self.scalar(&keys(&["metadata", key]));
        let name = named("name").or_else(|| named("generateName"));
        format!("{kind}/{}", name.unwrap_or_default())
    }

    /// Whether a step of a selector is one of this object's.
    fn is_at(&self, wanted: &Step, steps: &[Step]) -> bool {
        let (last, before) = steps.split_last().expect("a step");
        match (wanted, last) {
            (Step::Named(name), Step::Item(_)) => {
                let identity = identity(before, last);
                name == "*" || self.scalar(&identity) == Some(name.as_str())
            }
            (wanted, last) => wanted == last,
        }
    }

    /// Marks the lines of a field, and those that say where it stands; returns how many the field has.
    fn keep(&self, field: &[Step], kept: &mut [bool]) -> usize {
        let is_of_field = |line: &&Line<'_>| {
            line.steps.len() >= field.len()
                && (0..field.len()).all(|end| self.is_at(&field[end], &line.steps[..=end]))
        };
        let of_field: Vec<&Line<'_>> = self.lines.iter().filter(is_of_field).collect();
        let mut places: BTreeSet<Vec<Step>> = BTreeSet::new();
        for line in &of_field {
            kept[line.number] = true;
            for (end, step) in line.steps.iter().enumerate() {
                places.insert(line.steps[..=end].to_vec());
                places.insert(identity(&line.steps[..end], step));
            }
        }
        if !of_field.is_empty() {
            places.extend([keys(&["kind"]), keys(&["metadata"]), keys(&["metadata", "name"])]);
            for line in self.lines.iter().filter(|line| places.contains(&line.steps)) {
                kept[line.number] = true;
            }
        }
        of_field.len()
    }
}

fn keys(keys: &[&str]) -> Vec<Step> {
    keys.iter().map(|key| Step::Key((*key).to_owned())).collect()
}

/// Where the name of an item stands.
fn identity(list: &[Step], item: &Step) -> Vec<Step> {
    let mut steps = list.to_vec();
    steps.extend([item.clone(), Step::Key("name".to_owned())]);
    steps
}

/// The lines of a file that are kept. An item whose first line is not keeps its dash.
fn part(path: &str, text: &str, kept: &[bool]) -> String {
    let mut out = String::new();
    for document in documents(path, text) {
        let mut dashes: Vec<usize> = Vec::new();
        let mut is_first = true;
        for line in &document.lines {
            let indentation = line.text.len() - line.text.trim_start().len();
            if indentation < line.text.len() {
                dashes.retain(|dash| *dash < indentation);
            }
            dashes.extend(&line.dashes);
            if !kept[line.number] {
                continue;
            }
            if is_first && !out.is_empty() {
                out.push_str("---\n");
            }
            is_first = false;
            let mut text = line.text.to_owned();
            // An empty line of a block scalar has no columns.
            for dash in dashes.drain(..) {
                if dash < text.len() {
                    text.replace_range(dash..=dash, "-");
                }
            }
            out.push_str(&text);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# Written by gen.
kind: Pipeline
metadata:
  name: shop
spec:
  tasks:
  - retries: 1
    name: build
    steps:
    - name: sh
      script: |-
        - name: run
        kind: no

      image: a
  - name: \"on\"
    runAfter:
    - build
---
kind: Task
metadata:
  generateName: shop-
spec:
  params:
  - - a
    - b
";

    fn of(about: &str) -> Result<Vec<(String, String)>, String> {
        let tree = Tree::from([("dev/a.yaml".to_owned(), FILE.into())]);
        let files = About::new(about).of(&tree, &tree)?;
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ok(files.into_iter().map(|(path, bytes)| (path, text(bytes))).collect())
    }

    fn out(about: &str) -> String {
        of(about).unwrap().pop().unwrap().1
    }

    #[test]
    fn what_is_selected() {
        assert_eq!(out("dev/*.yaml"), FILE);
        let objects = "dev/a.yaml Pipeline/shop\ndev/a.yaml Task/shop-\n";
        assert_eq!(out("objects **"), objects);
        assert_eq!(out("**/a.yaml *"), FILE.split_once('\n').unwrap().1);
        let of_name = "kind: Pipeline\nmetadata:\n  name: shop\nspec:\n  tasks:\n  - name: \"on\"\n    runAfter:\n    - build\n";
        assert_eq!(out("dev/a.yaml P*/shop spec.tasks[on].runAfter"), of_name);
        let script = "kind: Pipeline\nmetadata:\n  name: shop\nspec:\n  tasks:\n  - name: build\n    steps:\n    - name: sh\n      script: |-\n        - name: run\n        kind: no\n\n";
        assert_eq!(out("dev/a.yaml */shop spec.tasks[*].steps[sh].script"), script);
        let nested = "kind: Task\nmetadata:\nspec:\n  params:\n  - - a\n    - b\n";
        assert_eq!(out("dev/a.yaml Task/* spec.params # and why"), nested);
        let both =
            out("dev/a.yaml Task/* spec.params\ndev/a.yaml Pipeline/* spec.tasks[build].retries");
        assert!(both.contains("  - retries: 1\n    name: build\n---\nkind: Task\n"), "{both}");
        assert_eq!(of("unchanged").unwrap(), []);
    }

    #[test]
    fn what_selects_nothing_is_said() {
        for about in [
            "prod/a.yaml",
            "objects prod/**",
            "dev/a.yaml Deployment/shop",
            "dev/a.yaml Pipeline/shop spec.tasks[off]",
            "dev/a.yaml Pipeline/shop spec.task",
        ] {
            assert_eq!(of(about).unwrap_err(), format!("`about` selects nothing with `{about}`"));
        }
        assert!(of("# nothing").unwrap_err().contains("no selector"));
        let (before, after) = (Tree::new(), Tree::from([("a".to_owned(), Vec::new())]));
        let said = About::new("unchanged").of(&before, &after).unwrap_err();
        assert_eq!(said, "a is not as it was before the last call");
    }
}
