//! Names, labels and annotations of objects and pod templates.

use super::case::Case;
use super::form::Form;
use super::part::Part;
use super::rules::{LABEL, NAME, REQUIRED};
use crate::kubernetes::Object;

/// How much all annotations of an object may have (`TotalAnnotationSizeLimitB`).
const ANNOTATIONS: usize = 256 << 10;
/// A CronJob's name gets eleven characters more in its Jobs.
const CRON_JOB: usize = 52;

/// The form that the kind of an object demands of its name.
fn form_of_name(object: &Object) -> Option<Form> {
    Some(match (object.group(), object.kind()) {
        ("", "Namespace" | "Service") | ("apps", "StatefulSet") => Form::Label,
        // Of a PodDisruptionBudget, validation looks at the `spec` only, and what keeps it at what a path can have.
        ("rbac.authorization.k8s.io", _) | ("policy", "PodDisruptionBudget") => Form::Segment,
        // Theirs are signers and addresses.
        ("certificates.k8s.io", "ClusterTrustBundle") | ("networking.k8s.io", "IPAddress") => {
            return None;
        }
        _ => Form::Subdomain,
    })
}

/// `metadata` of an object.
pub(super) fn judge(case: &mut Case<'_>, object: &Object, metadata: &Part<'_, '_>) {
    let name = metadata.get("name");
    if let Some(form) = form_of_name(object) {
        case.form(&NAME, &name, form);
        let prefix = metadata.get("generateName");
        // Letters come behind the hyphen.
        let whole = format!("{}x", prefix.text());
        if !prefix.is_empty() && !form.takes(&whole) {
            let what = format!("`{}` does not begin {}", prefix.text(), form.describe());
            case.say(&NAME, &prefix, what);
        }
    }
    if object.kind() == "CronJob" && name.text().len() > CRON_JOB {
        case.say(&NAME, &name, format!("has more than {CRON_JOB} characters"));
    }
    case.form(&NAME, &metadata.get("namespace"), Form::Label);
    labels_and_annotations(case, metadata);
    for finalizer in metadata.get("finalizers").items() {
        let is_standard =
            matches!(finalizer.text(), "kubernetes" | "orphan" | "foregroundDeletion");
        if !finalizer.text().contains('/') && !is_standard || !Form::Key.takes(finalizer.text()) {
            let what = format!("`{}` is not a qualified name", finalizer.text());
            case.say(&NAME, &finalizer, what);
        }
    }
    for owner in metadata.get("ownerReferences").items() {
        for key in ["apiVersion", "kind", "name", "uid"] {
            case.need(&owner.get(key));
        }
    }
}

/// What pod templates have, too.
pub(super) fn labels_and_annotations(case: &mut Case<'_>, metadata: &Part<'_, '_>) {
    labels(case, &metadata.get("labels"));
    let annotations = metadata.get("annotations");
    let mut size = 0;
    for (key, value) in annotations.entries() {
        size += key.len() + value.text().len();
        if !Form::Key.takes(&key.to_ascii_lowercase()) {
            case.say(&LABEL, &value, format!("`{key}` is not {}", Form::Key.describe()));
        }
    }
    if size > ANNOTATIONS {
        case.say(&LABEL, &annotations, format!("has {size} bytes, more than {ANNOTATIONS}"));
    }
}

/// A mapping of labels.
pub(super) fn labels(case: &mut Case<'_>, labels: &Part<'_, '_>) {
    for (key, value) in labels.entries() {
        if !Form::Key.takes(key) {
            case.say(&LABEL, &value, format!("`{key}` is not {}", Form::Key.describe()));
        }
        case.exact_form(&LABEL, &value, Form::LabelValue);
    }
}

/// A label's key that stands as a value.
pub(super) fn key(case: &mut Case<'_>, part: &Part<'_, '_>) {
    if part.is_empty() {
        case.say(&REQUIRED, part, "is required");
    } else {
        case.form(&LABEL, part, Form::Key);
    }
}

/// A list of labels' keys.
pub(super) fn label_keys(case: &mut Case<'_>, list: &Part<'_, '_>) {
    for one in list.items() {
        case.exact_form(&LABEL, &one, Form::Key);
    }
}
