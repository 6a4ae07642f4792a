//! tests/README.md names every test program, folder and variable; and tests wait and skip in one way each.

use std::collections::BTreeSet;
use std::path::Path;

fn tests() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))
}

/// The sources of all tests: path below tests/ and text. This file is none of them: it names what the others must not.
fn sources() -> Vec<(String, String)> {
    let files = walkdir::WalkDir::new(tests()).into_iter().map(Result::unwrap);
    let sources = files.filter_map(|file| {
        let path = file.path().strip_prefix(tests()).unwrap();
        let is_source = path.extension().is_some_and(|end| end == "rs");
        let text = || std::fs::read_to_string(file.path()).unwrap();
        (is_source && path != Path::new("map.rs")).then(|| (path.display().to_string(), text()))
    });
    let sources: Vec<_> = sources.collect();
    assert!(sources.len() > 100, "{} files", sources.len());
    sources
}

fn map() -> String {
    std::fs::read_to_string(tests().join("README.md")).unwrap()
}

#[test]
fn every_test_is_on_the_map() {
    let map = map();
    let rows = map.lines().filter(|line| line.starts_with("| "));
    let named: BTreeSet<&str> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|first| first.split([',', ' ']))
        .collect();
    for entry in std::fs::read_dir(tests()).unwrap().map(Result::unwrap) {
        let mut name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            name.push('/');
        }
        assert!(
            name == "README.md" || named.contains(name.as_str()),
            "tests/{name} is not in the table of tests/README.md"
        );
    }
    for name in named {
        let is_place =
            name.ends_with('/') || Path::new(name).extension().is_some_and(|ending| ending == "rs");
        assert!(
            !is_place || tests().join(name).exists(),
            "tests/README.md names tests/{name}, which does not exist"
        );
    }
}

#[test]
fn every_variable_is_on_the_map() {
    let map = map();
    let mut variables = BTreeSet::new();
    for (_, text) in sources() {
        for part in text.split("\"GEN_").skip(1) {
            let is_of_name = |letter: char| {
                letter == '_' || letter.is_ascii_uppercase() || letter.is_ascii_digit()
            };
            let end = part.find(|letter| !is_of_name(letter)).unwrap_or(part.len());
            let kinds = ["TEST_", "SOAK", "FUZZ", "E2E_", "BENCH_"];
            if kinds.iter().any(|kind| part[..end].starts_with(kind)) {
                variables.insert(format!("GEN_{}", &part[..end]));
            }
        }
    }
    assert!(variables.len() > 20, "{variables:?}");
    for variable in variables {
        assert!(map.contains(&variable), "tests/README.md lacks {variable}");
    }
}

#[test]
fn tests_wait_for_conditions() {
    for (path, text) in sources() {
        assert!(
            path == "support/wait.rs" || !text.contains("thread::sleep"),
            "tests/{path} sleeps; wait for something by tests/support/wait.rs"
        );
    }
}

/// What another helper skipped would not be counted, and would pass in CI.
#[test]
fn tests_skip_in_one_way() {
    for (path, text) in sources() {
        let own = ["\"skipped: ", "\"not run: ", "\"not checked: "];
        assert!(
            path == "support/needs.rs" || !own.iter().any(|word| text.contains(word)),
            "tests/{path} skips by itself; use tests/support/needs.rs"
        );
        for line in text.lines().filter(|line| line.contains("\"GEN_TEST_")) {
            let is_of_machine = line.contains("env::var");
            assert!(
                !is_of_machine || path == "support/needs.rs",
                "tests/{path} reads a variable by itself; use tests/support/needs.rs: {line}"
            );
        }
    }
}
