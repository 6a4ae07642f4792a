//! Inventories and what is pruned.

use serde_json::json;

use crate::change::live::{Deletion, InventoryEntry, Kustomization, is_pruned};

#[test]
fn inventory_ids_are_read_as_flux_writes_them() {
    for (id, version, shown, api) in [
        ("demo_web_apps_Deployment", "v1", "Deployment demo/web", "apps/v1"),
        ("_demo__Namespace", "v1", "Namespace demo", "v1"),
        ("demo_web__Service", "v1", "Service demo/web", "v1"),
        (
            "_system__node_rbac.authorization.k8s.io_ClusterRole",
            "v1",
            "ClusterRole system:node",
            "rbac.authorization.k8s.io/v1",
        ),
    ] {
        let entry = InventoryEntry::parse(id, version).unwrap();
        assert_eq!(entry.identity.to_string(), shown);
        assert_eq!(entry.api_version(), api);
    }
    for id in ["", "a", "a_b", "a_b_c", "___", "a__g_K"] {
        assert_eq!(InventoryEntry::parse(id, "v1"), None, "{id}");
    }
}

#[test]
fn deletion_follows_the_policy() {
    let of =
        |spec| Kustomization::read(&json!({"metadata": {"name": "k"}, "spec": spec})).on_deletion();
    assert_eq!(of(json!({"prune": true})), Deletion::Deletes);
    assert_eq!(of(json!({"prune": false, "deletionPolicy": "Delete"})), Deletion::Deletes);
    assert_eq!(of(json!({"deletionPolicy": "WaitForTermination"})), Deletion::Deletes);
    for spec in [
        json!({"prune": false}),
        json!({"prune": true, "deletionPolicy": "Orphan"}),
        json!({"prune": true, "suspend": true}),
    ] {
        assert!(matches!(of(spec), Deletion::Orphans(_)));
    }
}

#[test]
fn only_what_carries_the_labels_and_no_exclusion_is_pruned() {
    let of =
        Kustomization::read(&json!({"metadata": {"name": "demo", "namespace": "flux-system"}}));
    let live = json!({"metadata": {"labels": {
        "kustomize.toolkit.fluxcd.io/name": "demo", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    }}});
    assert_eq!(is_pruned(&live, &of), Ok(()));
    for (key, value) in [("prune", "Disabled"), ("reconcile", "disabled"), ("ssa", "ignore")] {
        let live = super::told(live.clone(), key, value);
        assert!(is_pruned(&live, &of).is_err(), "{key}");
    }
    let mut moved = live;
    moved["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] = "other".into();
    assert!(is_pruned(&moved, &of).is_err());
}
