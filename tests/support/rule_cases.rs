//! The cases of gen's rules: tests/check/rules/NAME.yaml, objects of which a rule finds something, and behind a line `# good` objects like
//! them of which it finds nothing.

use std::path::{Path, PathBuf};

/// The folder of the cases.
#[must_use]
#[allow(dead_code, reason = "only one of them lists the cases")]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check/rules")
}

/// What is bad and what is good in the case of a rule.
///
/// # Errors
/// What is wrong with the case.
pub fn read(rule: &str) -> Result<(String, String), String> {
    let path = folder().join(format!("{rule}.yaml"));
    let text = std::fs::read_to_string(&path).map_err(|_| format!("{rule}: no case"))?;
    let (bad, good) =
        text.split_once("\n# good\n").ok_or_else(|| format!("{rule}: no line `# good`"))?;
    Ok((bad.to_owned(), good.to_owned()))
}

/// The files of a part: a line `# file: PATH` begins another one, and `# times: N` makes what follows in it N documents, with their
/// numbers in place of `{n}`.
#[must_use]
pub fn files(text: &str) -> Vec<(&str, String)> {
    let mut files: Vec<(&str, String)> = vec![("case.yaml", String::new())];
    let mut times = 0;
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("# file: ") {
            files.push((path, String::new()));
            times = 0;
        } else if let Some(count) = line.strip_prefix("# times: ") {
            times = count.parse().expect("a number");
        } else {
            let text = &mut files.last_mut().expect("there is one").1;
            let lines = if times == 0 { vec![line.to_owned()] } else { Vec::new() };
            let repeated =
                (0..times).map(|n: usize| format!("--- {}", line.replace("{n}", &n.to_string())));
            for line in lines.into_iter().chain(repeated) {
                text.push_str(&line);
                text.push('\n');
            }
        }
    }
    files
}
