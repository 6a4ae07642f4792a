//! The page of `gen why -o html`.

use minijinja::{Value, context};

use super::words::{head, title, unseen, verdict};
use crate::diagnose::{Cure, Diagnosis, Evidence, Weight};
use crate::ops::why::{FixState, WhyReport};
use crate::report::document::document;

const PAGE: &str = include_str!("why.html");

pub(super) fn html(report: &WhyReport) -> String {
    let found = &report.report;
    let (verdict, _) = verdict(report);
    let fix = match report.fix.as_ref().filter(|fix| fix.is_change()).map(|fix| &fix.state) {
        Some(FixState::Written) => Some("The change to the spec was written."),
        Some(FixState::Pushed(_)) => Some("The change to the spec was pushed."),
        Some(FixState::Shown) | None => None,
    };
    let well = found.well.iter().map(|one| format!("{}: {}", one.of, one.stands));
    let page = context! {
        verdict => verdict,
        diagnoses => found.diagnoses.iter().map(diagnosis).collect::<Vec<_>>(),
        fix => fix,
        well => well.collect::<Vec<_>>(),
        unseen => found.unseen.iter().map(unseen).collect::<Vec<_>>(),
        left_out => found.left_out.map(|one| format!("{} of {} bytes", one.bytes, one.of)),
    };
    document("gen why", PAGE, page)
}

fn diagnosis(one: &Diagnosis) -> Value {
    let class = match one.stands {
        Weight::Failed | Weight::Stuck => "error",
        Weight::Waits => "warning",
        Weight::Note => "",
    };
    let (word, rest) = head(one);
    let chain = one.chain.iter().map(|link| match link.reason.as_str() {
        "" => link.of.to_string(),
        reason => format!("{}: {reason}", link.of),
    });
    let chain: Vec<String> = chain.filter(|_| one.chain.len() > 1).collect();
    let lists = [
        ("Follows", &one.consequences),
        ("Failed, too", &one.besides),
        ("Could also be", &one.alternatives),
        ("Not seen", &one.missing),
    ];
    let lists = lists.iter().filter(|(_, lines)| !lines.is_empty());
    let lists: Vec<Value> =
        lists.map(|(word, lines)| context! { word => *word, lines => (*lines).clone() }).collect();
    context! {
        class => class, word => word, head => rest,
        cause => one.cause.clone(), certainty => one.certainty.word(), places => one.places.clone(),
        seen => one.evidence.iter().map(seen).collect::<Vec<_>>(),
        chain => chain, lists => lists,
        cures => one.cures.iter().map(cure).collect::<Vec<_>>(),
        docs => one.docs.clone(), source => one.signature.map(|signature| signature.source.as_str()),
    }
}

fn seen(evidence: &Evidence) -> Value {
    context! { title => title(evidence), text => evidence.text.trim() }
}

fn cure(cure: &Cure) -> Value {
    match cure {
        Cure::Advice(text) => context! { text => text },
        Cure::Command(text) => context! { lines => plain(text) },
        Cure::Objects { title, yaml } => context! { title => title, lines => plain(yaml) },
        Cure::Change { file, line, title, diff } => {
            let class = |text: &str| match text.chars().next() {
                Some('+') => "new",
                Some('-') => "gone",
                _ => "dim",
            };
            let line_of = |text: &str| context! { class => class(text), text => text };
            let lines: Vec<Value> = diff.lines().map(line_of).collect();
            context! { title => format!("{file}:{line}: {title}"), lines => lines }
        }
    }
}

fn plain(text: &str) -> Vec<Value> {
    text.lines().map(|text| context! { class => "", text => text }).collect()
}
