//! An event of a git host: a body and headers.

/// Events of a Bitbucket server that can start runs.
const SERVER: [&str; 5] =
    ["repo:refs_changed", "pr:opened", "pr:from_ref_updated", "pr:reopened", "pr:comment:added"];

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
        let bitbucket = |word| Some(("X-Event-Key", word));
        // A server names the kind in the body; of the cloud's, only a push is told by its form.
        let key = body.get("eventKey").and_then(serde_json::Value::as_str);
        if let Some(word) = SERVER.into_iter().find(|word| key == Some(*word)) {
            return bitbucket(word);
        }
        match kind {
            Some("push") => gitlab("Push Hook"),
            Some("tag_push") => gitlab("Tag Push Hook"),
            Some("merge_request") => gitlab("Merge Request Hook"),
            Some("note") => gitlab("Note Hook"),
            None if body.pointer("/push/changes").is_some() => bitbucket("repo:push"),
            None if body.get("pullrequest").is_some() && body.get("comment").is_some() => {
                bitbucket("pullrequest:comment_created")
            }
            None if body.get("pullrequest").is_some() => bitbucket("pullrequest:updated"),
            None if body.get("issue").is_some() && body.get("comment").is_some() => {
                github("issue_comment")
            }
            None if body.get("pull_request").is_some() => github("pull_request"),
            None if body.get("ref").is_some() && body.get("after").is_some() => github("push"),
            _ => None,
        }
    }
}
