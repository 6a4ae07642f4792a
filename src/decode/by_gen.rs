//! Which pushes bring nothing but commits by gen, as an expression for Tekton's CEL interceptor.
//!
//! A run that commits a pin to the repository of its own source must not start the next run, or they would follow each other forever.
//! Anything else must: so a push is passed over only if the host lists all its commits, and each of them is surely by gen.

use super::expression::{glob, literal};

/// The trailers at the end of a commit message by gen, or by Flux for its pins. They are the last paragraph, and nothing but trailers
/// stands in it: a squash, a revert or prose that quotes them elsewhere is a commit by a person. Lines may end with `\r\n`.
const TRAILERS: &str = r"\n[ \t\r]*\n([A-Za-z0-9-]+: [^\n]*\n)*Gen-(Env|Pins|Spec): [^\n]*(\n[A-Za-z0-9-]+: [^\n]*)*\s*$";

/// The files that gen commits, as seen from the root of the repository: a squash can end with trailers, too, and bring source.
fn files(folder: &str, includes: &[&str]) -> String {
    let own = ["gen.yaml", "clusters/**", "environments/*.yaml"];
    let all: Vec<String> = own.iter().chain(includes).map(|pattern| glob(pattern, false)).collect();
    let folder = if folder == "." { String::new() } else { format!("{}/", glob(folder, false)) };
    format!("^{folder}({})$", all.join("|"))
}

/// Whether a commit message is by gen, where the host names no files.
pub(super) fn message_by_gen(message: &str) -> String {
    format!("has({message}) && {message}.matches({})", literal(TRAILERS))
}

/// The expression. `folder` holds gen.yaml, `includes` are its patterns.
pub(super) fn not_by_gen(host: &str, folder: &str, includes: &[&str]) -> String {
    // Hosts list a limited number of commits: GitHub the last 2048, GitLab the last 20, Gitea as many as it is configured to.
    // A push that drops commits brings other sources, too.
    let complete = match host {
        "gitlab" => {
            "(!has(body.total_commits_count) || int(body.total_commits_count) <= body.commits.size())"
        }
        "gitea" => "(!has(body.total_commits) || int(body.total_commits) <= body.commits.size())",
        _ => "body.commits.size() < 2048 && !(has(body.forced) && body.forced == true)",
    };
    let (trailers, files) = (literal(TRAILERS), literal(&files(folder, includes)));
    let touches = format!(
        "['added', 'modified', 'removed'].all(k, !(k in c) || type(c[k]) != list || c[k].all(f, f.matches({files})))"
    );
    format!(
        "!(has(body.commits) && type(body.commits) == list && body.commits.size() > 0 && {complete} && body.commits.all(c, has(c.message) && c.message.matches({trailers}) && {touches}))"
    )
}
