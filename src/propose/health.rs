//! Paths of health checks that an app's sources name, as literals of their routes.
//!
//! The sources are searched, not understood: each path is a guess, with its file and line.

use super::checkout::{Checkout, Place, is_source, name};

/// What a path answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    /// Whether the app lives.
    pub health: Option<(&'static str, Place)>,
    /// Whether it takes requests.
    pub ready: Option<(&'static str, Place)>,
}

/// Paths for liveness, the best first.
const HEALTH: [&str; 9] = [
    "/livez",
    "/healthz",
    "/health",
    "/-/healthy",
    "/actuator/health/liveness",
    "/actuator/health",
    "/api/health",
    "/api/healthz",
    "/up",
];
/// Paths for readiness.
const READY: [&str; 5] =
    ["/readyz", "/ready", "/-/ready", "/actuator/health/readiness", "/api/ready"];
/// Calls that ask another program.
const CALLS: [&str; 9] = [
    "fetch(",
    "axios",
    "curl",
    "http.Get(",
    "requests.",
    "HttpClient",
    "WebClient",
    "httpx.",
    "reqwest",
];
/// The route of Rails' own check, which has no `/` before `up`.
const RAILS: &str = "rails/health#show";
/// Folders whose programs are not the app.
const BESIDE: [&str; 10] = [
    "test",
    "tests",
    "__tests__",
    "spec",
    "testdata",
    "e2e",
    "docs",
    "examples",
    "benches",
    "fixtures",
];

/// The paths that the sources of a folder name.
#[must_use]
pub fn paths(checkout: &Checkout, folder: &str, others: &[&str]) -> Paths {
    let mut best: [Option<(usize, Place)>; 2] = [None, None];
    for (path, rest) in checkout.below(folder) {
        if !is_source(path) || is_beside(path, rest, others) {
            continue;
        }
        for (all, best) in [&HEALTH[..], &READY[..]].into_iter().zip(&mut best) {
            let limit = best.as_ref().map_or(all.len(), |(rank, _)| *rank);
            if let Some(rank) = all[..limit].iter().position(|route| is_file_of(rest, route)) {
                *best = Some((rank, Place::new(path, 0)));
            }
        }
        let Some(text) = checkout.text("", path) else { continue };
        for (at, line) in text.lines().enumerate() {
            if !line.contains('/')
                || is_comment(line)
                || CALLS.iter().any(|call| line.contains(call))
            {
                continue;
            }
            for (all, best) in [&HEALTH[..], &READY[..]].into_iter().zip(&mut best) {
                let limit = best.as_ref().map_or(all.len(), |(rank, _)| *rank);
                if let Some(rank) = all[..limit].iter().position(|path| names(line, path)) {
                    *best = Some((rank, Place::new(path, at + 1)));
                }
            }
        }
    }
    let [health, ready] = best;
    Paths {
        health: health.map(|(rank, place)| (HEALTH[rank], place)),
        ready: ready.map(|(rank, place)| (READY[rank], place)),
    }
}

/// Whether a file is where Next.js looks for the handler of a route.
fn is_file_of(path: &str, route: &str) -> bool {
    let path = path.strip_prefix("src/").unwrap_or(path);
    let Some((path, "ts" | "js")) = path.rsplit_once('.') else { return false };
    let named = path.strip_prefix("app").and_then(|path| path.strip_suffix("/route"));
    named.or_else(|| path.strip_prefix("pages")) == Some(route)
}

/// Whether a file is of tests, or of another app.
pub fn is_beside(path: &str, rest: &str, others: &[&str]) -> bool {
    let is_below =
        |other: &&str| path.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    is_test(rest) || others.iter().any(is_below)
}

/// Whether a line has the path as a whole literal: `"/healthz"`, `'/healthz'`, `"GET /healthz"`, or `location /healthz` of nginx.
fn names(line: &str, path: &str) -> bool {
    if path == "/up" && line.contains(RAILS) {
        return true;
    }
    line.match_indices(path).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + path.len()..]);
        let is_quoted = after.starts_with(['"', '\'', '`']) || after.starts_with("/\"");
        let starts = before.ends_with(['"', '\'', '`'])
            || ["\"GET ", "`GET ", "\"HEAD "].iter().any(|start| before.ends_with(start));
        let is_location = before.trim_start().starts_with("location ")
            && (before.ends_with(' ') || before.ends_with('='))
            && after.starts_with([' ', '{']);
        is_quoted && starts || is_location
    })
}

pub fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    let is_attribute = line.starts_with("#[");
    ["//", "/*", "* ", "#", "--", "<!--"].iter().any(|start| line.starts_with(start))
        && !is_attribute
}

fn is_test(path: &str) -> bool {
    let file = name(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    path.split('/').rev().skip(1).any(|folder| BESIDE.contains(&folder))
        || stem.starts_with("test_")
        || ["_test", ".test", ".spec", "Test", "Tests"].iter().any(|end| stem.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_a_whole_literal() {
        for line in [
            "@app.get(\"/healthz\")",
            "app.get('/healthz', (req, res) =>",
            "mux.HandleFunc(\"GET /healthz\", ok)",
            ".route(\"/healthz\", get(ok))",
            "  location /healthz {",
            "  location = /healthz { return 200; }",
        ] {
            assert!(names(line, "/healthz"), "{line}");
        }
        for line in ["\"/healthz/deep\"", "https://x.example/healthz", "a/healthz", "\"x/healthz\""]
        {
            assert!(!names(line, "/healthz"), "{line}");
        }
        assert!(is_file_of("src/app/api/health/route.ts", "/api/health"));
        assert!(is_file_of("pages/api/health.js", "/api/health"));
        assert!(!is_file_of("lib/api/health.ts", "/api/health"));
        assert!(names("  get \"up\" => \"rails/health#show\"", "/up"));
        assert!(is_comment("  // GET \"/healthz\"") && !is_comment("#[get(\"/healthz\")]"));
        assert!(is_test("tests/x.py") && is_test("a/b_test.go") && is_test("src/x.spec.ts"));
        assert!(!is_test("app/latest.py") && !is_test("main.go"));
    }
}
