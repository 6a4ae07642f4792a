//! `gen --version`.

use std::fmt::Write as _;

use crate::commands::Session;
use crate::diagnostics::Exit;

/// Prints the version, and with `-v` how it was built.
#[must_use]
pub fn version(session: &Session) -> Exit {
    let mut text = format!("gen {}\n", env!("CARGO_PKG_VERSION"));
    if session.screen.verbose > 0 {
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        let linked = if cfg!(target_feature = "crt-static") {
            "statically, needs nothing but the kernel"
        } else {
            "to the system's libc"
        };
        let _ = write!(
            text,
            "target:  {}-{}-{}\nprofile: {profile}\nlinked:  {linked}\ntemplates: {} built in\n",
            std::env::consts::ARCH,
            std::env::consts::OS,
            if cfg!(target_env = "musl") {
                "musl"
            } else if cfg!(target_env = "gnu") {
                "gnu"
            } else {
                "native"
            },
            crate::template::BUILT_IN.len(),
        );
    }
    session.screen.data(&text);
    Exit::Done
}
