//! For programs.

use serde_json::{Value, json};

use crate::diagnose::Unseen;
use crate::diagnostics::visible;
use crate::ops::status::StatusReport;
use crate::status::{Branch, Cell, Flux, Health, Image, Page, Rollout, Run, RunState};

pub(super) fn json(report: &StatusReport) -> Value {
    json!({
        "schema": 1,
        "complete": report.is_complete(),
        "command": "status",
        "time": report.now.to_string(),
        "health": report.health().word(),
        "environments": report.columns.iter().map(|one| json!({
            "name": one.environment,
            "context": one.context,
            "silent": one.silent,
        })).collect::<Vec<_>>(),
        "apps": report.cells.iter().map(cell).collect::<Vec<_>>(),
        "pages": report.pages.iter().map(page).collect::<Vec<_>>(),
        "differences": report.differences.iter().map(|(from, to, one)| json!({
            "from": from, "to": to, "key": one.key, "before": one.from, "after": one.to,
        })).collect::<Vec<_>>(),
        "moves": report.moves.iter().map(|one| json!({
            "app": one.app, "from": one.from, "to": one.to, "before": one.before, "after": one.after,
            "health": one.health.map(Health::word),
        })).collect::<Vec<_>>(),
        "unknownMoves": report.unknown_moves.iter()
            .map(|one| json!({"from": one.from, "to": one.to}))
            .collect::<Vec<_>>(),
        "notSeen": report.unseen.iter().map(unseen).collect::<Vec<_>>(),
        "requests": report.requests,
    })
}

pub(super) fn cell(cell: &Cell) -> Value {
    json!({
        "app": cell.app,
        "environment": cell.environment,
        "health": cell.health.word(),
        "busy": cell.busy,
        "pinned": cell.pinned.as_ref().map(image),
        "revision": cell.revision,
        "running": cell.running.as_ref().map(image),
        "flux": cell.flux.as_ref().map(flux),
        "rollout": cell.rollout.as_ref().map(rollout),
        "runs": cell.runs.iter().map(run).collect::<Vec<_>>(),
        "held": cell.held,
        "wrong": cell.wrong.iter().map(|one| json!({
            "what": one.what, "why": visible(&one.why), "ask": one.ask,
        })).collect::<Vec<_>>(),
    })
}

pub(super) fn unseen(one: &Unseen) -> Value {
    json!({"what": one.what, "why": visible(&one.why), "right": one.right})
}

fn image(image: &Image) -> Value {
    json!({"reference": image.reference, "tag": image.tag, "digest": image.digest})
}

fn flux(flux: &Flux) -> Value {
    json!({
        "name": flux.name,
        "state": flux.state.word(),
        "revision": flux.revision,
        "why": visible(&flux.why),
        "since": flux.since.map(|since| since.to_string()),
    })
}

fn rollout(rollout: &Rollout) -> Value {
    json!({
        "ready": rollout.ready,
        "wanted": rollout.wanted,
        "updated": rollout.updated,
        "restarts": rollout.restarts,
        "busy": rollout.busy,
        "paused": rollout.paused,
        "absent": rollout.absent,
    })
}

fn run(run: &Run) -> Value {
    json!({
        "name": run.name,
        "state": run.state.word(),
        "task": run.task,
        "began": run.began.map(|began| began.to_string()),
        "seconds": run.seconds,
        "why": visible(&run.why),
    })
}

fn page(page: &Page) -> Value {
    json!({
        "environment": page.environment,
        "run": page.run,
        "layers": page.layers.iter().map(|layer| layer.iter().map(|task| json!({
            "name": task.name,
            "state": task.state.map(RunState::word),
            "skipped": task.skipped,
            "seconds": task.seconds,
        })).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "objects": page.tree.iter().map(branch).collect::<Vec<_>>(),
        "events": page.events.iter().map(|one| visible(one)).collect::<Vec<_>>(),
    })
}

fn branch(one: &Branch) -> Value {
    json!({
        "what": one.what,
        "stands": one.stands,
        "below": one.below.iter().map(branch).collect::<Vec<_>>(),
    })
}
