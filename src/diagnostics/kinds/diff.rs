//! GEN091x: comparing trees, and saying what differs.

use crate::diagnostics::catalogue::errors;

errors! {
    /// What stands in the way of a comparison.
    DiffError {
        /// `--against` names a folder or a revision without a rendered tree. Compared with nothing, everything would seem new.
        910 Usage NoTree { place: String } "there is nothing that gen rendered in `{place}`", "`--against` takes `cluster`, or a git revision or a folder whose clusters/ gen rendered";
        /// Flux builds a folder from its kustomization.yaml, and fails where a file of it is missing.
        911 Spec Missing { path: String } "`{path}` is missing from the tree", "restore it from git, or `gen render` there";
        /// gen writes only lists of resources; what else a kustomization.yaml asks for, only kustomize can build.
        912 Spec NotPlain { path: String, what: String } "`{path}` has `{what}`, and gen reads only what it writes itself", "take it out, or say it in the spec as a patch";
        /// A document of the tree that is no object.
        913 Spec NotAnObject { path: String, problem: String } "`{path}` holds something that is no object: {problem}", "restore it from git, or `gen render` there";
        /// A file, a pipe or a CI log keeps what it is given.
        914 Usage SecretsOffTerminal {} "`--show-secrets` shows secrets on a terminal only, and this output goes elsewhere", "leave it out: what differs is told without the values";
        /// Options that say how the cluster is asked, where it is not asked.
        915 Usage NoCluster { option: String, against: String } "`{option}` says how to ask a cluster, and `--against {against}` asks none", "leave one of them out";
    }
}
