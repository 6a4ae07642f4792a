//! GEN091x: comparing trees, and saying what differs.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors of a comparison.
    DiffError {
        /// `--against` is a folder or revision without a rendered tree. Compared with nothing, everything would look new.
        910 Usage NoTree { place: String } "no rendered tree in `{place}`", "use `cluster`, a git revision, or a folder that contains a rendered clusters/";
        /// Flux builds a folder from its kustomization.yaml, and fails if a listed file is missing.
        911 Spec Missing { path: String } "`{path}` is missing from the tree", "restore it from git, or run `gen render` there";
        /// gen writes plain resource lists; anything else in a kustomization.yaml needs kustomize.
        912 Spec NotPlain { path: String, what: String } "`{path}` has `{what}`, which gen does not support", "remove it, or make it a patch in the spec";
        /// A document of the tree is not a Kubernetes object.
        913 Spec NotAnObject { path: String, problem: String } "`{path}` contains an invalid object: {problem}", "restore it from git, or run `gen render` there";
        /// A file, a pipe or a CI log would keep the secrets.
        914 Usage SecretsOffTerminal {} "`--show-secrets` requires a terminal, and the output is redirected", "remove it: differences are shown without the values";
        /// An option for the cluster was given without `--against cluster`.
        915 Usage NoCluster { option: String, against: String } "`{option}` applies to clusters only, not to `--against {against}`", "remove one of them";
        /// A registry did not say whether an image is there: it cannot be reached, or does not let this machine see it.
        916 Remote ImageUnverified { image: String, problem: String } "cannot tell whether image `{image}` is there: {problem}", "log in with `docker login`, ask where the registry can be reached, or leave out `--verify-images`";
    }
}
