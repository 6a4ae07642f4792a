//! Web pages of a repository and its commits: GitHub, GitLab and Gitea, by the remote's URL.

use std::fmt::Write as _;

/// The software of a git host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forge {
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitea and Forgejo.
    Gitea,
}

impl Forge {
    /// By its name in the spec.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "github" => Some(Self::GitHub),
            "gitlab" => Some(Self::GitLab),
            "gitea" => Some(Self::Gitea),
            _ => None,
        }
    }

    /// By the host name, if that tells.
    fn of(host: &str) -> Option<Self> {
        let known = [
            ("github", Self::GitHub),
            ("gitlab", Self::GitLab),
            ("gitea", Self::Gitea),
            ("forgejo", Self::Gitea),
            ("codeberg", Self::Gitea),
        ];
        let host = host.to_ascii_lowercase();
        let is = |word: &str| host.split(['.', ':']).any(|label| label == word);
        known.into_iter().find(|(word, _)| is(word)).map(|(_, forge)| forge)
    }
}

/// A repository on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    forge: Forge,
    /// `https://host/owner/name`.
    base: String,
}

impl Web {
    /// By a remote's URL, of which only host and path are kept.
    #[must_use]
    pub fn of(url: &str, forge: Option<Forge>) -> Option<Self> {
        let (scheme, host, path) = if let Some((scheme, rest)) = url.split_once("://") {
            let (authority, path) = rest.split_once('/')?;
            let host = authority.rsplit('@').next()?;
            match scheme {
                // The ssh port is not the web port.
                "ssh" => ("https", host.split(':').next()?, path),
                "http" | "https" => (scheme, host, path),
                _ => return None,
            }
        } else {
            let (authority, path) = url.split_once(':')?;
            if authority.contains('/') {
                return None;
            }
            ("https", authority.rsplit('@').next()?, path)
        };
        let forge = forge.or_else(|| Forge::of(host))?;
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let plain =
            |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/:".contains(&b));
        if path.is_empty() || host.is_empty() || !plain(host) || !plain(path) {
            return None;
        }
        let base = format!("{scheme}://{host}/{path}");
        Some(Self { forge, base })
    }

    /// The page of a commit.
    #[must_use]
    pub fn commit(&self, commit: &str) -> String {
        let base = &self.base;
        match self.forge {
            Forge::GitLab => format!("{base}/-/commit/{commit}"),
            Forge::GitHub | Forge::Gitea => format!("{base}/commit/{commit}"),
        }
    }

    /// The page for opening a pull request from one branch to another.
    #[must_use]
    pub fn pull_request(&self, from: &str, to: &str) -> String {
        let (from, to) = (encoded(from), encoded(to));
        let base = &self.base;
        match self.forge {
            Forge::GitHub => format!("{base}/compare/{to}...{from}?expand=1"),
            Forge::Gitea => format!("{base}/compare/{to}...{from}"),
            Forge::GitLab => format!(
                "{base}/-/merge_requests/new?merge_request[source_branch]={from}&merge_request[target_branch]={to}"
            ),
        }
    }
}

/// A branch's name in a URL.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_pull_requests() {
        let open =
            |url: &str, forge| Web::of(url, forge).map(|web| web.pull_request("gen/a&b", "main"));
        for url in [
            "https://github.com/me/gitops.git",
            "https://me:t0ken@github.com/me/gitops",
            "git@github.com:me/gitops.git",
            "ssh://git@github.com:22/me/gitops.git",
        ] {
            assert_eq!(
                open(url, None).as_deref(),
                Some("https://github.com/me/gitops/compare/main...gen/a%26b?expand=1"),
                "{url}"
            );
        }
        assert_eq!(
            open("https://gitlab.example:8443/a/b/c.git", None).as_deref(),
            Some(
                "https://gitlab.example:8443/a/b/c/-/merge_requests/new?merge_request[source_branch]=gen/a%26b&merge_request[target_branch]=main"
            )
        );
        assert_eq!(
            open("git@git.example:a/b.git", Some(Forge::Gitea)).as_deref(),
            Some("https://git.example/a/b/compare/main...gen/a%26b")
        );
        for url in [
            "/srv/git/a.git",
            "../a",
            "file:///github/a",
            "https://git.example/a/b.git",
            "https://github.com/",
            "https://github.com/a b",
        ] {
            assert_eq!(open(url, None), None, "{url}");
        }
        let web = Web::of("https://gitlab.com/a/b", None).unwrap();
        assert_eq!(web.commit("abc"), "https://gitlab.com/a/b/-/commit/abc");
    }
}
