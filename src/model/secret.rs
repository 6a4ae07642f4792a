//! Texts that look like secrets. Git forgets nothing, so they are stopped before they are rendered.

/// Whether a variable's name and text together look like a secret that was written down.
#[must_use]
pub(super) fn looks_secret(name: &str, text: &str) -> bool {
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

/// Truth values, numbers and paths are settings, whatever the variable's name.
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
    let known = prefixes.iter().any(|prefix| {
        text.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= 12)
    });
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

#[cfg(test)]
mod tests {
    use super::*;

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
