//! From pasted text to a snapshot: YAML and JSON of objects, `kubectl describe`, tables of events, logs with and without prefixes, all
//! in one stream.

mod describe;
mod lines;
mod split;

use serde_json::Value;

use super::snapshot::{LeftOut, Line, Origin, Snapshot};
use crate::diagnostics::FileId;
use crate::yaml::{Limits, read_documents};
use split::{Part, split};

/// Reads a text. What is not understood as an object is text.
#[must_use]
pub fn read(text: &str, left_out: Option<LeftOut>) -> Snapshot {
    let mut snapshot = Snapshot { left_out, ..Snapshot::default() };
    for part in split(text) {
        match part {
            Part::Yaml(text) => {
                let documents = yaml(text).unwrap_or_default();
                let taken = documents.into_iter().map(|one| snapshot.add(one)).filter(|is| *is);
                let is_taken = taken.count() > 0;
                if !is_taken {
                    add_text(&mut snapshot, text);
                }
            }
            Part::Json(value) => {
                let text = value.to_string();
                let values = match value {
                    Value::Array(all) => all,
                    one => vec![one],
                };
                let taken = values.into_iter().map(|one| snapshot.add(one)).filter(|is| *is);
                let is_taken = taken.count() > 0;
                if !is_taken {
                    add_text(&mut snapshot, &text);
                }
            }
            Part::Describe(text) => {
                if !describe::describe(text, &mut snapshot) {
                    add_text(&mut snapshot, text);
                }
            }
            Part::Text(text) => add_text(&mut snapshot, text),
        }
    }
    snapshot
}

/// A line of a log, with its time if it begins with one, without escape codes.
#[must_use]
pub fn line(text: &str) -> Line {
    lines::line(text).1
}

fn add_text(snapshot: &mut Snapshot, text: &str) {
    for line in text.lines() {
        let (origin, line) = lines::line(line);
        if !line.text.trim().is_empty() || origin != Origin::default() {
            snapshot.add_line(origin, line);
        }
    }
}

/// Objects hold fewer values than this, aliases expanded; only an attack holds more.
const LIMITS: Limits = Limits { depth: 100, nodes: 2_000_000 };

/// The documents of a YAML stream.
fn yaml(text: &str) -> Option<Vec<Value>> {
    let nodes = read_documents(FileId::BUILT_IN, text, LIMITS).ok()?;
    let nodes = nodes.iter().filter(|node| !node.is_null());
    nodes.map(|node| serde_json::to_value(node.to_value_as_kubernetes()).ok()).collect()
}
