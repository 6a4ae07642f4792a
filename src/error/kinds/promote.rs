//! GEN11xx: pins and promotion.

use crate::error::catalogue::errors;

errors! {
    /// What stands between an image and the environment that it shall run in.
    PromoteError {
        /// `gen set` was not told what to set.
        1101 Usage NothingToSet { app: String } "there is nothing to set for `{app}`", "give `--image REF@sha256:…`, `--tag TAG`, `--revision SHA` or `--rerun`";
        /// Where the deploy task applies the workload itself, Flux rolls out no pin, and one would only pretend to say what runs.
        1102 Usage NoPinHere { env: String } "`{env}` has `deploy: kubectl`, and so no pins of images", "its pipeline applies what it has built; `deploy: git` in environments/{env}.yaml lets Flux roll out what is pinned";
        /// Only a run that stands in Git can be started again by a commit.
        1103 Usage NoCommittedRun { app: String, env: String } "no run of `{app}` stands in Git for `{env}`, so there is none to start again", "`gen run {app} --env {env} | kubectl create -f -` starts one by hand; `run: commit` puts it into Git";
        /// A pins file is data of machines: what people write into it is gone after the next change.
        1104 Spec CommentsLost { path: String } "the comments in `{path}` are gone, because only machines write that file", "write them into the environment's own file";
        /// A digest of an image with another name than the spec's.
        1105 Spec OtherImage { app: String, image: String, name: String } "`{image}` is not the `{name}` that the spec names for `{app}`", "correct one of the two, unless a copy in another registry is meant";
    }
}
