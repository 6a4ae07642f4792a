//! The Pod Security level that a rendered Namespace enforces.

use crate::kubernetes::Object;
use crate::model::Level;
use crate::yaml::Value;

/// What its label says; the strictest, if it says nothing that is known.
pub(super) fn level(namespace: &Object) -> Level {
    let label = namespace.at(&["metadata", "labels", "pod-security.kubernetes.io/enforce"]);
    let mut all = [Level::Baseline, Level::Privileged].into_iter();
    let level = all.find(|level| label.and_then(Value::as_str) == Some(level.word()));
    level.unwrap_or(Level::Restricted)
}
