//! What other tools call a thing, and the key here that says it: `livenessProbe` is `health`.
//!
//! `keys/words.yaml` lists them. They come before a key that is only spelt alike: `ingress` is `host`, and not `egress`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::table::Object;
use crate::diagnostics::FileId;
use crate::yaml::{Data, Node, read_one};

static WORDS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let text = include_str!("keys/words.yaml");
    let node = read_one(FileId::BUILT_IN, text).expect("the table of words is YAML");
    let entries = node.entries().unwrap_or_default().iter();
    entries.map(|entry| (entry.key.clone(), keys(&entry.value))).collect()
});

fn keys(node: &Node) -> Vec<String> {
    match &node.data {
        Data::Seq(items) => items.iter().flat_map(keys).collect(),
        _ => node.scalar().map(|scalar| scalar.text.clone()).into_iter().collect(),
    }
}

/// The path of the key that says what a word means elsewhere, from a mapping in which that key may stand.
#[must_use]
pub fn meant(word: &str, object: &Object) -> Option<&'static str> {
    let stands = |path: &str| path.split('.').next().is_some_and(|key| object.field(key).is_some());
    WORDS.get(word)?.iter().map(String::as_str).find(|path| stands(path))
}

/// What a word means, in whatever case it is written: the word, and the paths of the keys that say it.
#[must_use]
pub fn elsewhere(word: &str) -> Option<(&'static str, &'static [String])> {
    all().into_iter().find(|(known, _)| known.eq_ignore_ascii_case(word))
}

/// All words of other tools, in order, each with the paths of the keys that say it.
#[must_use]
pub fn all() -> Vec<(&'static str, &'static [String])> {
    WORDS.iter().map(|(word, paths)| (word.as_str(), paths.as_slice())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{app, environment, explain, root, task_common};

    #[test]
    fn a_word_leads_to_keys_that_there_are() {
        for (word, paths) in WORDS.iter() {
            assert!(!paths.is_empty(), "`{word}` leads nowhere");
            for path in paths {
                let found = explain::whole(std::slice::from_ref(path));
                assert!(!found.is_empty(), "`{word}` leads to `{path}`, which is no key");
            }
            let objects = [app(), environment(), root(), task_common()];
            let is_key = objects
                .iter()
                .any(|object| object.field(word).is_some() && meant(word, object).is_some());
            assert!(!is_key, "`{word}` is a key itself");
        }
    }

    #[test]
    fn a_word_counts_where_its_key_may_stand() {
        assert_eq!(meant("livenessProbe", app()), Some("health"));
        assert_eq!(meant("livenessProbe", environment()), None);
        assert_eq!(meant("nodeSelector", app()), Some("placement.nodeSelector"));
        assert_eq!(meant("nodeSelector", task_common()), Some("placement.nodeSelector"));
        assert_eq!(meant("health", app()), None);
    }
}
