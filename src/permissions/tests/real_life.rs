use super::{need, read};

#[test]
fn deploy_scripts() {
    need(&[
        (
            r#"#!/usr/bin/env bash
set -euo pipefail
kubectl -n "$NAMESPACE" set image "deployment/$APP_NAME" "$APP_NAME=$IMAGE@$DIGEST"
if ! kubectl -n "$NAMESPACE" rollout status "deployment/$APP_NAME" --timeout=180s; then
  kubectl -n "$NAMESPACE" get pods -l "app.kubernetes.io/name=$APP_NAME" -o wide
  kubectl -n "$NAMESPACE" logs "deployment/$APP_NAME" --tail=50 || true
  kubectl -n "$NAMESPACE" rollout undo "deployment/$APP_NAME"
  exit 1
fi
"#,
            &[
                "app: list, watch pods",
                "app: get pods/log",
                r#"app: get, list, patch, watch deployments.apps "shop""#,
                "app: list replicasets.apps",
            ],
        ),
        (
            r#"#!/bin/sh
set -eu
IMAGE="$(cat image)"
cat <<EOF | kubectl apply -n "$NAMESPACE" -f -
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${APP_NAME}
  labels: {app: "${APP_NAME}"}
spec:
  replicas: 1
  selector: {matchLabels: {app: "${APP_NAME}"}}
  template:
    metadata: {labels: {app: "${APP_NAME}"}}
    spec:
      containers:
      - name: app
        image: "${IMAGE}"
---
apiVersion: v1
kind: Service
metadata: {name: "${APP_NAME}"}
spec: {selector: {app: "${APP_NAME}"}, ports: [{port: 80, targetPort: 8080}]}
EOF
kubectl rollout status -n "$NAMESPACE" "deploy/${APP_NAME}" --timeout=2m
"#,
            &[
                "app: create services",
                r#"app: get, patch services "shop""#,
                "app: create deployments.apps",
                r#"app: get, list, patch, watch deployments.apps "shop""#,
            ],
        ),
        (
            r#"gen set "$APP_NAME" --env dev --image "$REF"
gen commit --app "$APP_NAME" --env dev --push
flux reconcile source git flux-system
flux reconcile kustomization "$APP_NAME-dev"
kubectl -n "$NAMESPACE" rollout status deploy/"$APP_NAME"
"#,
            &[
                r#"app: get, list, watch deployments.apps "shop""#,
                r#"flux: get, patch kustomizations.kustomize.toolkit.fluxcd.io "shop-dev""#,
                r#"flux: get, patch gitrepositories.source.toolkit.fluxcd.io "flux-system""#,
            ],
        ),
        (
            r#"for d in api web; do
  kubectl -n "$NAMESPACE" rollout restart "deploy/$d"
done
for d in api web; do
  kubectl -n "$NAMESPACE" rollout status "deploy/$d" --timeout 2m
done
"#,
            &[
                r#"app: get, list, patch, watch deployments.apps "api""#,
                r#"app: get, list, patch, watch deployments.apps "web""#,
            ],
        ),
    ]);
}

#[test]
fn tests_and_waits() {
    need(&[
        (
            r#"#!/bin/sh
set -e
for i in $(seq 1 30); do
  code=$(curl -s -o /dev/null -w '%{http_code}' "$APP_URL/health") || true
  [ "$code" = 200 ] && exit 0
  sleep 2
done
echo "gave up; see kubectl logs" >&2
exit 1
"#,
            &[],
        ),
        (
            r#"deadline=$(( $(date +%s) + 120 ))
until [ "$(kubectl -n "$NAMESPACE" get deploy "$APP_NAME" -o jsonpath='{.status.readyReplicas}')" = "1" ]; do
  if [ "$(date +%s)" -gt "$deadline" ]; then
    kubectl -n "$NAMESPACE" describe "deploy/$APP_NAME"
    kubectl -n "$NAMESPACE" get events --sort-by=.metadata.creationTimestamp | tail -n 20
    exit 1
  fi
  sleep 5
done
"#,
            &[
                "app: list events",
                r#"app: get deployments.apps "shop""#,
                "app: list replicasets.apps",
            ],
        ),
        (
            r#"JOB="$APP_NAME-migrate"
kubectl -n "$NAMESPACE" create job "$JOB" --from="cronjob/$APP_NAME"
kubectl -n "$NAMESPACE" wait --for=condition=complete --timeout=5m "job/$JOB"
kubectl -n "$NAMESPACE" logs "job/$JOB"
kubectl -n "$NAMESPACE" delete job "$JOB" --ignore-not-found --wait=false
"#,
            &[
                "app: list, watch pods",
                "app: get pods/log",
                r#"app: get cronjobs.batch "shop""#,
                "app: create jobs.batch",
                r#"app: delete, get, list, watch jobs.batch "shop-migrate""#,
            ],
        ),
        (
            r#"if command -v kubectl >/dev/null 2>&1; then :; else
  curl -fsSLo /tmp/kubectl "https://dl.k8s.io/release/$(curl -Ls https://dl.k8s.io/release/stable.txt)/bin/linux/amd64/kubectl"
  chmod +x /tmp/kubectl
fi
/tmp/kubectl auth can-i get pods && /tmp/kubectl version --client
"#,
            &[],
        ),
        (
            r#"kubectl -n flux-system wait --for=condition=Ready --timeout=5m kustomizations.kustomize.toolkit.fluxcd.io/shop-dev
kubectl -n $NAMESPACE get deploy $APP_NAME -o jsonpath='{.spec.template.spec.containers[0].image}' | grep -q "@$DIGEST"
"#,
            &[
                r#"app: get deployments.apps "shop""#,
                r#"flux: get, list, watch kustomizations.kustomize.toolkit.fluxcd.io "shop-dev""#,
            ],
        ),
    ]);
}

#[test]
fn a_pod_by_a_name_that_only_the_cluster_knows_must_be_declared() {
    let script = r#"POD=$(kubectl -n $NAMESPACE get pods -l app=$APP_NAME -o jsonpath='{.items[0].metadata.name}')
kubectl -n $NAMESPACE logs "$POD"
"#;
    assert_eq!(
        read(script),
        [
            r#"! kubectl -n $NAMESPACE logs "$POD" ! the name of what it acts on is only known when it runs"#
        ]
    );
}
