//! In which order Flux applies the apps of an environment: `dependsOn`.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostics, SpecError};
use crate::model::App;

/// An error for each circle: Flux would wait for ever.
#[must_use]
pub fn circles(apps: &[App]) -> Diagnostics {
    let by_name: BTreeMap<&str, &App> = apps.iter().map(|app| (app.name.as_str(), app)).collect();
    let mut problems = Diagnostics::default();
    for app in apps.iter().filter(|app| !app.depends_on.is_empty()) {
        // A circle is told by the first of its names, once.
        if let Some(circle) = circle(&by_name, app)
            && circle.iter().all(|name| app.name.as_str() <= *name)
        {
            let name = app.depends_on[0].0.clone();
            let problem = format!("makes a circle: {} → {}", circle.join(" → "), app.name);
            problems.error(app.depends_on[0].1, SpecError::BadDependsOn { name, problem });
        }
    }
    problems
}

/// The apps on a way from one back to itself, from it on.
fn circle<'a>(apps: &BTreeMap<&str, &'a App>, from: &'a App) -> Option<Vec<&'a str>> {
    let mut way = vec![(from, 0)];
    let mut seen = vec![from.name.as_str()];
    while let Some((app, next)) = way.pop() {
        let Some((name, _)) = app.depends_on.get(next) else { continue };
        way.push((app, next + 1));
        if *name == from.name {
            return Some(way.iter().map(|(app, _)| app.name.as_str()).collect());
        }
        if let Some(other) = apps.get(name.as_str())
            && !seen.contains(&other.name.as_str())
        {
            seen.push(&other.name);
            way.push((other, 0));
        }
    }
    None
}
