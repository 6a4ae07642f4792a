//! Where pods may run: affinity, tolerations, topology.

use super::case::Case;
use super::form::Form;
use super::metadata::{key, label_keys};
use super::part::Part;
use super::rules::{LABEL, NAME, NUMBER, REQUIRED, SELECTOR, TOGETHER, TWICE_IN_LIST};
use super::selector::{self, requirement};

const OF_NODES: [&str; 6] = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

/// Everything about the place of a pod.
pub(super) fn judge(case: &mut Case<'_>, pod: &Part<'_, '_>) {
    let affinity = pod.get("affinity");
    let of_nodes = affinity.get("nodeAffinity");
    let required = of_nodes.get("requiredDuringSchedulingIgnoredDuringExecution");
    if required.is_set() {
        let terms = required.get("nodeSelectorTerms");
        case.need(&terms);
        for term in terms.items() {
            node_term(case, &term);
        }
    }
    for preferred in of_nodes.get("preferredDuringSchedulingIgnoredDuringExecution").items() {
        weight(case, &preferred);
        node_term(case, &preferred.get("preference"));
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let of_pods = affinity.get(kind);
        for term in of_pods.get("requiredDuringSchedulingIgnoredDuringExecution").items() {
            pod_term(case, &term);
        }
        for preferred in of_pods.get("preferredDuringSchedulingIgnoredDuringExecution").items() {
            weight(case, &preferred);
            pod_term(case, &preferred.get("podAffinityTerm"));
        }
    }
    for toleration in pod.get("tolerations").items() {
        self::toleration(case, &toleration);
    }
    spread(case, &pod.get("topologySpreadConstraints"));
}

fn weight(case: &mut Case<'_>, preferred: &Part<'_, '_>) {
    let weight = preferred.get("weight");
    if weight.int().is_none_or(|weight| !(1..=100).contains(&weight)) {
        case.say(&NUMBER, &weight, "must be between 1 and 100");
    }
}

fn node_term(case: &mut Case<'_>, term: &Part<'_, '_>) {
    for expression in term.get("matchExpressions").items() {
        requirement(case, &expression, &OF_NODES);
    }
    for field in term.get("matchFields").items() {
        case.exact_word(&field.get("key"), &["metadata.name"]);
        case.exact_word(&field.get("operator"), &["In", "NotIn"]);
        if field.get("values").items().count() != 1 {
            case.say(&SELECTOR, &field.get("values"), "must be one value");
        }
    }
}

fn pod_term(case: &mut Case<'_>, term: &Part<'_, '_>) {
    selector::judge(case, &term.get("labelSelector"));
    selector::judge(case, &term.get("namespaceSelector"));
    for namespace in term.get("namespaces").items() {
        case.exact_form(&NAME, &namespace, Form::Label);
    }
    for list in ["matchLabelKeys", "mismatchLabelKeys"] {
        let keys = term.get(list);
        label_keys(case, &keys);
        if !keys.is_empty() && !term.get("labelSelector").is_set() {
            case.bar(&keys, "without `labelSelector`");
        }
    }
    key(case, &term.get("topologyKey"));
}

fn toleration(case: &mut Case<'_>, of: &Part<'_, '_>) {
    let part = |key: &'static str| of.get(key);
    let (key, operator, value) = (part("key"), part("operator"), part("value"));
    case.form(&LABEL, &key, Form::Key);
    if key.is_empty() && operator.text() != "Exists" {
        case.say(&REQUIRED, &key, "is required where `operator` is not `Exists`");
    }
    if part("tolerationSeconds").is_set() && part("effect").text() != "NoExecute" {
        case.bar(&part("tolerationSeconds"), "where `effect` is not `NoExecute`");
    }
    match operator.text() {
        "" | "Equal" => case.form(&LABEL, &value, Form::LabelValue),
        "Exists" if !value.is_empty() => case.bar(&value, "where `operator` is `Exists`"),
        "Lt" | "Gt" if value.text().parse::<i64>().is_err() => {
            case.say(&NUMBER, &value, "must be a whole number for `Lt` and `Gt`");
        }
        _ => {}
    }
}

fn spread(case: &mut Case<'_>, constraints: &Part<'_, '_>) {
    let mut seen = Vec::new();
    for of in constraints.items() {
        let skew = of.get("maxSkew");
        if skew.int().is_none_or(|skew| skew < 1 || skew > i64::from(i32::MAX)) {
            case.say(&NUMBER, &skew, "must be at least 1");
        }
        case.need(&of.get("topologyKey"));
        case.need(&of.get("whenUnsatisfiable"));
        let this = (of.get("topologyKey").text(), of.get("whenUnsatisfiable").text());
        if seen.contains(&this) {
            let what = "repeats `topologyKey` and `whenUnsatisfiable` of another";
            case.say(&TWICE_IN_LIST, &of, what);
        }
        seen.push(this);
        let domains = of.get("minDomains");
        case.at_least(&domains, 1);
        if domains.is_set() && this.1 != "DoNotSchedule" {
            case.say(
                &TOGETHER,
                &domains,
                "can be set only where `whenUnsatisfiable` is `DoNotSchedule`",
            );
        }
        selector::judge(case, &of.get("labelSelector"));
        label_keys(case, &of.get("matchLabelKeys"));
        if !of.get("matchLabelKeys").is_empty() && !of.get("labelSelector").is_set() {
            case.bar(&of.get("matchLabelKeys"), "without `labelSelector`");
        }
    }
}
