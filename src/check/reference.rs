//! The rules in words, for `gen explain` and docs/reference/checks.md.

use std::fmt::Write as _;

use super::catalogue::rules;
use super::finding::{Family, Rule};

/// One rule.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let Rule { id, name, holds, otherwise, cure, source, .. } = rule;
    format!(
        "{id}: {name} ({level})\n\n{holds}\nOtherwise: {otherwise}\n\nhelp: {cure}\nsource: {source}\nexception: `check: {{ignore: [{{rule: {name}, target: …, reason: …}}]}}` in gen.yaml\n",
        level = rule.level.word()
    )
}

/// The rules of each family that has some.
fn families() -> impl Iterator<Item = (Family, Vec<&'static Rule>)> {
    let of = |family| rules().into_iter().filter(move |rule| rule.family() == family).collect();
    let all = Family::ALL.into_iter().map(move |family| (family, of(family)));
    all.filter(|(_, rules): &(Family, Vec<_>)| !rules.is_empty())
}

/// All rules, a line each.
#[must_use]
pub fn list() -> String {
    let mut out = String::new();
    for (family, of_family) in families() {
        let _ = writeln!(out, "{}:", family.title());
        for rule in of_family {
            let _ = writeln!(out, "  {} {:7} {}", rule.id, rule.level.word(), rule.name);
        }
    }
    out.push_str("\n`gen explain NAME` says what a rule is for\n");
    out
}

/// The reference of all rules, as Markdown.
#[must_use]
pub fn page() -> String {
    let mut out = String::new();
    for (family, of_family) in families() {
        let _ = write!(out, "\n## {}\n", family.title());
        for rule in of_family {
            let Rule { id, name, holds, otherwise, cure, source, .. } = rule;
            let source = if source.starts_with("https://") {
                format!("<{source}>")
            } else {
                (*source).to_owned()
            };
            let _ = write!(
                out,
                "\n### {id} {name}\n\n**{holds}**\n\n{otherwise}\n\n- level: {level}\n- help: {cure}\n- source: {source}\n",
                level = rule.level.word()
            );
        }
    }
    out
}
