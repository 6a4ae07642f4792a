//! Scripts as people write them, with the exact rules that they need or the exact reason why they cannot be read.

mod declares;
mod flux_and_gen;
mod kubectl_reads;
mod kubectl_writes;
mod laws;
mod others;
mod real_life;
mod refused;
mod rendered;
mod shells;
mod unseen;

use super::script::permissions;
use super::{Names, Namespaces, Place};
use crate::yaml::Value;

const NO_ENV: Value = Value::Null;

fn names(env: &Value) -> Names<'_> {
    Names {
        app_name: "shop",
        namespaces: Namespaces { app: "shop-dev", pipeline: "shop-dev-ci", flux: "flux-system" },
        instance: "shop-dev",
        workload: Some(("apps", "deployments")),
        env,
    }
}

/// The rules in words, or the command and the problem.
fn read_with(script: &str, env: &Value) -> Vec<String> {
    match permissions(script, &names(env)) {
        Ok(rules) => rules
            .iter()
            .map(|rule| {
                let place = match rule.place {
                    Place::Cluster => "cluster",
                    Place::App => "app",
                    Place::Pipeline => "ci",
                    Place::Flux => "flux",
                };
                format!("{place}: {}", rule.describe())
            })
            .collect(),
        Err(unread) => vec![format!("! {} ! {}", unread.command, unread.problem)],
    }
}

fn read(script: &str) -> Vec<String> {
    read_with(script, &NO_ENV)
}

/// Checks a table of scripts with what they need; all that differ are shown at once.
#[track_caller]
fn need(table: &[(&str, &[&str])]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(script, rules)| read(script) != *rules)
        .map(|(script, rules)| {
            format!("{script}\n   wants {rules:#?}\n   finds {:#?}", read(script))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks a table of scripts with the problem of the first command that cannot be read.
#[track_caller]
fn refuse(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(script, problem)| match permissions(script, &names(&NO_ENV)) {
            Err(unread) if unread.problem == *problem => None,
            found => Some(format!("{script}\n   wants {problem}\n   finds {found:?}")),
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
