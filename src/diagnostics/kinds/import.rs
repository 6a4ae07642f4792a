//! GEN140x: making a spec of what is there.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors of `gen import`.
    ImportError {
        /// The paths hold no object of Kubernetes, or none that could be read.
        1400 Usage NothingToImport { place: String, hint: String } "no Kubernetes objects in {place}", "{hint}";
        /// `gen import` never overwrites.
        1401 Usage ImportInTheWay { path: String } "`{path}` already exists, and import does not overwrite", "choose another folder with `--into`, or remove the file";
        /// Nothing in the namespace may be listed.
        1402 Remote NamespaceUnread { namespace: String, missing: String } "nothing in namespace `{namespace}` can be read: missing permissions: {missing}", "grant `get` and `list` in the namespace; gen keeps only the names and keys of Secrets";
    }
}
