//! Lines that fit the terminal: one that does not would wrap, and all lines below it would move.

use unicode_width::UnicodeWidthChar as _;

/// What introduces a colour.
const ESCAPE: char = '\u{1b}';

/// At most this many columns of a line; the last one shows if there were more. Colours take none, and stay.
pub(super) fn fit(line: &str, columns: usize) -> String {
    if shown(line).map(width).sum::<usize>() <= columns {
        return line.to_owned();
    }
    let room = columns.saturating_sub(1);
    let (mut out, mut used, mut is_full) = (String::new(), 0, columns == 0);
    for (one, is_shown) in marked(line) {
        if !is_shown {
            out.push(one);
            continue;
        }
        if is_full {
            continue;
        }
        used += width(one);
        is_full = used > room;
        out.push(if is_full { '…' } else { one });
    }
    out
}

fn width(one: char) -> usize {
    one.width().unwrap_or(0)
}

fn shown(line: &str) -> impl Iterator<Item = char> {
    marked(line).filter(|(_, is_shown)| *is_shown).map(|(one, _)| one)
}

/// Each character, and whether it is shown: those of a colour, `ESC [ … m`, are not.
fn marked(line: &str) -> impl Iterator<Item = (char, bool)> {
    let mut is_in = false;
    line.chars().map(move |one| {
        let was_in = is_in;
        is_in = one == ESCAPE || (is_in && one != 'm');
        (one, !(was_in || is_in))
    })
}

#[cfg(test)]
mod tests {
    use super::{fit, shown, width};

    #[test]
    fn a_line_is_cut_to_its_columns() {
        assert_eq!(fit("shop", 4), "shop");
        assert_eq!(fit("shops", 4), "sho…");
        assert_eq!(fit("shop", 1), "…");
        assert_eq!(fit("shop", 0), "");
        assert_eq!(fit("", 0), "");
    }

    #[test]
    fn colours_take_no_columns_and_end() {
        let red = "\u{1b}[31mfailed\u{1b}[0m";
        assert_eq!(fit(red, 6), red);
        assert_eq!(fit(red, 4), "\u{1b}[31mfai…\u{1b}[0m");
        assert_eq!(fit(&format!("a {red}"), 2), "a…\u{1b}[31m\u{1b}[0m");
    }

    /// A wide character takes two columns, and half of one cannot be shown.
    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(fit("店店", 4), "店店");
        for columns in 0..6 {
            let line = fit("店a店\u{301}店", columns);
            assert!(shown(&line).map(width).sum::<usize>() <= columns, "{columns}: {line}");
        }
        assert_eq!(fit("店a店店", 4), "店a…");
    }
}
