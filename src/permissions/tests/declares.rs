//! Scripts that run a tool in a way that is not read for sure. None is accepted without a grant: the task declares what it needs.

use super::{NO_ENV, names, read_with};
use crate::permissions::script::permissions;
use crate::yaml::Value;

/// Checks that each script is refused for this reason, with the part of the script that the error shows.
#[track_caller]
fn declare(problem: &str, scripts: &[(&str, &str)]) {
    for (script, command) in scripts {
        match permissions(script, &names(&NO_ENV)) {
            Err(unread) => assert_eq!(
                (unread.problem.as_str(), unread.command.as_str()),
                (problem, *command),
                "{script}"
            ),
            Ok(rules) => panic!("{script} is accepted with {rules:?}"),
        }
    }
}

/// The same where the whole script is one command.
#[track_caller]
fn declare_whole(problem: &str, scripts: &[&str]) {
    let scripts: Vec<(&str, &str)> = scripts.iter().map(|script| (*script, *script)).collect();
    declare(problem, &scripts);
}

#[test]
fn tools_in_functions() {
    let get = "kubectl get pods";
    declare(
        "gen does not read functions",
        &[
            ("f() { kubectl get pods; }\nf", get),
            ("f() { kubectl delete pods --all; }", "kubectl delete pods --all"),
            ("f() { kubectl get deploy \"$1\"; }; f shop", "kubectl get deploy \"$1\""),
            (
                "f() { local x=\"$1\"; shift; kubectl get \"$@\"; }; f a deploy shop",
                "kubectl get \"$@\"",
            ),
            (
                "main() { f shop; }; f() { kubectl get deploy $1; }; main \"$@\"",
                "kubectl get deploy $1",
            ),
            ("f() { kubectl get deploy ${1:-shop}; }; f", "kubectl get deploy ${1:-shop}"),
            ("f() { kubectl get pods; }; export -f f; timeout 9 bash -c f", get),
            ("f() (kubectl get pods); trap f EXIT", get),
            ("f() { echo; f; }; f; g() { X=$(kubectl get pods); }; g", get),
            ("f() { kubectl get pod $1; f b; }; f a", "kubectl get pod $1"),
            (
                "cleanup() { kubectl delete job x --wait=false; }\ntrap cleanup EXIT\ncleanup",
                "kubectl delete job x --wait=false",
            ),
            (
                "wait_for() {\n  local kind=\"$1\"\n  kubectl wait \"$kind/x\" --for=create\n}\nwait_for pod",
                "kubectl wait \"$kind/x\" --for=create",
            ),
        ],
    );
    declare(
        "the script makes a function of `kubectl`",
        &[("kubectl() { /bin/k \"$@\"; }; kubectl get pods", get)],
    );
    declare(
        "gen does not know how `command` runs it",
        &[(
            "kubectl() { command kubectl -n shop-dev \"$@\"; }; kubectl get pods",
            "command kubectl -n shop-dev \"$@\"",
        )],
    );
    declare(
        "gen does not know how `retry` runs it",
        &[
            (
                "retry() { n=$1; shift; until \"$@\"; do sleep 1; done; }; retry 5 kubectl get pods",
                "retry 5 kubectl get pods",
            ),
            (
                "retry() { \"$@\"; }; retry $(echo a) $X kubectl get pods",
                "retry $(echo a) $X kubectl get pods",
            ),
        ],
    );
    declare(
        "gen does not know how `echo` runs it",
        &[("echo() { \"$@\"; }; echo kubectl get pods", "echo kubectl get pods")],
    );
    declare(
        "shell syntax that gen cannot parse: unmatched `}`",
        &[("function f { kubectl get pods; }; f", "function f { kubectl get pods; }; f")],
    );
}

#[test]
fn tools_behind_other_programs() {
    let wrapped = [
        "timeout 30 kubectl get pods",
        "timeout -k 5 --signal=KILL \"$T\" kubectl get pods",
        "timeout 60 sh -c 'until kubectl get pods; do sleep 1; done'",
        "sudo -u nobody -E kubectl get pods",
        "sudo gen -C x wait shop",
        "sudo gen \"$X\"",
        "env -i -u HOME A=b kubectl get pods",
        "env flux get ks",
        "nohup nice -n 5 kubectl get pods",
        "exec kubectl get pods",
        "command kubectl get pods",
        "builtin command kubectl get pods",
        "time kubectl get pods",
        "time -p kubectl get pods",
        "xargs -n1 -r kubectl config view",
        "xargs kubectl delete",
        "xargs -I{} kubectl delete {}",
        "find . -name '*.x' -exec kubectl get deploy shop \\;",
        "watch -n 2 kubectl get pods",
        "su app -c 'kubectl get pods'",
        "ssh host 'kubectl get pods'",
        "foo gen wait shop --env dev",
        "./run.sh kubectl",
        "make kubectl",
    ];
    for script in wrapped {
        let name = script.split(' ').next().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        declare_whole(&format!("gen does not know how `{name}` runs it"), &[script]);
    }
    declare(
        "gen does not know how `xargs` runs it",
        &[
            ("kubectl get pods -o name | xargs kubectl delete", "xargs kubectl delete"),
            ("echo pods | xargs -n1 -r kubectl config view", "xargs -n1 -r kubectl config view"),
        ],
    );
}

#[test]
fn scripts_within_the_script() {
    for (name, script) in [
        ("sh", "sh -c 'kubectl get pods'"),
        ("bash", "bash -euo pipefail -c \"kubectl get pods\""),
        ("bash", "bash -c 'kubectl get deploy \"$1\"' _ shop"),
        ("bash", "bash -c \"kubectl get pod $X\""),
        ("eval", "eval \"kubectl get pods\""),
        ("eval", "eval \"kubectl get pods $X\""),
        ("trap", "trap 'kubectl get pods' EXIT"),
        ("trap", "trap 'kubectl get deploy $X' EXIT"),
        ("alias", "alias k='kubectl -n shop-dev'"),
    ] {
        declare_whole(&format!("gen does not know how `{name}` runs it"), &[script]);
    }
    declare(
        "gen does not know how `bash` runs it",
        &[
            (
                "export X=shop; bash -c 'kubectl get deploy \"$X\"'",
                "bash -c 'kubectl get deploy \"$X\"'",
            ),
            ("bash <<'EOF'\nkubectl get pods\nEOF", "bash <<'EOF'"),
        ],
    );
    // What is printed may be run later.
    declare(
        "gen does not know how `echo` runs it",
        &[
            ("echo 'kubectl get pods' | sh", "echo 'kubectl get pods'"),
            ("{ echo 'kubectl get pods'; } | sh", "echo 'kubectl get pods'"),
            ("echo 'kubectl get pods' > run.sh; sh run.sh", "echo 'kubectl get pods' > run.sh"),
            ("{ echo 'kubectl get pods'; } > \"$F\"", "echo 'kubectl get pods'"),
        ],
    );
    declare(
        "gen does not know how `cat` runs it",
        &[
            ("cat <<EOF > run.sh\nkubectl delete pods --all\nEOF", "cat <<EOF > run.sh"),
            ("cat <<EOF | sh\nkubectl delete pods --all\nEOF", "cat <<EOF"),
        ],
    );
}

/// What may run anything, where the script names a tool.
#[test]
fn what_only_the_run_knows_beside_a_tool() {
    for (name, command) in [
        (".", ". ./env.sh"),
        ("source", "source lib.sh"),
        ("eval", "eval \"$X\""),
        ("alias", "alias ll='ls -l'"),
        ("trap", "trap 'rm -f x' EXIT"),
        ("sh", "sh -c \"$X\""),
        ("timeout", "timeout 5 \"$X\""),
        ("sh", "sh -s"),
    ] {
        let problem = format!("what `{name}` runs is only known then");
        for script in [
            format!("{command}; kubectl get pods"),
            format!("kubectl get pods; {command}"),
            format!("X='kubectl get pods'; X=$X; {command}"),
        ] {
            declare(&problem, &[(script.as_str(), command)]);
        }
    }
    declare(
        "which command it is, is only known when it runs",
        &[
            ("K=$(command -v kubectl); $K get pods", "$K get pods"),
            ("for c in kubectl helm; do $c version; done; $X", "$X"),
            ("set -- a; \"$@\"; kubectl get pods", "\"$@\""),
            ("\"$PYTHON\" -m pytest; kubectl get pods", "\"$PYTHON\" -m pytest"),
            ("T=gen; T=gen; $T diff", "$T diff"),
            ("while read -r c; do $c; done <<E\nkubectl get pods\nE", "$c"),
        ],
    );
    let tool =
        Value::Seq(vec![Value::from([("name", "TOOL".into()), ("value", "kubectl".into())])]);
    assert_eq!(
        read_with("sh -c \"$X\"", &tool),
        ["! sh -c \"$X\" ! what `sh` runs is only known then"]
    );
}

#[test]
fn shell_that_is_not_read() {
    let broken = |problem: &str| format!("shell syntax that gen cannot parse: {problem}");
    for (problem, script) in [
        ("`for` without a variable", "for ((i = 0; i < 3; i++)); do kubectl get pods; done"),
        ("a word is missing", "(( $(kubectl get pods | wc -l) > 1 ))"),
        ("a command in backticks; write it in `$(…)`", "echo \"`kubectl get pods`\""),
        ("a command in backticks; write it in `$(…)`", "echo `echo \\`kubectl get pods\\``"),
        ("`<(` and `>(`", "diff <(kubectl get pods) expected"),
        ("an array", "A=(1 $(kubectl get pods) 2)"),
        ("an array", "ARGS=(get deploy shop); kubectl \"${ARGS[@]}\""),
        ("an array", "X[1]=kubectl"),
        ("`))` is missing", "X=$((kubectl get pods) | wc -l)"),
        ("`))` is missing", "X=$((kubectl get pods); echo \"a))\")"),
        ("`\\` in `$'`", "kubectl get pod $'a\\x62'"),
        ("a bracket in a word", "ls @(a|b); kubectl get pods"),
        ("`)` is missing", "time (kubectl get pods)"),
        (
            "`;&` falls through to the next pattern",
            "case $X in a) kubectl get pods;& b) true; esac",
        ),
        ("nested too deeply", &("( ".repeat(41) + "kubectl")),
    ] {
        declare(&broken(problem), &[(script, script)]);
    }
}
