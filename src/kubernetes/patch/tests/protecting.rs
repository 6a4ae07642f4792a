//! What a patch may touch and what it may not.

use super::{DEPLOYMENT, PINNED, patch, value};

const RUN: &str = "{apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: {name: run, annotations: \
                   {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}}, spec: {}}";
const KUSTOMIZATION: &str = "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, \
                             metadata: {name: orders-dev, finalizers: [a]}, spec: {interval: 10m}}";
const CRON_JOB: &str = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: orders}, spec: {jobTemplate: {spec: \
                        {template: {metadata: {labels: {app.kubernetes.io/name: orders}}, spec: {initContainers: \
                        [{name: a, image: 'registry.example/orders@sha256:abc'}]}}}}}}";

/// Patches, the object, and what they may not change; nothing if they may.
const CASES: &[(&str, &str, &str)] = &[
    // Identity, however it is changed; saying it again is not a change.
    (DEPLOYMENT, "merge: {apiVersion: apps/v1, kind: Deployment, metadata: {name: orders}}", ""),
    (DEPLOYMENT, "merge: {apiVersion: apps/v2}", "`apiVersion`"),
    (DEPLOYMENT, "merge: {kind: StatefulSet}", "`kind`"),
    (DEPLOYMENT, "merge: {metadata: {namespace: prod}}", "`metadata.namespace`"),
    (DEPLOYMENT, "merge: {metadata: {namespace: null}}", "`metadata.namespace`"),
    (DEPLOYMENT, "merge: {metadata: {generateName: a-}}", "`metadata.generateName`"),
    (DEPLOYMENT, "json: [{op: remove, path: /metadata/name}]", "`metadata.name`"),
    (
        DEPLOYMENT,
        "json: [{op: move, from: /metadata/name, path: /metadata/title}]",
        "`metadata.name`",
    ),
    (
        DEPLOYMENT,
        "json: [{op: remove, path: /kind}, {op: add, path: /kind, value: Deployment}]",
        "",
    ),
    // Ownership.
    (
        DEPLOYMENT,
        "merge: {metadata: {labels: {tier: db, team: a}, annotations: {example.test/note: null}}}",
        "",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {labels: {app.kubernetes.io/version: v2, app.kubernetes.io/component: x}}}",
        "",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {labels: {app.kubernetes.io/instance: null}}}",
        "the label `app.kubernetes.io/instance`",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {labels: {app.kubernetes.io/managed-by: me}}}",
        "the label `app.kubernetes.io/managed-by`",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {labels: {app.kubernetes.io/part-of: x}}}",
        "the label `app.kubernetes.io/part-of`",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {labels: {gitops-gen.dev/app: x}}}",
        "the label `gitops-gen.dev/app`",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {annotations: {gitops-gen.dev/hash: x}}}",
        "the annotation `gitops-gen.dev/hash`",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {annotations: {$patch: replace, a: b}}}",
        "the annotation `gitops-gen.dev/hash`",
    ),
    (DEPLOYMENT, "merge: {metadata: {ownerReferences: [{uid: a}]}}", "`metadata.ownerReferences`"),
    (DEPLOYMENT, "merge: {metadata: {managedFields: []}}", "`metadata.managedFields`"),
    (DEPLOYMENT, "merge: {metadata: {finalizers: [example.test/a]}}", ""),
    (KUSTOMIZATION, "merge: {metadata: {finalizers: []}}", "`metadata.finalizers`"),
    (KUSTOMIZATION, "merge: {spec: {interval: 1h}}", ""),
    // Selectors and what they select.
    (DEPLOYMENT, "merge: {spec: {selector: {matchLabels: {tier: web}}}}", "`spec.selector`"),
    (DEPLOYMENT, "merge: {spec: {template: {metadata: {labels: {tier: db}}}}}", ""),
    (
        DEPLOYMENT,
        "merge: {spec: {template: {metadata: {labels: {app.kubernetes.io/name: x}}}}}",
        "the label `app.kubernetes.io/name`",
    ),
    (
        CRON_JOB,
        "merge: {spec: {jobTemplate: {spec: {template: {metadata: {labels: null}}}}}}",
        "the label `app.kubernetes.io/name`",
    ),
    // Flux's annotations: three are a user's.
    (DEPLOYMENT, "merge: {metadata: {annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}}}", ""),
    (
        DEPLOYMENT,
        "merge: {metadata: {annotations: {kustomize.toolkit.fluxcd.io/force: enabled}}}",
        "",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {labels: {kustomize.toolkit.fluxcd.io/reconcile: disabled}}}",
        "",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}}",
        "the annotation `kustomize.toolkit.fluxcd.io/prune`",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}}",
        "the annotation `kustomize.toolkit.fluxcd.io/substitute`",
    ),
    (
        DEPLOYMENT,
        "merge: {metadata: {labels: {kustomize.toolkit.fluxcd.io/name: x}}}",
        "the label `kustomize.toolkit.fluxcd.io/name`",
    ),
    (
        RUN,
        "merge: {metadata: {annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}}}",
        "the annotation `kustomize.toolkit.fluxcd.io/ssa`",
    ),
    (RUN, "merge: {spec: {timeouts: {pipeline: 1h}}}", ""),
    // The pinned image.
    (
        DEPLOYMENT,
        "merge: {spec: {template: {spec: {containers: [{name: proxy, image: x}, {name: new, image: z}]}}}}",
        "",
    ),
    (
        DEPLOYMENT,
        "merge: {spec: {template: {spec: {containers: [{name: orders, image: 'registry.example/orders@sha256:abc', tty: true}]}}}}",
        "",
    ),
    (
        DEPLOYMENT,
        "merge: {spec: {template: {spec: {containers: [{name: orders, image: x}]}}}}",
        "the pinned image",
    ),
    (
        DEPLOYMENT,
        "merge: {spec: {template: {spec: {containers: [{name: orders, $patch: delete}]}}}}",
        "the pinned image",
    ),
    (DEPLOYMENT, "merge: {spec: {template: null}}", "the pinned image"),
    (
        DEPLOYMENT,
        "json: [{op: add, path: /spec/template/spec/containers/0, value: {name: first, image: x}}]",
        "",
    ),
    (
        DEPLOYMENT,
        "json: [{op: replace, path: /spec/template/spec/containers/0/name, value: x}]",
        "the pinned image",
    ),
    (DEPLOYMENT, "json: [{op: remove, path: /spec/template/spec/containers}]", "the pinned image"),
    (DEPLOYMENT, "json: [{op: replace, path: '', value: {}}]", "`kind`"),
    (
        CRON_JOB,
        "merge: {spec: {jobTemplate: {spec: {template: {spec: {initContainers: [{name: a, image: x}]}}}}}}",
        "the pinned image",
    ),
];

#[test]
fn what_may_change_and_what_may_not() {
    for (object, change, protected) in CASES {
        let patch = patch(&format!("target: {{name: '*'}}\n{change}")).unwrap();
        let mut patched = value(object);
        match patch.apply(&mut patched, Some(PINNED)) {
            Ok(matched) => assert!(matched && protected.is_empty(), "{change}: nothing said"),
            Err(errors) => {
                assert!(!protected.is_empty(), "{change}: {errors}");
                let wanted = format!("[GEN0702] a patch cannot change {protected}");
                assert!(errors.to_string().contains(&wanted), "{change}: {errors}");
                assert_eq!(patched.to_string(), value(object).to_string());
            }
        }
    }
}

#[test]
fn without_a_pin_the_image_may_change() {
    let change = "merge: {spec: {template: {spec: {containers: [{name: orders, image: x}]}}}}";
    let patch = patch(&format!("target: {{kind: Deployment}}\n{change}")).unwrap();
    let mut object = value(DEPLOYMENT);
    assert_eq!(patch.apply(&mut object, None), Ok(true));
    assert!(object.to_string().contains(r#""image":"x""#));
}
