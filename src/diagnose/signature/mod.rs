//! The signatures of failures, which the program holds as YAML, and how text is matched against them.

mod matching;
mod row;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use matching::{Groups, Hit, of_fact, of_text, rank};
pub use row::{Case, Component, Offer, Role, Signature};

use row::Table;

/// The tables, from the most particular component to logs, whose lines are short and could stand anywhere. The order decides where a
/// text matches several.
const TABLES: [&str; 7] = [
    include_str!("../signatures/kustomization.yaml"),
    include_str!("../signatures/source.yaml"),
    include_str!("../signatures/trigger.yaml"),
    include_str!("../signatures/pipelinerun.yaml"),
    include_str!("../signatures/taskrun.yaml"),
    include_str!("../signatures/workload.yaml"),
    include_str!("../signatures/log.yaml"),
];

/// The files are part of the program and read by its tests, so a mistake in them cannot reach anybody.
static SIGNATURES: LazyLock<Vec<Signature>> = LazyLock::new(|| {
    let tables = TABLES.iter().flat_map(|text| serde_yaml::from_str::<Table>(text));
    tables.flat_map(Table::signatures).collect()
});

/// Sentences about exit codes, and what never is a cause.
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../signatures/words.yaml")).unwrap_or_default()
});

/// What is known besides the signatures.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Words {
    exit_codes: BTreeMap<i64, String>,
    noise: Vec<Noise>,
}

/// What looks like a failure and never is a cause.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Noise {
    /// The reason; any if empty.
    #[serde(default)]
    reason: String,
    /// What the message begins with or contains; anything if empty.
    #[serde(default)]
    has: String,
}

/// All signatures, in the order in which they are tried.
#[must_use]
pub fn signatures() -> &'static [Signature] {
    &SIGNATURES
}

/// A signature by its id, as in `C1`.
#[must_use]
pub fn signature(id: &str) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|one| one.id.eq_ignore_ascii_case(id))
}

/// What an exit code usually means.
#[must_use]
pub fn exit_code(code: i64) -> Option<&'static str> {
    WORDS.exit_codes.get(&code).map(String::as_str)
}

/// Whether a reason with its message never is a cause.
pub(super) fn is_noise(reason: &str, message: &str) -> bool {
    WORDS.noise.iter().any(|noise| {
        (noise.reason.is_empty() || noise.reason == reason)
            && (noise.has.is_empty() || message.contains(&noise.has))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnose::blanks::{Piece, pieces};

    #[test]
    fn the_tables_can_be_read() {
        for text in TABLES {
            let table: Result<Table, _> = serde_yaml::from_str(text);
            assert!(table.is_ok(), "{}: {:?}", text.lines().next().unwrap(), table.err());
        }
        let words: Result<Words, _> =
            serde_yaml::from_str(include_str!("../signatures/words.yaml"));
        assert!(words.is_ok(), "{:?}", words.err());
    }

    #[test]
    fn every_signature_is_whole() {
        let mut ids = BTreeSet::new();
        for one in signatures() {
            let id = &one.id;
            assert!(ids.insert(id), "{id} is there twice");
            assert!(one.docs.starts_with("https://"), "{id}: {}", one.docs);
            assert!(
                !one.source.is_empty() && !one.cause.is_empty() && !one.cure.is_empty(),
                "{id}"
            );
            let is_sign = one.pattern.is_some() || !one.reasons.is_empty() || one.status.is_some();
            assert!(is_sign, "{id} has no sign");
            let is_sentence = |text: &str| text.ends_with(['.', '?', ':', '`', ')', '}']);
            assert!(is_sentence(&one.cause), "{id}: {}", one.cause);
            let groups: Vec<&str> =
                one.pattern.iter().flat_map(|pattern| pattern.capture_names()).flatten().collect();
            if let Some(inner) = &one.inner {
                assert!(inner == "message" || groups.contains(&inner.as_str()), "{id}: {inner}");
            }
            // Every word of a text is known.
            let built_in = ["kind", "namespace", "name", "container", "pod", "reason", "place"];
            let texts = [&one.title, &one.cause, &one.cure].into_iter().chain(&one.commands);
            for text in texts {
                for piece in pieces(text) {
                    if let Piece::Blank { word, .. } = piece {
                        assert!(groups.contains(&word) || built_in.contains(&word), "{id}: {word}");
                    }
                }
            }
        }
        assert!(ids.len() >= 196, "{} signatures", ids.len());
    }
}
