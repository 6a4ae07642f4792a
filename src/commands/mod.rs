//! One file a command: turns what was typed into a call, and joins the edges.

mod commit;
mod committed;
mod diff;
mod explain;
mod init;
mod log;
mod pins;
mod promote;
mod removals;
mod render;
mod run;
mod secrets;
mod session;
mod set;
mod template;
mod trigger;
mod version;
mod wait;

pub use commit::commit;
pub use diff::diff;
pub use explain::{explain, schema};
pub use init::init;
pub use log::log;
pub use promote::promote;
pub use render::render;
pub use run::run;
pub use secrets::secrets;
pub use session::Session;
pub use set::set;
pub use template::template;
pub use trigger::trigger;
pub use version::version;
pub use wait::wait;
