use super::{names, need, refuse};
use crate::permissions::script::permissions;

#[test]
fn flux_acts_where_flux_runs() {
    need(&[
        (
            "flux reconcile kustomization shop-dev",
            &[r#"flux: get, patch kustomizations.kustomize.toolkit.fluxcd.io "shop-dev""#],
        ),
        (
            "flux reconcile ks shop-dev -n flux-system --timeout=5m",
            &[r#"flux: get, patch kustomizations.kustomize.toolkit.fluxcd.io "shop-dev""#],
        ),
        (
            "flux -n flux-system reconcile source git flux-system",
            &[r#"flux: get, patch gitrepositories.source.toolkit.fluxcd.io "flux-system""#],
        ),
        ("flux get kustomizations", &["flux: list kustomizations.kustomize.toolkit.fluxcd.io"]),
        (
            "flux get kustomization shop-dev --no-header",
            &[r#"flux: list kustomizations.kustomize.toolkit.fluxcd.io "shop-dev""#],
        ),
        (
            "flux get hr shop -n \"$NAMESPACE\" --watch",
            &[r#"app: watch helmreleases.helm.toolkit.fluxcd.io "shop""#],
        ),
        ("flux get images policy", &["flux: list imagepolicies.image.toolkit.fluxcd.io"]),
        (
            "flux suspend ks a b",
            &[r#"flux: list, patch kustomizations.kustomize.toolkit.fluxcd.io "a", "b""#],
        ),
        (
            "flux resume ks a",
            &[r#"flux: get, list, patch kustomizations.kustomize.toolkit.fluxcd.io "a""#],
        ),
        ("flux --version", &[]),
        ("flux version --client", &[]),
        ("flux push artifact oci://registry/x:1 --path=deploy --source=$URL --revision=$REV", &[]),
        ("flux", &[]),
    ]);
    refuse(&[
        ("flux get all -A", "it asks for all namespaces, and gen grants no cluster-wide rights"),
        ("flux get all", "gen does not know what `flux get all` acts on"),
        ("flux check", "gen does not read `flux check`"),
        ("flux $VERB", "its verb is only known when it runs"),
        ("flux reconcile ks \"$KS\"", "what it acts on is only known when it runs"),
        ("flux suspend ks --all", "it may suspend all of them"),
        (
            "flux get ks -n prod",
            "gen grants rights in `shop-dev` and `shop-dev-ci`, and nothing in `prod`",
        ),
        (
            "flux reconcile ks shop --with-source",
            "`--with-source` also reconciles a source that only the cluster knows; name it: `flux reconcile source git NAME`",
        ),
        ("flux -n list uninstall", "gen does not read `flux uninstall`"),
    ]);
}

#[test]
fn gen_works_on_the_checkout() {
    need(&[
        ("gen set shop --env dev --image \"$IMAGE\"", &[]),
        ("gen -C repo commit --app shop --env dev --push", &[]),
        ("gen render $FLAGS", &[]),
        ("gen explain apps", &[]),
        ("gen log shop && gen run shop -e dev && gen schema", &[]),
        ("gen --version", &[]),
        ("gen -v render", &[]),
        ("gen check", &[]),
        ("gen", &[]),
        ("./gen diff", &[]),
        ("npm run gen", &[]),
        ("make gen && go generate ./...", &[]),
    ]);
    refuse(&[
        ("gen diff", "`gen diff` may ask the cluster for whatever the environment holds"),
        (
            "gen promote shop",
            "`gen promote` may ask the cluster for whatever the environment holds",
        ),
        ("gen -v diff", "`gen diff` may ask the cluster for whatever the environment holds"),
        ("gen check --live", "`gen check --live` asks the cluster"),
        ("gen \"$X\"", "its command is only known when it runs"),
    ]);
}

const TO_WAIT: &[&str] = &[
    r#"app: get deployments.apps "shop""#,
    r#"flux: get kustomizations.kustomize.toolkit.fluxcd.io "shop-dev""#,
];

#[test]
fn gen_wait_needs_to_see_two_objects() {
    need(&[
        ("gen wait shop --env dev --timeout 5m", TO_WAIT),
        ("gen -C repo wait --env=dev --revision=\"$X\" \"$APP_NAME\"", TO_WAIT),
    ]);
    refuse(&[
        ("gen wait shop", "what it waits for is only known when it runs"),
        ("gen wait \"$X\" --env dev", "what it waits for is only known when it runs"),
        (
            "gen wait till --env dev",
            "gen grants rights on what is `shop-dev`, and nothing on `till-dev`",
        ),
        (
            "gen wait shop --env prod",
            "gen grants rights on what is `shop-dev`, and nothing on `shop-prod`",
        ),
        (
            "gen wait shop --env dev --context other",
            "with `--context` it may not ask as the task's own account",
        ),
    ]);
}

/// Its own template is read as a person's script would be.
#[test]
fn the_script_of_the_deploy_task_needs_what_its_template_declares() {
    let rendered =
        include_str!("../../../tests/golden/deploy-git-task/out/dev/dev/shop/app/pipeline.yaml");
    let tasks = crate::yaml::read_documents(
        crate::diagnostics::FileId::BUILT_IN,
        rendered,
        crate::yaml::Limits::default(),
    )
    .unwrap();
    let task = tasks
        .iter()
        .map(crate::yaml::Node::to_value)
        .find(|task| task.str_at(&["metadata", "name"]) == Some("shop-deploy-app"))
        .unwrap();
    let step = &task.at(&["spec", "steps"]).unwrap().as_seq().unwrap()[0];
    let script = step.str_at(&["script"]).unwrap();
    assert!(script.contains("gen wait"), "{script}");
    let env = task.at(&["spec", "stepTemplate", "env"]).unwrap();
    let read = permissions(script, &names(env)).unwrap();
    let templates =
        include_str!("../../../tests/golden/deploy-git-task/out/dev/dev/shop/access/accounts.yaml");
    let roles = crate::yaml::read_documents(
        crate::diagnostics::FileId::BUILT_IN,
        templates,
        crate::yaml::Limits::default(),
    )
    .unwrap();
    let mut granted: Vec<String> = roles
        .iter()
        .map(crate::yaml::Node::to_value)
        .filter(|role| role.str_at(&["kind"]) == Some("Role"))
        .filter(|role| role.str_at(&["metadata", "name"]) == Some("shop-deploy-app"))
        .flat_map(|role| role.at(&["rules"]).unwrap().as_seq().unwrap().to_vec())
        .map(|rule| rule.to_string())
        .collect();
    let mut wanted: Vec<String> = read.iter().map(|rule| rule.to_value().to_string()).collect();
    granted.sort();
    wanted.sort();
    assert_eq!(granted, wanted);
    assert_eq!(wanted.len(), 2);
}
