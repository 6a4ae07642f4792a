//! GEN10xx: the git program, the repository, its remote.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors of committing and pushing.
    GitError {
        /// gen leaves credentials, signing and ssh to the user's git.
        1001 Local NoProgram { problem: String } "cannot start git: {problem}", "install git 2.36 or later on PATH";
        /// The folder of gen.yaml is not in a git checkout.
        1002 Local NotARepository { path: String, problem: String } "`{path}` is not in a git repository: {problem}", "create one with `git init`";
        /// Older versions lack features that gen needs, such as `git hook run`.
        1003 Local TooOld { found: String } "git {found} is too old", "install git 2.36 or later on PATH";
        /// The branch, tag or commit does not exist, or is not a valid revision.
        1004 Usage UnknownRevision { text: String, problem: String } "invalid revision `{text}`: {problem}", "use a branch, a tag or a commit, as in `origin/main`";
        /// A git command failed for an unexpected reason.
        1005 Local Failed { verb: String, problem: String } "`git {verb}` failed: {problem}", "";
        /// The output of git is read up to a limit.
        1006 Local TooMuch { verb: String, limit: usize } "`git {verb}` printed more than {limit} bytes", "";
        /// The remote does not respond, or not as git expects.
        1007 Remote Unreachable { remote: String, problem: String } "cannot reach the remote `{remote}`: {problem}", "nothing was changed; try again once it is reachable";
        /// The remote rejects git's credentials.
        1008 Remote Denied { remote: String, problem: String } "the remote `{remote}` denies access: {problem}", "nothing was changed; fix git's credentials until `git fetch {remote}` works";
        /// A protected branch, a server-side hook, or a quota.
        1009 Remote PushRefused { remote: String, branch: String, problem: String } "the remote `{remote}` rejects the push to `{branch}`: {problem}", "nothing was changed; if the branch is protected, push another with `--branch NAME` for a pull request";
        /// A commit on an outdated state would need a merge later, and rendered files do not merge.
        1010 Conflict Behind { branch: String, upstream: String, count: usize } "`{branch}` is behind `{upstream}` (missing commits: {count})", "run `git pull --autostash`; or use `--push`, which renders on top of them; or `--allow-behind`";
        /// Commits on both sides: rendered files are never merged, and your commits are not rewritten.
        1011 Conflict Diverged { branch: String, target: String, ours: usize, theirs: usize } "`{branch}` and `{target}` have diverged: {ours} ahead, {theirs} behind", "run `git pull --rebase --autostash`; on conflicts below clusters/, take either side, `gen render`, `git add` and continue";
        /// Each time the commit was ready, somebody else had pushed first.
        1012 Conflict Contended { branch: String, seconds: u64, tries: usize } "others pushed to `{branch}` first (attempts: {tries}, {seconds} s)", "nothing is lost: run the command again";
        /// The same lines, or the same pin, were changed locally and remotely.
        1013 Conflict Merge { path: String, target: String, problem: String } "`{path}` was changed both locally and on `{target}`: {problem}", "nothing was changed; apply what `git diff HEAD...{target} -- {path}` shows, or `git stash`, `git pull` and `git stash pop`";
        /// A commit now would become part of it.
        1014 Conflict InProgress { what: String } "{what} is in progress", "finish or abort it first; see `git status`";
        /// A commit on a detached HEAD is lost with the next checkout.
        1015 Local Detached {} "HEAD is detached", "run `git switch BRANCH`, or push with `--push --branch BRANCH`";
        /// The user's hooks can reject a commit, as with `git commit`.
        1016 Local HookRefused { hook: String, problem: String } "the hook `{hook}` rejects the commit: {problem}", "nothing was changed";
        /// The commit must contain what was rendered from it.
        1017 Local HookChanged { hook: String, path: String } "the hook `{hook}` changes `{path}`, which must be committed as rendered", "exclude gen's files from the hook, or run it before";
        /// A commit needs an author.
        1018 Local NoIdentity { problem: String } "no author is configured for commits: {problem}", "run `git config --global user.name NAME` and `git config --global user.email ADDRESS`";
        /// `--sign` or `commit.gpgSign` requires a signature.
        1019 Local NotSigned { problem: String } "cannot sign the commit: {problem}", "configure `user.signingKey`, or remove `--sign`";
        /// `--push` needs a remote.
        1020 Local NoRemote { problem: String } "no remote to push to: {problem}", "run `git remote add origin URL`, or `git branch --set-upstream-to=REMOTE/BRANCH`";
        /// Only https, http, ssh, git and local paths are supported.
        1021 Local BadRemote { remote: String, problem: String } "unsupported remote `{remote}`: {problem}", "run `git remote set-url {remote} URL` with an https or ssh URL";
        /// Ignored files are not committed, so Flux would never see them.
        1022 Local Ignored { path: String } "git ignores `{path}`, which must be committed", "remove it from .gitignore; find the rule with `git check-ignore -v {path}`";
        /// Another git command is running, or one was killed.
        1023 Local IndexLocked { path: String } "another git command is running (it holds `{path}`)", "wait for it to finish; if none is running, remove that file";
        /// Somebody committed or switched branches meanwhile.
        1024 Conflict Moved { branch: String } "`{branch}` moved while gen was running", "nothing was changed; run the command again";
        /// A file was edited between reading and committing.
        1025 Conflict Edited { path: String } "`{path}` was edited while gen was running", "nothing was changed; run the command again";
        /// A branch for a pull request remains from an earlier push, and your branch has moved on since: gen never forces a push.
        1026 Conflict BranchTaken { branch: String, target: String, theirs: usize, remote: String, name: String } "`{target}` exists already, with commits that `{branch}` does not have ({theirs})", "nothing was changed; open or merge its pull request, use another branch with `--branch NAME`, or remove it with `git push {remote} --delete {name}`";
    }
}
