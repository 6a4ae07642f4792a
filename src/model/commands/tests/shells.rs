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
        (
            "if ! kubectl get pods >/dev/null 2>&1\nthen exit 1\nelse exit 0\nfi",
            PODS,
        ),
        (
            "if false; then :; elif true; then kubectl get pods; fi",
            PODS,
        ),
        ("if false; then :; else kubectl get pods; fi", PODS),
        ("while sleep 1; do kubectl get pods; done", PODS),
        ("until kubectl get pods; do sleep 1; done", PODS),
        (
            "for i in $(seq 10); do kubectl get pods && break; sleep $i; done",
            PODS,
        ),
        ("for ((i = 0; i < 3; i++)); do kubectl get pods; done", PODS),
        ("for i in 1 2 3\ndo\n  kubectl get pods\ndone", PODS),
        ("( cd x; kubectl get pods )", PODS),
        ("{ kubectl get pods; } > out 2>&1", PODS),
        ("case $1 in a|b) kubectl get pods ;; *) echo ;; esac", PODS),
        (
            "case \"$X\" in\n  (y) true;;\n  n)\n    kubectl get pods\nesac",
            PODS,
        ),
        ("kubectl get pods &\nwait", PODS),
        ("X=$(kubectl get pods)", PODS),
        ("X=\"a $(kubectl get pods | head -1) b\"", PODS),
        ("echo \"`kubectl get pods`\"", PODS),
        ("echo `echo \\`kubectl get pods\\``", PODS),
        ("test \"$(kubectl get pods -o name | wc -l)\" -gt 0", PODS),
        (
            "[[ $(kubectl get pods | wc -l) -gt 1 && $X =~ ^(a|b)$ ]] || exit 1",
            PODS,
        ),
        ("echo $(( $(kubectl get pods | wc -l) + 1 ))", PODS),
        ("(( $(kubectl get pods | wc -l) > 1 ))", PODS),
        ("echo ${X:-$(kubectl get pods)}", PODS),
        ("diff <(kubectl get pods) expected", PODS),
        ("cat <<EOF\n$(kubectl get pods)\nEOF", PODS),
        ("A=(1 $(kubectl get pods) 2)", PODS),
        ("kubectl \\\n  get \\\n  pods # the pods", PODS),
        ("'kubectl' \"get\" p\\ods", PODS),
        ("kubectl get pods;kubectl get pods", PODS),
        ("#!/usr/bin/env bash\r\nkubectl get pods\r\n", PODS),
        ("#!/bin/sh -e\nkubectl get pods", PODS),
        ("[ -n \"$(kubectl get pods)\" ] && echo", PODS),
        ("kubectl get pods 2>/dev/null >out </dev/null", PODS),
        ("time kubectl get pods", PODS),
        ("! kubectl get pods", PODS),
    ]);
}

#[test]
fn text_is_no_command() {
    need(&[
        ("# kubectl delete pods --all", &[]),
        ("echo 'kubectl delete pods --all'", &[]),
        ("echo kubectl get pods", &[]),
        ("cat <<EOF > run.sh\nkubectl delete pods --all\nEOF", &[]),
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
        ("ssh host 'kubectl get pods'", &[]),
        ("echo \"it's kubectl\"; echo 'a #b' # kubectl", &[]),
        (
            "#!/usr/bin/env python3\nimport requests\nfor gen in flux: print(gen)\n",
            &[],
        ),
        (
            "#!/usr/bin/env python3\n# replaces kubectl\nprint(1)\n",
            &[],
        ),
    ]);
}

#[test]
fn wrappers_run_what_is_behind_them() {
    need(&[
        ("timeout 30 kubectl get pods", PODS),
        ("timeout -k 5 --signal=KILL \"$T\" kubectl get pods", PODS),
        ("sudo -u nobody -E kubectl get pods", PODS),
        ("env -i -u HOME A=b kubectl get pods", PODS),
        ("A=b kubectl get pods", PODS),
        ("nohup nice -n 5 kubectl get pods", PODS),
        ("exec kubectl get pods", PODS),
        ("command kubectl get pods", PODS),
        ("echo pods | xargs -n1 -r kubectl config view", &[]),
        ("sh -c 'kubectl get pods'", PODS),
        ("bash -euo pipefail -c \"kubectl get pods\"", PODS),
        (
            "timeout 60 sh -c 'until kubectl get pods; do sleep 1; done'",
            PODS,
        ),
        ("bash -c 'kubectl get deploy \"$1\"' _ shop", SHOP),
        ("export X=shop; bash -c 'kubectl get deploy \"$X\"'", SHOP),
        ("bash <<'EOF'\nkubectl get pods\nEOF", PODS),
        ("echo 'kubectl get pods' | sh", PODS),
        ("eval \"kubectl get pods\"", PODS),
        ("trap 'kubectl get pods' EXIT", PODS),
        ("find . -name '*.x' -exec kubectl get deploy shop \\;", SHOP),
        ("watch -n 2 kubectl get pods", PODS),
        ("su app -c 'kubectl get pods'", PODS),
        ("\"$PYTHON\" -m pytest; timeout 30 kubectl get pods", PODS),
        ("X=a; builtin export X=shop; kubectl get deploy $X", SHOP),
        (
            "alias k='kubectl -n shop-dev'; k get pods",
            &["app: list pods"],
        ),
    ]);
}

#[test]
fn variables_that_hold_one_text_are_followed() {
    need(&[
        ("X=shop; kubectl get deploy $X", SHOP),
        ("X=sh; kubectl get deploy \"${X}op\"", SHOP),
        ("X='shop'\nY=$X\nkubectl get deploy ${Y}", SHOP),
        ("readonly X=shop; kubectl get deploy $X", SHOP),
        ("export \"X=shop\"; kubectl get deploy $X", SHOP),
        ("X=a; X=shop; kubectl get deploy $X", SHOP),
        ("X=${Y_UNSET:-}shop; X=shop; kubectl get deploy $X", SHOP),
        (
            "KUBECTL='kubectl --request-timeout 5s'; $KUBECTL get pods",
            PODS,
        ),
        ("K=/opt/bin/kubectl; \"$K\" get pods", PODS),
        ("$HOME/bin/kubectl get pods", PODS),
        ("ARGS=\"\"; kubectl get pods $ARGS", PODS),
        ("ARGS=(get deploy shop); kubectl \"${ARGS[@]}\"", SHOP),
        ("for d in shop; do kubectl get deploy $d; done", SHOP),
        (
            "for d in a b; do kubectl get deploy \"$d\"; done",
            &[
                r#"ci: get deployments.apps "a""#,
                r#"ci: get deployments.apps "b""#,
            ],
        ),
        ("if true; then X=shop; kubectl get deploy $X; fi", SHOP),
        ("cd x && X=shop && kubectl get deploy $X", SHOP),
        ("X=shop; (X=other); kubectl get deploy $X", SHOP),
        ("X=shop; echo | X=other; kubectl get deploy $X", SHOP),
        ("X=shop; X=a true; kubectl get deploy $X", SHOP),
        ("X=$(echo shop); kubectl get deploy $X", SHOP),
        ("set -eu -- shop; kubectl get deploy $1", SHOP),
        ("set -o errexit; X=shop; kubectl get deploy $X", SHOP),
        (
            "echo \"$A\" | while IFS= read -r l; do echo \"$l\"; done; X=shop; kubectl get deploy $X",
            SHOP,
        ),
        (
            "X=shop; i=0; while [ $i -lt 3 ]; do kubectl get deploy $X; i=$((i+1)); done",
            SHOP,
        ),
    ]);
}

#[test]
fn functions_are_read_where_they_are_called() {
    need(&[
        ("f() { kubectl get pods; }\nf", PODS),
        ("function f { kubectl get pods; }; f", PODS),
        ("f() { kubectl delete pods --all; }", &[]),
        ("f() { kubectl get deploy \"$1\"; }; f shop", SHOP),
        (
            "f() { local x=\"$1\"; shift; kubectl get \"$@\"; }; f a deploy shop",
            SHOP,
        ),
        (
            "retry() { n=$1; shift; until \"$@\"; do sleep 1; done; }; retry 5 kubectl get pods",
            PODS,
        ),
        (
            "main() { f shop; }; f() { kubectl get deploy $1; }; main \"$@\"",
            SHOP,
        ),
        (
            "kubectl() { command kubectl -n shop-dev \"$@\"; }; kubectl get pods",
            &["app: list pods"],
        ),
        (
            "x=shop; f() { local x=other; }; f; kubectl get deploy $x",
            SHOP,
        ),
        ("f() { kubectl get deploy ${1:-shop}; }; f", SHOP),
        ("f() { echo; f; }; f; kubectl get pods", PODS),
        (
            "f() { kubectl get pods; }; export -f f; timeout 9 bash -c f",
            PODS,
        ),
        ("f() (kubectl get pods); trap f EXIT", PODS),
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
    assert_eq!(
        read_with("kubectl get pods -n $NAMESPACE", &NO_ENV),
        ["app: list pods"]
    );
    let config = env("KUBECONFIG", "/x".into());
    assert_eq!(
        read_with("kubectl get pods", &config),
        ["! kubectl get pods ! `KUBECONFIG` is set, which changes who asks, or where"]
    );
}
