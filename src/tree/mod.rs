//! The rendered tree: folders of files, each with a record of the files that gen owns in it.
//!
//! Pure: paths and texts, no disk. `workspace` compares this with the disk and publishes it.

mod compare;
mod fingerprint;
mod path;
mod record;

use std::collections::BTreeMap;

pub(crate) use compare::refusal;
pub use compare::{Comparison, Refused, Side, SideFile, compare, compare_removal};
pub use fingerprint::Fingerprint;
pub use path::{TREE, folder_problem, is_record_name, path_problem};
pub use record::{FoundRecord, GEN_VERSION, Record, hash, is_hash};
pub(crate) use record::{bad as bad_record, hex};

/// One folder that gen owns files in, and the unit of publication: an app in an environment, an environment's shared
/// folder, or its entry for Flux.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The folder, relative to the root of the repository, with `/`: `clusters/homelab/dev/demo-app`.
    pub path: String,
    /// The file name of the record in it: `gen.lock.json`, or `gen-dev.lock.json` in the folder that environments share.
    pub record: String,
    /// The owner.
    pub owner: Owner,
    /// Every file but the record: path relative to `path`, with `/` → the whole text.
    pub files: BTreeMap<String, String>,
}

/// The owner of a folder's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The environment.
    pub environment: String,
    /// The app; none for objects shared by the environment's apps.
    pub app: Option<String>,
    /// The app was removed from the spec; what Flux needs to prune its objects stays.
    pub retired: bool,
}
