//! GEN10xx: the git program, the repository, its remote.

use crate::error::catalogue::errors;

errors! {
    /// What stands between a checkout and a commit, and between a commit and its remote.
    GitError {
        /// gen leaves credentials, signing and ssh to the git program, as the user set them up.
        1001 Local NoProgram { problem: String } "the git program cannot be started: {problem}", "install git 2.36 or later, so that it is found on PATH";
        /// The folder of gen.yaml is in no checkout of a git repository.
        1002 Local NotARepository { path: String, problem: String } "`{path}` is in no git repository: {problem}", "`git init` makes one";
        /// Older ones lack what gen needs, such as `git hook run`.
        1003 Local TooOld { found: String } "this is git {found}, which is too old", "install git 2.36 or later";
        /// A branch, tag or commit that the repository does not have, or that is no name of one.
        1004 Usage UnknownRevision { text: String, problem: String } "there is no commit `{text}`: {problem}", "name a branch, a tag or a commit, as in `origin/main`";
        /// A git command failed in a way that gen has no better words for.
        1005 Local Failed { verb: String, problem: String } "`git {verb}` failed: {problem}", "";
        /// What git says is read up to a bound.
        1006 Local TooMuch { verb: String, limit: usize } "`git {verb}` says more than {limit} bytes", "";
    }
}
