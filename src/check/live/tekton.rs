//! Tekton's version and settings, from its ConfigMaps.

use std::collections::BTreeMap;

use super::super::cluster::Cluster;
pub use super::super::cluster::NAMESPACE;
use super::super::finding::Level;
use super::super::found::Found;
use super::super::objects::Item;
use super::rules::{SETTING, VERSION};
use crate::kubernetes::Identity;

/// The ConfigMaps that are read.
pub const CONFIG_MAPS: [&str; 3] = ["feature-flags", "config-defaults", "pipelines-info"];

/// The version whose rules `check::tekton` has.
const KNOWN: (u32, u32) = (1, 15);

/// `data` of Tekton's ConfigMaps, in the order of [`CONFIG_MAPS`]; none for those that could not be read.
pub(super) fn judge(
    expected: &Cluster,
    maps: &[Option<BTreeMap<String, String>>],
    first: &Item,
    found: &mut Found,
) {
    let value = |map: usize, key: &str| -> Option<&str> {
        let text = maps.get(map)?.as_ref()?.get(key)?.trim();
        (!text.is_empty()).then_some(text)
    };
    let about = |map: usize| Identity {
        group: String::new(),
        kind: "ConfigMap".to_owned(),
        namespace: Some(NAMESPACE.to_owned()),
        name: CONFIG_MAPS[map].to_owned(),
    };
    for (map, key, judged) in expected.settings() {
        let Some(live) = value(map, key) else { continue };
        if !is_same(&judged, live) {
            let what = format!("has `{key}: {live}`, and objects are judged by `{judged}`");
            found.add(&SETTING, first, "", what).about(about(map));
        }
    }
    let Some(version) = value(2, "version") else { return };
    let numbers = version.trim_start_matches('v').split('.').map(|part| part.parse().ok());
    let mut numbers = numbers.chain([None, None]);
    let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else { return };
    if (major, minor) == KNOWN {
        return;
    }
    let (word, level) =
        if (major, minor) < KNOWN { ("older", Level::Warning) } else { ("newer", Level::Info) };
    let what = format!(
        "says that Tekton is {version}, which is {word} than v{}.{}, whose rules are applied",
        KNOWN.0, KNOWN.1
    );
    found.add(&VERSION, first, "", what).about(about(2)).level(level);
}

/// Whether two values mean the same: lists have no order.
fn is_same(judged: &str, live: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let mut parts: Vec<String> =
            text.split(',').map(|part| part.trim().to_ascii_lowercase()).collect();
        parts.sort();
        parts
    };
    parts(judged) == parts(live)
}
