//! What tells an app's events from those of others, where one listener serves several apps: the kind of event and the repository, as
//! expressions for Tekton's CEL interceptor.

use super::expression::literal;
use crate::model::Event;

/// The repository of a URL, as events of its host name it: OWNER/NAME, on GitLab with all groups. Nothing if the URL is too short
/// for that.
pub(super) fn repository(host: &str, url: &str) -> Option<String> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url.split_once(':')?.1,
    };
    let path = path.trim_matches('/');
    let parts: Vec<&str> = path.strip_suffix(".git").unwrap_or(path).split('/').collect();
    // Other hosts may be in a folder of their server, and a Bitbucket server has `scm/` there.
    let skipped = if host == "gitlab" { 0 } else { parts.len().saturating_sub(2) };
    (parts.len() >= 2 && parts.iter().all(|part| !part.is_empty()))
        .then(|| parts[skipped..].join("/"))
}

/// The events with the condition that they are of this repository and, with `typed`, of their own type: the signature of all
/// types is then checked in one place.
pub(super) fn only_of(
    host: &str,
    repository: Option<&str>,
    typed: bool,
    events: Vec<Event>,
) -> Vec<Event> {
    let narrow = |mut event: Event| {
        let typed = typed.then(|| of_types(host, &event.types));
        let named = repository.map(|name| of_repository(host, &event.name, name));
        let parts: Vec<String> = typed.into_iter().chain(named).chain([event.filter]).collect();
        event.filter = parts.join("\n&& ");
        event
    };
    events.into_iter().map(narrow).collect()
}

fn of_types(host: &str, types: &[String]) -> String {
    let header = match host {
        "gitlab" => "X-Gitlab-Event",
        "bitbucket" | "bitbucket-server" => "X-Event-Key",
        _ => "X-GitHub-Event",
    };
    let types: Vec<String> = types.iter().map(|text| literal(text)).collect();
    format!("header.canonical('{header}') in [{}]", types.join(", "))
}

/// Hosts take a name in any case, and so does a URL that somebody has typed.
fn of_repository(host: &str, event: &str, name: &str) -> String {
    let found = match (host, event) {
        ("gitlab", _) => "body.project.path_with_namespace",
        ("bitbucket-server", "push" | "tag") => {
            "(body.repository.project.key + '/' + body.repository.slug)"
        }
        ("bitbucket-server", _) => {
            "(body.pullRequest.toRef.repository.project.key + '/' + body.pullRequest.toRef.repository.slug)"
        }
        _ => "body.repository.full_name",
    };
    format!("{found}.lowerAscii() == {}", literal(&name.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_repository() {
        for (host, url, want) in [
            ("github", "https://github.com/Shop/orders.git", Some("Shop/orders")),
            ("github", "git@github.com:shop/orders.git", Some("shop/orders")),
            ("gitea", "ssh://git@git.example:2222/shop/orders", Some("shop/orders")),
            ("gitea", "https://git.example/forge/shop/orders.git", Some("shop/orders")),
            ("gitlab", "https://git.example/a/b/orders.git/", Some("a/b/orders")),
            ("bitbucket-server", "https://git.example/scm/SHOP/orders.git", Some("SHOP/orders")),
            ("github", "https://git.example/orders.git", None),
            ("gitlab", "https://git.example/orders.git", None),
            ("github", "https://git.example/a//orders.git", None),
            ("github", "https://git.example", None),
        ] {
            assert_eq!(repository(host, url).as_deref(), want, "{host} {url}");
        }
    }
}
