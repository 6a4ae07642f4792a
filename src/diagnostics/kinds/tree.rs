//! GEN08xx: the tree on disk: records, hand edits, removals, publication.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors of writing the rendered tree.
    TreeError {
        /// A generated file was edited. Overwriting it would lose the edit.
        801 Spec HandEdited { path: String } "`{path}` was edited by hand", "move the change to the spec, a patch or a template, or overwrite it with `--force`";
        /// A file that gen did not write is in the way.
        802 Spec ForeignInTheWay { path: String } "`{path}` is in the way, and gen did not write it", "move it away, or overwrite it with `--force`";
        /// Nothing is removed by accident.
        803 Spec RemovalRefused { what: String } "this would remove {what}", "if intended, use `--allow-removals`";
        /// The record is invalid, or lists a file outside its folder.
        804 Spec BadRecord { path: String, problem: String } "invalid record `{path}`: {problem}", "restore it from git, or remove it and render again with `--force`";
        /// A link could lead anywhere, so gen never writes or deletes through one.
        805 Local Link { path: String } "`{path}` is a symbolic link", "replace it with a folder or a file";
        /// A file system error.
        806 Local Io { path: String, problem: String } "`{path}`: {problem}", "";
        /// Another gen is writing in this checkout.
        807 Local Locked { path: String } "another gen is running (it holds `{path}`)", "wait for it to finish";
        /// A render was interrupted while publishing.
        808 Local Unfinished {} "an earlier render was interrupted while publishing", "run `gen render`, which finishes it first";
        /// The journal of an interrupted render is invalid.
        809 Local BadJournal { problem: String } "invalid journal of an interrupted render: {problem}", "restore clusters/ from git and remove `.gen/`";
        /// Two parts of the tree write the same path.
        810 Bug Collision { path: String } "two parts of the tree write `{path}`", "this is a bug in gen: please report it with the spec";
        /// Only regular files are read.
        811 Spec NotRegular { path: String } "`{path}` is not a regular file", "";
        /// The written file reads back as something else.
        812 Bug NotVerified { path: String, problem: String } "`{path}` does not read back as written: {problem}", "this is a bug in gen: please report it with the spec";
        /// A path that is not UTF-8 cannot appear in the spec or a record.
        813 Spec PathNotUtf8 { path: String } "the file name `{path}` is not UTF-8", "rename it";
        /// A folder with more files than the limit.
        814 Spec TooManyFiles { path: String, limit: usize } "`{path}` matches more than {limit} files", "";
        /// A rendered path outside clusters/, or outside its folder.
        815 Bug OutsideTree { path: String, problem: String } "the tree contains {problem}: `{path}`", "this is a bug in gen: please report it with the spec";
        /// Sources are read only inside the repository, and never from .git, which may contain credentials.
        816 Spec OutsideRoot { path: String } "`{path}` leaves the repository", "replace the link with the file itself";
        /// An invalid pattern in `include`.
        817 Spec BadGlob { pattern: String, problem: String } "invalid file pattern `{pattern}`: {problem}", "use a pattern such as `apps/*.yaml`";
    }
}
