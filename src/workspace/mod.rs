//! The disk: reads sources, publishes the tree.
//!
//! Anything in a checkout may come from a pull request: links, records, a journal. So nothing is read outside the
//! repository, nothing is written outside clusters/ and `.gen/`, and nothing is written or deleted through a link.

mod apply;
mod area;
mod claims;
mod compare;
mod create;
mod cursor;
mod disk;
mod journal;
mod lock;
mod memory;
mod outcome;
mod place;
mod preflight;
mod publish;
mod read;
mod recall;
mod records;
mod recover;
mod rewrite;
mod root;
mod stage;
mod stat;
mod survey;

#[doc(hidden)]
pub use create::{create, occupied};
pub use disk::{Call, Disk, Fault, Verdict};
pub use outcome::{FileDiff, Options, Outcome, Remember, Summary};
pub use publish::{Held, Planned, Publication};
pub use read::Workspace;
pub use recall::{Noted, Recalled, recall};
pub use records::{records, refuse_unfinished};
pub use rewrite::rewrite;
pub use root::find_root;
pub use survey::Survey;
