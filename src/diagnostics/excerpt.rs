//! Source lines as people may see them: apparent secrets are hidden.

use super::secret::{is_reference, name_is_secret, value_is_secret};

/// A source line for display: apparent secrets are replaced, character by character, so that carets still point
/// at their place.
#[must_use]
pub fn masked(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let mut out = characters.clone();
    let mut name = String::new();
    let mut at = 0;
    while at < characters.len() {
        if !is_value(characters[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < characters.len() && (is_value(characters[at]) || is_inner_colon(&characters, at))
        {
            at += 1;
        }
        let word: String = characters[start..at].iter().collect();
        let is_key = characters[at..].iter().find(|c| !matches!(c, '"' | '\'')) == Some(&':');
        let secret =
            value_is_secret(&word) || (!is_key && !name.is_empty() && !is_reference(&word));
        if secret {
            out[start..at].fill('*');
        }
        if is_key {
            name.clear();
            if name_is_secret(&word)
                && word.contains(|c: char| c.is_ascii_uppercase() || matches!(c, '_' | '.' | '-'))
                && !SPEC_KEYS.contains(&word.as_str())
            {
                name = word;
            }
        }
        // What follows a comma, a bracket or an opening brace belongs to another key.
        if characters[at..].first().is_some_and(|c| matches!(c, ',' | '}' | ']')) {
            name.clear();
        }
    }
    out.into_iter().collect()
}

/// Keys of the spec with the name of a Secret, never its value.
const SPEC_KEYS: [&str; 2] = ["pullSecret", "notSecret"];

fn is_value(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(character, '"' | '\'' | ',' | '{' | '}' | '[' | ']' | ':')
}

/// A colon inside a value, as in a URL, and not after a key.
fn is_inner_colon(characters: &[char], at: usize) -> bool {
    characters[at] == ':' && characters.get(at + 1).is_some_and(|next| is_value(*next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_hide_secrets_and_nothing_else() {
        for (line, shown) in [
            ("env: {DB_PASSWORD: hunter22, A: b}", "env: {DB_PASSWORD: ********, A: b}"),
            (
                "source: https://user:hunter2@git.example/a",
                "source: **********************************",
            ),
            ("  API_TOKEN: \"abc def\"", "  API_TOKEN: \"*** ***\""),
            ("x: ghp_0123456789abcdefghij", "x: ************************"),
            (
                "DATABASE_URL: {secret: orders-db, key: url}",
                "DATABASE_URL: {secret: orders-db, key: url}",
            ),
            ("pullSecret: registry", "pullSecret: registry"),
            ("{adminPassword: hunter22}", "{adminPassword: ********}"),
            ("db.password: hunter22", "db.password: ********"),
            ("existingSecret: shop-db", "existingSecret: shop-db"),
            ("secret: shop-db", "secret: shop-db"),
            ("image: a/b:1 # text", "image: a/b:1 # text"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }
}
