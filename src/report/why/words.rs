//! Words that all formats share.

use crate::diagnose::Weight;

/// How something stands, in words.
pub(super) fn stands(weight: Weight) -> &'static str {
    match weight {
        Weight::Failed => "failed",
        Weight::Stuck => "stuck",
        Weight::Waits => "waiting",
        Weight::Note => "note",
    }
}
