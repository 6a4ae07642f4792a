//! Writes the page: whole or not at all, and never through a link.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use crate::diagnostics::{BlameError, Diagnostics};

/// Writes a text to a file, in the place of what was there, if that was a file, too.
///
/// # Errors
/// A link or a folder in the way; errors of the disk.
pub fn write(path: &Path, text: &str) -> Result<(), Diagnostics> {
    let failed = |problem: String| {
        Diagnostics::from(BlameError::CannotWrite { path: path.display().to_string(), problem })
    };
    let io = |error: std::io::Error| failed(error.to_string());
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            return Err(failed("it is not a regular file".to_owned()));
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    let name = path.file_name().ok_or_else(|| failed("it names no file".to_owned()))?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(beside);
    // `create_new` follows no link, and renaming replaces what stands there itself.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&beside).map_err(io)?;
    let written = file.write_all(text.as_bytes());
    // From here on, what stands there is this process's own.
    written.and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        let _ = fs::remove_file(&beside);
        io(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_replaced_and_a_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let page = folder.path().join("report.html");
        write(&page, "one").expect("it is written");
        write(&page, "two").expect("it is replaced");
        assert_eq!(fs::read_to_string(&page).expect("it is there"), "two");
        let link = folder.path().join("link.html");
        std::os::unix::fs::symlink(&page, &link).expect("a link");
        assert!(write(&link, "three").is_err());
        assert!(write(folder.path(), "three").is_err());
        assert!(write(&folder.path().join("none/report.html"), "three").is_err());
        assert_eq!(fs::read_to_string(&page).expect("it is there"), "two");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }

    /// A file with the name of the temporary one belongs to somebody else.
    #[test]
    fn what_this_process_did_not_create_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let other = folder.path().join(format!(".report.html.{}.new", std::process::id()));
        fs::write(&other, "theirs").expect("a file");
        assert!(write(&folder.path().join("report.html"), "mine").is_err());
        assert_eq!(fs::read_to_string(&other).expect("it is there"), "theirs");
        assert!(!folder.path().join("report.html").exists());
    }
}
