//! Autoscalers and disruption budgets.

use super::case::{Case, amount};
use super::form::Form;
use super::part::Part;
use super::rules::{HANDLER, NAME, NUMBER, QUANTITY, REQUIRED, TOGETHER};
use super::selector;
use super::workload::share;

/// A HorizontalPodAutoscaler.
pub(super) fn autoscaler(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    let (min, max) = (spec.get("minReplicas"), spec.get("maxReplicas"));
    case.at_least(&min, 0);
    if max.int().is_none_or(|max| max < 1 || max > i64::from(i32::MAX)) {
        case.say(&NUMBER, &max, "must be at least 1");
    }
    // One is the default.
    if max.int().is_some_and(|max| max < min.int().unwrap_or(1)) {
        case.say(&NUMBER, &max, "must not be less than `minReplicas`");
    }
    let target = spec.get("scaleTargetRef");
    for key in ["kind", "name"] {
        if case.need(&target.get(key)) {
            case.form(&NAME, &target.get(key), Form::Segment);
        }
    }
    let version = target.get("apiVersion");
    if version.text().matches('/').count() != 1 || version.text().starts_with('/') {
        case.say(&NAME, &version, "must be a group and a version, as in `apps/v1`");
    }
    let metrics = spec.get("metrics");
    for metric in metrics.items() {
        self::metric(case, &metric);
    }
    let is_outside =
        metrics.items().any(|metric| matches!(metric.get("type").text(), "Object" | "External"));
    if min.int() == Some(0) && !is_outside {
        case.say(&TOGETHER, &min, "can be 0 only with a metric `Object` or `External`");
    }
    let behavior = spec.get("behavior");
    for key in ["scaleUp", "scaleDown"] {
        let rules = behavior.get(key);
        case.between(&rules.get("stabilizationWindowSeconds"), 0, 3600);
        case.exact_word(&rules.get("selectPolicy"), &["Max", "Min", "Disabled"]);
        case.quantity(&rules.get("tolerance"));
        // None at all gets the default; an empty list does not.
        let policies = rules.get("policies");
        if policies.value().as_seq().is_some_and(<[_]>::is_empty) {
            case.say(&REQUIRED, &policies, "must have at least one policy");
        }
        for policy in policies.items() {
            case.exact_word(&policy.get("type"), &["Pods", "Percent"]);
            for (key, most) in [("value", i64::from(i32::MAX)), ("periodSeconds", 1800)] {
                let part = policy.get(key);
                if part.int().is_none_or(|number| !(1..=most).contains(&number)) {
                    case.say(&NUMBER, &part, format!("must be between 1 and {most}"));
                }
            }
        }
    }
}

const SOURCES: [(&str, &str); 5] = [
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
    ("Pods", "pods"),
    ("Object", "object"),
    ("External", "external"),
];

fn metric(case: &mut Case<'_>, metric: &Part<'_, '_>) {
    let of = metric.get("type");
    let wanted = SOURCES.iter().find(|(word, _)| *word == of.text());
    let Some((_, wanted)) = wanted else {
        let words = SOURCES.map(|(word, _)| word);
        case.need(&of);
        case.word(&of, &words);
        return;
    };
    for (_, key) in SOURCES {
        let part = metric.get(key);
        if key == *wanted && !part.is_set() {
            case.need_set(&part);
        } else if key != *wanted && part.is_set() {
            case.say(&HANDLER, &part, format!("is a second source beside `{wanted}`"));
        }
    }
    let source = metric.get(wanted);
    if !source.is_set() {
        return;
    }
    let target = source.get("target");
    if case.need(&target.get("type")) {
        case.word(&target.get("type"), &["Utilization", "Value", "AverageValue"]);
    }
    let (value, average) = (target.get("value"), target.get("averageValue"));
    let share = target.get("averageUtilization");
    for part in [&value, &average] {
        if amount(part).is_some_and(|amount| amount <= 0) {
            case.say(&QUANTITY, part, "must be more than nothing");
        }
    }
    case.at_least(&share, 1);
    match *wanted {
        "resource" | "containerResource" => {
            case.need(&source.get("name"));
            if *wanted == "containerResource" && case.need(&source.get("container")) {
                case.form(&NAME, &source.get("container"), Form::Label);
            }
            match (share.is_set(), average.is_set()) {
                (false, false) => {
                    let what = "needs `averageUtilization` or `averageValue`";
                    case.say(&REQUIRED, &target, what);
                }
                (true, true) => case.bar(&average, "together with `averageUtilization`"),
                _ => {}
            }
        }
        "pods" => {
            name(case, &source);
            case.need_set(&average);
        }
        _ => {
            name(case, &source);
            match (value.is_set(), average.is_set()) {
                (false, false) => {
                    case.say(&REQUIRED, &target, "needs `value` or `averageValue`");
                }
                (true, true) if *wanted == "external" => {
                    case.bar(&average, "together with `value`");
                }
                _ => {}
            }
        }
    }
}

fn name(case: &mut Case<'_>, source: &Part<'_, '_>) {
    let metric = source.get("metric");
    if case.need(&metric.get("name")) {
        case.form(&NAME, &metric.get("name"), Form::Segment);
    }
    selector::judge(case, &metric.get("selector"));
}

/// A PodDisruptionBudget.
pub(super) fn budget(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    let (min, max) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
    if min.is_set() && max.is_set() {
        case.bar(&max, "together with `minAvailable`");
    }
    share(case, &min, true);
    share(case, &max, true);
    selector::judge(case, &spec.get("selector"));
    case.exact_word(&spec.get("unhealthyPodEvictionPolicy"), &["IfHealthyBudget", "AlwaysAllow"]);
}
