//! What would change, object by object: the differences between two sets of objects.
//!
//! Pure: objects in, changes out. The one set is what the rendered tree says ([`Desired`]); the other is the live cluster, a
//! git revision or a folder. What the API server's answers mean is said in [`live`]; who asked the cluster, and how, is the
//! `cluster` room's; how a change looks is `report`'s.

mod class;
mod desired;
pub mod live;

pub use class::{Change, Class};
pub use desired::{Applier, Desired, Origin};
