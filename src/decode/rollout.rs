//! How new pods replace old ones.

use super::decoder::Decoder;
use crate::diagnostics::SpecError;
use crate::model::{Amount, Kind, Rollout};
use crate::name::seconds;
use crate::spec::View;

/// Keys, with the kinds of workload that have them.
const KEYS: [(&str, &[Kind]); 8] = [
    ("strategy", &[Kind::Deployment]),
    ("surge", &[Kind::Deployment, Kind::DaemonSet]),
    ("unavailable", &[Kind::Deployment, Kind::DaemonSet]),
    ("minReady", &[Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet]),
    ("deadline", &[Kind::Deployment]),
    ("history", &[Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet]),
    ("partition", &[Kind::StatefulSet]),
    ("pods", &[Kind::StatefulSet]),
];

/// Kubernetes' limit for a number of seconds.
const LONGEST: u64 = i32::MAX as u64;

/// Reads `rollout`; `exclusive` is what an old pod must give up before a new one can start, if there is such a thing.
pub(super) fn read(d: &mut Decoder<'_>, kind: Kind, exclusive: Option<&str>) -> Rollout {
    let view = d.app.view("rollout");
    for (key, kinds) in KEYS {
        let span = view.span_of(key);
        if view.get(key).is_some() && !kinds.contains(&kind) && d.is_own(span) {
            let kinds: Vec<String> = kinds.iter().map(|kind| format!("{kind:?}")).collect();
            let why = format!("only a {} has it", kinds.join(" or a "));
            d.excludes(span, &format!("rollout.{key}"), &format!("a {kind:?}"), &why);
        }
    }
    let min_ready = duration(d, &view, "minReady", 0);
    let deadline = duration(d, &view, "deadline", 1).unwrap_or(600);
    if kind == Kind::Deployment && min_ready.is_some_and(|ready| ready >= deadline) {
        out_of_range(
            d,
            &view,
            "minReady",
            min_ready.unwrap_or_default(),
            (0, deadline.saturating_sub(1)),
        );
    }
    let (surge, unavailable) = (amount(&view, "surge"), amount(&view, "unavailable"));
    let recreate = recreates(d, &view, kind, exclusive, surge.as_ref());
    // Nothing could ever start where neither may differ.
    let is_none = |amount: &Option<Amount>| amount.as_ref().is_some_and(Amount::is_none);
    let no_surge = is_none(&surge) || kind == Kind::DaemonSet && surge.is_none();
    if no_surge && is_none(&unavailable) {
        let why = "one of the two must be more than 0";
        d.excludes(view.span(), "rollout.surge: 0", "rollout.unavailable: 0", why);
    }
    let is_some = |amount: &Option<Amount>| amount.as_ref().is_some_and(|one| !one.is_none());
    if kind == Kind::DaemonSet && is_some(&surge) && is_some(&unavailable) {
        let why = "for a DaemonSet, one of the two must be 0";
        d.excludes(view.span(), "rollout.surge", "rollout.unavailable", why);
    }
    let [default_surge, default_unavailable] = match kind {
        Kind::DaemonSet => [0, u32::from(!is_some(&surge))],
        _ => [1, u32::from(is_none(&surge))],
    };
    Rollout {
        recreate,
        surge: surge.unwrap_or(Amount::Count(default_surge)),
        unavailable: unavailable.unwrap_or(Amount::Count(default_unavailable)),
        min_ready,
        deadline,
        history: view.u32_or_default("history"),
        partition: view.u32("partition"),
        ordered: view.text("pods") == Some("ordered"),
    }
}

/// Whether all old pods end before a new one starts.
fn recreates(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    kind: Kind,
    exclusive: Option<&str>,
    surge: Option<&Amount>,
) -> bool {
    let strategy = view.text("strategy");
    if strategy == Some("recreate") {
        for key in ["surge", "unavailable"] {
            let span = view.span_of(key);
            if view.get(key).is_some() && d.is_own(span) {
                let why = "all old pods end before a new one starts";
                d.excludes(span, "rollout.strategy: recreate", &format!("rollout.{key}"), why);
            }
        }
        return true;
    }
    let Some(exclusive) = exclusive else { return false };
    // Without a surge, an old pod ends before the new one needs what it holds.
    if surge.is_some_and(Amount::is_none) {
        return false;
    }
    let keys: &[&str] = match kind {
        Kind::Deployment => &["strategy", "surge", "unavailable"],
        Kind::DaemonSet => &["surge"],
        _ => &[],
    };
    for key in keys {
        let span = view.span_of(key);
        if view.get(key).is_some() && d.is_own(span) {
            let why = "the new pod could wait for ever for the old one to let go of it; with `surge: 0` the old one ends first";
            d.excludes(span, &format!("rollout.{key}"), exclusive, why);
        }
    }
    true
}

pub(super) fn amount(view: &View<'_>, key: &str) -> Option<Amount> {
    let count = view.u32(key).map(Amount::Count);
    count.or_else(|| view.string(key).map(Amount::Share))
}

fn duration(d: &mut Decoder<'_>, view: &View<'_>, key: &str, least: u64) -> Option<u64> {
    let seconds = seconds(view.text(key)?)?;
    if !(least..=LONGEST).contains(&seconds) {
        out_of_range(d, view, key, seconds, (least, LONGEST));
    }
    Some(seconds)
}

fn out_of_range(
    d: &mut Decoder<'_>,
    view: &View<'_>,
    key: &str,
    number: u64,
    (min, max): (u64, u64),
) {
    let [min, max] = [min, max].map(|bound| i64::try_from(bound).unwrap_or(i64::MAX));
    let path = format!("rollout.{key}");
    let number = format!("{number} seconds");
    d.error(view.span_of(key), SpecError::OutOfRange { path, number, min, max });
}
