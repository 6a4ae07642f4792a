//! Metadata, and kinds that few people write: CustomRun, VerificationPolicy, ResolutionRequest.

use super::params::given;
use super::scope::{Scope, has, is_set, items, part, text};
use super::table::advice::CHAINS;
use super::table::object::NAME;
use super::table::run::{CUSTOM, PARAM_TWICE, RESOLUTION, VERIFICATION};
use super::text::is_subdomain;
use super::{bindings, refs, run};
use crate::yaml::{Map, Value};

/// The name of an object, whose length Tekton limits.
pub(super) fn metadata(scope: &mut Scope<'_, '_>, object: &Value) {
    subdomain(scope, object);
    let name = text(part(object, "metadata"), "name");
    if is_subdomain(name) && name.len() > 63 {
        let said =
            "Invalid resource name: length must be no more than 63 characters: metadata.name";
        scope.say(&NAME, "metadata.name", format!("has {} characters", name.len()), said);
    }
}

/// The name of an object; one with `generateName` gets it from the API server.
pub(super) fn subdomain(scope: &mut Scope<'_, '_>, object: &Value) {
    let metadata = part(object, "metadata");
    let name = text(metadata, "name");
    if name.is_empty() && has(metadata, "generateName") {
        return;
    }
    if !is_subdomain(name) {
        let said =
            format!("invalid resource name {name:?}: must be a valid DNS label: metadata.name");
        let what = if name.is_empty() {
            "is missing".to_owned()
        } else {
            format!("`{name}` is not a valid DNS subdomain")
        };
        scope.say(&NAME, "metadata.name", what, said);
    }
}

/// Annotations that Tekton takes from a new run.
pub(super) fn chains(scope: &mut Scope<'_, '_>, object: &Value) {
    let all = object.at(&["metadata", "annotations"]).and_then(Value::as_map);
    for (key, _) in all.into_iter().flat_map(Map::iter) {
        if key.starts_with("chains.tekton.dev/") {
            let at = format!("metadata.annotations.{key}");
            scope.say(&CHAINS, &at, "is dropped when the run is created", "");
        }
    }
}

/// A CustomRun.
pub(super) fn custom_run(scope: &mut Scope<'_, '_>, object: &Value) {
    let spec = part(object, "spec");
    let said = match (is_set(spec, "customRef"), is_set(spec, "customSpec")) {
        (true, true) => "expected exactly one, got both: spec.customRef, spec.customSpec",
        (false, false) => "expected exactly one, got neither: spec.customRef, spec.customSpec",
        _ => "",
    };
    if !said.is_empty() {
        scope.say(&CUSTOM, "spec", "must have one of `customRef` and `customSpec`", said);
    }
    for key in ["customRef", "customSpec"].into_iter().filter(|key| is_set(spec, key)) {
        for wanted in ["apiVersion", "kind"] {
            if !has(part(spec, key), wanted) {
                let said = format!("missing field(s): spec.{key}.{wanted}");
                scope.say(&CUSTOM, &format!("spec.{key}.{wanted}"), "is missing", said);
            }
        }
    }
    run::message_alone(scope, text(spec, "status"), text(spec, "statusMessage"));
    refs::no_twins(scope, &given(spec, "params", "spec"), &PARAM_TWICE);
    bindings::judge(scope, spec, "spec");
    bindings::no_twins(scope, spec, "spec");
}

/// A VerificationPolicy. Its patterns are not compiled: they are Go's.
pub(super) fn verification_policy(scope: &mut Scope<'_, '_>, object: &Value) {
    let spec = part(object, "spec");
    for key in ["resources", "authorities"].into_iter().filter(|key| !has(spec, key)) {
        let said = format!("missing field(s): {key}");
        scope.say(&VERIFICATION, &format!("spec.{key}"), "is missing", said);
    }
    for (index, one) in items(spec, "authorities").iter().enumerate() {
        let key = part(one, "key");
        if !is_set(one, "key") {
            continue;
        }
        let at = format!("spec.authorities[{index}].key");
        let sources = [has(key, "data"), is_set(key, "secretRef"), has(key, "kms")];
        match sources.into_iter().filter(|is| *is).count() {
            1 => {}
            0 => {
                let said = "expected exactly one, got neither: data, kms, secretref";
                scope.say(&VERIFICATION, &at, "has no key", said);
            }
            _ => {
                let said = "expected exactly one, got both: data, kms, secretref";
                scope.say(&VERIFICATION, &at, "has more than one key", said);
            }
        }
        let hash = text(key, "hashAlgorithm").to_lowercase();
        if !matches!(hash.as_str(), "" | "sha224" | "sha256" | "sha384" | "sha512") {
            let said = format!("invalid value: {hash}: HashAlgorithm");
            let what = format!("`{hash}` is not a hash that Tekton knows");
            scope.say(&VERIFICATION, &format!("{at}.hashAlgorithm"), what, said);
        }
    }
    let mode = text(spec, "mode");
    if !matches!(mode, "" | "enforce" | "warn") {
        let said = format!("invalid value: available values are: enforce, warn, but got: {mode}");
        scope.say(&VERIFICATION, "spec.mode", format!("`{mode}` is not a mode"), said);
    }
}

/// A ResolutionRequest.
pub(super) fn resolution_request(scope: &mut Scope<'_, '_>, object: &Value) {
    let labels = object.at(&["metadata", "labels"]).unwrap_or(&Value::Null);
    if !has(labels, "resolution.tekton.dev/type") {
        let said = "missing field(s): resolution.tekton.dev/type: metadata.labels";
        scope.say(&RESOLUTION, "metadata.labels", "has no `resolution.tekton.dev/type`", said);
    }
}
