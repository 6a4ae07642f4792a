//! Canaries: values that must never be shown, looked for in everything that can be.

use std::fmt::Write as _;

use serde_json::json;

use super::{all, desired};
use crate::change::{Change, Class, Desired, Finding, Masker, between, findings};

const BEFORE: &str = "canary-before-7f3a";
const AFTER: &str = "canary-after-91bc-and-much-longer";

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// The same secret in every place that can hold one.
fn tree(secret: &str) -> Vec<Desired> {
    all(&format!(
        "apiVersion: v1
kind: Secret
metadata:
  name: a
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{{\"data\": \"{encoded}\"}}'
data: {{password: {encoded}}}
stringData: {{token: \"{secret}\"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: b, annotations: {{kubectl.kubernetes.io/last-applied-configuration: \"{secret}\"}}}}
data:
  config: |
    host: x
    login: root:{secret}@x
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: c}}
spec:
  containers:
  - name: c
    args: [\"--password={secret}x\", \"--level=debug\", \"https://u:{secret}@h/\"]
    env:
    - {{name: DB_PASSWORD, value: \"other-{secret}\"}}
    - {{name: PLAIN, value: \"{encoded}\"}}
    - {{name: LEVEL, value: debug}}
",
        encoded = base64(secret)
    ))
}

fn shown(changes: &[Change], masker: &Masker) -> (Vec<Finding>, String) {
    let findings = findings(changes.to_vec(), masker, |_, _| None);
    let text = format!("{findings:?}");
    (findings, text)
}

#[test]
fn no_canary_is_shown_and_what_differs_is_still_seen() {
    for (before, after) in
        [(tree(BEFORE), tree(AFTER)), (Vec::new(), tree(AFTER)), (tree(BEFORE), Vec::new())]
    {
        let mut changes = between(before, after);
        for change in &mut changes {
            change.reason = Some(format!(
                "Invalid value: \"x {AFTER} y\": must not hold {BEFORE} or {}",
                base64(AFTER)
            ));
        }
        let (_, in_clear) = shown(&changes, &Masker::nothing());
        let (findings, hidden) = shown(&changes, &Masker::of(&changes));
        // The positive control: without hiding, they are there.
        assert!(in_clear.contains(BEFORE) || in_clear.contains(AFTER));
        let known: Vec<&str> = [BEFORE, AFTER]
            .into_iter()
            .filter(|canary| {
                changes.iter().any(|change| {
                    change
                        .before
                        .iter()
                        .chain(&change.after)
                        .any(|body| body.to_string().contains(canary))
                })
            })
            .collect();
        for canary in known {
            assert!(!hidden.contains(canary), "{hidden}");
            assert!(!hidden.contains(&base64(canary)), "{hidden}");
        }
        assert!(hidden.contains("--level=debug") || !in_clear.contains("--level=debug"));
        for finding in findings {
            for shown in &finding.fields {
                assert_ne!(shown.field.before, shown.field.after, "{shown:?}");
            }
        }
    }
}

#[test]
fn markers_tell_that_values_differ_and_nothing_more() {
    let changes = between(tree(BEFORE), tree(AFTER));
    let (findings, _) = shown(&changes, &Masker::of(&changes));
    let mut out = String::new();
    for finding in findings {
        for field in finding.fields {
            let side = |value: Option<serde_json::Value>| {
                value.map_or_else(|| "nothing".to_owned(), |value| value.to_string())
            };
            let _ = writeln!(
                out,
                "{} {}: {} → {}",
                finding.change.identity,
                field.field.path,
                side(field.field.before),
                side(field.field.after)
            );
        }
    }
    insta::assert_snapshot!(out);
}

/// What does not differ is not told either, beside what does.
#[test]
fn an_equal_secret_is_not_in_the_report() {
    let one = |level: &str| {
        all(&format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: a, labels: {{level: {level}}}}}\ndata: {{password: {}}}\n",
            base64(BEFORE)
        ))
    };
    let changes = between(one("a"), one("b"));
    let (findings, text) = shown(&changes, &Masker::of(&changes));
    assert_eq!(findings[0].fields.len(), 1);
    assert!(!text.contains("password"), "{text}");
}

/// A refusal of the API server repeats what it rejects.
#[test]
fn the_server_s_messages_are_hidden_too() {
    let object = desired(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: aHVudGVyMg==}\n",
    );
    let masker = Masker::of(&between(Vec::new(), vec![object]));
    for (kind, text, wanted) in [
        (
            "Secret",
            "Secret \"a\" is invalid: data[k]: Invalid value: \"q\\\"uoted\": must be short",
            "Secret \"a\" is invalid: data[k]: Invalid value: <secret>: must be short",
        ),
        ("Secret", "type: Invalid value: 7: must be", "type: Invalid value: <secret>: must be"),
        (
            "Deployment",
            "spec.replicas: Invalid value: -1: must be positive",
            "spec.replicas: Invalid value: -1: must be positive",
        ),
        (
            "Deployment",
            "env: Invalid value: \"hunter2\": no",
            "env: Invalid value: \"<secret>\": no",
        ),
        (
            "Deployment",
            "webhook says hunter2 and aHVudGVyMg==",
            "webhook says <secret> and <secret>",
        ),
        (
            "Deployment",
            "x: Invalid value: \"ghp_0123456789abcdef\": no",
            "x: Invalid value: <secret>: no",
        ),
    ] {
        assert_eq!(masker.message(kind, text), wanted);
    }
    assert_eq!(Masker::nothing().message("Secret", "hunter2"), "hunter2");
}

/// Short values of a Secret would hide half of every report.
#[test]
fn short_values_are_hidden_where_they_stand() {
    let changes = between(
        Vec::new(),
        all("apiVersion: v1\nkind: Secret\nmetadata: {name: abc}\nstringData: {a: abc}\n"),
    );
    let (findings, text) = shown(&changes, &Masker::of(&changes));
    assert_eq!(findings[0].change.class, Class::Created);
    assert!(text.contains("\"abc\"") && text.contains("String(\"<secret>\")"), "{text}");
}

/// An option and its value can be one item of a list, or two.
#[test]
fn values_of_options_are_hidden() {
    for (list, wanted) in [
        (json!(["--token=abcdef", "-v"]), json!(["--token=<secret>", "-v"])),
        (json!(["--api-key", "abcdef", "abcdef"]), json!(["--api-key", "<secret>", "abcdef"])),
        (json!(["--password", "--verbose", "x"]), json!(["--password", "--verbose", "x"])),
        (json!(["--token-file", "/run/token"]), json!(["--token-file", "/run/token"])),
        (json!(["serve", "https://u:pw@h/db"]), json!(["serve", "<secret>"])),
        (json!(["--password", "-leading-hunter22"]), json!(["--password", "<secret>"])),
        (json!(["--db.password=abcdef"]), json!(["--db.password=<secret>"])),
        (json!(["--header=Authorization: Bearer ghp_0123456789abcdef"]), json!(["<secret>"])),
        (
            json!(["--token=$(TOKEN)", "--password", "$(TOKEN)"]),
            json!(["--token=$(TOKEN)", "--password", "$(TOKEN)"]),
        ),
        (
            json!({"adminPassword": "abcdef", "tokenUrl": "abcdef", "existingSecret": "abcdef"}),
            json!({"adminPassword": "<secret>", "tokenUrl": "abcdef", "existingSecret": "abcdef"}),
        ),
        (
            json!("run --token=abcdef --api-key=\"$KEY\"\ndb.password=abcdef\ndb.url=abcdef\n"),
            json!("run --token=<secret> --api-key=\"$KEY\"\ndb.password=<secret>\ndb.url=abcdef\n"),
        ),
    ] {
        let mut shown = list;
        Masker::default().value("Deployment", &[], &mut shown);
        assert_eq!(shown, wanted);
    }
}
