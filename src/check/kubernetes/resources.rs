//! Requests and limits, `LimitRange`s and quotas.

use super::case::{Case, amount};
use super::form::Form;
use super::part::Part;
use super::rules::{QUANTITY, REQUIRED, TOGETHER};

/// One, in billionths.
const ONE: i128 = 1_000_000_000;

/// Whether a container can ask for a resource: what Kubernetes has, huge pages, and what projects add.
fn is_of_container(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage")
        || name.starts_with("hugepages-")
        || is_extended(name)
}

/// A resource that a project adds (`IsExtendedResourceName`), or Kubernetes' own with its prefix.
fn is_extended(name: &str) -> bool {
    name.contains('/') && !name.starts_with("requests.") && Form::Key.takes(name)
}

/// Whether more of a resource can be promised than there is.
fn can_be_overcommitted(name: &str) -> bool {
    !name.starts_with("hugepages-") && (!name.contains('/') || name.contains("kubernetes.io/"))
}

/// Requests and limits of a container.
pub(super) fn of_container(case: &mut Case<'_>, of: &Part<'_, '_>) {
    let (requests, limits) = (of.get("requests"), of.get("limits"));
    for side in [&requests, &limits] {
        for (name, part) in side.entries() {
            if !is_of_container(name) {
                unknown_resource(case, &part, name);
            }
            let quantity = case.quantity(&part);
            let is_whole = quantity.is_none_or(|quantity| quantity % ONE == 0);
            if is_extended(name) && !name.contains("kubernetes.io/") && !is_whole {
                case.say(&QUANTITY, &part, "must be a whole number");
            }
        }
    }
    for (name, part) in requests.entries() {
        let limit = limits.value().get(name).is_some().then(|| amount(&limits.get(name)));
        let strict = !can_be_overcommitted(name);
        match (amount(&part), limit) {
            (Some(request), Some(Some(limit))) if strict && request != limit => {
                case.say(&QUANTITY, &part, format!("must be the same as the limit of `{name}`"));
            }
            (Some(request), Some(Some(limit))) if request > limit => {
                case.say(&QUANTITY, &part, format!("is more than the limit of `{name}`"));
            }
            (_, None) if strict => {
                case.say(&REQUIRED, &limits, format!("needs one of `{name}`, as is requested"));
            }
            _ => {}
        }
    }
    for claim in of.get("claims").items() {
        case.need(&claim.get("name"));
    }
}

/// A `LimitRange`.
pub(super) fn limit_range(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    let limits = spec.get("limits");
    case.unique(&limits, "type");
    for limit in limits.items() {
        let of = limit.get("type");
        // A project may have types of its own.
        let is_own = of.text().contains('/') && Form::Key.takes(of.text());
        if !is_own && case.need(&of) {
            case.exact_word(&of, &["Pod", "Container", "PersistentVolumeClaim"]);
        }
        range(case, &limit, of.text());
    }
}

fn range(case: &mut Case<'_>, limit: &Part<'_, '_>, of: &str) {
    let is_pod = of == "Pod";
    for key in ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"] {
        let side = limit.get(key);
        if is_pod && key.starts_with("default") && !side.is_empty() {
            case.bar(&side, "where `type` is `Pod`");
        }
        for (name, part) in side.entries() {
            let takes = match of {
                "Pod" | "Container" => is_of_container(name),
                _ => is_of_container(name) || is_counted(name) || name == "storage",
            };
            if !takes {
                unknown_resource(case, &part, name);
            }
            // No sign is asked of them, but of the ratio.
            if key == "maxLimitRequestRatio" && amount(&part).is_some_and(|ratio| ratio < ONE) {
                case.say(&QUANTITY, &part, "must be at least 1");
            }
        }
    }
    for (less, more) in [
        ("min", "max"),
        ("min", "default"),
        ("min", "defaultRequest"),
        ("defaultRequest", "default"),
        ("defaultRequest", "max"),
        ("default", "max"),
    ] {
        for (name, part) in limit.get(less).entries() {
            let other = limit.get(more);
            let other = amount(&other.get(name));
            if !(is_pod && (less.starts_with("default") || more.starts_with("default")))
                && amount(&part).zip(other).is_some_and(|(less, more)| less > more)
            {
                case.say(&QUANTITY, &part, format!("is more than `{more}`"));
            }
        }
    }
    let (min, max) = (limit.get("min"), limit.get("max"));
    for (name, ratio) in limit.get("maxLimitRequestRatio").entries() {
        let bounds = amount(&min.get(name)).zip(amount(&max.get(name)));
        let is_more = |(ratio, (min, max)): (i128, (i128, i128))| ratio * min > max * ONE;
        if amount(&ratio).zip(bounds).is_some_and(is_more) {
            case.say(&QUANTITY, &ratio, "is more than `max` has of `min`");
        }
    }
    if of == "PersistentVolumeClaim" && !min.get("storage").is_set() && !max.get("storage").is_set()
    {
        case.say(&REQUIRED, limit, "needs `storage` in `min` or `max`");
    }
}

/// What is counted in objects.
fn is_counted(name: &str) -> bool {
    matches!(
        name,
        "pods"
            | "services"
            | "replicationcontrollers"
            | "resourcequotas"
            | "secrets"
            | "configmaps"
            | "persistentvolumeclaims"
            | "services.nodeports"
            | "services.loadbalancers"
    )
}

/// Whether a quota can limit it.
fn is_of_quota(name: &str) -> bool {
    let plain = matches!(name, "cpu" | "memory" | "ephemeral-storage" | "storage");
    let part = name.strip_prefix("requests.").or_else(|| name.strip_prefix("limits."));
    let is_part = part.is_some_and(|part| {
        matches!(part, "cpu" | "memory" | "ephemeral-storage" | "storage")
            && name != "limits.storage"
            || part.starts_with("hugepages-") && name.starts_with("requests.")
    });
    plain
        || is_counted(name)
        || is_part
        || name.starts_with("hugepages-")
        || name.contains('/') && Form::Key.takes(name)
}

/// Whether Kubernetes itself counts it, not by a group of its own.
fn is_standard(name: &str) -> bool {
    !name.contains('/')
}

/// Whether a quota of some scope can limit a standard resource (`IsResourceQuotaScopeValidForResource`).
fn is_of_scope(scope: &str, name: &str) -> bool {
    let amount = name.strip_prefix("requests.").or_else(|| name.strip_prefix("limits."));
    match scope {
        "BestEffort" => name == "pods",
        "VolumeAttributesClass" => {
            matches!(name, "persistentvolumeclaims" | "requests.storage")
        }
        "Terminating"
        | "NotTerminating"
        | "NotBestEffort"
        | "PriorityClass"
        | "CrossNamespacePodAffinity" => {
            name == "pods" || matches!(amount.unwrap_or(name), "cpu" | "memory")
        }
        _ => true,
    }
}

/// A `ResourceQuota`.
pub(super) fn quota(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    for (name, part) in spec.get("hard").entries() {
        if !is_of_quota(name) {
            unknown_resource(case, &part, name);
        }
        let quantity = case.quantity(&part);
        if is_counted(name) && quantity.is_some_and(|quantity| quantity % ONE != 0) {
            case.say(&QUANTITY, &part, "must be a whole number");
        }
    }
    let scopes = spec.get("scopes");
    let mut all: Vec<&str> = Vec::new();
    for scope in scopes.items() {
        for (name, part) in spec.get("hard").entries() {
            if is_standard(name) && !is_of_scope(scope.text(), name) {
                let what = format!("cannot be limited in the scope `{}`", scope.text());
                case.say(&TOGETHER, &part, what);
            }
        }
        case.exact_word(
            &scope,
            &[
                "Terminating",
                "NotTerminating",
                "BestEffort",
                "NotBestEffort",
                "PriorityClass",
                "CrossNamespacePodAffinity",
                "VolumeAttributesClass",
            ],
        );
        all.push(scope.text());
    }
    for pair in [["Terminating", "NotTerminating"], ["BestEffort", "NotBestEffort"]] {
        if pair.iter().all(|one| all.contains(one)) {
            case.say(&TOGETHER, &scopes, format!("cannot have both `{}`", pair.join("` and `")));
        }
    }
}

/// A resource that cannot be asked for.
fn unknown_resource(case: &mut Case<'_>, part: &Part<'_, '_>, name: &str) {
    case.say(&QUANTITY, part, format!("`{name}` is not a resource that can be asked for here"));
}

/// The storage that a claim asks for: some.
pub(super) fn storage(case: &mut Case<'_>, resources: &Part<'_, '_>) {
    let requests = resources.get("requests");
    let storage = requests.get("storage");
    match storage.value() {
        _ if !storage.is_set() => case.say(&REQUIRED, &storage, "is required"),
        _ if amount(&storage).is_some_and(|amount| amount <= 0) => {
            case.say(&QUANTITY, &storage, "must be more than nothing");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_known_where_they_belong() {
        for good in ["cpu", "hugepages-2Mi", "nvidia.com/gpu", "kubernetes.io/batch-cpu"] {
            assert!(is_of_container(good), "{good}");
        }
        for bad in ["pods", "cpus", "requests.cpu", "storage"] {
            assert!(!is_of_container(bad), "{bad}");
        }
        for good in ["pods", "requests.cpu", "limits.memory", "count/deployments.apps"] {
            assert!(is_of_quota(good), "{good}");
        }
        assert!(!is_of_quota("limits.storage") && !is_of_quota("deployments"));
    }
}
