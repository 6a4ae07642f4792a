//! Pages as text, their code blocks, and gen to run what stands in them.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

/// The folder of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page's text, by its path in the project.
pub fn read(page: &str) -> String {
    std::fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// README.md and every page below docs/, by their paths in the project.
pub fn pages() -> Vec<String> {
    let mut pages = vec!["README.md".to_owned()];
    for entry in walkdir::WalkDir::new(root().join("docs")).sort_by_file_name() {
        let entry = entry.expect("docs/ can be read");
        if entry.path().extension().is_some_and(|name| name == "md") {
            let path = entry.path().strip_prefix(root()).expect("below the root");
            pages.push(path.to_str().expect("UTF-8").to_owned());
        }
    }
    assert!(pages.len() > 10, "{pages:?}");
    pages
}

/// A line of a page.
pub enum Line<'a> {
    /// Outside of code blocks.
    Prose(&'a str),
    /// In a code block of this language.
    Code(&'a str, &'a str),
}

/// The lines of a page, without the fences of its code blocks.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let mut language = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        match (language, line.strip_prefix("```")) {
            (None, Some(begins)) => language = Some(begins),
            (Some(_), Some(_)) => language = None,
            (Some(language), None) => lines.push(Line::Code(language, line)),
            (None, None) => lines.push(Line::Prose(line)),
        }
    }
    assert_eq!(language, None, "a code block does not end");
    lines
}

/// Code blocks of a language, in order.
pub fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(&format!("```{language}\n")) {
        let body = &rest[start + language.len() + 4..];
        let end = body.find("```").expect("a block ends");
        blocks.push(body[..end].to_owned());
        rest = &body[end + 3..];
    }
    blocks
}

/// Requires that a page shows `wanted` where it now shows `shown`; `UPDATE=1` writes it there.
pub fn keep(page: &str, shown: &str, wanted: &str) {
    // Several tests write the same page.
    static WRITING: Mutex<()> = Mutex::new(());
    if std::env::var_os("UPDATE").is_some() {
        let _guard = WRITING.lock().expect("no writer panics");
        let text = read(page);
        assert_eq!(text.matches(shown).count(), 1, "{page} shows it once");
        std::fs::write(root().join(page), text.replace(shown, wanted)).expect("it can be written");
        return;
    }
    assert!(
        shown == wanted,
        "{page} is out of date; `UPDATE=1 cargo test --test docs` rewrites it\n-- shown\n{shown}\n-- wanted\n{wanted}"
    );
}

/// Requires that a file of the documentation holds `wanted`; `UPDATE=1` writes it.
pub fn keep_file(path: &str, wanted: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join(path), wanted).expect("it can be written");
        return;
    }
    assert!(
        read(path) == wanted,
        "{path} is out of date; `UPDATE=1 cargo test --test docs` rewrites it"
    );
}

/// Runs gen in a folder: status, stdout, stderr.
pub fn gen_in(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gen"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .output()
        .expect("gen runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Copies this repository's spec and what it renders to.
pub fn copy_spec(folder: &Path) {
    for part in ["gen.yaml", "environments", "clusters"] {
        for entry in walkdir::WalkDir::new(root().join(part)) {
            let entry = entry.expect("it can be read");
            let to = folder.join(entry.path().strip_prefix(root()).expect("below"));
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(to).expect("a folder");
            } else {
                std::fs::copy(entry.path(), to).expect("a file");
            }
        }
    }
}

/// The page with this text in a block that begins so.
pub fn with(page: &str, start: &str, number: usize, text: &str) -> String {
    let (at, _) = page.match_indices(start).nth(number).unwrap_or_else(|| panic!("no {start}"));
    let at = at + start.len();
    let end = at + page[at..].find("```").expect("the block ends");
    format!("{}{text}{}", &page[..at], &page[end..])
}
