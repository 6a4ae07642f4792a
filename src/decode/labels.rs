//! Labels and annotations of the app's objects.

use super::decoder::Decoder;
use crate::model::Metadata;
use crate::yaml::Entry;

/// Recommended labels of Kubernetes that gen leaves to the app.
const FREE: [&str; 2] = ["app.kubernetes.io/part-of", "app.kubernetes.io/version"];

/// Reads `metadata`.
pub(super) fn metadata(d: &mut Decoder<'_>) -> Vec<Metadata> {
    let mut all = Vec::new();
    for (entry, view) in d.app.mappings("metadata") {
        refuse_reserved(d, &view.entries("labels"));
        for entry in view.entries("annotations") {
            if entry.key.starts_with("gitops-gen.dev/") {
                let why = "gen sets this annotation";
                d.excludes(entry.key_span, &entry.key, "the app's own annotations", why);
            }
        }
        all.push(Metadata {
            kind: entry.key.clone(),
            labels: view.pairs("labels"),
            annotations: view.pairs("annotations"),
            is_own: d.is_own(entry.key_span),
            span: entry.key_span,
        });
    }
    all
}

/// Labels that gen sets itself.
pub(super) fn refuse_reserved(d: &mut Decoder<'_>, labels: &[&Entry]) {
    for entry in labels {
        let reserved = entry.key.starts_with("app.kubernetes.io/")
            || entry.key.contains("fluxcd.io/")
            || entry.key.starts_with("gitops-gen.dev/")
            || entry.key.starts_with("pod-security.kubernetes.io/");
        if reserved && !FREE.contains(&entry.key.as_str()) {
            let why = "gen sets this label";
            d.excludes(entry.key_span, &entry.key, "the app's own labels", why);
        }
    }
}
