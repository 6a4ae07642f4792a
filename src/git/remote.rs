//! The remote: the target of a push, its state, and pushing a commit.

use std::time::Instant;

use super::area::Builder;
use super::forge::{Forge, Web};
use super::program::{Output, PROTOCOLS};
use super::repository::Repository;
use crate::diagnostics::{Diagnostics, GitError, visible};

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

/// The configuration of the push target: keys and values.
struct Settings(Vec<(String, String)>);

impl Settings {
    fn read(repository: &Repository) -> Result<Self, Diagnostics> {
        let output = repository
            .program
            .call("config")
            .args(["-z", "--get-regexp"])
            .arg(r"^(branch\..*\.(remote|merge|pushremote)|remote\.pushdefault|remote\..*\.(url|pushurl))$")
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let pairs = text.split('\0').filter_map(|pair| pair.split_once('\n'));
        Ok(Self(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()))
    }

    fn all(&self, key: &str) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.all(key).next_back()
    }

    fn remotes(&self) -> Vec<&str> {
        let keys = self.0.iter().map(|(key, _)| key.as_str());
        let names = keys.filter_map(|key| key.strip_prefix("remote.")?.strip_suffix(".url"));
        let mut names: Vec<&str> = names.collect();
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
        let of_branch = |what: &str| settings.get(&format!("branch.{}.{what}", branch?));
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
                let problem = format!("there are {names}, and none is set for the branch");
                return Err(no_remote(&problem));
            }
        };
        // The first URL, as for a fetch in git.
        let Some(url) = settings.all(&format!("remote.{remote}.url")).next() else {
            return Err(no_remote(&format!("`{remote}` has no URL")));
        };
        let pushurl = settings.get(&format!("remote.{remote}.pushurl"));
        for url in [Some(url), pushurl].into_iter().flatten() {
            check_remote(remote, url)?;
        }
        // The upstream's branch applies to the upstream's remote only.
        let merge = of_branch("merge").filter(|_| upstream == Some(remote));
        let merge = merge.and_then(|merge| merge.strip_prefix("refs/heads/"));
        let name = wanted.or(merge).or(branch).ok_or(GitError::Detached {})?;
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
        builder: &Builder<'_>,
        deadline: Instant,
    ) -> Result<Option<String>, Diagnostics> {
        let repository = builder.repository;
        let call = repository
            .program
            .call("fetch")
            .args(["--quiet", "--no-tags", "--no-write-fetch-head", "--end-of-options"])
            .arg(&self.remote)
            .arg(format!("+refs/heads/{}:{FETCHED}", self.branch))
            .until(deadline);
        let output = builder.exchange(call, &[self.tracking(), FETCHED.to_owned()])?;
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
        builder: &Builder<'_>,
        commit: &str,
        deadline: Instant,
    ) -> Result<Pushed, Diagnostics> {
        let call = builder
            .repository
            .program
            .call_with_hooks("push")
            .args(["--porcelain", "--no-follow-tags", "--no-force", "--end-of-options"])
            .arg(&self.remote)
            .arg(format!("{commit}:refs/heads/{}", self.branch))
            .until(deadline);
        let output = builder.exchange(call, &[self.tracking()])?;
        let report = String::from_utf8_lossy(&output.stdout);
        // git-push(1), "OUTPUT": a flag, `FROM:TO`, a summary with the reason in brackets.
        let line = match report.lines().find(|line| line.starts_with('!')) {
            Some(line) => line,
            None if output.status == 0 => return Ok(Pushed::Done),
            None => return Err(self.unreachable(&output)),
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
        let mut problem = reason.trim_start_matches("[remote rejected] ").to_owned();
        let lines = output.stderr.lines().filter_map(|line| line.strip_prefix("remote:"));
        for line in lines.map(str::trim).filter(|line| !line.is_empty()).take(4) {
            problem.push_str("; ");
            problem.push_str(&visible(line));
        }
        let (remote, branch) = (self.remote.clone(), self.branch.clone());
        Err(GitError::PushRefused { remote, branch, problem }.into())
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
        if denied.iter().any(|word| output.stderr.contains(word)) {
            GitError::Denied { remote, problem }.into()
        } else {
            GitError::Unreachable { remote, problem }.into()
        }
    }
}

/// The name and commit of a branch's upstream, as last fetched; none without upstream.
pub fn upstream(
    repository: &Repository,
    branch: &str,
) -> Result<Option<(String, String)>, Diagnostics> {
    let call = repository.program.call("for-each-ref");
    let call = call.args(["--format=%(upstream)", "--end-of-options"]);
    let text = call.arg(format!("refs/heads/{branch}")).text()?;
    let Some(name) = text.strip_prefix("refs/") else {
        return Ok(None);
    };
    let shown = name.trim_start_matches("remotes/").trim_start_matches("heads/");
    let commit = repository.find(&text)?;
    Ok(commit.map(|commit| (shown.to_owned(), commit)))
}

fn no_remote(problem: &str) -> Diagnostics {
    GitError::NoRemote { problem: problem.to_owned() }.into()
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
        && !PROTOCOLS.contains(&scheme)
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
    Err(GitError::BadRemote { remote, problem }.into())
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
