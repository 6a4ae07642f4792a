//! Patterns of shells: `*`, `?`, `[a-z]` and `\` (fluxcd/pkg/envsubst/path, Go's `path.Match` with a `*` that takes slashes, too).

/// A pattern that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPattern;

/// Whether a pattern matches all of a text.
pub(super) fn matches(pattern: &str, text: &str) -> Result<bool, NoPattern> {
    let (mut pattern, mut text) = (pattern, text);
    'chunks: while !pattern.is_empty() {
        let (has_star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if has_star && chunk.is_empty() {
            return Ok(true);
        }
        if let Some(left) = chunk_matches(chunk, text)?
            && (left.is_empty() || !pattern.is_empty())
        {
            text = left;
            continue;
        }
        if has_star {
            let starts = text.char_indices().map(|(at, c)| at + c.len_utf8());
            for start in starts {
                let Some(left) = chunk_matches(chunk, &text[start..])? else { continue };
                if pattern.is_empty() && !left.is_empty() {
                    continue;
                }
                text = left;
                continue 'chunks;
            }
        }
        return Ok(false);
    }
    Ok(text.is_empty())
}

/// What comes before the next `*`: whether a `*` leads it, the chunk, and the rest.
fn next_chunk(pattern: &str) -> (bool, &str, &str) {
    let chunk = pattern.trim_start_matches('*');
    let has_star = chunk.len() < pattern.len();
    let (mut is_class, mut is_escaped) = (false, false);
    for (at, c) in chunk.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_class = true,
            ']' => is_class = false,
            '*' if !is_class => return (has_star, &chunk[..at], &chunk[at..]),
            _ => {}
        }
    }
    (has_star, chunk, "")
}

/// The rest of a text whose beginning is the chunk.
fn chunk_matches<'t>(chunk: &str, text: &'t str) -> Result<Option<&'t str>, NoPattern> {
    let (mut chunk, mut text) = (chunk, text);
    while let Some(first) = chunk.chars().next() {
        let Some(next) = text.chars().next() else { return Ok(None) };
        let mut wanted = first;
        chunk = &chunk[first.len_utf8()..];
        match first {
            '[' => {
                let (is_in, rest) = class(chunk, next)?;
                if !is_in {
                    return Ok(None);
                }
                (chunk, text) = (rest, &text[next.len_utf8()..]);
                continue;
            }
            '?' => wanted = next,
            '\\' => {
                wanted = chunk.chars().next().ok_or(NoPattern)?;
                chunk = &chunk[wanted.len_utf8()..];
            }
            _ => {}
        }
        if wanted != next {
            return Ok(None);
        }
        text = &text[next.len_utf8()..];
    }
    Ok(Some(text))
}

/// Whether a character is in a class, and what follows the class.
fn class(chunk: &str, c: char) -> Result<(bool, &str), NoPattern> {
    let (is_negated, mut rest) = match chunk.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, chunk),
    };
    let (mut is_in, mut count) = (false, 0);
    loop {
        if count > 0
            && let Some(after) = rest.strip_prefix(']')
        {
            return Ok((is_in != is_negated, after));
        }
        let (low, after) = of_class(rest)?;
        let (high, after) = match after.strip_prefix('-') {
            Some(after) => of_class(after)?,
            None => (low, after),
        };
        is_in |= (low..=high).contains(&c);
        rest = after;
        count += 1;
    }
}

/// A character of a class. Something must follow it, for a class ends.
fn of_class(text: &str) -> Result<(char, &str), NoPattern> {
    let text = match text.chars().next() {
        None | Some('-' | ']') => return Err(NoPattern),
        Some('\\') => &text[1..],
        Some(_) => text,
    };
    let c = text.chars().next().ok_or(NoPattern)?;
    let rest = &text[c.len_utf8()..];
    if rest.is_empty() { Err(NoPattern) } else { Ok((c, rest)) }
}
