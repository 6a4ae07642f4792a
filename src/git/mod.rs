//! Everything that git does, by the git program: credentials, signing and ssh work as the user set them up.
//!
//! Nothing here builds a command line from a text: arguments are a list, what may begin with `-` stands behind
//! `--end-of-options` or goes in by stdin. gen's own calls run no hook and no file system monitor of the repository, enter no
//! submodule, and speak only the protocols that are listed in [`program`]. What git says is bounded, and shown without passwords.

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

pub use area::Update;
pub use build::{Builder, Content, Style, Trees};
pub use forge::{Forge, Web};
pub use history::{Commit, Edit, History};
pub use land::{Move, Stay};
pub use program::{Call, Output, Program};
pub use redact::redact;
pub use remote::{Pushed, Target, upstream};
pub use repository::{Head, Repository};
pub use snapshot::{Mode, Snapshot, TreeEntry};
pub use status::{Difference, Dirty, status};
