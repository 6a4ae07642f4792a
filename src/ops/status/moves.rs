//! What a promotion would move to the next stage.

use super::StatusReport;
use crate::environment::Deploy;
use crate::fleet::{Fleet, Prepared};
use crate::ops::promote::promoted;
use crate::spec::Pin;
use crate::status::{Health, Image};

/// An image or chart version that a stage has and the next one has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The app.
    pub app: String,
    /// The stage that has it.
    pub from: String,
    /// The stage that would get it.
    pub to: String,
    /// What that one has pinned; none if nothing.
    pub before: Option<String>,
    /// What it would get: the first digits of a digest, or a version.
    pub after: String,
    /// How the app stands in the stage that has it; none if that was not asked.
    pub health: Option<Health>,
}

/// Two stages between which the moves are not known: the images that run in the first are pinned nowhere, and it was not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownMoves {
    /// The stage that has them.
    pub from: String,
    /// The stage that would get them.
    pub to: String,
}

/// Adds the moves to the stages that are shown, of one app if one is named.
pub(super) fn moves(
    fleet: &Fleet,
    selected: &[&Prepared],
    app: Option<&str>,
    report: &mut StatusReport,
) {
    for to in selected {
        // Nothing can be pinned there.
        if to.environment.deploy == Deploy::Kubectl {
            continue;
        }
        let before = to.environment.promotes_from.as_deref();
        let mut stages = fleet.environments.iter();
        let Some(from) = stages.find(|one| Some(one.environment.name.as_str()) == before) else {
            continue;
        };
        let apps = to.apps.iter().filter(|one| app.is_none_or(|name| one.name == name));
        let both = apps.filter(|one| from.apps.iter().any(|there| there.name == one.name));
        let both: Vec<&str> = both.map(|one| one.name.as_str()).collect();
        let is_asked =
            report.columns.iter().any(|column| column.environment == from.environment.name);
        let runs = |app: &str| from.apps.iter().any(|one| one.name == app && one.has_program());
        if !is_asked && both.iter().any(|app| runs(app) && is_applied(from, app)) {
            report.unknown_moves.push(UnknownMoves {
                from: from.environment.name.clone(),
                to: to.environment.name.clone(),
            });
        }
        let moves: Vec<Move> = both.iter().filter_map(|app| moved(from, to, app, report)).collect();
        report.moves.extend(moves);
    }
}

/// Whether the deploy task applies an app: it is pinned nowhere, and what runs is promoted.
fn is_applied(prepared: &Prepared, app: &str) -> bool {
    let pin = prepared.environment.pin(app);
    prepared.environment.deploy == Deploy::Kubectl
        && pin.is_none_or(|(pin, _)| pin.version.is_none())
}

fn moved(from: &Prepared, to: &Prepared, app: &str, report: &StatusReport) -> Option<Move> {
    let pin = |prepared: &Prepared| {
        prepared.environment.pin(app).map(|(pin, _)| pin.clone()).unwrap_or_default()
    };
    let (source, there) = (pin(from), pin(to));
    let is_applied = is_applied(from, app);
    let from = &from.environment.name;
    let mut cells = report.cells.iter();
    let cell = cells.find(|cell| cell.app == app && cell.environment == *from);
    // Only a digest is promoted.
    let running = || {
        let image = cell?.running.as_ref().filter(|image| image.digest.is_some());
        image.map(|image| image.reference.clone())
    };
    let source = if is_applied { Pin { image: running(), ..Pin::default() } } else { source };
    if source.image.is_none() && source.version.is_none() {
        return None;
    }
    let next = promoted(&source, &there);
    let (before, after) = (shown(&there), shown(&next)?);
    (before.as_ref() != Some(&after)).then(|| Move {
        app: app.to_owned(),
        from: from.clone(),
        to: to.environment.name.clone(),
        before,
        after,
        health: cell.map(|cell| cell.health),
    })
}

fn shown(pin: &Pin) -> Option<String> {
    let image = pin.image.as_deref().map(|image| Image::of(image).short());
    image.or_else(|| pin.version.clone()).or_else(|| pin.tag.clone())
}
