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

/// The moves to the stages that are shown, of one app if one is named.
pub(super) fn moves(
    fleet: &Fleet,
    selected: &[&Prepared],
    app: Option<&str>,
    report: &StatusReport,
) -> Vec<Move> {
    let mut all = Vec::new();
    for to in selected {
        let before = to.environment.promotes_from.as_deref();
        let mut stages = fleet.environments.iter();
        let Some(from) = stages.find(|one| Some(one.environment.name.as_str()) == before) else {
            continue;
        };
        let apps = to.apps.iter().filter(|one| app.is_none_or(|name| one.name == name));
        let both = apps.filter(|one| from.apps.iter().any(|there| there.name == one.name));
        all.extend(both.filter_map(|one| moved(from, to, &one.name, report)));
    }
    all
}

fn moved(from: &Prepared, to: &Prepared, app: &str, report: &StatusReport) -> Option<Move> {
    let pin = |prepared: &Prepared| {
        prepared.environment.pin(app).map(|(pin, _)| pin.clone()).unwrap_or_default()
    };
    let (source, there) = (pin(from), pin(to));
    let (from, from_deploy) = (&from.environment.name, from.environment.deploy);
    let mut cells = report.cells.iter();
    let cell = cells.find(|cell| cell.app == app && cell.environment == *from);
    // What the deploy task applies is pinned nowhere: it is what runs.
    let is_applied = from_deploy == Deploy::Kubectl && source.version.is_none();
    let running = || cell?.running.as_ref().map(|image| image.reference.clone());
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
