//! How a table of rules is written.

use crate::check::finding::{Level, Rule};

/// What happens to an object that a webhook refuses.
const REFUSED: &str = "Tekton's webhook refuses the object when Flux applies it, and with it the whole Kustomization.";

/// A rule of a webhook.
pub(super) const fn refused(
    id: &'static str,
    name: &'static str,
    holds: &'static str,
    cure: &'static str,
    source: &'static str,
) -> Rule {
    Rule { id, name, level: Level::Error, holds, otherwise: REFUSED, cure, source }
}

/// A page of Tekton's documentation, or a file of its sources, by the path below docs/ or pkg/apis/pipeline/.
macro_rules! tekton {
    (docs $path:literal) => {
        concat!("https://tekton.dev/docs/pipelines/", $path)
    };
    ($path:literal) => {
        concat!("https://github.com/tektoncd/pipeline/blob/v1.15.0/pkg/apis/pipeline/", $path)
    };
}

/// The same of Triggers, below pkg/apis/triggers/.
macro_rules! triggers {
    (docs $path:literal) => {
        concat!("https://tekton.dev/docs/triggers/", $path)
    };
    ($path:literal) => {
        concat!("https://github.com/tektoncd/triggers/blob/v0.37.0/pkg/apis/triggers/", $path)
    };
}

/// A table of rules: each has a name, by which the code refers to it.
macro_rules! rules {
    ($($name:ident = $rule:expr;)*) => {
        $(pub(in crate::check::tekton) static $name: Rule = $rule;)*
        /// All of them.
        pub(in crate::check::tekton) const ALL: &[&Rule] = &[$(&$name),*];
    };
}

pub(super) use {rules, tekton, triggers};
