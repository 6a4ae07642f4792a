//! Lines: files are judged without them, and read again only where something was found.

use std::collections::BTreeMap;

use super::finding::Finding;
use crate::diagnostics::FileId;
use crate::yaml::{Data, Limits, Node, read_documents};

/// How much one file may ask for.
pub const LIMITS: Limits = Limits { depth: 200, nodes: 2_000_000 };

/// Sets the lines of findings; `text` gives the text of a file. What cannot be read again is at its first line.
pub fn locate<'t>(findings: &mut [Finding], text: impl Fn(&str) -> Option<&'t str>) {
    let mut by_file: BTreeMap<String, Vec<&mut Finding>> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|finding| finding.place.line == 0) {
        by_file.entry(finding.place.file.to_string()).or_default().push(finding);
    }
    for (file, findings) in by_file {
        let nodes = text(&file).and_then(|text| {
            let nodes = read_documents(FileId::BUILT_IN, text, LIMITS).ok()?;
            // Other readers pass over empty documents, and count only the rest.
            Some(nodes.into_iter().filter(|node| !node.is_null()).collect::<Vec<_>>())
        });
        for finding in findings {
            let document = nodes.as_ref().and_then(|nodes| nodes.get(finding.within.document));
            finding.place.line = document.map_or(1, |node| {
                let node = descend(node, &finding.within.path).0;
                descend(node, &finding.field).1
            });
        }
    }
}

/// Follows a path as far as there is something, and returns the last part with its line.
fn descend<'n>(node: &'n Node, path: &str) -> (&'n Node, u32) {
    let (mut node, mut line, mut rest) = (node, node.span.start.line, path);
    loop {
        rest = rest.trim_start_matches('.');
        match &node.data {
            Data::Seq(items) => {
                let index = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let Some((index, after)) = index else { return (node, line) };
                let Some(item) = index.parse().ok().and_then(|index: usize| items.get(index))
                else {
                    return (node, line);
                };
                (node, line, rest) = (item, item.span.start.line, after);
            }
            Data::Map(entries) => {
                // Keys have dots, too: the longest that fits is meant.
                let fits = entries.iter().filter_map(|entry| {
                    let after = rest.strip_prefix(entry.key.as_str())?;
                    let is_end = after.is_empty() || after.starts_with(['.', '[']);
                    is_end.then_some((entry, after))
                });
                let Some((entry, after)) = fits.max_by_key(|(entry, _)| entry.key.len()) else {
                    return (node, line);
                };
                (node, line, rest) = (&entry.value, entry.key_span.start.line, after);
            }
            Data::Scalar(_) => return (node, line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_at_the_last_line_that_is_there() {
        let text = "a:\n- b: 1\n- b.c/d: 2\n  e:\n  - 3\n  - f: 4\n";
        let node = &read_documents(FileId::BUILT_IN, text, LIMITS).unwrap()[0];
        for (path, line) in [
            ("", 1),
            ("a", 1),
            ("a[0].b", 2),
            ("a[1].b.c/d", 3),
            ("a[1].e", 4),
            ("a[1].e[1].f", 6),
            ("a[1].e[1].g", 6),
            ("a[7]", 1),
            ("x.y", 1),
        ] {
            assert_eq!(descend(node, path).1, line, "{path}");
        }
    }
}
