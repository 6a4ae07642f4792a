//! The golden cases of tests/golden, and what comes out of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Ran, Repo, tree};

/// One case's folder.
pub struct Case {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// What came out of a case.
pub struct Outcome {
    /// The last call of gen.
    pub ran: Ran,
    /// What was below clusters/ before it: path and content.
    pub before: BTreeMap<String, Vec<u8>>,
    /// The same after it.
    pub after: BTreeMap<String, Vec<u8>>,
}

/// All cases, sorted.
pub fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut cases: Vec<Case> = entries
        .map(|entry| Case { name: entry.file_name().into_string().unwrap(), path: entry.path() })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The name of a case, and content by path.
type Tree = (String, BTreeMap<String, Vec<u8>>);

/// What is below clusters/ at the end of each case that leaves something there: the case's name, path and content. Rendered once a
/// program.
pub fn trees() -> &'static [Tree] {
    static TREES: std::sync::LazyLock<Vec<Tree>> = std::sync::LazyLock::new(|| {
        let trees: Vec<_> = all()
            .into_par_iter()
            .filter(|case| case.path.join("about").exists() || case.path.join("out").exists())
            .map(|case| (case.run().after, case.name))
            .filter(|(tree, _)| !tree.is_empty())
            .map(|(tree, name)| (name, tree))
            .collect();
        assert!(trees.len() > 100, "only {} cases have trees", trees.len());
        trees
    });
    &TREES
}

impl Case {
    /// A file of the case.
    pub fn text(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.path.join(file)).ok()
    }

    fn steps(&self) -> Vec<String> {
        let text = self.text("cmd").unwrap_or_else(|| "gen render\n".to_owned());
        text.lines().map(str::to_owned).collect()
    }

    /// The folders and files that are not expectations.
    pub fn inputs(&self) -> BTreeSet<String> {
        let copied = self
            .steps()
            .into_iter()
            .filter_map(|step| step.strip_prefix("copy ").map(str::to_owned));
        let own = ["in", "cmd", "about"].map(str::to_owned);
        copied.chain(own).collect()
    }

    /// Takes all steps. All calls of gen but the last must succeed.
    pub fn run(&self) -> Outcome {
        let mut repo = Repo::new().copy(&self.path.join("in"));
        let mut last: Option<Ran> = None;
        let mut before = BTreeMap::new();
        for step in self.steps() {
            if let Some(ran) = last.as_ref().filter(|_| step.starts_with("gen ")) {
                assert_eq!(ran.status, 0, "{}: {}\n{}", self.name, ran.command, ran.stderr);
            }
            match step.split_once(' ') {
                Some(("gen", arguments)) => {
                    before = repo.clusters().into_iter().collect();
                    last = Some(repo.run(arguments.split_whitespace()));
                }
                Some(("copy", from)) => repo = repo.copy(&self.path.join(from)),
                Some(("remove", path)) => repo = repo.without(path),
                _ => panic!("{}: no step: {step}", self.name),
            }
        }
        Outcome {
            ran: last.expect("a case calls gen"),
            before,
            after: repo.clusters().into_iter().collect(),
        }
    }

    /// The files that the case expects: path below its folder and content.
    pub fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let inputs = self.inputs();
        let is_input = |path: &str| inputs.contains(path.split('/').next().unwrap_or_default());
        tree(&self.path).into_iter().filter(|(path, _)| !is_input(path)).collect()
    }
}
