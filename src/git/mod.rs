//! All git operations, by the git program: credentials, signing and ssh work as configured by the user.
//!
//! Nothing here builds a command line from a string: arguments are a list, and those that may start with `-` follow
//! `--end-of-options` or are passed by stdin. gen's own calls run no hook and no file system monitor of the repository, enter no
//! submodule, and use only the protocols listed in [`program`]. The output of git is bounded, and shown without passwords.

mod area;
mod build;
mod forge;
mod history;
mod land;
mod objects;
mod program;
mod redact;
mod remote;
mod repository;
mod snapshot;
mod status;
mod there;

pub use area::{Builder, Update};
pub use build::{Content, Style, Trees};
pub use forge::{Forge, Web};
pub use history::{Commit, Edit, History};
pub use land::{Move, Stay};
pub use program::{Call, Output, Program};
pub use redact::redact;
pub use remote::{Pushed, Target, upstream};
pub use repository::{Head, Repository};
pub use snapshot::{Mode, Snapshot, TreeEntry};
pub use status::{Difference, Dirty, status};
