//! What pipelines need beside their app.

use std::collections::BTreeMap;

use crate::import::draft::Fate;
use crate::yaml::Map;

/// What an environment needs for pipelines.
#[derive(Default)]
pub(in crate::import) struct Needs {
    /// Its settings.
    pub(in crate::import) settings: Map,
    /// Files beside the spec: Tasks that are carried.
    pub(in crate::import) files: BTreeMap<String, String>,
}

pub(super) fn within(key: &str, why: &str) -> Fate {
    Fate::Within { key: key.to_owned(), why: why.to_owned() }
}
