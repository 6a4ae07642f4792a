//! `helm`: an app that is a chart.

use super::decoder::Decoder;
use super::misfits::refuse_misfits;
use crate::diagnostics::SpecError;
use crate::environment::Api;
use crate::kubernetes::release::{RELEASE, SETTINGS};
use crate::model::{Chart, Helm};
use crate::name::image_parts;
use crate::spec::View;
use crate::yaml::{Data, Entry, Map, Node, Value};

/// The keys that mean something beside a chart. It decides about everything else.
const BESIDE: [&str; 10] = [
    "helm",
    "environments",
    "namespace",
    "dependsOn",
    "labels",
    "patches",
    "extra",
    "security",
    "notify",
    "alerts",
];

/// Why anything else is refused.
const BY_CHART: &str = "the chart decides about it; see its `values`";

/// The longest name of a release.
const RELEASE_LIMIT: usize = 53;

/// Whether the merged app is a chart.
pub(super) fn is_chart(app: &Node) -> bool {
    app.get("helm").is_some_and(|node| !node.is_null())
}

/// Takes out of an app that is a chart what only an image could use: refused where the app says it itself, passed over where a layer
/// for many apps does.
pub(super) fn keep_to_chart(d: &mut Decoder<'_>, merged: &Node) -> Node {
    let mut kept = merged.clone();
    for entry in merged.entries().unwrap_or_default() {
        let is_known = BESIDE.contains(&entry.key.as_str());
        if !is_known && !entry.value.is_null() && d.is_own(entry.value.span) {
            d.excludes(entry.value.span, &entry.key, "helm", BY_CHART);
        }
    }
    // Of the security settings, only the level is the namespace's.
    let security = merged.get("security").and_then(Node::entries).unwrap_or_default();
    for entry in security.iter().filter(|entry| !["level", "reason"].contains(&&*entry.key)) {
        if !entry.value.is_null() && d.is_own(entry.value.span) {
            let key = format!("security.{}", entry.key);
            d.excludes(entry.value.span, &key, "helm", BY_CHART);
        }
    }
    if let Data::Map(entries) = &mut kept.data {
        entries.retain(|entry| BESIDE.contains(&entry.key.as_str()));
        let none = Entry {
            key: "none".to_owned(),
            key_span: merged.span,
            value: Node::empty_map(merged.span),
        };
        let mut workload = Node::empty_map(merged.span);
        workload.data = Data::Map(vec![none]);
        entries.push(Entry { key: "workload".to_owned(), key_span: merged.span, value: workload });
    }
    kept
}

/// Reads the chart; nothing, with a notice, where the cluster has no helm-controller.
pub(super) fn read(d: &mut Decoder<'_>) -> Option<Helm> {
    let view = d.app.view("helm");
    if !view.is_written() {
        return None;
    }
    let chart = chart(d, &view);
    let pin = d.context.environment.pin(d.name).and_then(|(pin, _)| pin.version.clone());
    let version = match pin {
        Some(pinned) => pinned,
        None => d.required(&view, "helm", "version").unwrap_or_default(),
    };
    if !version.is_empty() && !is_version(&version) {
        let want = "a version or a range, such as `6.9.2`, `6.9.x` or `>=6.9.0 <7.0.0`";
        wrong(d, &view, "version", "helm.version", want);
    }
    let values_from = values_from(d, &view);
    let values = view.get("values").map_or(Value::Null, Node::to_value);
    if let Some(node) = view.get("values")
        && !matches!(node.data, Data::Map(_))
    {
        let (path, want) = ("helm.values".to_owned(), "a mapping".to_owned());
        let found = node.describe().to_owned();
        d.error(node.span, SpecError::WrongType { path, want, found });
    }
    if !d.context.environment.has(Api::Helm) {
        let what = format!("the chart of `{}`", d.name);
        d.unmet(view.span(), &what, "`apis` does not include `helm`");
        return None;
    }
    let settings = settings(d, &view);
    let release = view.string("release").unwrap_or_else(|| d.name.to_owned());
    // Helm keeps ten characters of a name for itself.
    d.check_length(view.span_of("release"), &release, RELEASE_LIMIT);
    Some(Helm {
        chart: chart?,
        version,
        secret: view.string("secret"),
        values,
        values_from,
        release,
        account: view.string("account"),
        settings,
        interval: view.string("interval"),
        timeout: view.string_or_default("timeout"),
    })
}

/// How it is installed, upgraded and removed, with gen's own choices below.
fn settings(d: &mut Decoder<'_>, view: &View<'_>) -> Map {
    let crds = match view.text("crds") {
        Some("replace") => "CreateReplace",
        Some("skip") => "Skip",
        _ => "Create",
    };
    let mut all = Map::default();
    for key in SETTINGS {
        let written = view.get(key);
        let is_first = matches!(key, "install" | "upgrade");
        let mut value = Value::Map(Map::default());
        if is_first {
            // What fails is tried again; a failed upgrade is rolled back first.
            let remediation = Value::from([("retries", Value::from(3_i64))]);
            value = Value::from([("crds", crds.into()), ("remediation", remediation)]);
        }
        if let Some(node) = written {
            let own = node.to_value();
            refuse_misfits(d, node.span, RELEASE, key, &own);
            if is_first && own.get("crds").is_some() && view.get("crds").is_some() {
                let why = "both say what happens to the chart's definitions";
                d.excludes(node.span, &format!("helm.{key}.crds"), "helm.crds", why);
            }
            // A rule of the definition (`x-kubernetes-validations`).
            let retries = own.get("strategy").filter(|it| it.get("retryInterval").is_some());
            if retries.is_some_and(|it| it.str_at(&["name"]) != Some("RetryOnFailure")) {
                let place = format!("helm.{key}.strategy.retryInterval");
                let why = "other strategies do not retry after an interval";
                d.needs(node.span, &place, "name: RetryOnFailure", why);
            }
            value.overlay(own);
        }
        if is_first || written.is_some() {
            all.push(key, value);
        }
    }
    all
}

fn chart(d: &mut Decoder<'_>, view: &View<'_>) -> Option<Chart> {
    let missing = ("helm.repo", "`helm` (or `oci`)");
    let why = "a chart comes from one place";
    let text = |key: &str| view.text(key);
    let (key, url) = d.one_of(view.span(), ["repo", "oci"], text, missing, why)?;
    let url = url.to_owned();
    let name = view.string("chart");
    match (key, name) {
        ("oci", None) => {
            let place = url.strip_prefix("oci://").unwrap_or_default();
            if image_parts(place).is_none_or(|parts| parts.tag.is_some() || parts.digest.is_some())
            {
                let want =
                    "an address such as `oci://registry.example/charts/podinfo`, without a tag";
                wrong(d, view, "oci", "helm.oci", want);
            }
            Some(Chart::Oci { url })
        }
        ("oci", Some(_)) => {
            let why = "the address names the chart";
            d.excludes(view.span_of("chart"), "helm.chart", "helm.oci", why);
            None
        }
        (_, Some(name)) => Some(Chart::Repository { name, url }),
        (_, None) => {
            d.missing(view.span(), "helm.chart", "`helm`");
            None
        }
    }
}

/// A text that is not what it should be.
fn wrong(d: &mut Decoder<'_>, view: &View<'_>, key: &str, path: &str, want: &str) {
    let found = format!("`{}`", view.text(key).unwrap_or_default());
    let (path, want) = (path.to_owned(), want.to_owned());
    d.error(view.span_of(key), SpecError::WrongType { path, want, found });
}

/// Whether Helm takes it for a version or a range (Masterminds' `semver/v3`, constraints.go).
fn is_version(text: &str) -> bool {
    let identifiers = |text: &str| {
        let each = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        text.split('.').all(each)
    };
    let number = |text: &str| {
        matches!(text, "x" | "X" | "*")
            || (!text.is_empty() && text.len() < 20 && text.bytes().all(|b| b.is_ascii_digit()))
    };
    let one = |text: &str| {
        let text = text.trim_start_matches(['=', '<', '>', '!', '~', '^']);
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = text.split_once('+').unwrap_or((text, "0"));
        let (numbers, pre) = text.split_once('-').unwrap_or((text, "0"));
        let parts: Vec<&str> = numbers.split('.').collect();
        parts.len() <= 3 && parts.into_iter().all(number) && identifiers(pre) && identifiers(build)
    };
    // An operator may stand apart from its version, and a hyphen between two.
    let is_operator = |word: &str| word.chars().all(|c| "=<>!~^".contains(c));
    text.split("||").all(|range| {
        let words = range.split([' ', ',']).filter(|word| !word.is_empty() && *word != "-");
        let mut versions = words.filter(|word| !is_operator(word)).peekable();
        versions.peek().is_some() && versions.all(one)
    })
}

/// Whether helm-controller takes it (`helmrelease_types.go`, `ValuesReference`'s targetPath).
fn is_target(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.\\/".contains(c);
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((index, after)) = after.split_once(']') else { return false };
        let is_index = (1..=5).contains(&index.len()) && index.bytes().all(|b| b.is_ascii_digit());
        if !is_index || !before.chars().all(plain) {
            return false;
        }
        rest = after;
    }
    !path.is_empty() && path.len() <= 250 && rest.chars().all(plain)
}

fn values_from(d: &mut Decoder<'_>, view: &View<'_>) -> Value {
    let mut all = Vec::new();
    for from in view.views("valuesFrom") {
        let missing = ("helm.valuesFrom.secret", "an entry of `helm.valuesFrom` (or `configMap`)");
        let (keys, why) = (["secret", "configMap"], "an entry has only one source");
        let source = d.one_of(from.span(), keys, |key| from.text(key), missing, why);
        let Some((key, name)) = source else { continue };
        if from.text("path").is_some_and(|path| !is_target(path)) {
            let want = "a path of the chart's values, such as `auth.password` or `hosts[0].name`";
            wrong(d, &from, "path", "helm.valuesFrom.path", want);
        }
        let mut map = Map::default();
        map.push("kind", if key == "secret" { "Secret" } else { "ConfigMap" });
        map.push("name", name);
        map.push("valuesKey", from.string_or_default("key"));
        map.push_some("targetPath", from.text("path"));
        map.push_some("optional", from.flag("optional").then_some(true));
        all.push(Value::Map(map));
    }
    Value::Seq(all)
}
