//! Lines within a width.

/// Maximum width of gen's own lines where none is known, in columns.
pub(super) const WIDTH: usize = 80;

/// A text broken between words, each line behind an indent. A word that is longer than a line stands alone.
pub(super) fn wrap(text: &str, indent: &str) -> String {
    wrap_to(text, indent, WIDTH)
}

/// The same within a width of one's own.
pub(super) fn wrap_to(text: &str, indent: &str, most: usize) -> String {
    let mut out = String::new();
    for paragraph in text.lines() {
        let mut width = 0;
        for word in paragraph.split_whitespace() {
            let length = word.chars().count();
            if width > 0 && width + 1 + length > most {
                out.push('\n');
                width = 0;
            }
            if width == 0 {
                out.push_str(indent);
                width = indent.chars().count();
            } else {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += length;
        }
        if width > 0 {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_unless_it_is_one_word() {
        let text = format!("{} {}", "word ".repeat(60), "x".repeat(200));
        let wrapped = wrap(&text, "    ");
        assert!(
            wrapped.lines().all(|line| line.chars().count() <= WIDTH || !line.trim().contains(' '))
        );
        assert_eq!(
            wrapped.split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
        assert_eq!(wrap("", "  "), "");
    }
}
