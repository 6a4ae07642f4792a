//! Each rule has a file tests/check/rules/NAME.yaml with objects of which it finds something, and behind a line `# good` objects like
//! them of which it finds nothing. So a rule whose code is taken out fails here, and so does a rule without a case.

use std::collections::BTreeSet;
use std::sync::Arc;

use gitops_gen::check::{
    BETWEEN, Cluster, Declared, Finding, Judge, Level, Objects, Rule, check, live, parse, policy,
    rules, scripts, stages,
};
use gitops_gen::kubernetes::definitions::Definitions;

use crate::support::rule_cases::{files, folder, read};

/// What is found in a text.
fn findings(text: &str, cluster: &Cluster) -> Vec<Finding> {
    let mut items = Vec::new();
    for (path, text) in files(text) {
        let parsed = parse(&Arc::from(path), &text).expect("a case is YAML");
        assert!(parsed.problems.is_empty(), "{:?}: {text}", parsed.problems);
        items.extend(parsed.items);
    }
    let judge =
        Judge { definitions: Definitions::built_in(), cluster, declared: &Declared::default() };
    check(judge, &Objects::new(items))
}

/// The cluster of a case: Tekton's own defaults, and what a first line `# cluster: SETTING=VALUE` sets.
fn cluster(text: &str) -> Cluster {
    let mut cluster = Cluster::default();
    let line = text.lines().next().and_then(|line| line.strip_prefix("# cluster: "));
    if let Some((setting, value)) = line.and_then(|line| line.split_once('=')) {
        match setting {
            "default-forbidden-env" => cluster.forbidden_env = vec![value.to_owned()],
            "disable-inline-spec" => cluster.no_inline_spec = vec![value.to_owned()],
            other => panic!("`{other}` is not a setting of cases"),
        }
    }
    cluster
}

#[test]
fn every_rule_finds_what_is_bad_and_nothing_in_what_is_good() {
    let mut wrong = Vec::new();
    // Those about exceptions and stages need a spec: golden cases check-exceptions, check-exception-expired and check-stages. Those about
    // two trees: src/check/flux/moved.rs and tests/git/since.rs; those about clusters: live.rs; shellcheck's: shellcheck.rs.
    let of_objects = |rule: &&'static Rule| {
        [policy::RULES, stages::RULES, BETWEEN, live::RULES, &[&scripts::SHELLCHECK]]
            .iter()
            .all(|of| !of.contains(rule))
    };
    for rule in rules().into_iter().filter(of_objects) {
        let (bad, good) = match read(rule.name) {
            Ok((bad, good)) => (bad, good),
            Err(problem) => {
                wrong.push(problem);
                continue;
            }
        };
        let cluster = cluster(&bad);
        if !findings(&bad, &cluster).iter().any(|finding| finding.rule == rule) {
            let found: Vec<&str> =
                findings(&bad, &cluster).iter().map(|found| found.rule.name).collect();
            wrong.push(format!("{}: not found, but {found:?}", rule.name));
        }
        let of_good = findings(&good, &cluster);
        // A case for one family need not be whole for another: the listener of a trigger's case has no rights.
        let is_alarm =
            |found: &Finding| found.level == Level::Error && found.rule.family() == rule.family();
        if of_good.iter().any(is_alarm) {
            let found: Vec<String> = of_good
                .iter()
                .map(|found| format!("{} {} {}", found.rule.name, found.field, found.what))
                .collect();
            wrong.push(format!("{}: false alarm: {found:?}", rule.name));
        } else if of_good.iter().any(|finding| finding.rule == rule) {
            wrong.push(format!("{}: found in what is good", rule.name));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_is_of_a_rule() {
    let names: BTreeSet<String> =
        rules().iter().map(|rule| format!("{}.yaml", rule.name)).collect();
    for entry in std::fs::read_dir(folder()).expect("the folder is there") {
        let name = entry.expect("it can be read").file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name), "{name} is of no rule");
    }
}

#[test]
fn ids_and_names_are_unique_and_well_formed() {
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for rule in rules() {
        let digits = rule.id.strip_prefix("CHK").expect("an id begins with CHK");
        assert!(
            digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()),
            "{}",
            rule.id
        );
        assert!(ids.insert(rule.id), "{} twice", rule.id);
        assert!(names.insert(rule.name), "{} twice", rule.name);
        assert!(
            rule.name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit())
        );
        for sentence in [rule.holds, rule.otherwise] {
            assert!(sentence.ends_with('.'), "{}: `{sentence}`", rule.name);
        }
        assert!(!rule.cure.ends_with('.') && !rule.source.is_empty(), "{}", rule.name);
    }
}
