use super::{need, refuse};

#[test]
fn programs_that_ask_the_cluster_declare_what_they_need() {
    refuse(&[
        ("helm upgrade --install shop ./chart", "gen does not read `helm upgrade`"),
        ("helm -n shop-dev rollback shop", "gen does not read `helm rollback`"),
        ("helm list", "gen does not read `helm list`"),
        ("helm $VERB", "its verb is only known when it runs"),
        ("helm template shop . --validate", "`helm template` asks the cluster with this flag"),
        ("helm template . --dry-run server", "`helm template` asks the cluster with this flag"),
        ("oc apply -f -", "gen does not read `oc apply`"),
        ("/usr/bin/oc rollout status deploy/shop", "gen does not read `oc rollout`"),
        ("argocd app sync shop", "gen does not read `argocd app`"),
        ("argocd login argocd.example", "gen does not read `argocd login`"),
        ("kustomize live apply", "gen does not read `kustomize live`"),
        ("helmfile sync", "gen does not read `helmfile sync`"),
        ("tkn pipeline start shop", "gen does not read `tkn pipeline`"),
        ("sudo helm upgrade x .", "gen does not know how `sudo` runs it"),
        ("sh -c 'oc apply -f x'", "gen does not know how `sh` runs it"),
        ("make && helm upgrade x .", "gen does not read `helm upgrade`"),
    ]);
}

#[test]
fn what_works_on_files_and_registries_needs_nothing() {
    need(&[
        ("helm template shop ./chart -f values.yaml > all.yaml", &[]),
        ("helm lint chart && helm package chart && helm push chart.tgz oci://registry.lan/x", &[]),
        ("helm dependency update chart", &[]),
        ("helm upgrade --help", &[]),
        ("helm", &[]),
        ("kustomize build overlays/prod > all.yaml", &[]),
        ("kustomize edit set image shop=registry.lan/shop:1", &[]),
        ("oc version --client", &[]),
        ("argocd version --client", &[]),
        ("apk add helm kustomize && helm version", &[]),
        ("echo oc and helm upgrade", &[]),
        ("timeout 60 helm template .", &[]),
        ("grep -r 'helm upgrade' docs", &[]),
        ("cat <<E\nhelm upgrade x\nE", &[]),
        ("# helm upgrade\ntrue", &[]),
    ]);
}
