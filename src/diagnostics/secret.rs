//! Values that look like secrets: rejected in a spec, because Git keeps everything, and never shown.

/// Whether a variable's name and value together look like a secret.
#[must_use]
pub fn looks_secret(name: &str, text: &str) -> bool {
    if text.trim().is_empty() || text.len() < 4 {
        return false;
    }
    value_is_secret(text) || (name_is_secret(name) && !is_reference(text))
}

/// Whether the name alone makes the value a secret.
#[must_use]
pub fn named_secret(name: &str, text: &str) -> bool {
    text.len() >= 4 && !text.trim().is_empty() && name_is_secret(name) && !is_reference(text)
}

/// The part of `--NAME=VALUE` or `NAME=VALUE` before a secret VALUE, if NAME makes it one.
#[must_use]
pub fn before_secret(text: &str) -> Option<&str> {
    let (option, value) = text.split_once('=')?;
    let name = option.trim();
    let is_option =
        !name.contains(char::is_whitespace) && !value_is_secret(name) && !value.contains('\n');
    (is_option && named_secret(&variable(name), value.trim()))
        .then(|| &text[..text.len() - value.trim_start().len()])
}

/// Whether the item of a list after `--NAME` is a secret. A value may begin with one `-`.
#[must_use]
pub fn is_secret_of(option: &str, item: &str) -> bool {
    option.starts_with('-')
        && !option.contains('=')
        && !item.starts_with("--")
        && named_secret(&variable(option), item)
}

/// What may stay of an argument that holds a secret, if it does; `before` is the argument before it. Where hiding is free, as in what is
/// only shown, [`is_secret_of`] takes more for a secret.
#[must_use]
pub fn beside_secret<'t>(before: Option<&str>, text: &'t str) -> Option<&'t str> {
    // `--tls-secret` is more likely followed by the name of one.
    let is_named = |option: &str, value: &str| named_secret(option.trim_start_matches('-'), value);
    if before.is_some_and(|option| is_secret_of(option, text) && is_named(option, text)) {
        return Some("");
    }
    let option = before_secret(text).filter(|before| {
        let (option, value) = (before.trim_end().trim_end_matches('='), &text[before.len()..]);
        is_named(option.trim_end(), value)
    });
    option.or_else(|| looks_secret("", text).then_some(""))
}

/// An option as a variable would be called.
fn variable(option: &str) -> String {
    option.trim_start_matches('-').replace('-', "_")
}

pub(super) fn name_is_secret(name: &str) -> bool {
    is_secret_variable(&name.to_ascii_uppercase()) || ends_secret(&snake(name))
}

/// A name in camel case, or with dots or dashes, as a variable.
fn snake(name: &str) -> String {
    let has_cases = name.contains(|c: char| c.is_ascii_lowercase());
    let mut out = String::new();
    let mut before = '_';
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let next_is_small = rest.peek().is_some_and(char::is_ascii_lowercase);
        let begins = c.is_ascii_uppercase()
            && (!before.is_ascii_uppercase() || next_is_small)
            && before != '_';
        if has_cases && begins {
            out.push('_');
        }
        before = if c.is_ascii_alphanumeric() { c } else { '_' };
        out.push(before.to_ascii_uppercase());
    }
    out
}

/// Keys such as `adminPassword`. Unlike variables, keys often hold the name of a Secret or of its key: `existingSecret`,
/// `secretKey`, `passwordKey`. So only the end counts, and `…Secret` only if it is always a value.
fn ends_secret(name: &str) -> bool {
    let owners = [
        "ACCESS", "API", "APP", "CLIENT", "CONSUMER", "COOKIE", "HMAC", "JWT", "OAUTH", "SESSION",
        "SHARED", "SIGNING",
    ];
    let ends = |end: &str| {
        name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    WORDS.iter().filter(|word| **word != "SECRET").any(|word| ends(word))
        || owners.iter().any(|owner| ends(&format!("{owner}_SECRET")))
}

const WORDS: [&str; 11] = [
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

fn is_secret_variable(name: &str) -> bool {
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
    WORDS.iter().any(|word| {
        name == *word
            || name.ends_with(&format!("_{word}"))
            || name.starts_with(&format!("{word}_"))
    })
}

/// Booleans, numbers, paths and references are settings, whatever the variable's name.
pub(super) fn is_reference(text: &str) -> bool {
    text.starts_with('/')
        || is_placeholder(text)
        || text.parse::<f64>().is_ok()
        || ["true", "false", "none", "null", "disabled", "enabled"]
            .contains(&text.to_ascii_lowercase().as_str())
}

/// `$(NAME)`, `${NAME}` or `{{ … }}`, and nothing else.
fn is_placeholder(text: &str) -> bool {
    let within = |begin: &str, end: &str| text.strip_prefix(begin)?.strip_suffix(end);
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-[]'".contains(c))
    };
    within("$(", ")").or_else(|| within("${", "}")).is_some_and(is_name)
        || within("{{", "}}").is_some_and(|inner| !inner.contains(['{', '}', '"']))
}

/// Whether a text is or holds what only secrets look like.
pub(super) fn value_is_secret(text: &str) -> bool {
    let key_begins = text.contains("-----BEGIN") && text.contains("PRIVATE KEY");
    let is_end = |c: char| c.is_whitespace() || "\"'`=:,;&|?@/\\(){}[]<>".contains(c);
    key_begins || text.split(is_end).any(is_token) || url_has_password(text)
}

fn is_token(word: &str) -> bool {
    let prefixes = [
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
        .any(|prefix| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 12));
    let access_key = ["AKIA", "ASIA"].iter().any(|prefix| {
        let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        word.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= 12 && rest.chars().take(12).all(is_code))
    });
    let web_token = word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() > 40;
    known || access_key || web_token
}

fn url_has_password(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let is_end = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"');
        let authority = rest.split(is_end).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        user.split_once(':')
            .is_some_and(|(_, password)| !password.is_empty() && !password.starts_with('$'))
    })
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
            ("adminPassword", "hunter22"),
            ("rootPassword", "hunter22"),
            ("APIToken", "hunter22"),
            ("oauth2Token", "hunter22"),
            ("secretAccessKey", "hunter22"),
            ("clientSecret", "hunter22"),
            ("client-secret", "hunter22"),
            ("spring.datasource.password", "hunter22"),
            ("HEADER", "Authorization: Bearer ghp_0123456789abcdef"),
            ("JSON", "{\"to\":\"https://a.example\",\"db\":\"postgres://u:pw@h/db\"}"),
            ("REMOTE", "https://ghp_0123456789abcdef@git.example/a.git"),
            ("MESSAGE", "use AKIAIOSFODNN7EXAMPLE, please"),
            ("DB_PASSWORD", "${OTHER:-hunter22}"),
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
            ("tokenUrl", "hunter22"),
            ("passwordFile", "hunter22"),
            ("secretName", "orders-db"),
            ("secretKey", "password"),
            ("passwordKey", "postgres-password"),
            ("existingSecret", "orders-db"),
            ("auth.existing-secret", "orders-db"),
            ("pullSecret", "registry"),
            ("notSecret", "a dummy"),
            ("keyPath", "hunter22"),
            ("author", "somebody"),
            ("tokenExpiry", "hunter22"),
            ("tokenizer", "words"),
            ("automountServiceAccountToken", "true"),
            ("DB_PASSWORD", "$(OTHER)"),
            ("password", "{{ .Values.password }}"),
            ("REGION", "ASIA-SOUTHEAST-1-EAST"),
            ("TEXT", "see https://a.example and https://git@b.example"),
            ("MAIL", r#"{"from":"https://a.example","to":"me@b.example"}"#),
        ] {
            assert!(!looks_secret(name, text), "{name}");
        }
    }

    #[test]
    fn options_hold_secrets_in_one_item_or_in_two() {
        for (text, before) in [
            ("--token=hunter22", Some("--token=")),
            ("-Ddb.password=hunter22", Some("-Ddb.password=")),
            ("db.password = hunter22", Some("db.password = ")),
            ("--password=$(DB_PASSWORD)", None),
            ("--token-file=/run/token", None),
            ("--level=debug", None),
            ("postgres://u:pw@h/?db_token=hunter22", None),
        ] {
            assert_eq!(before_secret(text), before, "{text}");
        }
        for (option, item, is) in [
            ("--token", "hunter22", true),
            ("--password", "-leading-hunter22", true),
            ("--password", "--verbose", false),
            ("--password", "$(DB_PASSWORD)", false),
            ("--token-url", "hunter22", false),
            ("serve", "hunter22", false),
        ] {
            assert_eq!(is_secret_of(option, item), is, "{option} {item}");
        }
    }
}
