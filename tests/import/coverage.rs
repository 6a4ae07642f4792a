//! How much of what is there the spec says: over the cases, and over the examples that are kept beside the repository.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use gitops_gen::import::Verdict;
use gitops_gen::ops::import::{From, ImportOptions, ImportReport, import};

use crate::cases::{arguments, folders};
use crate::support::{needs, tree};

/// Imports paths without writing anything.
pub fn dry(start: &Path, paths: &[PathBuf]) -> ImportReport {
    let options = ImportOptions {
        start,
        from: From::Paths(paths),
        environment: "prod",
        into: Path::new("nowhere"),
        dry_run: true,
    };
    import(&options).unwrap_or_else(|problems| panic!("{paths:?}: {problems:?}"))
}

#[derive(Default, Debug)]
struct Sum {
    objects: usize,
    verdicts: [usize; 5],
    fields: usize,
    by_key: usize,
    by_patch: usize,
    raw: usize,
    outside: usize,
    apps: usize,
    plain: usize,
    spec_lines: usize,
    lines: usize,
}

impl Sum {
    fn add(&mut self, report: &ImportReport, lines: usize) {
        let proof = &report.import.proof;
        self.objects += proof.judged.len();
        for (sum, verdict) in self.verdicts.iter_mut().zip(Verdict::ALL) {
            *sum += proof.count(verdict);
        }
        let it = proof.coverage;
        self.fields += it.fields;
        self.by_key += it.by_key;
        self.by_patch += it.by_patch;
        self.raw += it.raw;
        self.outside += it.outside;
        self.apps += it.apps;
        self.plain += it.plain_apps;
        self.spec_lines += it.spec_lines;
        self.lines += lines;
    }

    fn tell(&self, what: &str) {
        let share = |part: usize, whole: usize| (part * 1000).checked_div(whole).unwrap_or(0);
        let tenths = |number: usize| format!("{}.{} %", number / 10, number % 10);
        let verdicts: Vec<String> = Verdict::ALL
            .iter()
            .zip(self.verdicts)
            .map(|(verdict, number)| format!("{number} {}", verdict.words()))
            .collect();
        let line = format!(
            "{what}: {} objects: {}; {} fields: {} by keys, {} by patches, {} raw, {} outside; {} of {} apps without patch or extra; {} lines of spec for {}\n",
            self.objects,
            verdicts.join(", "),
            self.fields,
            tenths(share(self.by_key, self.fields)),
            tenths(share(self.by_patch, self.fields)),
            tenths(share(self.raw, self.fields)),
            tenths(share(self.outside, self.fields)),
            self.plain,
            self.apps,
            self.spec_lines,
            self.lines,
        );
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }

    fn reaches_the_goals(&self) {
        assert_eq!(self.objects, self.verdicts.iter().sum::<usize>(), "each has one verdict");
        assert!(self.by_key * 10 >= self.fields * 9, "{} of {} fields", self.by_key, self.fields);
        assert!(self.plain * 10 >= self.apps * 7, "{} of {} apps", self.plain, self.apps);
        assert!(self.spec_lines * 3 <= self.lines, "{} for {} lines", self.spec_lines, self.lines);
    }
}

/// The number of lines that kubectl would print of the objects below a folder: those of a person can be short or long.
fn printed(folder: &Path) -> usize {
    let texts = tree(folder).into_iter().filter_map(|(_, bytes)| String::from_utf8(bytes).ok());
    let values =
        texts.flat_map(|text| gitops_gen::kubernetes::documents(&text).unwrap_or_default());
    let objects = values.flat_map(gitops_gen::kubernetes::items);
    objects.map(|value| gitops_gen::yaml::emit_document(&value).lines().count()).sum()
}

#[test]
fn the_cases_reach_the_goals() {
    let mut sum = Sum::default();
    for case in folders() {
        // Other environments and kinds of input are counted by their own cases.
        if arguments(&case) != ["in"] {
            continue;
        }
        let report = dry(&case, &["in".into()]);
        sum.add(&report, printed(&case.join("in")));
    }
    sum.tell("cases");
    sum.reaches_the_goals();
}

#[test]
fn the_examples_beside_the_repository_are_imported() {
    let Some(folder) = needs::shared("examples/import") else { return };
    let mut sum = Sum::default();
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names.retain(|path| path.is_dir() || path.extension().is_some_and(|end| end == "yaml"));
    assert!(names.len() >= 5, "{names:?}");
    for path in names {
        let name: PathBuf = path.file_name().unwrap().into();
        let report = dry(&folder, std::slice::from_ref(&name));
        let mut own = Sum::default();
        let lines = if path.is_dir() {
            printed(&path)
        } else {
            report.import.proof.coverage.original_lines
        };
        own.add(&report, lines);
        own.tell(&name.display().to_string());
        sum.add(&report, lines);
    }
    sum.tell("examples");
    assert_eq!(sum.objects, sum.verdicts.iter().sum::<usize>(), "each has one verdict");
}
