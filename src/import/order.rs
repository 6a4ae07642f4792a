//! `dependsOn` while apps are tried by themselves: whom one waits for is not there then.

use super::draft::Draft;
use crate::yaml::Value;

/// The key.
const KEY: &str = "dependsOn";

/// Takes the order out of some apps. Returns what each had.
pub(super) fn taken(drafts: &mut [Draft]) -> Vec<Option<Value>> {
    drafts.iter_mut().map(|draft| draft.keys.remove(KEY)).collect()
}

/// Gives it back. Apps may be gone since; what became raw manifests waits for nobody.
pub(super) fn given_back(drafts: &mut [Draft], orders: Vec<Option<Value>>) {
    if drafts.len() != orders.len() {
        return;
    }
    for (draft, order) in drafts.iter_mut().zip(orders) {
        if let Some(order) = order.filter(|_| draft.is_program()) {
            draft.keys.insert(KEY, order);
        }
    }
}

/// Nobody waits for an app that is gone.
pub(super) fn forget(drafts: &mut [Draft], name: &str) {
    for draft in drafts {
        let Some(all) = draft.keys.get_mut(KEY).and_then(Value::as_seq_mut) else { continue };
        all.retain(|other| other.as_str() != Some(name));
        if all.is_empty() {
            draft.keys.remove(KEY);
        }
    }
}

/// Gives up every order, and says so.
pub(super) fn give_up<'d>(drafts: impl Iterator<Item = &'d mut Draft>) {
    for draft in drafts {
        let Some(order) = draft.keys.remove(KEY) else { continue };
        let names: Vec<&str> =
            order.as_seq().unwrap_or_default().iter().filter_map(Value::as_str).collect();
        let key = if draft.keys.contains_key("helm") { "helm" } else { "image" };
        draft.note(
            key,
            format!("it depended on {}, and apps cannot depend on each other", names.join(", ")),
        );
    }
}
