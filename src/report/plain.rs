//! Text printed as it is: YAML, documentation, the version.

use std::fmt::Write as _;

use super::{Answer, Show, Style, answer};
use crate::ops::wait::WaitReport;

/// A text that is the answer itself.
#[derive(Debug, Clone)]
pub struct Plain(pub String);

impl Show for Plain {
    fn answer(&self, _: Style) -> Answer<'_> {
        answer(self.0.clone())
    }
}

impl Show for WaitReport {
    fn answer(&self, _: Style) -> Answer<'_> {
        let Self { app, environment, image } = self;
        answer(format!("{app} in {environment} runs {image}\n"))
    }
}

/// The version of gen; in full, with details of the build.
#[must_use]
pub fn version(is_full: bool) -> Plain {
    let mut text = format!("gen {}\n", env!("CARGO_PKG_VERSION"));
    if is_full {
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        let linked = if cfg!(target_feature = "crt-static") {
            "statically, requires only the kernel"
        } else {
            "dynamically, to the system's libc"
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
