//! What is never copied from a checkout: secrets, and commands with them.

use crate::diagnostics::{looks_secret, masked};

/// Whether a word of a command has codes in it, or what looks like a secret.
pub(super) fn is_kept_back(word: &str) -> bool {
    let is_secret = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let option = name.starts_with('-') && has_secret_name(name);
        let is_named = !value.is_empty() && has_secret_name(name);
        option || is_named || looks_secret("", part) || looks_private(part) || looks_private(value)
    };
    word.contains(char::is_control)
        || masked(word) != word
        || word.split_whitespace().any(is_secret)
}

/// Whether a value may be a credential: a user before a host, an HTTP header, or a long word of letters and digits.
pub(super) fn looks_private(text: &str) -> bool {
    const SHORTEST: usize = 24;
    let has_user = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('@').is_some_and(|(user, _)| !user.contains('/')),
        None => text.split_once('@').is_some_and(|(user, _)| user.contains(':')),
    };
    let is_header = ["Basic ", "Bearer ", "Token "].iter().any(|start| text.starts_with(start));
    let is_random = text.len() >= SHORTEST
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+/=_".contains(c))
        && text.contains(|c: char| c.is_ascii_digit())
        && text.contains(|c: char| c.is_ascii_alphabetic())
        && !text.starts_with('/');
    has_user || is_header || is_random
}

/// Whether a variable or an option is called as secrets are. Stricter than what a spec is refused for, since this is copied from files
/// that nobody wrote for others.
pub(super) fn has_secret_name(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "PASS",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "REQUIREPASS",
        "PWD",
        "SECRET",
        "TOKEN",
        "KEY",
        "APIKEY",
        "CREDENTIAL",
        "CREDENTIALS",
    ];
    let name = name.trim_start_matches('-').replace(['-', '.'], "_").to_ascii_uppercase();
    let own = |word: &str| WORDS.contains(&word) || word.ends_with("PASSWORD");
    name.split('_').any(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_known_by_its_form() {
        for text in [
            "https://0123456789abcdef@sentry.example/1",
            "user:hunter2@smtp.example",
            "Basic dXNlcjpwYXNz",
            "0123456789abcdef0123456789abcdef",
        ] {
            assert!(looks_private(text), "{text}");
        }
        for text in [
            "https://x.example:8080/@scope/x",
            "me@x.example",
            "production",
            "/srv/data/2024/incoming/files",
            "8080",
        ] {
            assert!(!looks_private(text), "{text}");
        }
    }

    #[test]
    fn a_command_with_a_secret_is_not_copied() {
        for word in [
            "--password=x",
            "--requirepass",
            "API_KEY=1 run",
            "run -token 5",
            "a\u{1b}",
            "x --db-password y",
            "redis://:hunter2@redis/0",
        ] {
            assert!(is_kept_back(word), "{word}");
        }
        for word in ["run", "--port=80", "bundle exec rake db:migrate", "--keyspace", "A=1 run"] {
            assert!(!is_kept_back(word), "{word}");
        }
        assert!(
            has_secret_name("DB_PASS")
                && has_secret_name("PGPASSWORD")
                && !has_secret_name("KEYSPACE")
        );
    }
}
