//! Texts and paths of the spec in CEL expressions.

/// A CEL string literal.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

/// `*` matches within a folder, `**` across folders, `?` one character; in a tag, `*` matches anything.
pub(super) fn glob(text: &str, flat: bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (expression, taken) = match c {
            _ if rest.starts_with("**/") => ("(.*/)?", 3),
            _ if rest.starts_with("**") => (".*", 2),
            '*' if flat => (".*", 1),
            '*' => ("[^/]*", 1),
            '?' => ("[^/]", 1),
            c => {
                if !(c.is_alphanumeric() || matches!(c, '/' | '_' | '-' | ' ')) {
                    out.push('\\');
                }
                (&rest[..c.len_utf8()], c.len_utf8())
            }
        };
        out.push_str(expression);
        rest = &rest[taken..];
    }
    out
}
