//! Values that look like secrets: rejected in a spec, because Git keeps everything, and never shown in an excerpt.

/// Whether a variable's name and value together look like a secret.
#[must_use]
pub fn looks_secret(name: &str, text: &str) -> bool {
    if text.trim().is_empty() || text.len() < 4 {
        return false;
    }
    value_is_secret(text) || (name_is_secret(name) && !is_reference(text))
}

fn name_is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let about = [
        "_FILE",
        "_PATH",
        "_DIR",
        "_URL",
        "_URI",
        "_NAME",
        "_ID",
        "_TTL",
        "_TIMEOUT",
        "_LENGTH",
        "_ENABLED",
        "_HEADER",
        "_EXPIRY",
        "_ISSUER",
        "_TYPE",
        "_ALGORITHM",
    ];
    if about.iter().any(|suffix| name.ends_with(suffix)) {
        return false;
    }
    let words = [
        "PASSWORD",
        "PASSWD",
        "SECRET",
        "TOKEN",
        "APIKEY",
        "API_KEY",
        "PRIVATE_KEY",
        "ACCESS_KEY",
        "CREDENTIAL",
        "CREDENTIALS",
        "PASSPHRASE",
    ];
    words.iter().any(|word| {
        name == *word
            || name.ends_with(&format!("_{word}"))
            || name.starts_with(&format!("{word}_"))
    })
}

/// Booleans, numbers and paths are settings, whatever the variable's name.
fn is_reference(text: &str) -> bool {
    text.starts_with('/')
        || text.parse::<f64>().is_ok()
        || ["true", "false", "none", "null", "disabled", "enabled"]
            .contains(&text.to_ascii_lowercase().as_str())
}

fn value_is_secret(text: &str) -> bool {
    let key_begins = text.contains("-----BEGIN") && text.contains("PRIVATE KEY");
    let prefixes = [
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "sk_live_",
        "AIza",
        "AGE-SECRET-KEY-",
    ];
    let known = prefixes
        .iter()
        .any(|prefix| text.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 12));
    let token = text.starts_with("eyJ") && text.matches('.').count() == 2 && text.len() > 40;
    key_begins || known || token || url_has_password(text)
}

fn url_has_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else {
        return false;
    };
    user.split_once(':')
        .is_some_and(|(_, password)| !password.is_empty() && !password.starts_with('$'))
}

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
                && word.chars().any(|c| c.is_ascii_uppercase() || c == '_')
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
            ("image: a/b:1 # text", "image: a/b:1 # text"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }

    #[test]
    fn secrets_are_seen_by_name_and_by_value() {
        for (name, text) in [
            ("DB_PASSWORD", "hunter22"),
            ("API_KEY", "abcdef"),
            ("TOKEN", "abcdef"),
            ("X", "ghp_0123456789abcdef"),
            ("URL", "postgres://u:pw@h/db"),
            ("K", "-----BEGIN RSA PRIVATE KEY-----"),
            ("AWS", "AKIAIOSFODNN7EXAMPLE"),
        ] {
            assert!(looks_secret(name, text), "{name}");
        }
        for (name, text) in [
            ("PASSWORD_FILE", "/run/secret"),
            ("TOKEN_URL", "https://h/token"),
            ("SECRET_NAME", "orders"),
            ("LOG_LEVEL", "debug"),
            ("DB_PASSWORD", ""),
            ("QUEUE", "amqp://queue.media.svc"),
            ("USE_TOKEN", "true"),
            ("TOKENIZER", "words"),
            ("URL", "https://git@h/x"),
            ("SSH_PRIVATE_KEY", "/keys/id"),
        ] {
            assert!(!looks_secret(name, text), "{name}");
        }
    }
}
