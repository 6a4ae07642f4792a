use super::need;

const CM: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";

#[test]
fn create_has_no_name() {
    need(&[
        ("kubectl create configmap x --from-literal=a=b", &["ci: create configmaps"]),
        ("kubectl create deployment x --image=img --replicas 2", &["ci: create deployments.apps"]),
        ("kubectl create deploy x --image=img -- sleep 1", &["ci: create deployments.apps"]),
        ("kubectl create service clusterip x --tcp=80:8080", &["ci: create services"]),
        ("kubectl create secret generic x --from-literal=a=\"$B\"", &["ci: create secrets"]),
        (
            "kubectl create job smoke --from=cronjob/nightly",
            &[r#"ci: get cronjobs.batch "nightly""#, "ci: create jobs.batch"],
        ),
        ("kubectl create job \"smoke-$(date +%s)\" --image=curl", &["ci: create jobs.batch"]),
        ("kubectl create configmap x --from-file=a --dry-run=client -o yaml", &[]),
        ("kubectl create configmap x --from-file=a --dry-run=server", &["ci: create configmaps"]),
    ]);
}

#[test]
fn manifests_in_the_script_are_read() {
    let apply = format!("kubectl -n shop-dev apply -f - <<EOF\n{CM}EOF\n");
    let create = format!("kubectl create -f - <<'EOF'\n{CM}EOF\n");
    let server = format!("kubectl apply --server-side -f - <<EOF\n{CM}EOF\n");
    let force = format!("kubectl apply --force -f - <<EOF\n{CM}EOF\n");
    let client = format!("kubectl apply --dry-run=client -f - <<EOF\n{CM}EOF\n");
    let cat = format!("cat <<EOF | kubectl apply -f -\n{CM}EOF\n");
    let held = format!("M='{CM}'\nkubectl apply -f - <<< \"$M\"");
    let delete = format!("kubectl delete --wait=false -f - <<EOF\n{CM}EOF\n");
    let applied: &[&str] = &["ci: create configmaps", r#"ci: get, patch configmaps "x""#];
    need(&[
        (&apply, &["app: create configmaps", r#"app: get, patch configmaps "x""#]),
        (&create, &["ci: create configmaps"]),
        (&server, &["ci: create configmaps", r#"ci: patch configmaps "x""#]),
        (&force, &["ci: create configmaps", r#"ci: delete, get, patch configmaps "x""#]),
        (&client, &[r#"ci: get configmaps "x""#]),
        (&cat, applied),
        (&held, applied),
        (&delete, &[r#"ci: delete configmaps "x""#]),
    ]);
}

#[test]
fn a_manifest_may_have_unknown_parts_where_they_do_not_matter() {
    need(&[
        (
            "kubectl apply -f - <<EOF\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: $APP_NAME-migrate\n  namespace: ${NAMESPACE}\nspec:\n  template:\n    spec:\n      containers: [{name: m, image: \"$(cat image)\"}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: ${REPLICAS}}\nEOF",
            &[
                "app: create jobs.batch",
                r#"app: get, patch jobs.batch "shop-migrate""#,
                "ci: create deployments.apps",
                r#"ci: get, patch deployments.apps "web""#,
            ],
        ),
        (
            "kubectl create -f - <<EOF\napiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {generateName: shop-}\nEOF",
            &["ci: create pipelineruns.tekton.dev"],
        ),
        (
            "kubectl apply -f - <<-EOF\n\tapiVersion: v1\n\tkind: List\n\titems:\n\t- {apiVersion: v1, kind: Service, metadata: {name: a}}\n\tEOF",
            &["ci: create services", r#"ci: get, patch services "a""#],
        ),
        (
            "kubectl apply -f - <<EOF\napiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {b: $(kubectl get cm c -o name)}}\nEOF",
            &[r#"ci: get configmaps "c""#, "ci: create services", r#"ci: get, patch services "a""#],
        ),
    ]);
}

#[test]
fn changes_get_and_patch() {
    let shop: &[&str] = &[r#"ci: get, patch deployments.apps "shop""#];
    need(&[
        ("kubectl set image deploy/shop web=$IMAGE", shop),
        ("kubectl set image deployment shop '*=img:1'", shop),
        ("kubectl set image deployment/shop *=img", shop),
        ("kubectl set image deploy/shop \"$CONTAINER=$IMAGE\"", shop),
        ("kubectl set env deploy/shop LOG=debug OLD-", shop),
        ("kubectl set env deploy/shop --list", &[r#"ci: get deployments.apps "shop""#]),
        (
            "kubectl set env deploy/shop --from=configmap/c",
            &[r#"ci: get configmaps "c""#, r#"ci: get, patch deployments.apps "shop""#],
        ),
        (
            "kubectl set image deploy/shop web=x --dry-run=client",
            &[r#"ci: get deployments.apps "shop""#],
        ),
        ("kubectl set image -f d.yaml web=x --local -o yaml", &[]),
        ("kubectl patch deploy shop -p '{\"spec\":{\"replicas\":2}}'", shop),
        ("kubectl patch deploy shop --type=json -p=\"$PATCH\"", shop),
        ("kubectl label deploy shop a=b c- --overwrite", shop),
        ("kubectl annotate deploy/shop at=\"$(date)\"", shop),
        ("kubectl label pods -l app=shop a=b", &["ci: list, patch pods"]),
        ("kubectl label deploy shop --list", &[r#"ci: get deployments.apps "shop""#]),
        ("kubectl rollout restart deploy/shop", shop),
        ("kubectl rollout pause deploy shop", shop),
        (
            "kubectl rollout status deploy/shop --timeout=$TIMEOUT",
            &[r#"ci: get, list, watch deployments.apps "shop""#],
        ),
        ("kubectl rollout status deploy -l app=shop", &["ci: list, watch deployments.apps"]),
        (
            "kubectl rollout undo deploy/shop --to-revision=2",
            &[r#"ci: get, patch deployments.apps "shop""#, "ci: list replicasets.apps"],
        ),
        (
            "kubectl rollout undo sts/db",
            &["ci: list controllerrevisions.apps", r#"ci: get, patch statefulsets.apps "db""#],
        ),
        (
            "kubectl rollout history deploy/shop",
            &[r#"ci: get deployments.apps "shop""#, "ci: list replicasets.apps"],
        ),
        (
            "kubectl scale deploy/shop --replicas=0",
            &[
                r#"ci: get deployments.apps "shop""#,
                r#"ci: get, patch deployments/scale.apps "shop""#,
            ],
        ),
    ]);
}

#[test]
fn delete_waits_where_it_may() {
    need(&[
        ("kubectl delete pod shop-0", &[r#"ci: delete, get, list, watch pods "shop-0""#]),
        (
            "kubectl delete job migrate --ignore-not-found --wait=false",
            &[r#"ci: delete jobs.batch "migrate""#],
        ),
        ("kubectl delete pods -l run=probe --wait=false", &["ci: delete, list pods"]),
        ("kubectl delete pods --all", &["ci: delete, get, list, watch pods"]),
        ("kubectl delete secret x", &[r#"ci: delete secrets "x""#]),
        ("kubectl delete deploy/a svc/a --dry-run=client", &[]),
        ("kubectl delete cm a --dry-run=server", &[r#"ci: delete configmaps "a""#]),
    ]);
}

#[test]
fn rules_that_differ_in_verbs_are_one() {
    need(&[
        (
            "kubectl get deploy shop; kubectl patch deploy shop -p {}; kubectl rollout status deploy/shop",
            &[r#"ci: get, list, patch, watch deployments.apps "shop""#],
        ),
        (
            "kubectl get deploy shop; kubectl get deploy shop -n shop-dev; kubectl get deploy other",
            &[
                r#"app: get deployments.apps "shop""#,
                r#"ci: get deployments.apps "other""#,
                r#"ci: get deployments.apps "shop""#,
            ],
        ),
        (
            "kubectl get pods; kubectl create -f - <<E\n{apiVersion: v1, kind: Pod, metadata: {name: a}}\nE\nkubectl get pods -w",
            &["ci: create pods", "ci: list, watch pods"],
        ),
    ]);
}
