//! What a registry asks for when it lets nobody in without a word (RFC 9110, 11.6.1).

/// How to come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// By name and password.
    Basic,
    /// By a token of another server.
    Bearer {
        /// Its address.
        realm: String,
        /// What it knows the registry as.
        service: Option<String>,
    },
}

/// Reads a `WWW-Authenticate` header; none if it asks for something else.
pub(super) fn read(header: &str) -> Option<Challenge> {
    let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let realm = parameter(rest, "realm")?;
    Some(Challenge::Bearer { realm, service: parameter(rest, "service") })
}

/// The value of a parameter, in quotes or not.
fn parameter(mut rest: &str, name: &str) -> Option<String> {
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        let (key, value) = rest.split_once('=')?;
        let (found, after) = if let Some(quoted) = value.strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let end = value.find([',', ' ']).unwrap_or(value.len());
            (value[..end].to_owned(), &value[end..])
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(found);
        }
        rest = after;
    }
}

/// A quoted text, and what comes after it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((found, &text[at + 1..])),
            '\\' => found.push(chars.next()?.1),
            other => found.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        let bearer = |realm: &str, service: Option<&str>| {
            let service = service.map(str::to_owned);
            Some(Challenge::Bearer { realm: realm.to_owned(), service })
        };
        for (header, found) in [
            ("Basic realm=\"x\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://auth.example/token\",service=\"r.example\",scope=\"a,b\"",
                bearer("https://auth.example/token", Some("r.example")),
            ),
            ("bearer scope=\"a, realm=b\", realm=\"c\\\"d\"", bearer("c\"d", None)),
            ("Bearer realm=plain, service=s", bearer("plain", Some("s"))),
            ("Bearer realm=\"open", None),
            ("Bearer", None),
            ("Negotiate", None),
            ("", None),
        ] {
            assert_eq!(read(header), found, "{header}");
        }
    }
}
