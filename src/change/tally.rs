//! Counts and names objects that differ between two states of files: for the summary of a possibly large change.
//!
//! Only documents that differ are read. Most are identified by their heads, as written by gen; two that differ are compared as objects,
//! because a different text may be the same object.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::{Class, Desired, between, written};
use crate::kubernetes::{Identity, split_api};

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
    /// The number of the others, by environment.
    pub unnamed: BTreeMap<String, usize>,
    compared: usize,
}

/// A document of a file: the file's path, and the document's text.
type Document<'f> = (&'f Arc<str>, &'f str);

impl Tally {
    /// `1 object created, 2 changed`.
    #[must_use]
    pub fn counts(&self) -> String {
        let mut parts = Vec::new();
        for (count, what) in
            [(self.created, "created"), (self.changed, "changed"), (self.removed, "removed")]
        {
            let noun = match (parts.is_empty(), count) {
                (_, 0) => continue,
                (false, _) => "",
                (true, 1) => " object",
                (true, _) => " objects",
            };
            parts.push(format!("{count}{noun} {what}"));
        }
        if parts.is_empty() { "no object differs".to_owned() } else { parts.join(", ") }
    }

    /// Counts what differs between two states of an environment's files. An object that moves among them is one.
    pub fn take(&mut self, environment: &str, before: &[File], after: &[File]) {
        let sides = [before, after].map(documents);
        let known: [HashSet<&str>; 2] =
            sides.each_ref().map(|side| side.iter().map(|(_, text)| *text).collect());
        let mut pairs: BTreeMap<Identity, [Option<Document<'_>>; 2]> = BTreeMap::new();
        for (side, documents) in sides.into_iter().enumerate() {
            for document in documents {
                if !known[1 - side].contains(document.1)
                    && let Some(identity) = identity(document)
                {
                    pairs.entry(identity).or_default()[side] = Some(document);
                }
            }
        }
        for (identity, pair) in pairs {
            let (count, word) = match pair {
                [Some(before), Some(after)] => {
                    if self.compared < MOST_COMPARED && is_same(before, after) {
                        continue;
                    }
                    self.compared += 1;
                    (&mut self.changed, "changed")
                }
                [Some(_), None] => (&mut self.removed, "removed"),
                _ => (&mut self.created, "created"),
            };
            *count += 1;
            if self.created + self.changed + self.removed <= MOST_NAMED {
                let names = self.named.entry(environment.to_owned()).or_default();
                names.push(format!("{word} {identity}"));
            } else {
                *self.unnamed.entry(environment.to_owned()).or_default() += 1;
            }
        }
    }
}

/// The documents of some files, as the emitter separates them. Whatever else is a line of three dashes is indented.
fn documents(files: &[File]) -> Vec<Document<'_>> {
    let documents = files.iter().flat_map(|(path, text)| {
        let texts = text.split("\n---\n").map(|text| text.trim_start_matches("---\n").trim_end());
        texts.filter(|text| !text.is_empty()).map(move |text| (path, text))
    });
    documents.collect()
}

/// The objects of a document; none if it is invalid.
fn objects((path, text): Document<'_>) -> Option<Vec<Desired>> {
    written(path, text, &Arc::from(""), None).ok()
}

/// Whether two documents are one object.
fn is_same(before: Document<'_>, after: Document<'_>) -> bool {
    objects(before).zip(objects(after)).is_some_and(|(before, after)| {
        between(before, after).iter().all(|change| change.class == Class::Unchanged)
    })
}

/// The object of a document: by its head as written by gen, otherwise by all of it.
fn identity(document: Document<'_>) -> Option<Identity> {
    let whole = || objects(document)?.into_iter().next().map(|object| object.identity);
    head(document.1).or_else(whole)
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
        group: split_api(api_version).0.to_owned(),
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
        let document = (&path, "kind: Namespace\nmetadata: {name: shop}\napiVersion: v1");
        assert_eq!(super::head(document.1), None);
        assert_eq!(identity(document).expect("an object").name, "shop");
    }
}
