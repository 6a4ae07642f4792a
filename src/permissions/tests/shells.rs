use super::{NO_ENV, need, read_with};
use crate::yaml::Value;

const PODS: &[&str] = &["ci: list pods"];
const SHOP: &[&str] = &[r#"ci: get deployments.apps "shop""#];

#[test]
fn commands_are_found_wherever_they_stand() {
    need(&[
        ("true && kubectl get pods", PODS),
        ("true || kubectl get pods | grep x", PODS),
        ("if kubectl get pods; then echo yes; fi", PODS),
        ("if ! kubectl get pods >/dev/null 2>&1\nthen exit 1\nelse exit 0\nfi", PODS),
        ("if false; then :; elif true; then kubectl get pods; fi", PODS),
        ("if false; then :; else kubectl get pods; fi", PODS),
        ("while sleep 1; do kubectl get pods; done", PODS),
        ("until kubectl get pods; do sleep 1; done", PODS),
        ("for i in $(seq 10); do kubectl get pods && break; sleep $i; done", PODS),
        ("for i in 1 2 3\ndo\n  kubectl get pods\ndone", PODS),
        ("( cd x; kubectl get pods )", PODS),
        ("{ kubectl get pods; } > out 2>&1", PODS),
        ("case $1 in a|b) kubectl get pods ;; *) echo ;; esac", PODS),
        ("case \"$X\" in\n  (y) true;;\n  n)\n    kubectl get pods\nesac", PODS),
        ("kubectl get pods &\nwait", PODS),
        ("X=$(kubectl get pods)", PODS),
        ("X=\"a $(kubectl get pods | head -1) b\"", PODS),
        ("test \"$(kubectl get pods -o name | wc -l)\" -gt 0", PODS),
        ("[[ $(kubectl get pods | wc -l) -gt 1 && $X =~ ^(a|b)$ ]] || exit 1", PODS),
        ("echo $(( $(kubectl get pods | wc -l) + 1 ))", PODS),
        ("echo ${X:-$(kubectl get pods)}", PODS),
        ("cat <<EOF\n$(kubectl get pods)\nEOF", PODS),
        ("kubectl \\\n  get \\\n  pods # the pods", PODS),
        ("'kubectl' \"get\" p\\ods", PODS),
        ("kubectl get pods;kubectl get pods", PODS),
        ("#!/usr/bin/env bash\r\nkubectl get pods\r\n", PODS),
        ("#!/bin/sh -e\nkubectl get pods", PODS),
        ("[ -n \"$(kubectl get pods)\" ] && echo", PODS),
        ("kubectl get pods 2>/dev/null >out </dev/null", PODS),
        ("! kubectl get pods", PODS),
        ("A=b kubectl get pods", PODS),
        ("while read -r l; do kubectl get pods; done <<E\nx\nE", PODS),
        ("if true; then cat <<E; fi; kubectl get pods\nkubectl\nE", PODS),
        ("echo \"${X:-it's} $(kubectl get pods) isn't\"", PODS),
        ("fail() { echo \"$1\" >&2; exit 1; }; kubectl get pods || fail no", PODS),
        ("\"$HOME/bin/kubectl\" get pods", PODS),
    ]);
}

#[test]
fn text_is_no_command() {
    need(&[
        ("# kubectl delete pods --all", &[]),
        ("echo 'kubectl delete pods --all'", &[]),
        ("echo kubectl get pods", &[]),
        ("echo 'kubectl failed' >&2; command -v kubectl >/dev/null 2>&1", &[]),
        ("npm run gen; . ./env; \"$PYTHON\" -m pytest; eval \"$X\"", &[]),
        ("X=(1 2); diff <(a) <(b); flux=1 && time make gen", &[]),
        ("cat <<'EOF'\n$(kubectl get pods)\nEOF", &[]),
        ("apk add kubectl curl", &[]),
        ("command -v kubectl || exit 1", &[]),
        (
            "curl -LO https://dl.k8s.io/release/v1.34.0/bin/linux/amd64/kubectl && chmod +x kubectl",
            &[],
        ),
        ("install -m 755 kubectl /usr/local/bin/kubectl", &[]),
        ("pip install -r requirements.txt && pytest -q", &[]),
        ("echo \"unclosed", &[]),
        ("# kubectl\n./deploy.sh && make deploy && . ./lib.sh", &[]),
        ("echo \"it's kubectl\"; echo 'a #b' # kubectl", &[]),
        ("#!/usr/bin/env python3\nimport requests\nfor gen in flux: print(gen)\n", &[]),
        ("#!/usr/bin/env python3\n# replaces kubectl\nprint(1)\n", &[]),
    ]);
}

#[test]
fn variables_that_hold_one_text_are_followed() {
    need(&[
        ("X=shop; kubectl get deploy $X", SHOP),
        ("X=sh; kubectl get deploy \"${X}op\"", SHOP),
        ("X='shop'\nY=$X\nkubectl get deploy ${Y}", SHOP),
        ("readonly X=shop; kubectl get deploy $X", SHOP),
        ("KUBECTL='kubectl --request-timeout 5s'; $KUBECTL get pods", PODS),
        ("K=/opt/bin/kubectl; \"$K\" get pods", PODS),
        ("$HOME/bin/kubectl get pods", PODS),
        ("ARGS=\"\"; kubectl get pods $ARGS", PODS),
        ("for d in shop; do kubectl get deploy $d; done", SHOP),
        (
            "for d in a b; do kubectl get deploy \"$d\"; done",
            &[r#"ci: get deployments.apps "a""#, r#"ci: get deployments.apps "b""#],
        ),
        ("if true; then X=shop; kubectl get deploy $X; fi", SHOP),
        ("for d in shop; do X=$d; kubectl get deploy $X; done", SHOP),
        ("for d in shop; do true; done; for d in shop; do kubectl get deploy $d; done", SHOP),
        ("ALL='shop'; for d in $ALL; do kubectl get deploy $d; done", SHOP),
        (
            "for d in shop; do cat <<E | kubectl apply -f -; done\n{apiVersion: v1, kind: Pod, metadata: {name: $d}}\nE",
            &["ci: create pods", r#"ci: get, patch pods "shop""#],
        ),
        ("cd x && X=shop && kubectl get deploy $X", SHOP),
        ("set -o errexit; X=shop; kubectl get deploy $X", SHOP),
        (
            "echo \"$A\" | while IFS= read -r l; do echo \"$l\"; done; X=shop; kubectl get deploy $X",
            SHOP,
        ),
        ("X=shop; i=0; while [ $i -lt 3 ]; do kubectl get deploy $X; i=$((i+1)); done", SHOP),
    ]);
}

#[test]
fn the_tasks_own_variables_count() {
    let env = |name: &str, value: Value| {
        Value::Seq(vec![Value::from([("name", name.into()), ("value", value)])])
    };
    let target = env("TARGET", "deploy/shop".into());
    assert_eq!(read_with("kubectl get $TARGET", &target), SHOP);
    let tool = env("TOOL", "kubectl".into());
    assert_eq!(read_with("$TOOL get pods", &tool), PODS);
    let clash = env("NAMESPACE", "other".into());
    assert_eq!(
        read_with("kubectl get pods -n $NAMESPACE", &clash),
        ["! kubectl get pods -n $NAMESPACE ! its namespace is only known when it runs"]
    );
    assert_eq!(read_with("kubectl get pods -n $NAMESPACE", &NO_ENV), ["app: list pods"]);
    let config = env("KUBECONFIG", "/x".into());
    assert_eq!(
        read_with("kubectl get pods", &config),
        ["! kubectl get pods ! `KUBECONFIG` is set, which changes who asks, or where"]
    );
}
