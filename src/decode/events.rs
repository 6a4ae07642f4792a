//! The events of a git host that start a run, as expressions for Tekton's CEL interceptor. Values from an event reach a run only
//! as parameters.

use super::by_gen::not_by_gen;
use super::expression::{glob, literal};
use crate::model::Event;
use crate::spec::View;

/// The trigger as the spec defines it.
pub(super) struct Wanted<'a> {
    pub(super) host: &'a str,
    pub(super) view: View<'a>,
    pub(super) branches: Vec<String>,
    /// One of these must be touched; any if empty.
    pub(super) paths: Vec<String>,
    /// The app's folder; `.` for the root.
    pub(super) folder: &'a str,
    /// The folder of gen.yaml in its repository, which may be that of the source; `.` for the root.
    pub(super) spec_folder: &'a str,
    /// Patterns of more files of the spec.
    pub(super) includes: Vec<&'a str>,
}

/// The events of a host.
pub(super) fn events(wanted: &Wanted<'_>) -> Vec<Event> {
    let mut events = vec![push(wanted)];
    if !wanted.view.items("tags").is_empty() {
        events.push(tag(wanted));
    }
    if wanted.view.flag("pullRequests") {
        events.push(pull_request(wanted));
    }
    if !wanted.view.items("comments").is_empty() {
        events.push(comment(wanted));
    }
    events
}

fn list(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<String> = texts.map(|text| literal(&text)).collect();
    format!("[{}]", texts.join(", "))
}

/// An event with the host's event type, and the expressions for the revision, the branch and the previous commit.
fn event(name: &str, word: &str, parts: &[String], takes: [&str; 3]) -> Event {
    event_of(name, &[word], parts, takes)
}

/// The same with several types of the host.
pub(super) fn event_of(name: &str, words: &[&str], parts: &[String], takes: [&str; 3]) -> Event {
    let [revision, branch, before] = takes;
    let event = if name == "comment" { "'pull-request'".to_owned() } else { format!("'{name}'") };
    let takes =
        [("revision", revision), ("branch", branch), ("event", event.as_str()), ("before", before)];
    Event {
        name: name.to_owned(),
        types: words.iter().map(|&word| word.to_owned()).collect(),
        filter: parts.join("\n&& "),
        takes: takes.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec(),
    }
}

/// Whether a value is one of the names behind a prefix, which can have wildcards.
pub(super) fn one_of(value: &str, prefix: &str, names: &[String]) -> String {
    let (wild, plain): (Vec<&String>, Vec<&String>) =
        names.iter().partition(|name| name.contains(['*', '?']));
    let mut parts = Vec::new();
    if !plain.is_empty() {
        let names = plain.iter().map(|name| format!("{prefix}{name}"));
        parts.push(format!("{value} in {}", list(names)));
    }
    parts.extend(wild.iter().map(|name| {
        let pattern = format!("^{prefix}{}$", glob(name, true));
        format!("{value}.matches({})", literal(&pattern))
    }));
    if parts.len() == 1 { parts.remove(0) } else { format!("({})", parts.join(" || ")) }
}

/// Whether a comment has one of the lines.
pub(super) fn has_line(value: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| glob_line(line)).collect();
    let pattern = format!(r"(^|\n)[ \t]*({})[ \t\r]*(\n|$)", lines.join("|"));
    format!("{value}.matches({})", literal(&pattern))
}

/// A line in which `*` matches anything on it.
fn glob_line(text: &str) -> String {
    let parts: Vec<String> = text.split('*').map(|part| glob(part, true)).collect();
    parts.join(r"[^\n]*")
}

fn push(wanted: &Wanted<'_>) -> Event {
    let mut parts = vec![
        one_of("body.ref", "refs/heads/", &wanted.branches),
        // The deletion of a branch has no commit.
        "!body.after.matches('^0+$')".to_owned(),
        not_by_gen(wanted.host, wanted.spec_folder, &wanted.includes),
    ];
    parts.extend(paths(wanted));
    let word = match wanted.host {
        "gitlab" => "Push Hook",
        _ => "push",
    };
    let branch = "body.ref.replace('refs/heads/', '')";
    event("push", word, &parts, ["body.after", branch, "body.before"])
}

/// Whether one of the paths was touched. Hosts list a limited number of commits; if some are missing, the run starts.
fn paths(wanted: &Wanted<'_>) -> Option<String> {
    if wanted.paths.is_empty() {
        return None;
    }
    let matches: Vec<String> = wanted
        .paths
        .iter()
        .map(|path| format!("f.matches({})", literal(&pattern(path, wanted.folder))))
        .collect();
    let any = matches.join(" || ");
    let exists =
        |key: &str| format!("(has(c.{key}) && type(c.{key}) == list && c.{key}.exists(f, {any}))");
    let touched = ["added", "modified", "removed"].map(exists).join(" || ");
    let untold = match wanted.host {
        "gitlab" => "int(body.total_commits_count) > body.commits.size()",
        "gitea" => "has(body.total_commits) && int(body.total_commits) > body.commits.size()",
        _ => "body.forced == true || body.commits.size() >= 2048",
    };
    Some(format!("({untold} || body.commits.exists(c, {touched}))"))
}

fn tag(wanted: &Wanted<'_>) -> Event {
    let matches = |tag: &String| {
        let pattern = format!("^refs/tags/{}$", glob(tag, true));
        format!("body.ref.matches({})", literal(&pattern))
    };
    let any: Vec<String> = wanted.view.texts("tags").iter().map(matches).collect();
    let parts = [format!("({})", any.join(" || ")), "!body.after.matches('^0+$')".to_owned()];
    // Whoever tags a commit means it, even one by gen, which sets no tags.
    let (word, revision) = match wanted.host {
        "gitlab" => ("Tag Push Hook", "body.checkout_sha"),
        // For an annotated tag, `after` is the tag itself and not its commit.
        _ => ("push", "body.head_commit.id"),
    };
    event("tag", word, &parts, [revision, "''", "''"])
}

fn pull_request(wanted: &Wanted<'_>) -> Event {
    let to = |value: &str| one_of(value, "", &wanted.branches);
    if wanted.host == "gitlab" {
        let mut parts = vec![
            to("body.object_attributes.target_branch"),
            // An update without `oldrev` has no new commit.
            "(body.object_attributes.action in ['open', 'reopen'] || (body.object_attributes.action == 'update' && has(body.object_attributes.oldrev)))".to_owned(),
        ];
        if !wanted.view.flag("forks") {
            parts.push("body.object_attributes.source_project_id == body.object_attributes.target_project_id".to_owned());
        }
        let takes = [
            "body.object_attributes.last_commit.id",
            "body.object_attributes.source_branch",
            // The event has no merge base, so the previous commit is compared.
            "''",
        ];
        return event("pull-request", "Merge Request Hook", &parts, takes);
    }
    let mut parts = vec![
        to("body.pull_request.base.ref"),
        "body.action in ['opened', 'reopened', 'synchronize', 'synchronized']".to_owned(),
    ];
    if !wanted.view.flag("forks") {
        // Otherwise anyone who can fork could run code next to the credentials of the pipeline.
        parts.push("type(body.pull_request.head.repo) == map".to_owned());
        parts.push("body.pull_request.head.repo.full_name == body.repository.full_name".to_owned());
    }
    let takes =
        ["body.pull_request.head.sha", "body.pull_request.head.ref", "body.pull_request.base.sha"];
    event("pull-request", "pull_request", &parts, takes)
}

/// A comment on a pull request that asks for a run. Whoever can comment could otherwise run the code of a fork next to the credentials of
/// the pipeline: GitHub tells who belongs to the repository, the others whose branch it is.
fn comment(wanted: &Wanted<'_>) -> Event {
    let lines = wanted.view.texts("comments");
    let forks = wanted.view.flag("forks");
    let to = |value: &str| one_of(value, "", &wanted.branches);
    if wanted.host == "gitlab" {
        let mut parts = vec![
            "body.object_attributes.noteable_type == 'MergeRequest'".to_owned(),
            "(!has(body.object_attributes.action) || body.object_attributes.action == 'create')"
                .to_owned(),
            has_line("body.object_attributes.note", &lines),
            to("body.merge_request.target_branch"),
        ];
        if !forks {
            parts.push(
                "body.merge_request.source_project_id == body.merge_request.target_project_id"
                    .to_owned(),
            );
        }
        let takes = ["body.merge_request.last_commit.id", "body.merge_request.source_branch", "''"];
        return event("comment", "Note Hook", &parts, takes);
    }
    let mut parts =
        vec!["body.action == 'created'".to_owned(), has_line("body.comment.body", &lines)];
    // The event has no commit of the pull request, but the repository a ref.
    let revision = "'refs/pull/' + string(int(body.issue.number)) + '/head'";
    if wanted.host == "github" {
        parts.push("has(body.issue.pull_request)".to_owned());
        parts.push(
            "body.comment.author_association in ['OWNER', 'MEMBER', 'COLLABORATOR']".to_owned(),
        );
    } else {
        parts.push("has(body.is_pull) && body.is_pull == true".to_owned());
        if !forks {
            parts.push("has(body.pull_request) && type(body.pull_request) == map && type(body.pull_request.head.repo) == map".to_owned());
            parts.push(
                "body.pull_request.head.repo.full_name == body.repository.full_name".to_owned(),
            );
        }
    }
    // It has no name of a branch either; with the ref in its place, runs of two pull requests are told apart.
    event("comment", "issue_comment", &parts, [revision, revision, "''"])
}

/// A path of the spec as a regular expression for paths from the repository's root.
fn pattern(path: &str, folder: &str) -> String {
    let whole = match path.strip_prefix('/') {
        Some(path) => path.to_owned(),
        None if folder == "." => path.to_owned(),
        None => format!("{folder}/{path}"),
    };
    // A path without wildcards is a file, or a folder with everything in it.
    format!("^{}(/.*)?$", glob(whole.trim_end_matches('/'), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_expressions() {
        for (path, folder, want) in [
            ("src/**", ".", "^src/.*(/.*)?$"),
            ("docs", "app", "^app/docs(/.*)?$"),
            ("/libs/*.py", "app", r"^libs/[^/]*\.py(/.*)?$"),
            ("**/x", ".", "^(.*/)?x(/.*)?$"),
            ("a+(b)|c", ".", r"^a\+\(b\)\|c(/.*)?$"),
        ] {
            assert_eq!(pattern(path, folder), want, "{path}");
        }
        assert_eq!(glob("v*.?", true), r"v.*\.[^/]");
    }

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        assert_eq!(literal(r"a'b\"), r"'a\'b\\'");
    }
}
