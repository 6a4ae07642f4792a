use super::need;

#[test]
fn get_is_get_by_name_and_list_without() {
    need(&[
        ("kubectl get deploy shop", &[r#"ci: get deployments.apps "shop""#]),
        ("kubectl get deployment/shop", &[r#"ci: get deployments.apps "shop""#]),
        ("kubectl get pods", &["ci: list pods"]),
        ("kubectl get pods -l app=shop -o name", &["ci: list pods"]),
        (
            "kubectl get pods -l \"app=$1\" -o jsonpath={.items[*].metadata.name}",
            &["ci: list pods"],
        ),
        ("kubectl get po a b", &[r#"ci: get pods "a", "b""#]),
        ("kubectl get pods -w", &["ci: list, watch pods"]),
        ("kubectl get deploy shop --watch", &[r#"ci: get, watch deployments.apps "shop""#]),
        ("kubectl get deploy shop --watch=false", &[r#"ci: get deployments.apps "shop""#]),
        (
            "kubectl get deploy,svc shop",
            &[r#"ci: get services "shop""#, r#"ci: get deployments.apps "shop""#],
        ),
        (
            "kubectl get deploy/shop svc/front",
            &[r#"ci: get services "front""#, r#"ci: get deployments.apps "shop""#],
        ),
        ("kubectl get deployments.apps shop", &[r#"ci: get deployments.apps "shop""#]),
        ("kubectl get deployments.v1.apps shop", &[r#"ci: get deployments.apps "shop""#]),
        ("kubectl get pods.v1. shop", &[r#"ci: get pods "shop""#]),
        ("kubectl get Deployment shop", &[r#"ci: get deployments.apps "shop""#]),
        ("kubectl get widgets.example.com w", &[r#"ci: get widgets.example.com "w""#]),
        ("kubectl get widgets.v1beta1.example.com w", &[r#"ci: get widgets.example.com "w""#]),
        ("kubectl get pipelinerun", &["ci: list pipelineruns.tekton.dev"]),
        ("kubectl get events --sort-by=.lastTimestamp", &["ci: list events"]),
        (
            "kubectl get hpa,pdb,netpol,ing",
            &[
                "ci: list horizontalpodautoscalers.autoscaling",
                "ci: list ingresses.networking.k8s.io",
                "ci: list networkpolicies.networking.k8s.io",
                "ci: list poddisruptionbudgets.policy",
            ],
        ),
        ("kubectl get -oyaml sts/db", &[r#"ci: get statefulsets.apps "db""#]),
        ("/usr/local/bin/kubectl get cm x", &[r#"ci: get configmaps "x""#]),
    ]);
}

#[test]
fn the_namespace_decides_where() {
    need(&[
        ("kubectl -n shop-dev get pods", &["app: list pods"]),
        ("kubectl get pods -n shop-dev-ci", &["ci: list pods"]),
        ("kubectl get pods --namespace=shop-dev", &["app: list pods"]),
        ("kubectl get pods --namespace shop-dev", &["app: list pods"]),
        ("kubectl get pods -nshop-dev", &["app: list pods"]),
        ("kubectl get pods -n=shop-dev", &["app: list pods"]),
        ("kubectl get pods -wn shop-dev", &["app: list, watch pods"]),
        (
            r#"kubectl -n "$NAMESPACE" get deploy "$APP_NAME""#,
            &[r#"app: get deployments.apps "shop""#],
        ),
        (
            "kubectl -n ${NAMESPACE} get deploy/${APP_NAME}",
            &[r#"app: get deployments.apps "shop""#],
        ),
        ("kubectl -n $PIPELINE_NAMESPACE get pods", &["ci: list pods"]),
        (r#"kubectl -n "${NAMESPACE:?}" get pods"#, &["app: list pods"]),
        (r#"kubectl -n "${NAMESPACE:-default}" get pods"#, &["app: list pods"]),
        (
            "kubectl -n flux-system wait kustomization/shop-dev --for=condition=Ready",
            &[r#"flux: get, list, watch kustomizations.kustomize.toolkit.fluxcd.io "shop-dev""#],
        ),
        (
            "kubectl -n flux-system annotate --overwrite gitrepository/flux-system reconcile.fluxcd.io/requestedAt=\"$(date +%s)\"",
            &[r#"flux: get, patch gitrepositories.source.toolkit.fluxcd.io "flux-system""#],
        ),
    ]);
}

#[test]
fn describe_reads_what_belongs_to_it() {
    need(&[
        (
            "kubectl describe deploy/shop",
            &["ci: list events", r#"ci: get deployments.apps "shop""#, "ci: list replicasets.apps"],
        ),
        ("kubectl describe pod shop", &["ci: list events", "ci: get, list pods"]),
        (
            "kubectl describe cm shop",
            &["ci: list configmaps", r#"ci: get configmaps "shop""#, "ci: list events"],
        ),
        ("kubectl describe pods -l app=shop", &["ci: list events", "ci: get, list pods"]),
        (
            "kubectl describe sts/db --show-events=false",
            &["ci: list pods", r#"ci: get statefulsets.apps "db""#],
        ),
        (
            "kubectl describe ing/web",
            &[
                "ci: list events",
                "ci: get services",
                "ci: list endpointslices.discovery.k8s.io",
                r#"ci: get ingresses.networking.k8s.io "web""#,
            ],
        ),
    ]);
}

#[test]
fn logs_of_a_workload_find_its_pods() {
    need(&[
        ("kubectl logs shop-0", &[r#"ci: get pods "shop-0""#, r#"ci: get pods/log "shop-0""#]),
        (
            "kubectl logs -f shop-0 main",
            &[r#"ci: get pods "shop-0""#, r#"ci: get pods/log "shop-0""#],
        ),
        (
            "kubectl logs pod/shop-0 -c main -p",
            &[r#"ci: get pods "shop-0""#, r#"ci: get pods/log "shop-0""#],
        ),
        (
            "kubectl -n shop-dev logs deploy/shop --tail=50",
            &["app: list, watch pods", "app: get pods/log", r#"app: get deployments.apps "shop""#],
        ),
        (
            "kubectl logs job/migrate --follow --prefix",
            &["ci: list, watch pods", "ci: get pods/log", r#"ci: get jobs.batch "migrate""#],
        ),
        ("kubectl logs -l app=shop --tail 20", &["ci: list pods", "ci: get pods/log"]),
    ]);
}

#[test]
fn other_commands_that_look() {
    need(&[
        (
            "kubectl wait --for=condition=available --timeout=60s deploy/shop",
            &[r#"ci: get, list, watch deployments.apps "shop""#],
        ),
        ("kubectl wait pod -l app=shop --for condition=Ready", &["ci: get, list, watch pods"]),
        (
            "kubectl wait --for=delete job/migrate",
            &[r#"ci: get, list, watch jobs.batch "migrate""#],
        ),
        ("kubectl auth can-i create pods", &[]),
        ("kubectl auth whoami", &[]),
        ("kubectl version", &[]),
        ("kubectl version --client -o json", &[]),
        ("kubectl config current-context", &[]),
        ("kubectl config view --minify", &[]),
        ("kubectl explain deploy.spec", &[]),
        ("kubectl api-resources --namespaced=true", &[]),
        ("kubectl kustomize deploy/base", &[]),
        ("kubectl", &[]),
        ("kubectl --help", &[]),
        ("kubectl get --help", &[]),
    ]);
}
