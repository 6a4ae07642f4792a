//! The files of the repository that an app mounts: read here, and put into the app before it is rendered.

use std::borrow::Cow;

use crate::diagnostics::{Diagnostic, Diagnostics, SpecError};
use crate::files::{Content, Files, content};
use crate::model::{App, File, Volumes};

/// Maximum size of the values of a ConfigMap, in bytes.
const LIMIT: usize = 1 << 20;

/// Files of the repository by path.
pub type Mounted = Vec<(String, Content)>;

fn volumes(app: &App) -> impl Iterator<Item = &Volumes> {
    app.processes.iter().map(|process| &process.volumes).chain([&app.volumes])
}

/// Reads what the files of the app come from.
///
/// # Errors
/// A file that is missing or cannot be read.
pub fn mounted(files: &dyn Files, app: &App) -> Result<Mounted, Diagnostics> {
    let mut all = Mounted::new();
    for File { from, span, .. } in volumes(app).flat_map(|volumes| &volumes.files) {
        let Some(path) = from.as_ref().filter(|path| all.iter().all(|(known, _)| known != *path))
        else {
            continue;
        };
        let Some(found) = content(files, path, LIMIT as u64)? else {
            let problem = "no such file in the repository".to_owned();
            let path = path.clone();
            return Err(Diagnostic::error(SpecError::BadFile { path, problem }).at(*span).into());
        };
        all.push((path.clone(), found));
    }
    Ok(all)
}

/// The app with the content of its files.
///
/// # Errors
/// Files that are larger together than a ConfigMap can be.
pub fn filled<'a>(app: &'a App, mounted: &Mounted) -> Result<Cow<'a, App>, Diagnostics> {
    let mut app = Cow::Borrowed(app);
    if !mounted.is_empty() {
        let own = app.to_mut();
        fill(&mut own.volumes, mounted);
        for process in &mut own.processes {
            fill(&mut process.volumes, mounted);
        }
    }
    for volumes in volumes(&app) {
        let total: usize = volumes.files.iter().map(size).sum();
        if let Some(largest) =
            volumes.files.iter().max_by_key(|file| size(file)).filter(|_| total > LIMIT)
        {
            let problem = format!(
                "the files of a program are {total} bytes, and a ConfigMap has room for {LIMIT}"
            );
            let (path, span) = (largest.path.clone(), largest.span);
            return Err(Diagnostic::error(SpecError::BadFile { path, problem }).at(span).into());
        }
    }
    Ok(app)
}

fn fill(volumes: &mut Volumes, mounted: &Mounted) {
    for file in &mut volumes.files {
        let found = mounted.iter().find(|(path, _)| file.from.as_ref() == Some(path));
        match found.map(|(_, content)| content) {
            Some(Content::Text(text)) => file.text = text.to_string(),
            Some(Content::Base64(base64)) => file.binary = Some(base64.to_string()),
            None => {}
        }
    }
}

/// The size of a file in its ConfigMap, where Base64 is decoded.
fn size(file: &File) -> usize {
    match &file.binary {
        Some(base64) => base64.trim_end_matches('=').len() * 3 / 4,
        None => file.text.len(),
    }
}
