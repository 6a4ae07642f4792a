//! `gen why`: every signature has its case, recordings of real controllers are read right, and hostile input harms nothing.

mod cases;
mod fix;
mod hostile;
mod live;
mod paste;
mod recordings;
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use gitops_gen::diagnose::{Report, diagnose, read};
use gitops_gen::diagnostics::{Look, Sources};
use gitops_gen::ops::why::{Input, why_text};
use gitops_gen::report::{Show, Style};

/// What is found in a text.
fn found(text: &str) -> Report {
    diagnose(&read(text, None), None)
}

/// The signatures that are named, the first cause first.
fn named(report: &Report) -> Vec<&str> {
    let id = |signature: &'static gitops_gen::diagnose::Signature| signature.id.as_str();
    report.diagnoses.iter().map(|one| one.signature.map_or("unknown", id)).collect()
}

/// What a person sees.
fn shown(text: &str) -> String {
    let report = why_text(&Input { text: text.to_owned(), left_out: None });
    report.answer(Style { look: Look::Plain, is_verbose: false, is_summary: false }).collect()
}

/// What a browser shows.
fn as_page(text: &str) -> String {
    why_text(&Input { text: text.to_owned(), left_out: None }).html()
}

/// What a program sees.
fn as_json(text: &str) -> String {
    let report = why_text(&Input { text: text.to_owned(), left_out: None });
    report.json(&Sources::default()).to_string()
}

/// The real program, with this on its standard input.
fn gen_why(arguments: &[&str], input: &[u8]) -> Output {
    gen_why_in(&std::env::temp_dir(), arguments, input)
}

/// The same in a folder.
fn gen_why_in(folder: &std::path::Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(support::GEN)
        .arg("why")
        .args(arguments)
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary under test starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    let _ = writer.join();
    output
}
