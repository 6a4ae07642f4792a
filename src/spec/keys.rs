//! The keys of every file: the root, an app, a task, an environment, and those shared by several.

mod app;
mod environment;
mod flow;
mod monitor;
mod notify;
mod root;
mod shared;
mod task;
mod trigger;

pub use app::app;
pub use environment::{environment, pins};
pub use root::{included, root};
pub use task::task_common;
