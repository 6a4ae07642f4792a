//! The HTTP request of a health check's command.

use crate::diagnostics::looks_secret;

/// Port and path.
pub type Request = (Option<u16>, String);

/// The port and the path of a request to the container itself.
#[must_use]
pub fn request(command: &str) -> Option<Request> {
    let mut all = command.match_indices("://");
    all.find_map(|(at, _)| {
        // A probe of a port that speaks TLS would fail.
        command[..at].ends_with("http").then_some(())?;
        // What follows `?` may be a token.
        let is_end = |c: char| !c.is_ascii_graphic() || "\"'`)|;,<>]?#".contains(c);
        let url = &command[at + 3..];
        let host = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];
        let rest = host.iter().find_map(|host| url.strip_prefix(host))?;
        let rest = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        let (port, path) = match rest.strip_prefix(':') {
            Some(rest) => {
                let (port, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                // A variable that the file does not set.
                let port = if port.starts_with('$') { None } else { Some(port.parse().ok()?) };
                (port, path)
            }
            None => (None, rest),
        };
        let path = if path.is_empty() { "/" } else { path };
        let is_plain = path.starts_with('/')
            && path.len() <= 200
            && !path.contains(['$', '{', '}', '\\'])
            && !looks_secret("", path);
        is_plain.then(|| (port, path.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_request_to_itself_is_a_health_path() {
        let none = [
            "pg_isready",
            "curl http://other/health",
            "curl ftp://localhost/x",
            "curl -k https://localhost/x",
            "curl http://localhost/$X",
            "",
        ];
        for command in none {
            assert_eq!(request(command), None, "{command}");
        }
        let own = request("[\"CMD\", \"wget\", \"-q\", \"http://127.0.0.1/up\"]");
        assert_eq!(own, Some((None, "/up".to_owned())));
        let variable = request("curl http://localhost:$PORT/up");
        assert_eq!(variable, Some((None, "/up".to_owned())));
        let token = request("curl 'http://localhost/up?token=swordfish'");
        assert_eq!(token, Some((None, "/up".to_owned())));
        assert_eq!(request("curl http://localhost:80"), Some((Some(80), "/".to_owned())));
    }
}
