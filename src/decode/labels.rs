//! Labels of the app's objects.

use super::decoder::Decoder;
use crate::yaml::Entry;

/// Labels that gen sets itself.
pub(super) fn refuse_reserved(d: &mut Decoder<'_>, labels: &[&Entry]) {
    for entry in labels {
        let reserved = entry.key.starts_with("app.kubernetes.io/")
            || entry.key.contains("fluxcd.io/")
            || entry.key.starts_with("gitops-gen.dev/");
        if reserved {
            let why = "gen sets this label";
            d.excludes(entry.key_span, &entry.key, "the app's own labels", why);
        }
    }
}
