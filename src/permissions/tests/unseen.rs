use super::refuse;

#[test]
fn words_that_gen_does_not_know() {
    refuse(&[
        (
            "kubectl get widgets",
            "gen does not know the kind `widgets`; write it with its group: `widgets.GROUP`",
        ),
        (
            "kubectl get widget.example.com",
            "gen does not know the kind `widget.example.com`; write its plural and its group",
        ),
        (
            "kubectl get all",
            "`all` is whatever kinds the cluster puts there; name the ones you mean",
        ),
        (
            "kubectl get gateway x",
            "gen does not know the kind `gateway`; write it with its group: `gateway.GROUP`",
        ),
        ("kubectl get pod/a,svc/b", "`a,svc/b` is no name"),
        ("kubectl get pod \"\"", "`` is no name"),
        ("kubectl create cm x $FLAGS", "a word of it may be a flag when it runs; put it in quotes"),
        (
            "kubectl set image deploy/x $C=$I",
            "a word of it may be a flag when it runs; put it in quotes",
        ),
        ("kubectl apply --prune -l a=b -f - <<E\nE", "`--prune` deletes whatever carries a label"),
        ("kubectl get pods --colour", "gen does not know its flag `--colour`"),
        ("kubectl get pods -z", "gen does not know its flag `-z`"),
        ("kubectl get --raw /healthz", "gen does not read `--raw`"),
        ("kubectl get deploy shop --subresource=status", "gen does not read `--subresource`"),
        ("kubectl neat get pods", "gen does not know what `kubectl neat` does"),
        ("kubectl edit deploy shop", "gen does not know what `kubectl edit` does"),
        ("kubectl run x --rm -it --image=curl", "gen does not know what `kubectl run` does"),
        ("kubectl expose deploy/shop", "gen does not know what `kubectl expose` does"),
        ("kubectl autoscale deploy shop", "gen does not know what `kubectl autoscale` does"),
        ("kubectl replace --force -f -", "gen does not know what `kubectl replace` does"),
        ("kubectl diff -f -", "gen does not know what `kubectl diff` does"),
        ("kubectl top pods", "gen does not know what `kubectl top` does"),
        ("kubectl events -w", "gen does not know what `kubectl events` does"),
        ("kubectl auth reconcile -f -", "gen does not know what `kubectl auth` does"),
        ("kubectl set resources deploy/shop", "gen reads `set image` and `set env`"),
        (
            "kubectl scale sts db --current-replicas=2",
            "gen does not know its flag `--current-replicas=2`",
        ),
        ("kubectl rollout undo cm/x", "`configmaps` have no revisions"),
        ("kubectl get deploy/a b", "`b` stands beside `KIND/NAME`, but is none"),
    ]);
}

#[test]
fn manifests_that_gen_does_not_see() {
    refuse(&[
        ("kubectl apply -f k8s/", "it reads `k8s/`, which gen does not see"),
        ("kubectl apply -f a.yaml -f b.yaml", "it reads `a.yaml`, which gen does not see"),
        ("kubectl apply -k overlays/dev", "it reads `overlays/dev`, which gen does not see"),
        ("kubectl get -f d.yaml", "it reads `d.yaml`, which gen does not see"),
        ("kubectl delete -f $FILE", "it reads `a file`, which gen does not see"),
        (
            "echo '{apiVersion: v1, kind: Pod, metadata: {name: x}}' | kubectl apply -f -",
            "it reads manifests that gen does not see",
        ),
        (
            "M='{kind: Pod}'; printf '%s' \"$M\" | tee m.yaml | kubectl apply -f -",
            "it reads manifests that gen does not see",
        ),
        (
            "kubectl create cm x --from-file=a --dry-run=client -o yaml | kubectl apply -f -",
            "it reads manifests that gen does not see",
        ),
        (
            "kubectl create secret generic x --dry-run=client -o yaml | kubectl apply --server-side -f -",
            "it reads manifests that gen does not see",
        ),
        ("kustomize build . | kubectl apply -f -", "it reads manifests that gen does not see"),
        ("envsubst < d.yaml | kubectl apply -f -", "it reads manifests that gen does not see"),
        ("kubectl apply -f - < d.yaml", "it reads manifests that gen does not see"),
        ("kubectl apply -f - <<E\nE", "its manifest holds no object"),
        ("kubectl apply -f - <<E\nkind: Pod\nE", "its manifest has no `apiVersion` or no `kind`"),
        (
            "kubectl apply -f - <<E\n{apiVersion: v1, kind: Pod, metadata: {generateName: x}}\nE",
            "an object of its manifest has no name",
        ),
        (
            "kubectl apply -f - <<E\n{apiVersion: v1, kind: $K, metadata: {name: x}}\nE",
            "`kind` of its manifest is only known when it runs",
        ),
        (
            "kubectl apply -f - <<E\n{apiVersion: v1, kind: Pod, metadata: {name: $K}}\nE",
            "`metadata.name` of its manifest is only known when it runs",
        ),
        (
            "kubectl apply -f - <<E\n$MANIFEST\nE",
            "a line of its manifest is only known when it runs",
        ),
        (
            "kubectl apply -f - <<E\na: [\nE",
            "its manifest cannot be read: invalid YAML: while parsing a node, did not find expected node content",
        ),
        (
            "kubectl apply -f - <<E\n{apiVersion: e.com/v1, kind: Widget, metadata: {name: x}}\nE",
            "gen does not know the plural of `Widget` in `e.com/v1`",
        ),
        (
            "kubectl create -f - <<E\n{apiVersion: v1, kind: Pod, metadata: $M}\nE",
            "`metadata` of its manifest is no mapping that gen can read",
        ),
        (
            "kubectl apply -f - <<E\n{apiVersion: v1, kind: List, items: $M}\nE",
            "`items` of its manifest is no list that gen can read",
        ),
    ]);
}

#[test]
fn scripts_that_gen_does_not_read() {
    refuse(&[
        ("parallel kubectl get pods", "gen does not know how `parallel` runs it"),
        ("retry -t 5 -- kubectl -n x get pods", "gen does not know how `retry` runs it"),
        (
            "#!/usr/bin/env python3\nos.system('kubectl get pods')",
            "gen reads `sh` and `bash`, and this is a script for `python3`",
        ),
        (
            "#!/usr/bin/python3\nsubprocess.run([\"gen\", \"diff\"])",
            "gen reads `sh` and `bash`, and this is a script for `python3`",
        ),
        (
            "#!/usr/bin/env -S node --no-warnings\nexec('flux get ks')",
            "gen reads `sh` and `bash`, and this is a script for `node`",
        ),
        (
            "#!/bin/zsh\nkubectl get pods",
            "gen reads `sh` and `bash`, and this is a script for `zsh`",
        ),
        ("kubectl get pods \"", "shell syntax that gen cannot parse: unclosed `\"`"),
        ("if true; kubectl get pods; fi", "shell syntax that gen cannot parse: `then` is missing"),
        ("kubectl get pods )", "shell syntax that gen cannot parse: unmatched `)`"),
    ]);
}
