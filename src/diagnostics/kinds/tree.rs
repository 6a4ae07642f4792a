//! GEN08xx: the tree on disk: records, hand edits, removals, publication.

use crate::diagnostics::catalogue::errors;

errors! {
    /// What stands between the rendered tree and the disk.
    TreeError {
        /// Somebody edited a file that gen wrote. Writing over it would lose that.
        801 Spec HandEdited { path: String } "`{path}` was edited by hand since gen wrote it", "carry the change over into the spec, a patch or a template, or give `--force` to overwrite it";
        /// A file that gen did not write stands where gen wants to write one.
        802 Spec ForeignInTheWay { path: String } "`{path}` is in the way, and gen did not write it", "move it away, or give `--force` to overwrite it";
        /// Nothing disappears by accident.
        803 Spec RemovalRefused { what: String } "this would remove {what}", "give `--allow-removals` where that is meant";
        /// A record names a file outside its folder, or is no record.
        804 Spec BadRecord { path: String, problem: String } "the record `{path}` cannot be trusted: {problem}", "restore it from git, or remove it and render again with `--force`";
        /// A link could lead anywhere, so gen neither writes nor deletes through one.
        805 Local Link { path: String } "`{path}` is a link, and gen writes through none", "replace the link by a folder or a file";
        /// The file system refused.
        806 Local Io { path: String, problem: String } "`{path}`: {problem}", "";
        /// Another gen is writing in this checkout.
        807 Local Locked { path: String } "another gen is writing here (it holds `{path}`)", "wait until it has ended";
        /// A render was interrupted while it published.
        808 Local Unfinished {} "an earlier render was interrupted while it published its files", "run `gen render`, which finishes it first";
        /// The journal of an interrupted render is not what gen writes.
        809 Local BadJournal { problem: String } "the journal of an interrupted render cannot be trusted: {problem}", "restore clusters/ from git and remove `.gen/`";
        /// A path that two parts of the tree want to write.
        810 Bug Collision { path: String } "two parts of the tree write `{path}`", "this is a bug in gen: please report it with the spec";
        /// Only regular files are read.
        811 Spec NotRegular { path: String } "`{path}` is not a regular file", "";
        /// What gen wrote and read again is not what it meant.
        812 Bug NotVerified { path: String, problem: String } "`{path}` does not read back as it was meant: {problem}", "this is a bug in gen: please report it with the spec";
        /// A path name that is not UTF-8 cannot be written in the spec or in a record.
        813 Spec PathNotUtf8 { path: String } "the file name `{path}` is not UTF-8", "rename it";
        /// A folder with more files than the limit.
        814 Spec TooManyFiles { path: String, limit: usize } "`{path}` matches more than {limit} files", "";
        /// A folder of the rendered tree that is not below clusters/, or names a file that would leave it.
        815 Bug OutsideTree { path: String, problem: String } "the tree names {problem}, `{path}`", "this is a bug in gen: please report it with the spec";
        /// Sources are read inside the repository only, and never out of .git, where credentials may stand.
        816 Spec OutsideRoot { path: String } "`{path}` leads out of the repository", "replace the link by the file itself";
        /// A pattern of `include` that cannot be understood.
        817 Spec BadGlob { pattern: String, problem: String } "`{pattern}` is no pattern of files: {problem}", "write it as in `apps/*.yaml`";
    }
}
