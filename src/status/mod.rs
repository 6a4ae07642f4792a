//! How a delivery stands: the apps of a fleet against what a cluster has, as cells of a table and as a page of one app.
//!
//! Pure: what the spec wants and objects as the API server gives them in, and the moment; cells and pages out.

mod app;
mod cell;
mod flux;
mod page;
mod read;
mod run;
mod since;
mod workload;

pub use app::{Program, Wanted};
pub use cell::{Cell, Health, Wrong, cells};
pub use flux::{Applied, Flux};
pub use page::{Branch, Page, Stage, Task, happened, layers, page};
pub use read::{Seen, slim};
pub use run::{HISTORY, Run, RunState};
pub use since::{ago, lasting};
pub use workload::{Image, Rollout};
