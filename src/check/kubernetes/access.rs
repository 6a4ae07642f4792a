//! Roles and bindings.

use super::case::Case;
use super::form::Form;
use super::part::Part;
use super::rules::{ACCESS, NAME, REQUIRED};
use super::selector;

const GROUP: &str = "rbac.authorization.k8s.io";

/// A Role or ClusterRole.
pub(super) fn role(case: &mut Case<'_>, root: &Part<'_, '_>, is_cluster: bool) {
    for rule in root.get("rules").items() {
        let part = |key: &'static str| rule.get(key);
        case.need(&part("verbs"));
        let urls = part("nonResourceURLs");
        let of_resources = ["apiGroups", "resources"].map(part);
        if urls.is_empty() {
            for part in &of_resources {
                case.need(part);
            }
            continue;
        }
        if !is_cluster {
            case.say(&ACCESS, &urls, "can be in a ClusterRole only");
        }
        let is_resource = |part: &Part<'_, '_>| !part.is_empty();
        if of_resources.iter().any(is_resource) || is_resource(&part("resourceNames")) {
            case.say(&ACCESS, &urls, "cannot stand beside resources");
        }
    }
    let aggregation = root.get("aggregationRule");
    if aggregation.is_set() {
        let selectors = aggregation.get("clusterRoleSelectors");
        case.need(&selectors);
        for one in selectors.items() {
            selector::judge(case, &one);
        }
    }
}

/// A RoleBinding or ClusterRoleBinding.
pub(super) fn binding(case: &mut Case<'_>, root: &Part<'_, '_>, is_cluster: bool) {
    let role = root.get("roleRef");
    let (group, kind, name) = (role.get("apiGroup"), role.get("kind"), role.get("name"));
    // Kubernetes fills it in.
    if !matches!(group.text(), "" | GROUP) {
        case.say(&ACCESS, &group, format!("must be `{GROUP}`"));
    }
    let kinds: &[&str] = if is_cluster { &["ClusterRole"] } else { &["Role", "ClusterRole"] };
    if !kinds.contains(&kind.text()) {
        case.say(&ACCESS, &kind, format!("must be `{}`", kinds.join("` or `")));
    }
    if case.need(&name) {
        case.form(&NAME, &name, Form::Segment);
    }
    for subject in root.get("subjects").items() {
        self::subject(case, &subject, is_cluster);
    }
}

fn subject(case: &mut Case<'_>, subject: &Part<'_, '_>, is_cluster: bool) {
    let (group, kind, name) = (subject.get("apiGroup"), subject.get("kind"), subject.get("name"));
    case.need(&name);
    match kind.text() {
        "ServiceAccount" => {
            case.form(&NAME, &name, Form::Subdomain);
            if !group.is_empty() {
                case.say(&ACCESS, &group, "must be empty for a ServiceAccount");
            }
            if is_cluster && subject.get("namespace").is_empty() {
                case.say(&REQUIRED, &subject.get("namespace"), "is required for a ServiceAccount");
            }
        }
        "User" | "Group" => {
            // Kubernetes fills it in.
            if !matches!(group.text(), "" | GROUP) {
                case.say(&ACCESS, &group, format!("must be `{GROUP}`"));
            }
        }
        _ => case.say(&ACCESS, &kind, "must be `ServiceAccount`, `User` or `Group`"),
    }
}
