//! Tekton's version and settings, from its ConfigMaps.

use std::collections::BTreeMap;

use super::super::cluster::{Cluster, Fields};
use super::super::finding::Level;
use super::super::found::Found;
use super::super::objects::Item;
use super::rules::{SETTING, VERSION};
use crate::kubernetes::Identity;

/// Where Tekton's ConfigMaps are.
pub const NAMESPACE: &str = "tekton-pipelines";
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
    for (map, key, judged) in settings(expected) {
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

/// Each setting with its ConfigMap and the value that objects are judged by.
fn settings(expected: &Cluster) -> Vec<(usize, &'static str, String)> {
    let fields = match expected.fields {
        Fields::Stable => "stable",
        Fields::Beta => "beta",
        Fields::Alpha => "alpha",
    };
    let coschedule = if expected.coschedules { "workspaces" } else { "disabled" };
    vec![
        (0, "enable-api-fields", fields.to_owned()),
        (0, "enable-cel-in-whenexpression", expected.cel_in_when.to_string()),
        (0, "enable-artifacts", expected.artifacts.to_string()),
        (0, "enable-param-enum", expected.param_enum.to_string()),
        (0, "enable-concise-resolver-syntax", expected.concise_resolvers.to_string()),
        (0, "disable-inline-spec", expected.no_inline_spec.join(",")),
        (0, "coschedule", coschedule.to_owned()),
        (1, "default-max-matrix-combinations-count", expected.matrix.to_string()),
        (1, "default-timeout-minutes", expected.timeout_minutes.to_string()),
        (1, "default-forbidden-env", expected.forbidden_env.join(",")),
    ]
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
