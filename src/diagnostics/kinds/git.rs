//! GEN10xx: the git program, the repository, its remote.

use crate::diagnostics::catalogue::errors;

errors! {
    /// What stands between a checkout and a commit, and between a commit and its remote.
    GitError {
        /// gen leaves credentials, signing and ssh to the git program, as the user set them up.
        1001 Local NoProgram { problem: String } "the git program cannot be started: {problem}", "install git 2.36 or later, so that it is found on PATH";
        /// The folder of gen.yaml is in no checkout of a git repository.
        1002 Local NotARepository { path: String, problem: String } "`{path}` is in no git repository: {problem}", "`git init` makes one";
        /// Older ones lack what gen needs, such as `git hook run`.
        1003 Local TooOld { found: String } "this is git {found}, which is too old", "install git 2.36 or later, so that it is found on PATH";
        /// A branch, tag or commit that the repository does not have, or that is no name of one.
        1004 Usage UnknownRevision { text: String, problem: String } "there is no commit `{text}`: {problem}", "name a branch, a tag or a commit, as in `origin/main`";
        /// A git command failed in a way that gen has no better words for.
        1005 Local Failed { verb: String, problem: String } "`git {verb}` failed: {problem}", "";
        /// What git says is read up to a bound.
        1006 Local TooMuch { verb: String, limit: usize } "`git {verb}` says more than {limit} bytes", "";
        /// The remote's machine does not answer, or not as git expects.
        1007 Remote Unreachable { remote: String, problem: String } "the remote `{remote}` cannot be reached: {problem}", "nothing was changed; give the same command again when it can be reached";
        /// The remote wants other credentials than git has.
        1008 Remote Denied { remote: String, problem: String } "the remote `{remote}` lets nobody in with these credentials: {problem}", "nothing was changed; set up what git logs in with, until `git fetch {remote}` works";
        /// A protected branch, a hook on the other side, a quota.
        1009 Remote PushRefused { remote: String, branch: String, problem: String } "the remote `{remote}` refuses the commit on `{branch}`: {problem}", "nothing was changed; where the branch is protected, `--branch NAME` pushes another one for a pull request";
        /// A commit on an old state would have to be merged later, and rendered files do not merge.
        1010 Conflict Behind { branch: String, upstream: String, count: usize } "`{branch}` lacks the last {count} commits of `{upstream}`", "`git pull` first; or `--push`, which renders on top of them; or `--allow-behind`";
        /// Commits on both sides: clusters/ is rendered and never merged, and commits of yours are not rewritten.
        1011 Conflict Diverged { branch: String, target: String, ours: usize, theirs: usize } "`{branch}` has {ours} commits that `{target}` lacks, and lacks {theirs} of its commits", "`git pull --rebase` first; where it stops below clusters/, take either side, `gen render`, `git add` and go on";
        /// Each time the commit was ready, somebody else's was there first.
        1012 Conflict Contended { branch: String, seconds: u64, tries: usize } "others pushed to `{branch}` first, {tries} times in {seconds} s", "nothing is lost: give the same command again";
        /// The same lines, or the same pin, were changed here and there.
        1013 Conflict Merge { path: String, target: String, problem: String } "`{path}` was changed here and on `{target}`: {problem}", "nothing was changed; take over what `git diff HEAD...{target} -- {path}` shows, or `git stash`, `git pull` and `git stash pop`";
        /// A commit now would end up in the middle of it.
        1014 Conflict InProgress { what: String } "{what} is in progress here", "finish or abort it first; `git status` says how";
        /// A commit on no branch is lost with the next checkout.
        1015 Local Detached {} "the head is on no branch", "`git switch BRANCH` first; or say where to push with `--push --branch BRANCH`";
        /// The user's own hooks may refuse a commit, as they may git's.
        1016 Local HookRefused { hook: String, problem: String } "the hook `{hook}` refuses the commit: {problem}", "nothing was changed";
        /// What is committed must be what was rendered from what is committed.
        1017 Local HookChanged { hook: String, path: String } "the hook `{hook}` changes `{path}`, which is to be committed as it is", "let the hook pass over what gen commits, or run it before";
        /// A commit names its author.
        1018 Local NoIdentity { problem: String } "git does not know who commits: {problem}", "`git config --global user.name NAME` and `git config --global user.email ADDRESS`";
        /// `--sign` or `commit.gpgSign` asks for a signature.
        1019 Local NotSigned { problem: String } "the commit cannot be signed: {problem}", "set up `user.signingKey` and what it needs, or leave out `--sign`";
        /// `--push` needs to know where to.
        1020 Local NoRemote { problem: String } "there is no remote to push to: {problem}", "`git remote add origin URL`, or `git branch --set-upstream-to=REMOTE/BRANCH`";
        /// Only https, http, ssh, git and local paths are spoken with.
        1021 Local BadRemote { remote: String, problem: String } "the remote `{remote}` is not spoken with: {problem}", "`git remote set-url {remote} URL` with an address of https or ssh";
        /// What git ignores is not committed, and so never seen by Flux.
        1022 Local Ignored { path: String } "git ignores `{path}`, which belongs into the commit", "take it out of .gitignore; `git check-ignore -v {path}` names the line";
        /// Another git command is at work, or one was killed.
        1023 Local IndexLocked { path: String } "another git command is at work here (it holds `{path}`)", "wait until it has ended; where none runs, remove that file";
        /// Somebody committed or switched branches at the same time.
        1024 Conflict Moved { branch: String } "`{branch}` moved while gen was at work", "nothing was changed; give the same command again";
        /// A file that was edited between reading and committing.
        1025 Conflict Edited { path: String } "`{path}` was edited while gen was at work", "nothing was changed; give the same command again";
    }
}
