//! The page of an app: tasks in layers, objects as a tree, events, differences between stages.

use std::fmt::Write as _;

use super::table::cut;
use crate::diagnostics::visible;
use crate::ops::status::StatusReport;
use crate::status::{Branch, Page, Task, lasting};

/// The page of one environment.
pub(super) fn page(page: &Page, width: usize) -> String {
    let mut out = format!("{}:\n", visible(&page.environment));
    if !page.layers.is_empty() {
        let run = page.run.as_deref().unwrap_or("no run yet");
        let _ = writeln!(out, "  pipeline, {}:", visible(run));
        for (at, layer) in page.layers.iter().enumerate() {
            let arrow = if at == 0 { "  " } else { "→ " };
            let tasks: Vec<String> = layer.iter().map(task).collect();
            let line = visible(&format!("    {arrow}{}", tasks.join(" | ")));
            let _ = writeln!(out, "{}", cut(&line, width));
        }
    }
    if !page.tree.is_empty() {
        let _ = writeln!(out, "  objects:");
        for branch in &page.tree {
            tree(&mut out, branch, 2, width);
        }
    }
    if !page.events.is_empty() {
        let _ = writeln!(out, "  events:");
        for event in &page.events {
            let _ = writeln!(out, "{}", cut(&visible(&format!("    {event}")), width));
        }
    }
    out
}

fn task(task: &Task) -> String {
    let time = task.seconds.map(|seconds| format!(" {}", lasting(seconds))).unwrap_or_default();
    match (&task.state, &task.skipped) {
        (Some(state), _) => format!("{} {}{time}", task.name, state.word()),
        (None, Some(_)) => format!("{} skipped", task.name),
        (None, None) => task.name.clone(),
    }
}

fn tree(out: &mut String, branch: &Branch, depth: usize, width: usize) {
    let stands = if branch.stands.is_empty() { "" } else { &format!(": {}", branch.stands) };
    let line = format!("{}{}{stands}", "  ".repeat(depth), branch.what);
    let _ = writeln!(out, "{}", cut(&visible(&line), width));
    for one in &branch.below {
        tree(out, one, depth + 1, width);
    }
}

/// What differs between stages.
pub(super) fn differences(report: &StatusReport) -> String {
    let mut out = String::new();
    let mut last: Option<(&str, &str)> = None;
    for (from, to, one) in &report.differences {
        if last != Some((from, to)) {
            let _ = writeln!(out, "differs between {from} and {to}:");
            last = Some((from, to));
        }
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        let line = format!("  {}: {} → {}", one.key, value(&one.from), value(&one.to));
        let _ = writeln!(out, "{}", cut(&visible(&line), report.width));
    }
    out
}
