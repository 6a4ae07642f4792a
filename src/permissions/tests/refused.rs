use super::refuse;

const NAME: &str = "the name of what it acts on is only known when it runs";
const KIND: &str = "what it acts on is only known when it runs";

#[test]
fn what_only_the_run_knows() {
    refuse(&[
        ("kubectl get deploy $X", NAME),
        ("kubectl get deploy \"$X\"", NAME),
        ("kubectl logs \"$POD\"", NAME),
        ("kubectl delete pod $(kubectl get pods -o name)", NAME),
        ("kubectl get deploy shop-$X", NAME),
        ("kubectl get deploy/$X", NAME),
        ("kubectl get deploy shop-{a,b}", NAME),
        ("kubectl get pods $FLAGS", NAME),
        ("kubectl get pods \"${FLAGS[@]}\"", NAME),
        ("kubectl get \"$@\"", KIND),
        ("kubectl get $KIND shop", KIND),
        ("kubectl get $KIND/shop", KIND),
        ("kubectl $VERB pods", "its verb is only known when it runs"),
        ("kubectl \"$@\"", "its verb is only known when it runs"),
        ("kubectl -n $NS get pods", "its namespace is only known when it runs"),
        ("kubectl get pods -n \"team-$NS\"", "its namespace is only known when it runs"),
        ("kubectl get pods --$X", "a flag of it is only known when it runs"),
        ("kubectl set image \"$TARGET\" web=x", KIND),
        ("kubectl get pods -o name | while read -r p; do kubectl logs \"$p\"; done", NAME),
        ("X=a; if true; then X=b; fi; kubectl get deploy $X", NAME),
        ("X=a; false && X=b; kubectl get deploy $X", NAME),
        ("X=a; case $1 in b) X=b;; esac; kubectl get deploy $X", NAME),
        ("X=a; while true; do kubectl get deploy $X; X=b; done", NAME),
        ("X=a; for i in 1 2; do [ $i = 2 ] && break; X=b; done; kubectl get deploy $X", NAME),
        ("X=a; read -r X; kubectl get deploy $X", NAME),
        ("X=shop1; kubectl get deploy ${X%1}", NAME),
        ("X=1; : $((X++)); kubectl get deploy $X", NAME),
        ("X=a; f() { [ $1 ] && return; X=b; }; f 1; kubectl get deploy $X", NAME),
        ("X=a; f() { X=b; }; for i in 1 2; do kubectl get deploy $X; f; done", NAME),
        ("X='a b'; IFS=,; kubectl get deploy $X", NAME),
        ("X=a; unset X; kubectl get deploy \"$X\"", NAME),
        ("K=$(command -v kubectl); $K get pods", "which command it is, is only known when it runs"),
        ("$KUBECTL get pods # kubectl", "which command it is, is only known when it runs"),
        // A variable that is set at several places, or perhaps not, has no value that gen knows.
        ("export \"X=shop\"; kubectl get deploy $X", NAME),
        ("X=a; X=shop; kubectl get deploy $X", NAME),
        ("X=${Y:-}shop; X=shop; kubectl get deploy $X", NAME),
        ("X=shop; (X=other); kubectl get deploy $X", NAME),
        ("X=shop; echo | X=other; kubectl get deploy $X", NAME),
        ("echo | X=shop; kubectl get deploy $X", NAME),
        ("X=shop & kubectl get deploy $X", NAME),
        ("X=shop; X=a true; kubectl get deploy $X", NAME),
        ("X=$(echo shop); kubectl get deploy $X", NAME),
        ("set -eu -- shop; kubectl get deploy $1", NAME),
        ("x=shop; f() { local x=other; }; f; kubectl get deploy $x", NAME),
        ("X=shop; declare X+=b; kubectl get deploy $X", NAME),
        ("X=shop; export \"$L\"; kubectl get deploy $X", NAME),
        ("X=shop; printf -v X b; kubectl get deploy $X", NAME),
        ("X=shop; command read -r X; kubectl get deploy $X", NAME),
        ("X=shop; let X=1; kubectl get deploy $X", NAME),
        ("kubectl get deploy $X; X=shop", NAME),
        ("if true; then X=shop; fi; kubectl get deploy $X", NAME),
        ("X=shop; echo ${X:=b}; kubectl get deploy $X", NAME),
        ("for d in a b; do X=$d; kubectl get deploy $X; done", NAME),
        ("for d in a b; do true; done; kubectl get deploy $d", NAME),
        ("for d in a b; do for d in c; do true; done; kubectl get deploy $d; done", NAME),
        ("for a in x y; do for b in x y; do kubectl get deploy $a-$b; done; done", NAME),
        ("false || X=a || kubectl get deploy $X", NAME),
    ]);
}

#[test]
fn what_gen_grants_to_nobody() {
    let cluster =
        |word: &str| format!("`{word}` belongs to the whole cluster, where gen grants nothing");
    let inside = |verb: &str| {
        format!("gen grants no `{verb}`, declared or not: it is as good as being in the pod")
    };
    let secrets = "gen grants no read access to Secrets, declared or not; its value comes in by `env: {NAME: {secret: NAME, key: KEY}}`";
    let all = "it asks for all namespaces, and gen grants no cluster-wide rights";
    refuse(&[
        ("kubectl get nodes", &cluster("nodes")),
        ("kubectl get ns shop-dev", &cluster("ns")),
        ("kubectl create namespace x", &cluster("namespace")),
        ("kubectl get crd", &cluster("crd")),
        ("kubectl get clusterrole x", &cluster("clusterrole")),
        (
            "kubectl apply -f - <<E\n{apiVersion: v1, kind: Namespace, metadata: {name: x}}\nE",
            &cluster("Namespace"),
        ),
        ("kubectl get pods -A", all),
        ("kubectl get pods --all-namespaces", all),
        (
            "kubectl -n kube-system get pods",
            "gen grants rights in `shop-dev` and `shop-dev-ci`, and nothing in `kube-system`",
        ),
        (
            "kubectl apply -f - <<E\n{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: prod}}\nE",
            "gen grants rights in `shop-dev` and `shop-dev-ci`, and nothing in `prod`",
        ),
        ("kubectl exec deploy/shop -- env", &inside("exec")),
        ("kubectl port-forward svc/shop 8080:80 &", &inside("port-forward")),
        ("kubectl cp a b:/c", &inside("cp")),
        ("kubectl debug pod/x", &inside("debug")),
        ("kubectl proxy &", &inside("proxy")),
        ("kubectl get secret x -o yaml", secrets),
        ("kubectl get secrets", secrets),
        ("kubectl get cm,secret x", secrets),
        ("kubectl describe secret x", secrets),
        ("kubectl apply -f - <<E\n{apiVersion: v1, kind: Secret, metadata: {name: x}}\nE", secrets),
        ("kubectl set env deploy/shop --from=secret/x", secrets),
        (
            "kubectl create rolebinding x --role=a --serviceaccount=b:c",
            "gen grants no write access to Roles and bindings, declared or not",
        ),
        (
            "kubectl apply -f - <<E\n{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: x}}\nE",
            "gen grants no write access to Roles and bindings, declared or not",
        ),
        (
            "kubectl create token robot",
            "gen grants no access to `serviceaccounts/token`, declared or not",
        ),
        ("kubectl drain node1", "`drain` acts on the whole cluster, where gen grants nothing"),
        ("kubectl --as=admin get pods", "with `--as` it may not ask as the task's own account"),
        (
            "kubectl --context prod get pods",
            "with `--context` it may not ask as the task's own account",
        ),
        (
            "export KUBECONFIG=/k; kubectl get pods",
            "`KUBECONFIG` is set, which changes who asks, or where",
        ),
        ("KUBECONFIG=/k kubectl get pods", "`KUBECONFIG` is set, which changes who asks, or where"),
        (
            "kubectl config use-context prod",
            "it changes which cluster, account or namespace the commands after it mean",
        ),
        (
            "kubectl -n flux-system delete kustomization shop",
            "where Flux runs, gen grants reading and patching of Flux's own objects, and nothing else",
        ),
        (
            "kubectl -n flux-system get pods",
            "where Flux runs, gen grants reading and patching of Flux's own objects, and nothing else",
        ),
    ]);
}

#[test]
fn the_error_names_the_command() {
    let unread = super::read(
        "set -e\necho hi\nkubectl  -n \"$NAMESPACE\" \\\n   get deploy \"$X\" \\\n  -o yaml | grep x\n",
    );
    assert_eq!(unread, [format!("! kubectl -n \"$NAMESPACE\" get deploy \"$X\" -o yaml ! {NAME}")]);
}
