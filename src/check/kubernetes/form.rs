//! The forms of texts, as `k8s.io/apimachinery/pkg/util/validation` and `pkg/apis/core/validation` have them.

use crate::name::Check;

/// The form of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// RFC 1123 label.
    Label,
    /// RFC 1123 subdomain.
    Subdomain,
    /// What can stand in a URL's path.
    Segment,
    /// A key of a label, with an optional prefix.
    Key,
    /// The value of a label.
    LabelValue,
    /// The name of a port.
    PortName,
    /// The name of a variable.
    Variable,
    /// A key of a ConfigMap or Secret.
    DataKey,
    /// An address.
    Ip,
    /// A range of addresses.
    Cidr,
    /// A host, with a wildcard or without.
    Host,
    /// The name of a header.
    Header,
    /// A share in percent.
    Percent,
    /// A path below another.
    Below,
    /// The same, and not one that volumes keep for themselves.
    File,
}

impl Form {
    /// Whether a text has it.
    pub(super) fn takes(self, text: &str) -> bool {
        match self {
            Self::Label => Check::Label.test(text).is_ok(),
            Self::Subdomain => is_subdomain(text),
            Self::Segment => !matches!(text, "" | "." | "..") && !text.contains(['/', '%']),
            Self::Key => is_key(text),
            Self::LabelValue => Check::LabelValue.test(text).is_ok(),
            Self::PortName => Check::PortName.test(text).is_ok(),
            // `IsRelaxedEnvVarName`.
            Self::Variable => {
                !text.is_empty() && text.bytes().all(|c| (b' '..=b'~').contains(&c) && c != b'=')
            }
            Self::DataKey => Check::DataKey.test(text).is_ok(),
            Self::Ip => Check::Ip.test(text).is_ok(),
            Self::Cidr => Check::Cidr.test(text).is_ok(),
            Self::Host => is_subdomain(text.strip_prefix("*.").unwrap_or(text)),
            Self::Header => Check::HeaderName.test(text).is_ok(),
            Self::Percent => {
                let digits = text.strip_suffix('%').unwrap_or_default();
                !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
            }
            Self::Below => is_below(text),
            Self::File => is_below(text) && !text.starts_with(".."),
        }
    }

    /// What it is called, with its article.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Label => {
                "a DNS label: lower-case letters, digits and hyphens, up to 63 characters, a letter or digit at both ends"
            }
            Self::Subdomain => {
                "a DNS subdomain: lower-case letters, digits, hyphens and dots, up to 253 characters, a letter or digit at both ends"
            }
            Self::Segment => "a name without `/` and `%`",
            Self::Key => {
                "a key: up to 63 letters, digits, `-`, `_` and `.`, perhaps behind a DNS subdomain and `/`"
            }
            Self::LabelValue => {
                "a label's value: up to 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends"
            }
            Self::PortName => {
                "a port's name: up to 15 lower-case letters, digits and single hyphens, at least one letter"
            }
            Self::Variable => "a variable's name: printable ASCII without `=`",
            Self::DataKey => "a key: letters, digits, `-`, `_` and `.`",
            Self::Ip => "an IP address",
            Self::Cidr => "a range of addresses such as `10.0.0.0/8`",
            Self::Host => "a host name, perhaps with `*.` before it",
            Self::Header => "a header's name: letters, digits and hyphens",
            Self::Percent => "a number or a percentage such as `25%`",
            Self::Below => "a relative path without `..`",
            Self::File => "a relative path that does not begin with `..`",
        }
    }
}

/// `IsDNS1123Subdomain`: of its labels no length is asked.
fn is_subdomain(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(is_end)
            && part.ends_with(is_end)
            && part.chars().all(|c| is_end(c) || c == '-')
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

/// `IsQualifiedName`.
fn is_key(text: &str) -> bool {
    let name = match text.split_once('/') {
        Some((prefix, name)) if is_subdomain(prefix) => name,
        Some(_) => return false,
        None => text,
    };
    !name.is_empty() && Check::LabelValue.test(name).is_ok()
}

fn is_below(text: &str) -> bool {
    !text.starts_with('/') && text.split('/').all(|part| part != "..")
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn forms_are_those_of_kubernetes() {
        let long = format!("{}.x", "a".repeat(70));
        for (form, good, bad) in [
            (Form::Subdomain, long.as_str(), "a..b"),
            (Form::Label, "a-1", "a.b"),
            (Form::Segment, "system:basic-user", "a/b"),
            (Form::Key, "app.kubernetes.io/name", "A.b/c"),
            (Form::Key, "A_b.C", "a/b/c"),
            (Form::Variable, "a b-1", "a=b"),
            (Form::Host, "*.example.test", "*"),
            (Form::Percent, "250%", "25"),
            (Form::Below, "a/b", "a/../b"),
            (Form::File, "a/..b", "..data"),
        ] {
            assert!(form.takes(good), "{good}");
            assert!(!form.takes(bad), "{bad}");
        }
    }
}
