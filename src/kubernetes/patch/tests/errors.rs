//! The text of every error of a patch.

use super::{read, said, value};
use crate::diagnostics::all;
use crate::kubernetes::patch::{json, operation};

/// Patches that fail, by the error that they are about.
const FAILING: &[(&str, &[&str])] = &[
    (
        "GEN0701",
        &[
            "target: {kind: Deployment, name: ordres}\nmerge: {}",
            "target: {kind: Deploymnet}\nmerge: {}",
            "target: {group: apps, version: v1, kind: StatefulSet, name: 'orders*', namespace: prod, labels: 'tier=web,canary'}\nmerge: {}",
            "target: {kind: Ingress}\nmerge: {}",
            "target: {name: inventory}\nmerge: {}",
        ],
    ),
    (
        "GEN0702",
        &[
            "target: {kind: Deployment}\nmerge:\n  metadata:\n    name: other",
            "target: {kind: Deployment}\nmerge:\n  metadata: {labels: {app.kubernetes.io/name: other}}\n  spec: {template: {metadata: {labels: {app.kubernetes.io/name: other}}}}",
            "target: {kind: Deployment}\nmerge: {spec: {selector: {matchLabels: {tier: web}}}}",
            "target: {kind: Deployment}\nmerge:\n  spec:\n    template:\n      spec:\n        containers:\n          - name: proxy\n            image: x\n          - name: orders\n            image: registry.example/orders:latest",
            "target: {kind: Deployment}\njson:\n  - {op: test, path: /metadata/name, value: orders}\n  - {op: replace, path: /spec/template/spec/containers/0/image, value: x}",
            "target: {kind: Deployment}\njson:\n  - {op: add, path: /metadata/annotations/kustomize.toolkit.fluxcd.io~1prune, value: disabled}\n  - {op: move, from: /metadata/annotations/gitops-gen.dev~1hash, path: /metadata/annotations/hash}",
            "target: {kind: Deployment}\nmerge: {$patch: delete}",
        ],
    ),
    (
        "GEN0703",
        &[
            "target: {kind: Deployment}\nmerge: {spec: {strategy: {$patch: merge}}}",
            "target: {kind: Deployment}\nmerge: {spec: {strategy: {$patch: [delete]}}}",
            "target: {kind: Deployment}\nmerge: {spec: {template: {spec: {$setElementOrder/containers: [{name: orders}]}}}}",
        ],
    ),
    (
        "GEN0704",
        &[
            "target: {kind: Deployment}\njson:\n  - {op: replace, path: /spec/replcas, value: 3}",
            "target: {kind: Deployment}\njson:\n  - {op: replace, path: spec/replicas, value: 3}",
            "target: {kind: Deployment}\njson:\n  - {op: remove, path: /spec/template/spec/containers/2}",
            "target: {kind: Deployment}\njson:\n  - {op: remove, path: /spec/template/spec/volumes/1}",
            "target: {kind: Deployment}\njson:\n  - {op: remove, path: /spec/template/spec/containers/-}",
            "target: {kind: Deployment}\njson:\n  - {op: remove, path: /spec/template/spec/containers/01}",
            "target: {kind: Deployment}\njson:\n  - {op: add, path: /spec/replicas/max, value: 3}",
            "target: {kind: Deployment}\njson:\n  - {op: move, from: /spec/template, path: /spec/template/spec/old}",
            "target: {kind: Deployment}\njson:\n  - {op: copy, from: /metadata/label, path: /spec/labels}",
            "target: {kind: Deployment}\njson:\n  - {op: remove, path: ''}",
            "target: {kind: Deployment}\njson:\n  - {op: remove, path: /metadata/annotations/example.test~note}",
        ],
    ),
    (
        "GEN0705",
        &[
            "target: {kind: Deployment}\njson:\n  - {op: test, path: /spec/replicas, value: 3}",
            "target: {kind: Deployment}\njson:\n  - {op: test, path: /spec/template, value: 3}",
        ],
    ),
    (
        "GEN0706",
        &[
            "target: {kind: Deployment}\nmerge:\n  spec:\n    template:\n      spec:\n        containers:\n          - env: [{name: A, value: b}]",
            "target: {kind: Deployment}\nmerge: {spec: {template: {spec: {containers: [{name: orders, ports: [{name: http}]}]}}}}",
        ],
    ),
    (
        "GEN0707",
        &[
            "target: {kind: Deployment}\nmerge: {spec: {template: {spec: {containers: [{name: orders, env: [{name: DEBUG, $patch: delete}]}]}}}}",
            "target: {kind: Deployment}\nmerge: {spec: {strategy: {$patch: delete}}}",
        ],
    ),
    (
        "GEN0708",
        &[
            "target: {kind: Deployment}\nmerge: {spec: {replicas: {min: 1}}}",
            "target: {kind: Deployment}\nmerge: {spec: {template: {spec: {containers: {name: orders}}}}}",
            "target: {kind: Deployment}\nmerge: {metadata: {annotations: {example.test/note: [a]}}}",
            "target: {kind: Deployment}\nmerge: {spec: {template: {spec: {volumes: [tmp]}}}}",
        ],
    ),
    (
        "GEN0709",
        &[
            "target: {kind: Deployment}\njson: {op: remove, path: /spec/replicas}",
            "target: {kind: Deployment}\njson:\n  - remove\n  - {path: /spec/replicas}\n  - {op: ad, path: /a, value: 1}\n  - {op: 1, path: /a}\n  - {op: remove, path: /a, valeu: 1}\n  - {op: move, path: /a}\n  - {op: add}\n  - {op: remove, path: 3}",
        ],
    ),
    (
        "GEN0710",
        &[
            "target: {kind: Deployment}\nmerge: {spec: {template: {spec: {tolerations: [{key: a, $patch: delete}]}}}}",
        ],
    ),
    (
        "GEN0712",
        &[
            "target: {kind: Deployment}\nmerge: {spec: {template: {spec: {volumes: [{name: a, secret: {defaultMode: 0400}}]}}}}",
            "target: {kind: Deployment}\njson: [{op: add, path: /metadata/annotations, value: {a: yes, b: 'yes'}}]",
        ],
    ),
    (
        "the spec",
        &[
            "[target]",
            "{}",
            "targte: {kind: Deployment}\nmerge: {}",
            "target: {kind: Deployment}",
            "target: {kind: Deployment}\nmerge: {}\njson: []",
            "target: {kind: Deployment}\nmerge: []",
            "target: Deployment\nmerge: {}",
            "target: {kind: [Deployment], nmae: orders, apiVersion: v1}\nmerge: {}",
            "target: {namespace: orders-dev}\nmerge: {}",
            "target: {labels: 'tier in (web)'}\nmerge: {}",
            "target: {labels: {tier: [web]}}\nmerge: {}",
        ],
    ),
];

#[test]
fn messages() {
    for (code, patches) in FAILING {
        let text: Vec<String> = patches.iter().map(|patch| said(patch)).collect();
        let about = |said: &String| said.contains(code) || *code == "the spec";
        assert!(text.iter().all(about), "{code}: {}", text.concat());
        insta::assert_snapshot!(code.to_lowercase().replace(' ', "_"), text.join("\n"));
    }
}

/// GEN0713 is about what comes of a patch: tests/golden/error-patch-misfit.
#[test]
fn every_error_has_its_message_here() {
    let codes = all().into_iter().map(|entry| entry.code);
    let codes = codes.filter(|code| (700..800).contains(&code.0) && ![711, 713].contains(&code.0));
    for code in codes.map(|code| code.to_string()) {
        assert!(FAILING.iter().any(|(other, _)| *other == code), "{code}");
    }
}

/// GEN0711 is about many operations, or one that no line shows well.
#[test]
fn what_grows_too_large() {
    let refused = |object: &str, operations: &str| {
        let operations = operation::read(&read(operations).1).unwrap();
        let error = json::apply(&operations, &mut value(object)).unwrap_err();
        error.to_string()
    };
    let copies = "- {op: copy, from: /a, path: /a/-}\n".repeat(40);
    insta::assert_snapshot!(refused("{a: [1]}", &copies), @"[GEN0711] the patch makes the object larger than 200000 values");
    let deep = format!("{}{}", "[".repeat(58), "]".repeat(58));
    let add = format!("- {{op: add, path: /a/a/a/a/a/a/a, value: {deep}}}");
    let object = "{a: {a: {a: {a: {a: {a: {}}}}}}}";
    insta::assert_snapshot!(refused(object, &add), @"[GEN0711] the patch makes the object deeper than 64 levels");
}
