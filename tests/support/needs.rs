//! What a test needs and a machine may lack: a program, a variable, root, a folder beside the repository.
//!
//! A test that lacks something is skipped: it says `skipped: WHY`, which tests/tools/run-tests counts, and passes. With
//! `GEN_TEST_STRICT=1`, as in CI, it fails instead.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;

/// Whether a skipped test fails.
fn is_strict() -> bool {
    std::env::var_os("GEN_TEST_STRICT").is_some_and(|value| value == "1")
}

/// Skips the test that calls it, which returns after this.
///
/// # Panics
/// With `GEN_TEST_STRICT=1`.
#[track_caller]
pub fn skip(why: &str) {
    let test = std::thread::current();
    let test = test.name().unwrap_or_default().to_owned();
    assert!(!is_strict(), "GEN_TEST_STRICT=1, and {why}");
    // Not by `eprintln!`, which the test harness keeps to itself where a test passes.
    let line = format!("skipped: {test}: {why}\n");
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// A variable that names something; skips where it is not set or empty.
#[track_caller]
pub fn variable(name: &str, made_by: &str) -> Option<OsString> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    if value.is_none() {
        skip(&format!("{name} is not set (`{made_by}` makes it; `make test` sets it)"));
    }
    value
}

/// A program, or folder of some, that `tests/tools/setup NAME` makes and a variable names.
#[track_caller]
pub fn tool(variable_name: &str, name: &str) -> Option<PathBuf> {
    variable(variable_name, &format!("tests/tools/setup {name}")).map(PathBuf::from)
}

/// Where a program of this machine is; skips where it is missing.
#[track_caller]
pub fn program(name: &str) -> Option<PathBuf> {
    let found = which(name);
    if found.is_none() {
        skip(&format!("`{name}` is missing (Debian's package of that name)"));
    }
    found
}

/// Where a program of this machine is.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Something in the folder `shared`, which is no part of the repository: beside it or beside any folder above it. Skips where it is
/// not there.
#[track_caller]
pub fn shared(path: &str) -> Option<PathBuf> {
    let named = std::env::var_os("GEN_TEST_SHARED").filter(|value| !value.is_empty());
    let above = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let mut places = named
        .map(PathBuf::from)
        .into_iter()
        .chain(above.map(|folder| folder.join("shared")))
        .map(|shared| shared.join(path));
    let found = places.find(|place| place.exists());
    if found.is_none() {
        skip(&format!("there is no ../shared/{path}"));
    }
    found
}
