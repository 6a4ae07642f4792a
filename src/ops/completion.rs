//! Completion in a shell: the script that the shell reads, and the answers to what it asks.
//!
//! clap's engine for this has no stable interface yet, between crates as between script and program. So its version is exact in
//! Cargo.toml, and the script is read anew whenever a shell starts. clap's own entry changes the environment of the process; here are
//! only the parts that do not.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context as _, bail};
use clap_complete::env::Shells;

/// The variable by which the script asks, with the shell as its value.
pub const ASKED: &str = "GEN_COMPLETE";

/// The program's name, in the script and on the command lines that it is for.
const NAME: &str = "gen";

/// The script that registers gen with a shell.
///
/// # Errors
/// An unknown shell.
pub fn registration(shell: &str) -> anyhow::Result<String> {
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(shell) else { bail!("unknown shell `{shell}`") };
    let mut script = Vec::new();
    shell.write_registration(ASKED, NAME, NAME, NAME, &mut script)?;
    String::from_utf8(script).context("the script is not UTF-8")
}

/// The candidates for a command line, as the shell reads them. `arguments` are those of the process: gen, `--`, and what was typed.
///
/// # Errors
/// An unknown shell.
pub fn candidates(
    shell: &str,
    mut program: clap::Command,
    arguments: impl Iterator<Item = OsString>,
    current: Option<&Path>,
) -> anyhow::Result<String> {
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(shell) else { bail!("unknown shell `{shell}`") };
    let typed: Vec<OsString> = arguments.skip_while(|word| word != "--").skip(1).collect();
    if typed.is_empty() {
        return Ok(String::new());
    }
    program.build();
    let mut answer = Vec::new();
    shell.write_complete(&mut program, typed, current, &mut answer)?;
    String::from_utf8(answer).context("a candidate is not UTF-8")
}
