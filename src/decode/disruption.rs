//! How many pods a drain of nodes leaves.

use super::decoder::Decoder;
use super::rollout::amount;
use crate::model::{Amount, Disruption, Kind};

/// Reads `disruption`. Without it, one pod may be missing where there are several.
pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, several: bool) -> Option<Disruption> {
    let key = "disruption";
    let (span, is_none) = (d.app.span_of(key), d.app.text(key) == Some("none"));
    let view = d.app.view(key);
    let is_own = d.app.get(key).is_some() && d.is_own(span);
    if is_own && !kind.scales() && !is_none {
        let why = "only a deployment or a statefulset can have several pods";
        d.excludes(span, key, "workload", why);
    }
    // A value for many apps is meant for those that can use it.
    if is_none || !kind.scales() || !several && !is_own {
        return None;
    }
    if !view.is_written() {
        return Some(Disruption { max_unavailable: Some(Amount::Count(1)), min_available: None });
    }
    let of = |name: &str| amount(&view, name);
    let kinds = ["maxUnavailable", "minAvailable"];
    let missing = ("disruption.maxUnavailable", "`disruption` (or `minAvailable`)");
    let (name, amount) = d.one_of(span, kinds, of, missing, "a budget has only one of them")?;
    let amount = Some(amount);
    Some(match name {
        "minAvailable" => Disruption { max_unavailable: None, min_available: amount },
        _ => Disruption { max_unavailable: amount, min_available: None },
    })
}
