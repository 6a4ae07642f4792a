//! From the model to objects and files: one app in one environment at a time.
//!
//! Templates say what objects look like. This module decides which of them an app needs, in which file each goes, and what
//! holds for all: patches, the ConfigMap hash, labels, the header. Objects live only while their unit is rendered.

mod access;
mod context;
mod deployed;
mod doors;
mod ended;
mod enforced;
mod extra;
mod facts;
mod files;
mod finish;
mod flux;
mod judged;
mod listener;
mod objects;
mod order;
mod patched;
mod pipeline;
mod plan;
mod refused;
mod retired;
mod run;
mod shared;
mod steps;
mod traced;
mod unit;
mod weave;
mod workload;

pub use context::Shared;
pub use doors::{same_doors, same_hosts};
pub use ended::entry_of_retired;
pub use facts::Facts;
pub use files::kustomization;
pub use flux::{Entry, Listed, entry_folder};
pub use listener::idle_listener;
pub use order::circles;
pub use patched::Patching;
pub use plan::{NamespacePlan, Plan, has_app, overlaps, unknown_tasks};
pub use retired::{APPLY, Before, RETIRED};
pub use run::{RunRequest, printed_job, printed_run};
pub use shared::shared;
pub use steps::{Maker, Step};
pub use traced::{Traced, traced};
pub use unit::{Unit, unit};
