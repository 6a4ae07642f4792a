//! Names and words by which commands are read.

use super::grant::Namespaces;
use crate::yaml::Value;

/// Names that commands may mean, and the variables of the task.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The app: `$APP_NAME`.
    pub app_name: &'a str,
    /// The namespaces that commands may act in.
    pub namespaces: Namespaces<'a>,
    /// `<app>-<environment>`: the name of its Kustomization.
    pub instance: &'a str,
    /// API group and plural of what runs the app, if anything does.
    pub workload: Option<(&'a str, &'a str)>,
    /// The task's own `env`, as in a Container.
    pub env: &'a Value,
}

/// Whether a list of words with spaces between has this one.
pub(super) fn listed(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|known| known == word)
}
