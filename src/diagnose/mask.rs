//! Hides secrets in what is shown: by their form, and the values of Secrets that are known.
//!
//! Logs hold credentials in forms that no YAML has: in headers, options, URLs, keys over many lines. What is hidden too much harms
//! less than what is shown.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::snapshot::Snapshot;
use crate::diagnostics::looks_secret;

/// What stands in their place.
const HIDDEN: &str = "<secret>";

/// Shorter values may stand somewhere by chance.
const SHORTEST: usize = 4;

/// A name that tells that its value is secret.
const NAMES: &str = r"[\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|dockerconfigjson|signature)|\bauth";

/// A value behind such a name: behind `=` or in JSON anywhere, behind a colon where the line ends with it, or in a header or option.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let value = r#"[^\s"',;&]{3,}"#;
    Regex::new(&format!(
        r#"(?im)(?:(?P<a>\b(?:authorization["']?\s*[:=]\s*["']?(?:basic|bearer|token)|bearer)\s+|(?:private-token|x-gitlab-token|x-hub-signature(?:-256)?|proxy-authorization|set-cookie|cookie)["']?\s*:\s*["']?|(?:{NAMES})(?:\s?=\s?|["']\s?:\s?|=)["']?|(?:^|\s)--?(?:password|token|secret|api-key|access-key)\s)(?P<x>{value})|(?P<b>(?:{NAMES}):\s+["']?)(?P<y>{value})["']?\s*$)"#
    ))
    .ok()
});

/// Values that are secret by their form.
static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b(?:AKIA|ASIA)[0-9A-Z]{12,}
        | \b(?:gh[opsur]_|github_pat_|glpat-|gldt-|xox[abprs]-|sk_live_|rk_live_|npm_|dckr_pat_|hvs\.|AGE-SECRET-KEY-)[\w.-]{10,}
        | \bAIza[\w-]{20,}
        | \beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*
        | -----BEGIN[\ A-Z]*PRIVATE\ KEY-----[\s\S]*?(?:-----END[\ A-Z]*PRIVATE\ KEY-----|$)
        | \b(?:[A-Za-z0-9+/]{60,}={0,2})(?:\s|$)
        ",
    )
    .ok()
});

/// User and password in a URL.
static IN_URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?P<scheme>\w+://)(?P<user>[^\s/@:]*):(?P<password>[^\s/@]+)@").ok()
});

/// Hides secrets.
#[derive(Debug, Default)]
pub struct Mask {
    /// Values of Secrets, the longest first.
    values: Vec<String>,
}

impl Mask {
    /// With the values of the Secrets in a snapshot.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let all = snapshot.secrets().into_iter().flat_map(|secret| secret.values());
        let mut values: Vec<String> = all
            .flat_map(|value| std::iter::once(value.trim()).chain(value.lines().map(str::trim)))
            .filter(|value| value.chars().count() >= SHORTEST)
            .map(str::to_owned)
            .collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self { values }
    }

    /// A text without secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for value in &self.values {
            if out.contains(value.as_str()) {
                out = out.replace(value.as_str(), HIDDEN);
            }
        }
        let out = replace(&FORMS, &out, |found| {
            if is_digest(&found[0]) { found[0].to_owned() } else { HIDDEN.to_owned() }
        });
        let out = replace(&IN_URL, &out, |found| {
            format!("{}{}:{HIDDEN}@", &found["scheme"], &found["user"])
        });
        let out = replace(&NAMED, &out, |found| {
            let part = |name: &str| found.name(name).map_or("", |part| part.as_str());
            let (name, value) =
                (part("a").to_owned() + part("b"), part("x").to_owned() + part("y"));
            let is_known = value.starts_with("system:") || value.starts_with('<');
            if is_known { found[0].to_owned() } else { format!("{name}{HIDDEN}") }
        });
        // What only its own form shows.
        let words = out.split_inclusive(char::is_whitespace).map(|word| {
            let bare = word.trim_end();
            if looks_secret("", bare) { word.replace(bare, HIDDEN) } else { word.to_owned() }
        });
        words.collect()
    }
}

fn replace<'t>(
    pattern: &LazyLock<Option<Regex>>,
    text: &'t str,
    by: impl Fn(&Captures<'_>) -> String,
) -> Cow<'t, str> {
    match &**pattern {
        Some(pattern) => pattern.replace_all(text, |found: &Captures<'_>| by(found)),
        None => Cow::Borrowed(text),
    }
}

/// A digest or a path is no secret, however long it is.
fn is_digest(text: &str) -> bool {
    const LONG: usize = 60;
    let text = text.trim();
    let has = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c));
    let is_mixed =
        has(char::is_ascii_digit) && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    is_plain && !is_mixed && text.len() >= LONG
}
