//! Counts and names objects that differ between two states of files: for the summary of a possibly large change.
//!
//! Only documents that differ are read. Most are identified by their heads, as written by gen; two that differ are compared as objects,
//! because a different text may be the same object.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::{Class, between, written};
use crate::kubernetes::Identity;

/// Maximum number of objects named; the rest are only counted.
const MOST_NAMED: usize = 30;

/// Maximum number of pairs compared as objects. Beyond it, a different text counts as changed: such a change affects everything.
const MOST_COMPARED: usize = 2_000;

/// A file: its path, and its text.
pub type File = (Arc<str>, String);

/// Objects that differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Only in the second state.
    pub created: usize,
    /// In both, and not the same.
    pub changed: usize,
    /// Only in the first.
    pub removed: usize,
    /// The first of them by environment: `changed Deployment shop-dev/shop`.
    pub named: BTreeMap<String, Vec<String>>,
    compared: usize,
}

/// A document of a file.
struct Document<'f> {
    path: &'f Arc<str>,
    text: &'f str,
}

impl Tally {
    /// `1 object created, 2 changed`.
    #[must_use]
    pub fn counts(&self) -> String {
        let mut text = String::new();
        for (count, what) in
            [(self.created, "created"), (self.changed, "changed"), (self.removed, "removed")]
        {
            if count == 0 {
                continue;
            }
            let noun = match (text.is_empty(), count) {
                (false, _) => "",
                (true, 1) => " object",
                (true, _) => " objects",
            };
            let comma = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{comma}{count}{noun} {what}");
        }
        if text.is_empty() {
            text.push_str("no object differs");
        }
        text
    }

    /// Counts what differs between two states of an environment's files. An object that moves among them is one.
    pub fn take(&mut self, environment: &str, before: &[File], after: &[File]) {
        let [before, after] = [before, after].map(documents);
        let known: [HashSet<&str>; 2] =
            [&before, &after].map(|side| side.iter().map(|document| document.text).collect());
        let mut pairs: BTreeMap<Identity, [Option<&Document<'_>>; 2]> = BTreeMap::new();
        for (side, documents) in [&before, &after].into_iter().enumerate() {
            for document in documents {
                if known[1 - side].contains(document.text) {
                    continue;
                }
                if let Some(identity) = identity(document) {
                    pairs.entry(identity).or_default()[side] = Some(document);
                }
            }
        }
        for (identity, pair) in pairs {
            let word = match pair {
                [Some(before), Some(after)] => {
                    if self.compared < MOST_COMPARED && is_same(before, after) {
                        continue;
                    }
                    self.compared += 1;
                    self.changed += 1;
                    "changed"
                }
                [Some(_), None] => {
                    self.removed += 1;
                    "removed"
                }
                _ => {
                    self.created += 1;
                    "created"
                }
            };
            if self.created + self.changed + self.removed <= MOST_NAMED {
                let names = self.named.entry(environment.to_owned()).or_default();
                names.push(format!("{word} {identity}"));
            }
        }
    }
}

/// The documents of some files, as the emitter separates them. Whatever else is a line of three dashes is indented.
fn documents(files: &[File]) -> Vec<Document<'_>> {
    let mut all = Vec::new();
    for (path, text) in files {
        let texts = text
            .split("\n---\n")
            .map(|document| document.trim_start_matches("---\n").trim_end())
            .filter(|document| !document.is_empty());
        all.extend(texts.map(|text| Document { path, text }));
    }
    all
}

/// Whether two documents are one object.
fn is_same(before: &Document<'_>, after: &Document<'_>) -> bool {
    let environment: Arc<str> = Arc::from("");
    let read = |document: &Document<'_>| written(document.path, document.text, &environment, None);
    match (read(before), read(after)) {
        (Ok(before), Ok(after)) => {
            between(before, after).iter().all(|change| change.class == Class::Unchanged)
        }
        _ => false,
    }
}

/// The object of a document: by its head as written by gen, else by all of it.
fn identity(document: &Document<'_>) -> Option<Identity> {
    head(document.text).or_else(|| {
        let environment: Arc<str> = Arc::from("");
        let read = written(document.path, document.text, &environment, None).ok()?;
        read.into_iter().next().map(|object| object.identity)
    })
}

fn head(text: &str) -> Option<Identity> {
    let mut lines = text.lines().skip_while(|line| line.starts_with('#'));
    let api_version = scalar(lines.next()?, "apiVersion: ")?;
    let kind = scalar(lines.next()?, "kind: ")?;
    if lines.next()? != "metadata:" {
        return None;
    }
    let (mut name, mut namespace) = (None, None);
    for line in lines.take_while(|line| line.starts_with(' ')) {
        if line.starts_with("  name: ") {
            name = Some(scalar(line, "  name: ")?);
        } else if line.starts_with("  namespace: ") {
            namespace = Some(scalar(line, "  namespace: ")?.to_owned());
        }
    }
    Some(Identity {
        group: api_version.rsplit_once('/').map_or("", |(group, _)| group).to_owned(),
        kind: kind.to_owned(),
        namespace,
        name: name?.to_owned(),
    })
}

/// A value on one line that needs no YAML parser: a plain word, or one in quotes.
fn scalar<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let value = line.strip_prefix(key)?;
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/:".contains(c);
    (!value.is_empty() && value.chars().all(is_plain)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(name: &str, data: &str) -> String {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: shop-dev\ndata:\n  a: {data}\n"
        )
    }

    fn tally(before: &[String], after: &[String]) -> Tally {
        let file = |texts: &[String]| {
            let path: Arc<str> = Arc::from("clusters/c/dev/shop/app/x.yaml");
            [(path, format!("# by gen\n{}", texts.join("---\n")))]
        };
        let mut tally = Tally::default();
        tally.take("dev", &file(before), &file(after));
        tally
    }

    #[test]
    fn documents_are_told_apart() {
        let found = tally(
            &[map("a", "x"), map("b", "x"), map("c", "x")],
            &[map("b", "y"), map("c", "x"), map("d", "x"), map("\"012\"", "x")],
        );
        assert_eq!((found.created, found.changed, found.removed), (2, 1, 1));
        assert_eq!(found.counts(), "2 objects created, 1 changed, 1 removed");
        assert_eq!(
            found.named["dev"],
            [
                "created ConfigMap shop-dev/012",
                "removed ConfigMap shop-dev/a",
                "changed ConfigMap shop-dev/b",
                "created ConfigMap shop-dev/d",
            ]
        );
        // Moved within a file, and formatted differently: nothing differs.
        let found = tally(&[map("a", "x"), map("b", "x")], &[map("b", "x"), map("a", "\"x\"")]);
        assert_eq!(found.counts(), "no object differs");
    }

    #[test]
    fn heads_of_documents() {
        let head = head(
            "# x\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    name: no\n  name: shop\nspec:\n  name: no\n",
        );
        let head = head.expect("a head");
        assert_eq!((&*head.group, &*head.kind, &*head.name), ("apps", "Deployment", "shop"));
        assert_eq!(head.namespace, None);
        // Any other format is parsed as a whole.
        let path: Arc<str> = Arc::from("x.yaml");
        let document = Document {
            path: &path,
            text: "kind: Namespace\nmetadata: {name: shop}\napiVersion: v1",
        };
        assert_eq!(super::head(document.text), None);
        assert_eq!(identity(&document).expect("an object").name, "shop");
    }
}
