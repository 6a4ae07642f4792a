//! The remote: the target of a push, its state, and pushing a commit.

use std::time::Instant;

use super::build::Builder;
use super::forge::{Forge, Web};
use super::land;
use super::program::Output;
use super::repository::Repository;
use crate::diagnostics::{Diagnostic, Diagnostics, GitError};

/// The ref written by gen's fetches; each work tree has its own.
const FETCHED: &str = "refs/worktree/gen/fetched";

/// A branch of a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The remote's name.
    pub remote: String,
    /// Its branch, without `refs/heads/`.
    pub branch: String,
    /// The remote's configured URL; it can contain a password, so it is never printed.
    url: String,
}

/// The outcome of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The branch is at the commit.
    Done,
    /// Somebody else's commit came first.
    Moved,
}

/// The configuration of the push target.
#[derive(Debug, Default)]
struct Settings {
    all: Vec<(String, String)>,
}

impl Settings {
    fn read(repository: &Repository) -> Result<Self, Diagnostics> {
        let output = repository
            .program()
            .call("config")
            .args(["-z", "--get-regexp"])
            .arg(r"^(branch\..*\.(remote|merge|pushremote)|remote\.pushdefault|remote\..*\.(url|pushurl))$")
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let pairs = text.split('\0').filter_map(|pair| pair.split_once('\n'));
        let all = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Ok(Self { all: all.collect() })
    }

    fn get(&self, key: &str) -> Option<&str> {
        let mut found = self.all.iter().rev().filter(|(name, _)| name == key);
        found.next().map(|(_, value)| value.as_str())
    }

    /// The first URL, as for a fetch in git.
    fn url(&self, remote: &str) -> Option<&str> {
        let key = format!("remote.{remote}.url");
        let mut found = self.all.iter().filter(|(name, _)| *name == key);
        found.next().map(|(_, value)| value.as_str())
    }

    fn remotes(&self) -> Vec<&str> {
        let name = |(key, _): &'_ (String, String)| {
            let rest = key.strip_prefix("remote.")?;
            let name = rest.strip_suffix(".url")?;
            Some(name.len())
        };
        let prefix = "remote.".len();
        let mut names: Vec<&str> = self
            .all
            .iter()
            .filter_map(|pair| name(pair).map(|length| &pair.0[prefix..prefix + length]))
            .collect();
        names.dedup();
        names
    }
}

impl Target {
    /// The push target of a branch: its configured remote and branch, or `wanted` on that remote.
    ///
    /// # Errors
    /// GEN1020 without a remote, GEN1021 for an unsupported one.
    pub fn of(
        repository: &Repository,
        branch: Option<&str>,
        wanted: Option<&str>,
    ) -> Result<Self, Diagnostics> {
        let settings = Settings::read(repository)?;
        let of_branch = |what: &str| {
            let branch = branch?;
            settings.get(&format!("branch.{branch}.{what}"))
        };
        let upstream = of_branch("remote");
        let chosen = of_branch("pushremote").or(settings.get("remote.pushdefault")).or(upstream);
        let remotes = settings.remotes();
        let remote = match chosen {
            Some(remote) => remote,
            None if remotes.contains(&"origin") => "origin",
            None if remotes.len() == 1 => remotes[0],
            None if remotes.is_empty() => return Err(no_remote("none is configured")),
            None => {
                let names = remotes.join(", ");
                return Err(no_remote(&format!(
                    "there are {names}, and none is set for the branch"
                )));
            }
        };
        let Some(url) = settings.url(remote) else {
            return Err(no_remote(&format!("`{remote}` has no URL")));
        };
        let pushurl = format!("remote.{remote}.pushurl");
        for url in [Some(url), settings.get(&pushurl)].into_iter().flatten() {
            check_remote(remote, url)?;
        }
        // The upstream's branch applies to the upstream's remote only.
        let merge = of_branch("merge").filter(|_| upstream == Some(remote));
        let merge = merge.and_then(|merge| merge.strip_prefix("refs/heads/"));
        let name = wanted.or(merge).or(branch);
        let name =
            name.ok_or_else(|| Diagnostics::from(Diagnostic::error(GitError::Detached {})))?;
        Ok(Self { remote: remote.to_owned(), branch: name.to_owned(), url: url.to_owned() })
    }

    /// `origin/main`, for messages.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}/{}", self.remote, self.branch)
    }

    /// The repository's web page, if its URL tells.
    #[must_use]
    pub fn web(&self, forge: Option<Forge>) -> Option<Web> {
        Web::of(&self.url, forge)
    }

    fn tracking(&self) -> String {
        format!("refs/remotes/{}/{}", self.remote, self.branch)
    }

    /// Fetches the branch, and returns its commit; none if the remote has no such branch.
    ///
    /// # Errors
    /// GEN1007 and GEN1008.
    pub fn fetch(
        &self,
        repository: &Repository,
        builder: &Builder<'_>,
        deadline: Instant,
    ) -> Result<Option<String>, Diagnostics> {
        land::note_refs(builder.area(), &[self.tracking(), FETCHED.to_owned()]);
        let output = repository
            .program()
            .call("fetch")
            .args(["--quiet", "--no-tags", "--no-write-fetch-head", "--end-of-options"])
            .arg(&self.remote)
            .arg(format!("+refs/heads/{}:{FETCHED}", self.branch))
            .until(deadline)
            .output()?;
        land::forget_refs(builder.area());
        if output.status == 0 {
            return repository.find(FETCHED);
        }
        if output.stderr.contains("couldn't find remote ref") {
            return Ok(None);
        }
        Err(self.unreachable(&output))
    }

    /// Pushes a commit to the branch if it fast-forwards. Never by force.
    ///
    /// # Errors
    /// GEN1007, GEN1008 and GEN1009.
    pub fn push(
        &self,
        repository: &Repository,
        builder: &Builder<'_>,
        commit: &str,
        deadline: Instant,
    ) -> Result<Pushed, Diagnostics> {
        land::note_refs(builder.area(), &[self.tracking()]);
        let output = repository
            .program()
            .call_with_hooks("push")
            .args(["--porcelain", "--no-follow-tags", "--no-force", "--end-of-options"])
            .arg(&self.remote)
            .arg(format!("{commit}:refs/heads/{}", self.branch))
            .until(deadline)
            .output()?;
        land::forget_refs(builder.area());
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        // git-push(1), "OUTPUT": a flag, `FROM:TO`, a summary with the reason in brackets.
        let line = report.lines().find(|line| line.starts_with('!'));
        let Some(line) = line else {
            return if output.status == 0 {
                Ok(Pushed::Done)
            } else {
                Err(self.unreachable(&output))
            };
        };
        let reason = line.rsplit('\t').next().unwrap_or_default();
        let moved = [
            "[rejected]",
            "failed to lock",
            "cannot lock ref",
            "failed to update ref",
            "incorrect old value",
            "fetch first",
        ];
        if moved.iter().any(|word| reason.contains(word)) {
            return Ok(Pushed::Moved);
        }
        let said: Vec<&str> = output
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix("remote:"))
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(4)
            .collect();
        let mut problem = reason.trim_start_matches("[remote rejected] ").to_owned();
        for line in said {
            problem.push_str("; ");
            problem.push_str(&crate::diagnostics::visible(line));
        }
        let (remote, branch) = (self.remote.clone(), self.branch.clone());
        Err(Diagnostic::error(GitError::PushRefused { remote, branch, problem }).into())
    }

    fn unreachable(&self, output: &Output) -> Diagnostics {
        let denied = [
            "Authentication failed",
            "could not read Username",
            "could not read Password",
            "Permission denied (",
            "terminal prompts disabled",
            "The requested URL returned error: 401",
            "The requested URL returned error: 403",
            "Host key verification failed",
        ];
        let (remote, problem) = (self.remote.clone(), output.problem());
        let kind = if denied.iter().any(|word| output.stderr.contains(word)) {
            GitError::Denied { remote, problem }
        } else {
            GitError::Unreachable { remote, problem }
        };
        Diagnostic::error(kind).into()
    }
}

/// The commit of a branch's upstream, as last fetched; none without upstream.
///
/// # Errors
/// What git rejects.
pub fn upstream(
    repository: &Repository,
    branch: &str,
) -> Result<Option<(String, String)>, Diagnostics> {
    let call = repository.program().call("for-each-ref");
    let text = call
        .args(["--format=%(upstream)", "--end-of-options"])
        .arg(format!("refs/heads/{branch}"))
        .text()?;
    let Some(name) = text.strip_prefix("refs/") else {
        return Ok(None);
    };
    let shown = name.trim_start_matches("remotes/").trim_start_matches("heads/");
    let commit = repository.find(&text)?;
    Ok(commit.map(|commit| (shown.to_owned(), commit)))
}

fn no_remote(problem: &str) -> Diagnostics {
    let problem = problem.to_owned();
    Diagnostic::error(GitError::NoRemote { problem }).into()
}

/// Rejects a URL that git could mistake for an option, a command line or a helper.
fn check_remote(remote: &str, url: &str) -> Result<(), Diagnostics> {
    let problem = if remote == "." {
        "it is this repository"
    } else if remote.starts_with('-') || url.starts_with('-') {
        "its name or URL starts like an option"
    } else if url.contains(char::is_control) || remote.contains(char::is_control) {
        "its URL contains control characters"
    } else if let Some((scheme, _)) = url.split_once("://")
        && !["file", "git", "http", "https", "ssh"].contains(&scheme)
    {
        "only file, git, http, https and ssh are supported"
    } else if url.split_once("::").is_some_and(|(helper, _)| {
        !helper.is_empty()
            && helper.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }) {
        "its URL names a program"
    } else {
        return Ok(());
    };
    let (remote, problem) = (remote.to_owned(), problem.to_owned());
    Err(Diagnostic::error(GitError::BadRemote { remote, problem }).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_no_addresses() {
        for url in [
            "https://git.example/a/b.git",
            "ssh://git@git.example:2222/a/b.git",
            "git@git.example:a/b.git",
            "/srv/git/a.git",
            "../a.git",
            "file:///srv/a.git",
            "[::1]:a/b.git",
            "git@[::1]:a/b.git",
        ] {
            assert_eq!(check_remote("origin", url), Ok(()), "{url}");
        }
        for url in [
            "ext::sh -c touch% x",
            "EXT::sh",
            "fd::17",
            "ext://x",
            "FILE:///x",
            "-oProxyCommand=touch x",
            "--upload-pack=touch x",
            "https://a\nb",
            "remote-thing::x",
        ] {
            assert!(check_remote("origin", url).is_err(), "{url}");
        }
        assert!(check_remote("-x", "https://a/b").is_err());
        assert!(check_remote(".", ".").is_err());
    }
}
