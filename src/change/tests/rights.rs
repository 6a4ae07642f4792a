//! Permissions in words.

use std::fmt::Write as _;

use super::all;
use crate::change::{Desired, between, permissions};

fn told(before: &[Desired], after: &[Desired]) -> String {
    let changes = between(before.to_vec(), after.to_vec());
    let mut out = String::new();
    for change in permissions(&changes, after, |_| "home".to_owned()) {
        let account =
            change.account.map(|class| format!(" ({})", class.word())).unwrap_or_default();
        let _ = writeln!(out, "{}{account}", change.subject);
        for grant in &change.gains {
            let _ = writeln!(out, "  gains {grant}");
        }
        for grant in &change.loses {
            let _ = writeln!(out, "  loses {grant}");
        }
    }
    out
}

const BINDING: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deploy, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deploy}
subjects: [{kind: ServiceAccount, name: deploy, namespace: shop-ci}]
";

fn role(rules: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: deploy, namespace: shop}}\nrules: {rules}\n"
    )
}

fn tree(parts: &[&str]) -> Vec<Desired> {
    parts.iter().flat_map(|part| all(part)).collect()
}

#[test]
fn a_role_that_changes_changes_who_is_bound_to_it() {
    let before = tree(&[
        BINDING,
        &role(
            "[{apiGroups: [apps], resources: [deployments], resourceNames: [shop], verbs: [get, patch]}, {apiGroups: [''], resources: [pods], verbs: [get]}]",
        ),
    ]);
    let after = tree(&[
        BINDING,
        &role(
            "[{apiGroups: [apps], resources: [deployments], verbs: [patch, get, delete]}, {apiGroups: [''], resources: [secrets, configmaps], verbs: [list]}]",
        ),
    ]);
    insta::assert_snapshot!(told(&before, &after), @r#"
    ServiceAccount shop-ci/deploy
      gains delete, get, patch on deployments.apps in shop
      gains list on configmaps, secrets in shop
      loses get on pods in shop
    "#);
    assert_eq!(told(&before, &before), "");
}

#[test]
fn what_a_wildcard_covers_is_neither_gained_nor_lost() {
    let wide = tree(&[BINDING, &role("[{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]")]);
    let narrow = tree(&[BINDING, &role("[{apiGroups: [''], resources: [pods], verbs: [get]}]")]);
    insta::assert_snapshot!(told(&wide, &narrow), @r"
    ServiceAccount shop-ci/deploy
      loses all verbs on all resources in shop
    ");
    insta::assert_snapshot!(told(&narrow, &wide), @r"
    ServiceAccount shop-ci/deploy
      gains all verbs on all resources in shop
    ");
}

#[test]
fn accounts_that_come_roles_without_binding_and_roles_out_of_sight() {
    let account =
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: deploy, namespace: shop-ci}\n";
    let rules = role("[{apiGroups: [''], resources: [pods], verbs: [get]}]");
    insta::assert_snapshot!(told(&[], &tree(&[account, BINDING, &rules])), @r"
    ServiceAccount shop-ci/deploy (created)
      gains get on pods in shop
    ");
    insta::assert_snapshot!(told(&tree(&[account, BINDING, &rules]), &[]), @r"
    ServiceAccount shop-ci/deploy (pruned)
      loses get on pods in shop
    ");
    insta::assert_snapshot!(told(&[], &tree(&[&rules])), @r"
    subjects bound to Role shop/deploy
      gains get on pods in shop
    ");
    let admin = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: 'system:authenticated'}, {kind: User, name: jane}]
";
    insta::assert_snapshot!(told(&[], &tree(&[admin])), @r"
    User jane
      gains all permissions of ClusterRole cluster-admin, whose rules are not visible cluster-wide
    Group system:authenticated
      gains all permissions of ClusterRole cluster-admin, whose rules are not visible cluster-wide
    ");
}

/// A ClusterRole that a RoleBinding names holds in that namespace alone; bound for the cluster, it covers what a Role gave.
#[test]
fn where_a_right_holds_is_the_binding_s_business() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: deploy}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}, {nonResourceURLs: [/metrics], verbs: [get]}]\n";
    let binding = |kind: &str, namespace: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: deploy{namespace}}}\nroleRef: {{kind: ClusterRole, name: deploy}}\nsubjects: [{{kind: ServiceAccount, name: deploy, namespace: shop}}]\n"
        )
    };
    let one = tree(&[role, &binding("RoleBinding", ", namespace: shop")]);
    let whole = tree(&[role, &binding("ClusterRoleBinding", "")]);
    insta::assert_snapshot!(told(&one, &whole), @r"
    ServiceAccount shop/deploy
      gains get on pods, /metrics cluster-wide
    ");
    insta::assert_snapshot!(told(&whole, &one), @r"
    ServiceAccount shop/deploy
      loses get on pods, /metrics cluster-wide
    ");
}
