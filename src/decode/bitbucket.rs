//! The events of Bitbucket, in the cloud and on a server, as expressions for Tekton's CEL interceptor. One of its pushes can change
//! several branches: the first that is wanted starts the run.

use super::by_gen::message_by_gen;
use super::events::{Wanted, event_of, has_line, one_of};
use super::expression::{glob, literal};
use crate::model::Event;

/// The events, if the host is a Bitbucket.
pub(super) fn events(wanted: &Wanted<'_>) -> Option<Vec<Event>> {
    let of = match wanted.host {
        "bitbucket" => CLOUD,
        "bitbucket-server" => SERVER,
        _ => return None,
    };
    let mut events = vec![push(wanted, &of)];
    if !wanted.view.items("tags").is_empty() {
        events.push(tag(wanted, &of));
    }
    let types = [
        ("pullRequests", "pull-request", of.opened),
        ("comments", "comment", std::slice::from_ref(&of.commented)),
    ];
    for (key, name, types) in types {
        let is_wanted = match key {
            "comments" => !wanted.view.items(key).is_empty(),
            _ => wanted.view.flag(key),
        };
        if is_wanted {
            events.push(pull_request(wanted, &of, name, types));
        }
    }
    Some(events)
}

/// What one of the two kinds calls things.
struct Kind {
    pushed: &'static str,
    opened: &'static [&'static str],
    commented: &'static str,
    /// The list of changes of a push.
    changes: &'static str,
    /// Whether a change `c` leaves something, and is one of a branch or a tag.
    branch: &'static str,
    tag: &'static str,
    /// The name of the branch or tag.
    name: &'static str,
    /// Its commit, for a tag, the commit or the ref that leads to it, and the commit before.
    commit: &'static str,
    tagged: &'static str,
    before: &'static str,
    /// The commits of a change, if they are all listed.
    commits: &'static str,
    /// Of a pull request: the branch that it is for, its commit and branch, its repository and that of the event; the comment.
    target: &'static str,
    head: [&'static str; 2],
    same: &'static [&'static str],
    comment: &'static str,
}

/// Its pull requests name commits by twelve digits only, so the branch is fetched.
const CLOUD: Kind = Kind {
    pushed: "repo:push",
    opened: &["pullrequest:created", "pullrequest:updated"],
    commented: "pullrequest:comment_created",
    changes: "body.push.changes",
    branch: "type(c.new) == map && c.new.type == 'branch'",
    tag: "type(c.new) == map && c.new.type == 'tag'",
    name: "c.new.name",
    commit: ".new.target.hash",
    tagged: ".new.target.hash",
    before: ".old",
    commits: "has(c.commits) && c.commits.size() > 0 && !(has(c.truncated) && c.truncated == true)",
    target: "body.pullrequest.destination.branch.name",
    head: ["body.pullrequest.source.branch.name", "body.pullrequest.source.branch.name"],
    same: &[
        "type(body.pullrequest.source.repository) == map",
        "body.pullrequest.source.repository.full_name == body.repository.full_name",
    ],
    comment: "body.comment.content.raw",
};

const SERVER: Kind = Kind {
    pushed: "repo:refs_changed",
    opened: &["pr:opened", "pr:from_ref_updated", "pr:reopened"],
    commented: "pr:comment:added",
    changes: "body.changes",
    branch: "c.type != 'DELETE' && c.ref.type == 'BRANCH'",
    tag: "c.type != 'DELETE' && c.ref.type == 'TAG'",
    name: "c.ref.displayId",
    commit: ".toHash",
    tagged: ".ref.id",
    before: ".fromHash",
    commits: "",
    target: "body.pullRequest.toRef.displayId",
    head: ["body.pullRequest.fromRef.latestCommit", "body.pullRequest.fromRef.displayId"],
    same: &["body.pullRequest.fromRef.repository.id == body.pullRequest.toRef.repository.id"],
    comment: "body.comment.text",
};

fn push(wanted: &Wanted<'_>, of: &Kind) -> Event {
    let named = one_of(of.name, "", &wanted.branches);
    let mut condition = format!("{} && {named}", of.branch);
    let mut parts = Vec::new();
    // Its events name no files, so that a squash which ends with trailers of gen is taken for a commit by gen.
    let by_gen = message_by_gen("m.message");
    if of.commits.is_empty() {
        parts.push(format!("!(has(body.commits) && type(body.commits) == list && body.commits.size() > 0 && body.commits.all(m, {by_gen}))"));
    } else {
        condition = format!("{condition} && !({} && c.commits.all(m, {by_gen}))", of.commits);
    }
    parts.insert(0, format!("{}.exists(c, {condition})", of.changes));
    let first = format!("{}.filter(c, {condition})[0]", of.changes);
    let name = format!("{first}{}", of.name.trim_start_matches('c'));
    let commit = format!("{first}{}", of.commit);
    let before = match of.before {
        ".old" => format!("type({first}.old) == map ? {first}.old.target.hash : ''"),
        before => format!("{first}{before}"),
    };
    event_of("push", &[of.pushed], &parts, [&commit, &name, &before])
}

fn tag(wanted: &Wanted<'_>, of: &Kind) -> Event {
    let matches = |tag: &String| {
        format!("{}.matches({})", of.name, literal(&format!("^{}$", glob(tag, true))))
    };
    let any: Vec<String> = wanted.view.texts("tags").iter().map(matches).collect();
    let condition = format!("{} && ({})", of.tag, any.join(" || "));
    let parts = [format!("{}.exists(c, {condition})", of.changes)];
    let revision = format!("{}.filter(c, {condition})[0]{}", of.changes, of.tagged);
    event_of("tag", &[of.pushed], &parts, [&revision, "''", "''"])
}

fn pull_request(wanted: &Wanted<'_>, of: &Kind, name: &str, types: &[&str]) -> Event {
    let mut parts = vec![one_of(of.target, "", &wanted.branches)];
    if name == "comment" {
        parts.push(has_line(of.comment, &wanted.view.texts("comments")));
    }
    if !wanted.view.flag("forks") {
        parts.extend(of.same.iter().map(|&part| part.to_owned()));
    }
    let [revision, branch] = of.head;
    event_of(name, types, &parts, [revision, branch, "''"])
}
