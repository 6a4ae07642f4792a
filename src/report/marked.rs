//! Anybody's text within Markdown.

use crate::diagnostics::visible;

/// The longest run of backticks.
pub(super) fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// One line of visible text.
pub(super) fn flat(text: &str) -> String {
    visible(text).replace('\n', " ")
}

/// A code span that its content cannot end.
pub(super) fn code(text: &str) -> String {
    let text = flat(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad =
        if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A text in which nothing is markup: no link, no mention, no HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in flat(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention would call somebody.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            c if "\\`*_{}[]()!|~$".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.replace("://", ":&#47;&#47;")
}

/// A text within HTML.
pub(super) fn html(text: &str) -> String {
    flat(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
