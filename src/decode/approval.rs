//! Approvals by people: a custom task of the manual approval gate (openshift-pipelines/manual-approval-gate, ApprovalTask v1alpha1).

use super::decoder::Decoder;
use super::layout::Named;
use super::tekton::tekton_variable;
use crate::diagnostics::SpecError;
use crate::spec::View;
use crate::yaml::{Node, Value};

/// Keys of tasks that run in a pod.
const IN_A_POD: [&str; 20] = [
    "image",
    "of",
    "script",
    "steps",
    "ref",
    "params",
    "workspaces",
    "matrix",
    "retries",
    "onError",
    "env",
    "results",
    "resources",
    "permissions",
    "serviceAccount",
    "placement",
    "user",
    "services",
    "cache",
    "caches",
];

/// The `taskRef` of an approval.
pub(super) fn reference(d: &mut Decoder<'_>, named: Named<'_>, view: &View<'_>) -> Value {
    for key in IN_A_POD.into_iter().filter(|key| view.get(key).is_some()) {
        d.excludes(view.span_of(key), key, "approve", "an approval runs no pod");
    }
    let approve = view.view("approve");
    let by = approve.texts("by");
    if by.is_empty() {
        d.missing(approve.span(), "approve.by", &format!("the task `{}`", named.name));
    }
    let count = approve.u32_or_default("count");
    let may_be_many = by.iter().any(|name| name.starts_with("group:"));
    if !may_be_many && usize::try_from(count).is_ok_and(|count| count > by.len()) && !by.is_empty()
    {
        let problem = format!("needs {count} approvals, and names only {} people", by.len());
        let name = named.name.to_owned();
        d.error(approve.span_of("count"), SpecError::OwnTask { name, problem });
    }
    for node in approve.items("by").iter().chain(approve.get("about")) {
        if let Some(variable) = node.as_str().and_then(tekton_variable) {
            let (name, variable) = (named.name.to_owned(), variable.to_owned());
            d.error(node.span, SpecError::TektonVariable { name, variable });
        }
    }
    Value::from([
        ("apiVersion", "openshift-pipelines.org/v1alpha1".into()),
        ("kind", "ApprovalTask".into()),
    ])
}

/// Its parameters.
pub(super) fn params(view: &View<'_>) -> Vec<(String, Value)> {
    let approve = view.view("approve");
    if !approve.is_written() {
        return Vec::new();
    }
    let by =
        Value::Seq(approve.items("by").iter().filter_map(Node::as_str).map(Value::from).collect());
    let count = approve.u32_or_default("count").to_string();
    let about = approve.string("about").map(|text| ("description".to_owned(), text.into()));
    let all =
        [("approvers".to_owned(), by), ("numberOfApprovalsRequired".to_owned(), count.into())];
    all.into_iter().chain(about).collect()
}
