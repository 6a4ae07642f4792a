//! What would change, object by object: the differences between two sets of objects.
//!
//! Pure: objects in, changes out. One set is the rendered tree ([`Desired`]); the other is the live cluster, a
//! git revision or a folder. [`live`] interprets the API server's responses; the `cluster` room sends the requests, and `report`
//! writes the output.

mod applied;
mod between;
mod class;
mod danger;
mod desired;
mod difference;
mod finding;
pub mod live;
mod mask;
mod path;
mod permission;
mod quantity;
mod tally;
#[cfg(test)]
mod tests;

pub use applied::{Applied, applied, assemble, standing, written};
pub use between::between;
pub use class::{Change, Class};
pub use danger::{Danger, Level, dangers};
pub use desired::{Applier, Desired, Origin};
pub use difference::{Field, difference, same};
pub use finding::{Finding, ShownField, findings};
pub use mask::{HIDDEN, Masker, tell_apart};
pub use path::{FieldPath, Step};
pub use permission::{GROUP as RBAC, Grant, PermissionChange, Scope, Subject, Target, permissions};
pub use tally::{File, Tally};
