//! The page of `gen report`: one file that asks nothing of the network.
//!
//! Only the drawings, which escape by themselves, are put in after the template.

mod places;

use anyhow::Context as _;
use minijinja::{Value, context};

use self::places::Places;
use super::counted;
use super::diff::folds;
use super::document::{self, engine, hash};
use super::pins::short;
use crate::graph::{STYLE, svg};
use crate::ops::page::{APP, ENVIRONMENT, PageReport, Row, Side, Unjudged, Where};

/// The template of the page.
const PAGE: &str = include_str!("page.html");
/// Its script.
const SCRIPT: &str = include_str!("script.js");
/// Where a drawing comes. No text can hold it, for none keeps its `<`.
const DRAWING: &str = "<!--drawing-->";
/// The most pipelines that are drawn.
const DRAWN: usize = 100;

/// The whole page.
///
/// # Errors
/// None but of the template, which is part of gen.
pub fn page_html(report: &PageReport) -> anyhow::Result<String> {
    let mut rows = Places::new(report);
    let style = format!("{}\n{STYLE}", document::STYLE.trim_end());
    let pipelines: Vec<Value> = report
        .pipelines
        .iter()
        .take(DRAWN)
        .map(|shape| {
            let tasks = shape.graph.nodes.len();
            context! {
                id => rows.id(&shape.places),
                tasks => counted(tasks, "task"),
                places => rows.named(&shape.places),
            }
        })
        .collect();
    let differences: Vec<Value> = report
        .differences
        .iter()
        .map(|one| {
            let places: Vec<Where> =
                one.apps.iter().map(|app| (one.to.clone(), Some(app.clone()))).collect();
            context! {
                id => rows.id(&places), key => one.key.as_str(), from => one.from.as_str(), to => one.to.as_str(),
                before => side(&one.before), after => side(&one.after), apps => rows.apps_of(&one.to, &one.apps),
            }
        })
        .collect();
    let permissions = table(&report.permissions, &mut rows);
    let secrets = table(&report.secrets, &mut rows);
    let findings = table(&report.findings, &mut rows);
    let section = |id: &str, name: &str, count: Option<usize>| context! { id => id, name => name, count => count };
    let mut sections = vec![
        section("apps", "Apps", None),
        section("pipelines", "Pipelines", None),
        section("differences", "Side by side", Some(differences.len())),
        section("permissions", "Permissions", None),
        section("secrets", "Secrets", None),
        section("findings", "Findings", Some(findings.len())),
    ];
    if report.diff.is_some() {
        sections.push(section("diff", "Changes", None));
    }
    let environments: Vec<Value> = report
        .environments
        .iter()
        .map(|one| context! { name => one.name.as_str(), cluster => one.cluster.as_str(), from => one.from.as_deref() })
        .collect();
    let apps: Vec<Value> = report.apps.iter().map(|(name, cells)| {
        let cells: Vec<Value> = cells.iter().map(|cell| cell.as_ref().map_or(Value::from(()), |cell| context! { image => cell.image.as_deref().map(short), pinned => cell.pinned })).collect();
        context! { name => name, cells => cells }
    }).collect();
    let style_hash = hash(&style);
    let mut engine = engine(style);
    engine.add_template("page.html", PAGE)?;
    engine.add_template("script.js", SCRIPT.trim_end())?;
    let page = engine.get_template("page.html")?;
    let page = page.render(context! {
        title => report.size.as_str(),
        version => env!("CARGO_PKG_VERSION"),
        style_hash => style_hash,
        script_hash => hash(SCRIPT.trim_end()),
        sections => sections,
        environments => environments,
        apps => apps,
        pipelines => pipelines,
        not_drawn => report.pipelines.len().saturating_sub(DRAWN),
        differences => differences,
        permissions => permissions,
        secrets => secrets,
        findings => findings,
        unjudged => unjudged(&report.unjudged),
        diff => diff(report),
        data => rows.data(),
    });
    let page = page.context("the page cannot be made")?;
    let pipelines = report.pipelines.iter().take(DRAWN).map(|shape| &shape.graph);
    let mut pieces = page.split(DRAWING);
    let mut drawn = pieces.next().unwrap_or_default().to_owned();
    for (at, (graph, piece)) in
        std::iter::once(&report.chain).chain(pipelines).zip(pieces).enumerate()
    {
        drawn.push_str(&svg(graph, false, &format!("graph{at}")));
        drawn.push_str(piece);
    }
    Ok(drawn)
}

/// The parts of a cell: text, and blanks for names.
fn parts(cell: &str) -> Vec<Value> {
    let blank = |text: &str, of: &str| context! { text => text, blank => of };
    let mut parts = Vec::new();
    for piece in cell.split_inclusive([APP, ENVIRONMENT]) {
        let text = piece.trim_end_matches([APP, ENVIRONMENT]);
        if !text.is_empty() {
            parts.push(context! { text => text });
        }
        if piece.ends_with(APP) {
            parts.push(blank("APP", "app"));
        } else if piece.ends_with(ENVIRONMENT) {
            parts.push(blank("ENV", "env"));
        }
    }
    parts
}

/// A value and its line.
fn side(side: &Side) -> Value {
    let side = side.as_ref();
    side.map_or(Value::from(()), |(value, line)| Value::from(vec![value.clone(), line.clone()]))
}

fn table(all: &[Row], rows: &mut Places<'_>) -> Vec<Value> {
    let row = |row: &Row| {
        let cells: Vec<_> = row.cells.iter().map(|cell| parts(cell)).collect();
        let first = row.cells.first().map(String::as_str);
        let class = first.filter(|word| matches!(*word, "error" | "warning"));
        context! {
            id => rows.id(&row.places), cells => cells, places => rows.named(&row.places),
            class => class.unwrap_or_default(),
        }
    };
    all.iter().map(row).collect()
}

/// What findings leave open.
fn unjudged(report: &Unjudged) -> Value {
    let ignored = match report.ignored {
        0 => None,
        count => Some(counted(count, "finding")),
    };
    context! { unread => &report.unread, unknown => &report.unknown, ignored => ignored }
}

/// The comparison: what changes, with folds.
fn diff(report: &PageReport) -> Value {
    let Some(diff) = &report.diff else { return Value::from(()) };
    let all = folds(diff);
    let dangers: Vec<Value> = all
        .dangers
        .iter()
        .map(|&(word, ref text)| {
            let class = if word == "danger" { "gone" } else { "" };
            context! { class => class, word => word, text => text }
        })
        .collect();
    let permissions: Vec<Value> = all
        .permissions
        .iter()
        .map(|(word, text)| {
            let class = if *word == "gains" { "new" } else { "gone" };
            context! { class => class, text => text }
        })
        .collect();
    let objects: Vec<Value> = all
        .objects
        .into_iter()
        .map(|(title, lines)| {
            let lines: Vec<Value> = lines
                .into_iter()
                .map(|text| {
                    let class = match text.chars().next() {
                        Some('+') => "new",
                        Some('-') => "gone",
                        _ => "dim",
                    };
                    context! { class => class, text => text }
                })
                .collect();
            context! { title => title, lines => lines }
        })
        .collect();
    context! { incomplete => all.incomplete, notes => all.notes, head => all.head, dangers => dangers, permissions => permissions, objects => objects }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::ops::diff::{Against, DiffReport};

    /// A page that leaves something out does not look like one that is whole.
    #[test]
    fn what_was_not_seen_is_on_the_page() {
        let page = |report: &PageReport| page_html(report).expect("a page");
        let whole = page(&PageReport::default());
        assert!(whole.contains("gen check finds nothing.") && !whole.contains("Not judged"));
        let diff = DiffReport {
            against: Against::Folder("old".to_owned()),
            complete: false,
            environments: Vec::new(),
            dangers: Vec::new(),
            pipelines: Vec::new(),
            permissions: Vec::new(),
            notes: vec!["a remark".to_owned()],
            problems: Diagnostics::default(),
            role: None,
            requests: None,
        };
        let unjudged = Unjudged {
            unread: vec!["clusters/a.yaml: not YAML".to_owned()],
            unknown: vec!["Thing (example.com/v1): 2".to_owned()],
            ignored: 3,
        };
        let page = page(&PageReport { unjudged, diff: Some(diff), ..PageReport::default() });
        assert!(!page.contains("gen check finds nothing."));
        for text in [
            ">Not judged: clusters/a.yaml: not YAML<",
            "Thing (example.com/v1): 2<",
            ">3 findings passed over by",
            ">INCOMPLETE: cannot tell for all objects whether they would be pruned<",
            ">compared with the folder old: no objects<",
            ">note: a remark<",
        ] {
            assert!(page.contains(text), "{text}: {page}");
        }
    }
}
