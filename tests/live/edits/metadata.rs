//! Edits of data, metadata and of who owns them.

use gitops_gen::change::Class;
use serde_json::{Value, json};

use super::Edit::{self, All, Delete, Json, Merge, Nothing};
use super::{Case, case};

fn config_map() -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1", "b": "2"}})
}

fn told(mut object: Value, key: &str, value: &str) -> Value {
    object["metadata"]["annotations"][format!("kustomize.toolkit.fluxcd.io/{key}")] = value.into();
    object
}

/// Edits of data, metadata and of who owns them.
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn cases() -> Vec<Case> {
    use Class::{Changed, Created, Kept, Unchanged};
    let data = |value: Value| json!({"data": value});
    let label = |value: Value| json!({"metadata": {"labels": value}});
    let annotation = |key: &str, value: &str| json!({"metadata": {"annotations": {key: value}}});
    let last_applied = "kubectl.kubernetes.io/last-applied-configuration";
    vec![
        case("untouched", config_map(), Nothing, Unchanged),
        case(
            "edit-adds-key",
            config_map(),
            Merge("kubectl-edit", data(json!({"c": "3"}))),
            Changed,
        ),
        case(
            "edit-changes-key",
            config_map(),
            Merge("kubectl-edit", data(json!({"a": "9"}))),
            Changed,
        ),
        case(
            "edit-removes-key",
            config_map(),
            Merge("kubectl-edit", data(json!({"a": null}))),
            Changed,
        ),
        case("other-adds-key", config_map(), Merge("operator", data(json!({"c": "3"}))), Unchanged),
        case(
            "other-changes-key",
            config_map(),
            Merge("operator", data(json!({"a": "9"}))),
            Changed,
        ),
        case(
            "other-removes-key",
            config_map(),
            Merge("operator", data(json!({"a": null}))),
            Changed,
        ),
        case(
            "label-added-by-kubectl",
            config_map(),
            Merge("kubectl-label", label(json!({"x": "y"}))),
            Changed,
        ),
        case(
            "label-added-by-other",
            config_map(),
            Merge("operator", label(json!({"x": "y"}))),
            Unchanged,
        ),
        case(
            "annotation-added-by-other",
            config_map(),
            Merge("operator", annotation("x", "y")),
            Unchanged,
        ),
        case(
            "annotation-added-by-kubectl",
            config_map(),
            Merge("kubectl-annotate", annotation("x", "y")),
            Changed,
        ),
        case(
            "last-applied",
            config_map(),
            Merge("operator", annotation(last_applied, "{}")),
            Changed,
        ),
        case(
            "deprecated-checksum",
            config_map(),
            Merge("operator", annotation("kustomize.toolkit.fluxcd.io/checksum", "1")),
            Changed,
        ),
        case(
            "client-side-apply",
            config_map(),
            Merge(
                "kubectl-client-side-apply",
                json!({
                    "metadata": {"annotations": {last_applied: "{\"data\":{\"c\":\"3\"}}"}}, "data": {"c": "3"},
                }),
            ),
            Changed,
        ),
        case("applied-by-other", config_map(), Edit::Apply("argocd", json!({})), Unchanged),
        case(
            "applied-by-other-with-more",
            config_map(),
            Edit::Apply("argocd", data(json!({"c": "3"}))),
            Unchanged,
        ),
        case("applied-by-kubectl", config_map(), Edit::Apply("kubectl", json!({})), Unchanged),
        case(
            "applied-by-kubectl-with-more",
            config_map(),
            Edit::Apply("kubectl", data(json!({"c": "3"}))),
            Changed,
        ),
        case(
            "before-first-apply",
            config_map(),
            Merge("before-first-apply", data(json!({"c": "3"}))),
            Changed,
        ),
        case(
            "flux-before-apply",
            config_map(),
            Merge("kustomize-controller", data(json!({"c": "3"}))),
            Changed,
        ),
        case(
            "owned-by-kubectl-and-other",
            config_map(),
            All(vec![
                Merge("kubectl-edit", data(json!({"c": "3"}))),
                Edit::Apply("argocd", data(json!({"c": "3"}))),
            ]),
            Unchanged,
        ),
        case(
            "merge",
            told(config_map(), "ssa", "Merge"),
            Merge("kubectl-edit", data(json!({"c": "3"}))),
            Unchanged,
        ),
        case(
            "merge-and-changed",
            told(config_map(), "ssa", "merge"),
            Merge("kubectl-edit", data(json!({"a": "9"}))),
            Changed,
        ),
        case(
            "override",
            told(config_map(), "ssa", "Override"),
            Merge("kubectl-edit", data(json!({"c": "3"}))),
            Changed,
        ),
        case(
            "if-not-present",
            told(config_map(), "ssa", "IfNotPresent"),
            Merge("kubectl-edit", data(json!({"a": "9"}))),
            Kept,
        ),
        case("if-not-present-deleted", told(config_map(), "ssa", "IfNotPresent"), Delete, Created),
        case(
            "disabled-live",
            config_map(),
            Merge(
                "kubectl-edit",
                json!({
                    "metadata": {"annotations": {"kustomize.toolkit.fluxcd.io/reconcile": "Disabled"}}, "data": {"a": "9"},
                }),
            ),
            Kept,
        ),
        case(
            "ignored-live-by-label",
            config_map(),
            Merge(
                "kubectl-edit",
                json!({
                    "metadata": {"labels": {"kustomize.toolkit.fluxcd.io/ssa": "ignore"}}, "data": {"a": "9"},
                }),
            ),
            Kept,
        ),
        case("deleted", config_map(), Delete, Created),
        case(
            "flux-labels-removed",
            config_map(),
            Merge(
                "kubectl-label",
                label(json!({
                    "kustomize.toolkit.fluxcd.io/name": null, "kustomize.toolkit.fluxcd.io/namespace": null,
                })),
            ),
            Changed,
        ),
        case(
            "managed-fields-cleared",
            config_map(),
            Json("x", json!([{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}])),
            Unchanged,
        ),
        case(
            "finalizer-by-kubectl",
            config_map(),
            Merge("kubectl-edit", json!({"metadata": {"finalizers": ["gen.test/kept"]}})),
            Changed,
        ),
        case(
            "finalizer-by-other",
            config_map(),
            Merge("operator", json!({"metadata": {"finalizers": ["gen.test/kept"]}})),
            Unchanged,
        ),
        case(
            "secret-texts",
            json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "not-a-secret"}}),
            Nothing,
            Unchanged,
        ),
        case(
            "secret-changed",
            json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "not-a-secret"}}),
            Merge("operator", data(json!({"a": "eA=="}))),
            Changed,
        ),
    ]
}
