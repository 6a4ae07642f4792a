//! The origin of a checkout, by git's files: git is not run, and nothing in the files is run or followed.

use super::checkout::{Checkout, Place};
use crate::diagnostics::looks_secret;
use crate::name::Check;

/// The repository of a checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Its URL, without a password, and where it stands.
    pub url: Option<(String, Place)>,
    /// Its branch, if it is not `main`.
    pub branch: Option<(String, Place)>,
    /// Why there is no URL.
    pub why: String,
    /// The URL has a user or a password, which is not copied.
    pub had_secret: bool,
}

const CONFIG: &str = ".git/config";

/// Reads where a checkout is from.
#[must_use]
pub fn origin(checkout: &Checkout) -> Origin {
    let Some(text) = checkout.text("", CONFIG) else {
        let why = if checkout.has("", ".git") {
            "`.git/config` cannot be read; for a worktree, use its main checkout"
        } else {
            "no `.git/config` here"
        };
        return Origin { why: why.to_owned(), ..Origin::default() };
    };
    let mut origin = Origin { branch: branch(checkout), ..Origin::default() };
    let mut remotes: Vec<(String, String, usize)> = Vec::new();
    let mut section = String::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut section);
        } else if let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
            && let Some(name) = section.strip_prefix("remote ")
        {
            let name = name.trim_matches('"').to_owned();
            remotes.push((name, value.trim().trim_matches('"').to_owned(), at + 1));
        }
    }
    let own = remotes.iter().find(|(name, ..)| name == "origin").or(remotes.first());
    match own.map(|(_, url, line)| (public(url), *line)) {
        None => "no remote in `.git/config`".clone_into(&mut origin.why),
        Some((None, line)) => {
            origin.why =
                format!("the remote at {CONFIG}:{line} is not a URL that a pipeline can use");
        }
        Some((Some((url, had_secret)), line)) => {
            origin.url = Some((url, Place::new(CONFIG, line)));
            origin.had_secret = had_secret;
        }
    }
    origin
}

/// A URL that others can use, without its password. A path, `file:` or another helper of git's is none.
fn public(url: &str) -> Option<(String, bool)> {
    let (url, had_secret) = match url.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = scheme.to_ascii_lowercase();
            let (host, path) = rest.split_once('/')?;
            let (user, host) =
                host.rsplit_once('@').map_or((None, host), |(user, host)| (Some(user), host));
            // Over ssh the user is part of the address; everywhere else it is a credential.
            let kept = user.and_then(|user| user.split(':').next()).filter(|_| scheme == "ssh");
            let kept = kept.map(|user| format!("{user}@")).unwrap_or_default();
            let had = user.is_some_and(|user| scheme != "ssh" || user.contains(':'));
            (format!("{scheme}://{kept}{host}/{path}"), had)
        }
        None => (url.to_owned(), false),
    };
    let is_plain =
        url.len() <= 300 && url.chars().all(|c| c.is_ascii_graphic() && !"\"'`\\{}$".contains(c));
    let is_helper = url.contains("::");
    // A password with `/` in it, or a token after the path, would hide from the above.
    let (_, path) =
        url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).unwrap_or_default();
    let is_clear = !path.contains(['@', '?', '#']) && !looks_secret("", &url);
    (is_plain && !is_helper && is_clear && Check::GitUrl.test(&url).is_ok())
        .then_some((url, had_secret))
}

/// The branch that the remote has as its own, or else the one that is checked out.
fn branch(checkout: &Checkout) -> Option<(String, Place)> {
    let named = |path: &str, start: &str| {
        let name = checkout.text("", path)?.trim().strip_prefix("ref: ")?.strip_prefix(start)?;
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
        let is_one = is_plain && name.len() <= 200 && Check::GitRef.test(name).is_ok();
        is_one.then(|| (name.to_owned(), Place::new(path, 1)))
    };
    let found = named(".git/refs/remotes/origin/HEAD", "refs/remotes/origin/")
        .or_else(|| named(".git/HEAD", "refs/heads/"));
    found.filter(|(name, _)| name != "main")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_part_of_an_address() {
        let one = |url: &str| public(url).map(|(url, had)| format!("{url} {had}"));
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(
            one("https://github.com/you/shop.git"),
            is("https://github.com/you/shop.git false")
        );
        assert_eq!(
            one("https://me:swordfish@git.example/a.git"),
            is("https://git.example/a.git true")
        );
        assert_eq!(one("https://tok-5fb1@git.example/a.git"), is("https://git.example/a.git true"));
        assert_eq!(
            one("ssh://git@git.example:22/a.git"),
            is("ssh://git@git.example:22/a.git false")
        );
        assert_eq!(one("ssh://git:pw@git.example/a.git"), is("ssh://git@git.example/a.git true"));
        assert_eq!(one("git@github.com:you/shop.git"), is("git@github.com:you/shop.git false"));
        for none in [
            "https://me:swo/rdfish@git.example/a.git",
            "https://git.example/a.git?private_token=swordfish",
            "me:swordfish@git.example:a.git",
            "/srv/a.git",
            "../a",
            "file:///a/b",
            "ext::sh -c id",
            "https://x/a b",
            "x\u{1b}[m@a:b",
        ] {
            assert_eq!(one(none), None, "{none}");
        }
    }
}
