//! What real apps need, a row each: at least three apps in a golden case of its own say it by keys, without a patch or a raw manifest.
//!
//! The cases are compared and judged like all others; here is only that none of them says too little.

use serde_yaml::Value;

use super::support::cases;

/// The name of a case after `row-`, and the keys by which an app says what the row is about.
const ROWS: [(&str, &[&str]); 15] = [
    ("ports", &["ports"]),
    ("service", &["service"]),
    ("probes", &["health", "ready", "start"]),
    ("helpers", &["init", "sidecars"]),
    ("hooks", &["preStop", "grace"]),
    ("placement", &["placement", "priority"]),
    ("account", &["account", "permissions"]),
    ("rollout", &["rollout"]),
    ("volumes", &["volumes", "writable"]),
    ("files", &["files"]),
    ("kinds", &["workload"]),
    ("security", &["security"]),
    ("metadata", &["labels", "metadata", "annotations"]),
    ("reaching", &["host", "routes", "from"]),
    ("homes", &["namespace", "selector", "dependsOn"]),
];

/// What an app says by other means than keys.
const ESCAPES: [&str; 2] = ["patches", "extra"];

#[test]
fn each_row_is_said_by_three_apps() {
    let all = cases::all();
    let rows = all.iter().filter_map(|case| case.name.strip_prefix("row-"));
    let listed: std::collections::BTreeSet<&str> = ROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        rows.collect::<std::collections::BTreeSet<_>>(),
        listed,
        "a row is a case, and listed"
    );
    for (name, keys) in ROWS {
        let case = all.iter().find(|case| case.name.strip_prefix("row-") == Some(name));
        let case = case.expect("compared above");
        let read = |file: &str| -> Value {
            let text = case.text(file).unwrap_or_else(|| panic!("{name}: no {file}"));
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let (spec, environment) = (read("in/gen.yaml"), read("in/environments/prod.yaml"));
        let escapes = |value: &Value| ESCAPES.iter().any(|key| value.get(key).is_some());
        assert!(!escapes(&spec) && !escapes(&environment), "{name}: a patch");
        let about = case.text("about").unwrap_or_default();
        let apps = spec.get("apps").and_then(Value::as_mapping).expect("apps");
        let mut found = 0;
        for (app, value) in apps {
            let app = app.as_str().expect("a name");
            assert!(!escapes(value), "{name}: `{app}` needs a patch or raw manifests");
            let is_said = keys.iter().any(|key| value.get(key).is_some());
            assert!(is_said, "{name}: `{app}` says nothing by {keys:?}");
            let place = format!("prod/prod/{app}/");
            assert!(about.contains(&place), "{name}: nothing of `{app}` is compared");
            found += 1;
        }
        assert!(found >= 3, "{name}: only {found} apps");
    }
}
