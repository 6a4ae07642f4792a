//! Texts that are printed as they are: YAML, documentation, the version.

use std::fmt::Write as _;

use super::{Show, Style};
use crate::ops::wait::WaitReport;

/// A text that is the answer itself.
#[derive(Debug, Clone)]
pub struct Plain(pub String);

impl Show for Plain {
    fn answer(&self, _: Style) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(std::iter::once(self.0.clone()))
    }
}

impl Show for WaitReport {
    fn answer(&self, _: Style) -> Box<dyn Iterator<Item = String> + '_> {
        let Self { app, environment, image } = self;
        let text = format!("{app} in {environment} runs {image}\n");
        Box::new(std::iter::once(text))
    }
}

/// The version of gen, and in full how it was built.
#[must_use]
pub fn version(is_full: bool) -> Plain {
    let mut text = format!("gen {}\n", env!("CARGO_PKG_VERSION"));
    if is_full {
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        let linked = if cfg!(target_feature = "crt-static") {
            "statically, needs nothing but the kernel"
        } else {
            "to the system's libc"
        };
        let libc = if cfg!(target_env = "musl") {
            "musl"
        } else if cfg!(target_env = "gnu") {
            "gnu"
        } else {
            "native"
        };
        let _ = write!(
            text,
            "target:  {}-{}-{libc}\nprofile: {profile}\nlinked:  {linked}\ntemplates: {} built in\n",
            std::env::consts::ARCH,
            std::env::consts::OS,
            crate::template::BUILT_IN.len(),
        );
    }
    Plain(text)
}
