//! An event of a git host: a body and headers.

/// What a git host sends.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The body.
    pub body: serde_json::Value,
    /// Headers, by name as they were given.
    pub headers: Vec<(String, String)>,
}

impl Event {
    /// The first header of that name; case does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The header that tells the kind of event, as the body lets one guess it: hosts send it beside the body, and files hold only the
    /// body. Nothing if the body looks like no event that is known.
    #[must_use]
    pub fn guess(body: &serde_json::Value) -> Option<(&'static str, &'static str)> {
        let kind = body.get("object_kind").and_then(serde_json::Value::as_str);
        let gitlab = |word| Some(("X-Gitlab-Event", word));
        let github = |word| Some(("X-GitHub-Event", word));
        match kind {
            Some("push") => gitlab("Push Hook"),
            Some("tag_push") => gitlab("Tag Push Hook"),
            Some("merge_request") => gitlab("Merge Request Hook"),
            None if body.get("pull_request").is_some() => github("pull_request"),
            None if body.get("ref").is_some() && body.get("after").is_some() => github("push"),
            _ => None,
        }
    }
}
