//! Unified diffs of texts.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use crate::diagnostics::{Look, visible};

/// A unified diff of one file; none stands for no file. `before` and `after` are how the two sides are called.
#[must_use]
pub fn unified(path: &str, before: Option<&str>, after: Option<&str>, look: Look) -> String {
    let paint = |style: Style, text: &str| match look {
        Look::Coloured => format!("{style}{text}{style:#}"),
        Look::Plain => text.to_owned(),
    };
    let bold = Style::new().bold();
    let mut out = String::new();
    let name = |side: Option<&str>, prefix: &str| {
        side.map_or_else(|| "/dev/null".to_owned(), |_| format!("{prefix}/{path}"))
    };
    let _ = writeln!(out, "{}", paint(bold, &format!("--- {}", name(before, "a"))));
    let _ = writeln!(out, "{}", paint(bold, &format!("+++ {}", name(after, "b"))));
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let diff = TextDiff::from_lines(before, after);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        let _ = writeln!(
            out,
            "{}",
            paint(AnsiColor::Cyan.on_default(), hunk.header().to_string().trim_end())
        );
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("-", AnsiColor::Red.on_default()),
                ChangeTag::Insert => ("+", AnsiColor::Green.on_default()),
                ChangeTag::Equal => (" ", Style::new()),
            };
            let line = change.value().trim_end_matches('\n');
            // One side of it may be anybody's file.
            let parts: Vec<String> = line.split('\t').map(visible).collect();
            let text = format!("{sign}{}", parts.join("\t"));
            let _ =
                writeln!(out, "{}", if style == Style::new() { text } else { paint(style, &text) });
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
