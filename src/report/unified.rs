//! Unified diffs of texts.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use crate::diagnostics::{Look, visible};

/// A unified diff of the two texts of a file; none for a missing file.
#[must_use]
pub fn unified(path: &str, before: Option<&str>, after: Option<&str>, look: Look) -> String {
    let mut out = String::new();
    for (sign, prefix, side) in [("---", "a", before), ("+++", "b", after)] {
        let name = side.map_or_else(|| "/dev/null".to_owned(), |_| format!("{prefix}/{path}"));
        let _ = writeln!(out, "{}", look.paint(Style::new().bold(), &format!("{sign} {name}")));
    }
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let diff = TextDiff::from_lines(before, after);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        let header = hunk.header().to_string();
        let _ = writeln!(out, "{}", look.paint(AnsiColor::Cyan.on_default(), header.trim_end()));
        for change in hunk.iter_changes() {
            let style = match change.tag() {
                ChangeTag::Delete => AnsiColor::Red.on_default(),
                ChangeTag::Insert => AnsiColor::Green.on_default(),
                ChangeTag::Equal => Style::new(),
            };
            let line = change.value().trim_end_matches('\n');
            // One side of it may be anybody's file.
            let parts: Vec<String> = line.split('\t').map(visible).collect();
            let text = format!("{}{}", change.tag(), parts.join("\t"));
            let _ = writeln!(out, "{}", look.paint(style, &text));
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_with_three_lines_around_it() {
        let lines: Vec<String> = (1..=20).map(|n| format!("line {n}\n")).collect();
        let before = lines.concat();
        let after = before.replace("line 10\n", "line ten\n");
        let text = unified("a/b.yaml", Some(&before), Some(&after), Look::Plain);
        assert!(
            text.starts_with("--- a/a/b.yaml\n+++ b/a/b.yaml\n@@ -7,7 +7,7 @@\n line 7\n"),
            "{text}"
        );
        assert!(text.contains("-line 10\n+line ten\n"), "{text}");
        assert_eq!(text.lines().count(), 3 + 8);
    }
}
