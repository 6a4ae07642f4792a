//! Which API actions a task needs: declared, or read out of its script.

use super::decode::Decoder;
use super::{App, Rule, commands};
use crate::diagnostics::SpecError;
use crate::spec::View;
use crate::yaml::Value;

/// What the spec declares; or else what the script's commands need.
pub(super) fn permissions(
    d: &mut Decoder<'_>,
    app: &App,
    view: &View<'_>,
    variables: &Value,
) -> Vec<Rule> {
    if view.get("permissions").is_some() {
        return view
            .views("permissions")
            .iter()
            .map(|rule| Rule::read(rule, d.problems))
            .collect();
    }
    let Some(script) = view.text("script") else {
        return Vec::new();
    };
    let names = commands::Names {
        app_name: &app.name,
        app_namespace: &app.namespace,
        pipeline_namespace: &app.pipeline_namespace,
        flux_namespace: &d.context.environment.flux.namespace,
        instance: &app.instance,
        workload: (app.workload.kind != super::Kind::None)
            .then(|| (app.workload.kind.group(), app.workload.kind.resource())),
        env: variables,
    };
    match commands::permissions(script, &names) {
        Ok(rules) => rules,
        Err(unread) => {
            d.problems.error(
                view.span_of("script"),
                SpecError::UnreadableCommand {
                    command: unread.command,
                    problem: unread.problem,
                },
            );
            Vec::new()
        }
    }
}
