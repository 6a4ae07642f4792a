//! The processes of an app: other programs of its image.
//!
//! A mistake in what one takes from the app is found again for each; the list of problems holds it once.

use super::decoder::Decoder;
use super::program::{self, Program};
use crate::model::{App, Kind, Process};
use crate::spec::{View, app as app_table};

/// Reads them, in the order of their names.
pub(super) fn read(d: &mut Decoder<'_>, app: &App) -> Vec<Process> {
    let view = d.app;
    let mut entries = view.entries("processes");
    entries.sort_by(|one, other| one.key.cmp(&other.key));
    let mut all: Vec<Process> = Vec::new();
    for entry in entries {
        let environment = d.context.environment;
        let Some(node) = environment.process(d.context.spec, d.owner, &entry.key) else { continue };
        let object = d.derived(entry.key_span, format!("{}-{}", d.name, entry.key));
        let instance = d.derived(entry.key_span, format!("{object}-{}", environment.name));
        // The longest derived names: those of the pods of a StatefulSet or CronJob.
        d.derived(entry.key_span, format!("{object}-0123456789"));
        let mut process = Decoder {
            name: &object,
            owner: d.owner,
            process: Some(&entry.key),
            context: d.context,
            app: View::new(Some(&node), app_table()),
            problems: &mut *d.problems,
        };
        let program = program::read(
            &mut process,
            entry.key_span,
            &app.namespace,
            !app.permissions.is_empty(),
        );
        let Program { workload, network, container, volumes } = program;
        if workload.kind == Kind::None {
            let why = "a process is a program that runs; remove the process instead";
            process.excludes(entry.value.span, "workload: none", "processes", why);
        }
        let selector = View::new(Some(&node), app_table()).pairs("selector");
        let is_taken = app.selector == selector || all.iter().any(|it| it.selector == selector);
        if is_taken && !selector.is_empty() {
            let why = "each would take the other's pods for its own";
            d.excludes(entry.value.span, "selector", "selector of another program", why);
        }
        all.push(Process {
            name: entry.key.clone(),
            object,
            instance,
            workload,
            network,
            container,
            volumes,
            annotations: View::new(Some(&node), app_table()).pairs("annotations"),
            selector,
        });
    }
    all
}
