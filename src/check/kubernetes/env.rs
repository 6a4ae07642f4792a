//! Variables of a container.

use super::case::Case;
use super::form::Form;
use super::part::Part;
use super::rules::{DATA, NAME, QUANTITY, VARIABLE};
use crate::name::Check;

const SOURCES: [&str; 5] =
    ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

/// All variables of a container.
pub(super) fn judge(case: &mut Case<'_>, container: &Part<'_, '_>) {
    for variable in container.get("env").items() {
        let name = variable.get("name");
        if case.need(&name) {
            case.form(&VARIABLE, &name, Form::Variable);
        }
        source(case, &variable);
    }
    for from in container.get("envFrom").items() {
        case.form(&VARIABLE, &from.get("prefix"), Form::Variable);
        let kinds = ["configMapRef", "secretRef"].map(|kind| from.get(kind));
        match kinds.iter().filter(|part| part.is_set()).count() {
            0 => case.say(&VARIABLE, &from, "needs `configMapRef` or `secretRef`"),
            1 => {}
            _ => case.say(&VARIABLE, &from, "has both `configMapRef` and `secretRef`"),
        }
        for part in kinds.iter().filter(|part| part.is_set()) {
            if case.need(&part.get("name")) {
                case.form(&NAME, &part.get("name"), Form::Subdomain);
            }
        }
    }
}

fn source(case: &mut Case<'_>, variable: &Part<'_, '_>) {
    let from = variable.get("valueFrom");
    if !from.is_set() {
        return;
    }
    let set: Vec<&str> = SOURCES.into_iter().filter(|key| from.get(key).is_set()).collect();
    match set.len() {
        0 => case.say(&VARIABLE, &from, "needs a source, such as `secretKeyRef`"),
        1 if variable.get("value").is_empty() => {}
        1 => case.say(&VARIABLE, &from, "cannot stand beside `value`"),
        _ => case.say(&VARIABLE, &from, format!("has the sources `{}`", set.join("`, `"))),
    }
    for key in ["configMapKeyRef", "secretKeyRef"] {
        let part = from.get(key);
        if part.is_set() {
            if case.need(&part.get("name")) {
                case.form(&NAME, &part.get("name"), Form::Subdomain);
            }
            if case.need(&part.get("key")) {
                case.form(&DATA, &part.get("key"), Form::DataKey);
            }
        }
    }
    field(case, &from.get("fieldRef"), false);
    resource(case, &from.get("resourceFieldRef"), false);
}

/// A field of the pod, for a variable or for a file.
pub(super) fn field(case: &mut Case<'_>, of: &Part<'_, '_>, is_file: bool) {
    if !of.is_set() || !case.need(&of.get("fieldPath")) {
        return;
    }
    let part = of.get("fieldPath");
    let path = part.text();
    let takes = match path {
        "metadata.labels" | "metadata.annotations" => is_file,
        "metadata.name" | "metadata.namespace" | "metadata.uid" => true,
        _ if path.starts_with("metadata.") => is_subscript(path),
        _ if path.starts_with("limits.") || path.starts_with("requests.") => false,
        _ => !is_file && Check::PodField.test(path).is_ok(),
    };
    let version = of.get("apiVersion");
    if !takes || !matches!(version.text(), "" | "v1") {
        case.say(&VARIABLE, &part, format!("`{path}` is not a field that can be taken here"));
    }
}

fn is_subscript(path: &str) -> bool {
    let key = |start: &str| path.strip_prefix(start)?.strip_suffix("']").map(str::to_owned);
    let annotation = key("metadata.annotations['").map(|key| key.to_lowercase());
    key("metadata.labels['").or(annotation).is_some_and(|key| Form::Key.takes(&key))
}

/// An amount of a container's resources.
pub(super) fn resource(case: &mut Case<'_>, of: &Part<'_, '_>, is_file: bool) {
    if !of.is_set() {
        return;
    }
    if is_file {
        case.need(&of.get("containerName"));
    }
    let resource = of.get("resource");
    if !case.need(&resource) {
        return;
    }
    let name = resource.text();
    let is_huge = ["limits.hugepages-", "requests.hugepages-"].iter().any(|p| name.starts_with(p));
    if !is_huge && !crate::name::is_container_resource(name) {
        case.say(&VARIABLE, &resource, format!("`{name}` is not a resource of the container"));
    }
    let divisor = of.get("divisor");
    let words: &[&str] = if matches!(name, "limits.cpu" | "requests.cpu") {
        &["0", "1", "1m"]
    } else {
        &["0", "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]
    };
    let is_one = divisor.int().is_some_and(|number| matches!(number, 0 | 1));
    if divisor.is_set() && !is_one && !words.contains(&divisor.text()) {
        case.say(&QUANTITY, &divisor, "must be 1 or one unit");
    }
}
