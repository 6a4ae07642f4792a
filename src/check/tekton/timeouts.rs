//! The timeouts of a PipelineRun, and of its tasks.

use super::scope::{Scope, items, part, text};
use super::table::run::{TASK_TIMEOUT, TIMEOUTS};
use super::text::{duration, shown};
use crate::yaml::Value;

const MINUTE: i64 = 60_000_000_000;

/// Judges them.
pub(super) fn judge(scope: &mut Scope<'_, '_>, spec: &Value) {
    let timeouts = part(spec, "timeouts");
    let of = |key: &str| duration(text(timeouts, key));
    for key in ["tasks", "finally", "pipeline"] {
        if let Some(timeout) = of(key).filter(|timeout| *timeout < 0) {
            let said = format!("invalid value: {} should be >= 0: timeouts.{key}", shown(timeout));
            scope.say(&TIMEOUTS, &format!("spec.timeouts.{key}"), "is negative", said);
        }
    }
    let whole = of("pipeline").unwrap_or(scope.judge.cluster.timeout_minutes * MINUTE);
    for key in ["tasks", "finally"] {
        let Some(timeout) = of(key) else { continue };
        let is_none = timeout == 0 && whole != 0;
        if is_none || timeout > whole && whole != 0 {
            let none = if is_none { " (no timeout)" } else { "" };
            let said = format!(
                "invalid value: {}{none} should be <= pipeline duration: timeouts.{key}",
                shown(timeout)
            );
            let what = format!("is longer than that of the run, {}", shown(whole));
            scope.say(&TIMEOUTS, &format!("spec.timeouts.{key}"), what, said);
        }
    }
    if let (Some(tasks), Some(last)) = (of("tasks"), of("finally"))
        && tasks.saturating_add(last) > whole
    {
        let said = format!(
            "invalid value: {} + {} should be <= pipeline duration: timeouts.finally, timeouts.tasks",
            shown(tasks),
            shown(last)
        );
        let what =
            format!("`tasks` and `finally` together are longer than the run, {}", shown(whole));
        scope.say(&TIMEOUTS, "spec.timeouts", what, said);
    }
    let (of_run, source) = match (of("tasks"), of("pipeline")) {
        (Some(tasks), _) => (tasks, "pipeline tasks duration"),
        // Defaults have set it.
        (None, _) => (whole, "pipeline duration"),
    };
    for (index, one) in items(spec, "taskRunSpecs").iter().enumerate() {
        let at = format!("spec.taskRunSpecs[{index}].timeout");
        let Some(timeout) = duration(text(one, "timeout")) else { continue };
        if timeout < 0 || of_run < 0 {
            let wrong = if timeout < 0 { timeout } else { of_run };
            let said = format!("invalid value: {} should be >= 0: timeout", shown(wrong));
            scope.say(&TASK_TIMEOUT, &at, "is negative, or that of the run is", said);
        } else if of_run != 0 && timeout > of_run {
            let said = format!(
                "invalid value: {} should be <= {source} {}: timeout",
                shown(timeout),
                shown(of_run)
            );
            let what = format!("is longer than that of the run, {}", shown(of_run));
            scope.say(&TASK_TIMEOUT, &at, what, said);
        }
    }
}
