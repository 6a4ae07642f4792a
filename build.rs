//! Writes the table of everything below `templates/`, for `src/template/built_in.rs`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=templates");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut files = Vec::new();
    collect(&Path::new(&root).join("templates"), "", &mut files)?;
    files.sort();
    let (init, templates): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|name| name.starts_with("init/") || name.starts_with("ci/"));
    let (ci, init): (Vec<_>, Vec<_>) = init.into_iter().partition(|name| name.starts_with("ci/"));
    let mut out = String::new();
    let row = |out: &mut String, name: &str, shown: &str, include: &str| {
        let _ = writeln!(
            out,
            "    ({shown:?}, {include}!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))),",
            format!("/templates/{name}")
        );
    };
    out.push_str("/// The built-in templates: name and text, sorted by name.\n");
    out.push_str("pub static BUILT_IN: &[(&str, &str)] = &[\n");
    for name in &templates {
        row(&mut out, name, name, "include_str");
    }
    out.push_str("];\n/// What `gen init` writes: path and content, sorted by path.\n");
    out.push_str("pub static INIT: &[(&str, &[u8])] = &[\n");
    for name in &init {
        row(&mut out, name, &name["init/".len()..], "include_bytes");
    }
    out.push_str("];\n/// What `gen init --ci` writes: kind, path and content, sorted.\n");
    out.push_str("pub static CI: &[(&str, &[u8])] = &[\n");
    for name in &ci {
        row(&mut out, name, &name["ci/".len()..], "include_bytes");
    }
    out.push_str("];\n");
    let target = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&target).join("templates.rs"), out)
}

/// Names relative to the folder, with `/`. An absent folder holds nothing.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| io::Error::other(format!("{} is not UTF-8", name.display())))?;
        let path = format!("{prefix}{name}");
        // What a test run of the sample application leaves behind is no part of it.
        if matches!(name.as_str(), "__pycache__" | ".pytest_cache") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
