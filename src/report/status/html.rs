//! The page of `gen status -o html`: the table, what is wrong, and of one app its tasks, objects and events.

use std::collections::BTreeSet;

use minijinja::{Value, context};

use super::table::{counts, moves};
use super::words::{lines, silence, unread};
use crate::ops::status::StatusReport;
use crate::report::document::document;
use crate::status::{Branch, Cell, Health, Page, RunState, Task, lasting};

const PAGE: &str = include_str!("status.html");

pub(super) fn html(report: &StatusReport) -> String {
    let environments: Vec<String> =
        report.columns.iter().map(|one| one.environment.clone()).collect();
    let apps: BTreeSet<&str> = report.cells.iter().map(|cell| cell.app.as_str()).collect();
    let row = |app: &&str| {
        let of_app = |environment: &String| {
            report.cells.iter().find(|cell| cell.app == *app && cell.environment == *environment)
        };
        let cell = |cell: Option<&Cell>| {
            cell.map_or(Value::from(()), |cell| {
                let lines = lines(cell, report.now);
                context! { class => class(cell.health), state => lines.first(), lines => lines[1..].to_vec() }
            })
        };
        let cells: Vec<Value> = environments.iter().map(|one| cell(of_app(one))).collect();
        context! { name => *app, cells => cells }
    };
    let problems = report.cells.iter().flat_map(|cell| {
        cell.wrong.iter().map(move |one| {
            context! {
                app => cell.app.clone(), environment => cell.environment.clone(), what => one.what.clone(), why => one.why.clone(),
                ask => format!("gen {}", one.ask),
            }
        })
    });
    let held = report.cells.iter().flat_map(|cell| {
        let held = cell.held.iter();
        held.map(move |one| format!("{} in {}: {one}", cell.app, cell.environment))
    });
    let differences = report.differences.iter().map(|(from, to, one)| {
        context! { from => from, to => to, key => one.key.clone(), before => one.from.clone(), after => one.to.clone() }
    });
    let page = context! {
        counts => counts(report),
        class => class(report.health()),
        time => report.now.strftime("%F %H:%M:%S UTC").to_string(),
        requests => report.requests,
        apps => apps.iter().map(row).collect::<Vec<_>>(),
        environments => environments.clone(),
        silent => report.columns.iter().filter_map(silence).collect::<Vec<_>>(),
        problems => problems.collect::<Vec<_>>(),
        held => held.collect::<Vec<_>>(),
        moves => moves(report),
        details => report.pages.iter().map(detail).collect::<Vec<_>>(),
        differences => differences.collect::<Vec<_>>(),
        unread => report.unseen.iter().map(unread).collect::<Vec<_>>(),
    };
    document("gen status", PAGE, page)
}

/// The colour of a state. The word stands beside it.
fn class(health: Health) -> &'static str {
    match health {
        Health::Well => "new",
        Health::Busy => "",
        Health::Held | Health::Absent | Health::Unseen => "warning",
        Health::Wrong => "error",
    }
}

fn detail(page: &Page) -> Value {
    let layers = page.layers.iter().map(|layer| layer.iter().map(task).collect::<Vec<_>>());
    context! {
        environment => page.environment.clone(),
        run => page.run.clone(),
        layers => layers.collect::<Vec<_>>(),
        tree => page.tree.iter().map(branch).collect::<Vec<_>>(),
        events => page.events.clone(),
    }
}

fn task(task: &Task) -> Value {
    let (state, class) = match (task.state, &task.skipped) {
        (Some(state @ RunState::Failed), _) => (Some(state.word()), "error"),
        (Some(state @ RunState::Succeeded), _) => (Some(state.word()), "new"),
        (Some(state), _) => (Some(state.word()), "warning"),
        (None, Some(_)) => (Some("skipped"), "dim"),
        (None, None) => (None, "dim"),
    };
    context! {
        name => task.name.clone(), state => state, class => class,
        why => task.skipped.clone(), time => task.seconds.map(lasting),
    }
}

fn branch(one: &Branch) -> Value {
    let below: Vec<Value> = one.below.iter().map(branch).collect();
    context! { what => one.what.clone(), stands => one.stands.clone(), below => below }
}
