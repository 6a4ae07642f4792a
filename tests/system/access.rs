//! Least privilege: each account may do what it is for, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::rbac::{Account, Action, forbidden, group, may, plural, rules_of};
use crate::support::{Change, Rendered, Repo, list, specs, text, trees};

/// The objects of one cluster.
fn by_cluster(objects: &[Rendered]) -> BTreeMap<&str, Vec<&Rendered>> {
    let mut clusters: BTreeMap<&str, Vec<&Rendered>> = BTreeMap::new();
    for object in objects.iter().filter(|object| !object.inner) {
        clusters.entry(object.cluster()).or_default().push(object);
    }
    clusters
}

/// Apps of a cluster, each with its objects: the folder is `<cluster>/<environment>/<app>`.
fn units<'a>(objects: &[&'a Rendered]) -> BTreeMap<String, Vec<&'a Rendered>> {
    let mut units: BTreeMap<String, Vec<&Rendered>> = BTreeMap::new();
    for object in objects {
        let unit = object.unit();
        if !unit.contains("/flux/") && !unit.ends_with("/shared") {
            units.entry(unit).or_default().push(object);
        }
    }
    units
}

fn app_and_environment(unit: &str) -> (&str, &str) {
    let mut parts = unit.rsplit('/');
    let app = parts.next().expect("an app");
    (app, parts.next().expect("an environment"))
}

/// Objects that the app's own account applies.
fn applied<'a>(unit: &str, objects: &[&'a Rendered]) -> Vec<&'a Rendered> {
    let folders = [format!("{unit}/app/"), format!("{unit}/run/")];
    objects
        .iter()
        .copied()
        .filter(|object| folders.iter().any(|folder| object.path.starts_with(folder)))
        .collect()
}

fn kustomization<'a>(objects: &[&'a Rendered], name: &str) -> Option<&'a Rendered> {
    objects.iter().copied().find(|object| object.kind() == "Kustomization" && object.name() == name)
}

/// Problems of every apply account of a cluster.
fn apply_problems(objects: &[&Rendered]) -> (usize, Vec<String>) {
    let mut problems = Vec::new();
    let mut count = 0;
    for (unit, of_unit) in units(objects) {
        let (app, environment) = app_and_environment(&unit);
        let mut wanted: BTreeSet<(String, String, String, String)> = BTreeSet::new();
        let applied = applied(&unit, &of_unit);
        let instance = format!("{app}-{environment}");
        let Some(entry) = kustomization(objects, &instance) else {
            if !applied.is_empty() {
                problems.push(format!("{unit}: no Kustomization applies it"));
            }
            continue;
        };
        let account: Account<'_> =
            (entry.namespace(), text(&entry.value, "/spec/serviceAccountName"));
        count += 1;
        for object in &applied {
            for verb in ["get", "create", "patch", "delete"] {
                let action = Action {
                    verb,
                    group: group(&object.value),
                    resource: plural(object.kind()),
                    namespace: object.namespace(),
                    name: object.name(),
                };
                if !may(objects, account, action) {
                    problems.push(format!("{unit}: may not {verb} {}", object.title()));
                }
                wanted.insert((
                    action.namespace.to_owned(),
                    action.group.to_owned(),
                    action.resource.to_owned(),
                    verb.to_owned(),
                ));
            }
        }
        // kustomize-controller's status poller reads children with the same account.
        let waits = entry.value.pointer("/spec/wait") == Some(&json!(true));
        let children = applied
            .iter()
            .filter(|object| waits && ["Deployment", "StatefulSet"].contains(&object.kind()));
        for object in children {
            let has_sets = object.kind() == "Deployment";
            let sets = has_sets.then_some(("apps", "replicasets"));
            for (group, resource) in sets.into_iter().chain([("", "pods")]) {
                let list = (object.namespace(), group, resource, "list");
                wanted.insert((
                    list.0.to_owned(),
                    list.1.to_owned(),
                    list.2.to_owned(),
                    list.3.to_owned(),
                ));
            }
        }
        let mut granted = BTreeSet::new();
        for (namespace, rule) in rules_of(objects, account) {
            let words = |key: &'static str| list(rule, key).iter().filter_map(Value::as_str);
            for group in words("/apiGroups") {
                for resource in words("/resources") {
                    for verb in words("/verbs") {
                        granted.insert((
                            namespace.to_owned(),
                            group.to_owned(),
                            resource.to_owned(),
                            verb.to_owned(),
                        ));
                    }
                }
            }
        }
        problems
            .extend(wanted.difference(&granted).map(|grant| format!("{unit}: lacks {grant:?}")));
        problems.extend(
            granted
                .difference(&wanted)
                .map(|grant| format!("{unit}: has more than it needs: {grant:?}")),
        );
    }
    (count, problems)
}

#[test]
fn apply_accounts_may_apply_their_folders_and_nothing_else() {
    let mut count = 0;
    for (tree, objects) in trees() {
        for (cluster, objects) in by_cluster(objects) {
            let (accounts, problems) = apply_problems(&objects);
            assert!(problems.is_empty(), "{tree} {cluster}:\n{}", problems.join("\n"));
            count += accounts;
        }
    }
    println!("{count} apply accounts have just what they need");
}

#[test]
fn a_missing_and_a_spare_right_are_caught() {
    let (_, objects) = &trees()[0];
    let is_apply = |object: &Rendered| object.kind() == "Role" && object.name() == "demo-app-apply";
    let changes: [Change; 4] = [
        |role| role["rules"][0]["verbs"] = json!(["create", "get", "patch"]),
        |role| role["rules"][0]["verbs"] = json!(["create", "delete", "get", "list", "patch"]),
        |role| role["rules"] = json!([]),
        |role| {
            let rules = role["rules"].as_array_mut().expect("rules");
            rules.push(json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}));
        },
    ];
    for change in changes {
        let mut objects = objects.clone();
        let role = objects.iter_mut().find(|object| is_apply(object));
        change(&mut role.expect("the role").value);
        let clusters = by_cluster(&objects);
        let problems = clusters.values().flat_map(|objects| apply_problems(objects).1);
        assert_ne!(problems.count(), 0);
    }
    // A binding in another namespace.
    let mut objects = objects.clone();
    let mut binding = objects
        .iter()
        .find(|object| object.kind() == "RoleBinding" && object.name() == "demo-app-apply")
        .expect("the binding")
        .clone();
    let mut role = objects.iter().find(|object| is_apply(object)).expect("the role").clone();
    for object in [&mut binding, &mut role] {
        object.value["metadata"]["namespace"] = json!("kube-system");
    }
    objects.extend([binding, role]);
    let clusters = by_cluster(&objects);
    let problems = clusters.values().flat_map(|objects| apply_problems(objects).1);
    assert_ne!(problems.count(), 0);
}

/// What a listener for several namespaces has to watch.
fn watched() -> Value {
    json!({
        "apiGroups": ["triggers.tekton.dev"],
        "resources": ["eventlisteners", "triggers", "triggerbindings", "triggertemplates", "interceptors", "clustertriggerbindings", "clusterinterceptors"],
        "verbs": ["get", "list", "watch"],
    })
}

/// A right to act as one account of the same app, which may create runs beside it and nothing else.
fn is_to_act_as(objects: &[&Rendered], role: &Rendered, granted: &Value) -> bool {
    let name = role.name().trim_end_matches("-act-as");
    let account = (role.namespace(), name);
    let create =
        json!({"apiGroups": ["tekton.dev"], "resources": ["pipelineruns"], "verbs": ["create"]});
    *granted
        == json!({"apiGroups": [""], "resources": ["serviceaccounts"], "resourceNames": [name], "verbs": ["impersonate"]})
        && name.ends_with("-listener")
        && rules_of(objects, account) == [(role.namespace(), &create)]
        && objects.iter().any(|object| {
            object.kind() == "ServiceAccount"
                && object.unit() == role.unit()
                && (object.namespace(), object.name()) == account
                && object.value["automountServiceAccountToken"] == false
        })
}

#[test]
fn the_listener_of_all_apps_reads_triggers_and_acts_as_their_accounts() {
    let (_, objects) = trees().iter().find(|(tree, _)| tree == "listening").expect("the tree");
    let objects: Vec<&Rendered> = objects.iter().filter(|object| !object.inner).collect();
    let rule = |group: &str, resource: &str, verbs: Value| json!({"apiGroups": [group], "resources": [resource], "verbs": verbs});
    let home = "gen-listening-listener";
    let mut wanted = vec![
        (String::new(), watched()),
        (home.to_owned(), rule("", "configmaps", json!(["get", "list", "watch"]))),
        (home.to_owned(), rule("", "events", json!(["create", "patch"]))),
    ];
    for app in ["cart", "site", "stock"] {
        let mut act = rule("", "serviceaccounts", json!(["impersonate"]));
        act["resourceNames"] = json!([format!("{app}-listener")]);
        wanted.push((format!("{app}-listening-ci"), act));
    }
    let rules = rules_of(&objects, (home, "listener")).into_iter();
    let mut has: Vec<(String, Value)> =
        rules.map(|(namespace, rule)| (namespace.to_owned(), rule.clone())).collect();
    for all in [&mut has, &mut wanted] {
        all.sort_by_key(|(namespace, rule)| (namespace.clone(), rule.to_string()));
    }
    assert_eq!(has, wanted);
}

/// What is wrong with the Roles and bindings of a cluster, whoever has them.
fn rule_problems(objects: &[&Rendered]) -> Vec<String> {
    let mut problems = Vec::new();
    let listener = json!([{
        "apiGroups": ["triggers.tekton.dev"],
        "resources": ["clustertriggerbindings", "clusterinterceptors"],
        "verbs": ["get", "list", "watch"],
    }]);
    let of_all = json!([watched()]);
    for object in objects {
        let title = object.title();
        match object.kind() {
            "Role" | "ClusterRole" => {
                for rule in list(&object.value, "/rules") {
                    if is_to_act_as(objects, object, rule) {
                        continue;
                    }
                    problems
                        .extend(forbidden(rule).into_iter().map(|what| format!("{title}: {what}")));
                }
                if object.value.get("aggregationRule").is_some() {
                    problems.push(format!("{title}: aggregates"));
                }
                let labels = object.value.pointer("/metadata/labels");
                let labels = labels.and_then(Value::as_object).into_iter().flatten();
                if labels.clone().any(|(key, _)| key.contains("aggregate-to")) {
                    problems.push(format!("{title}: is aggregated"));
                }
                // Only the listener needs to read what belongs to the whole cluster.
                let known = if object.unit().ends_with("/shared") { &of_all } else { &listener };
                if object.kind() == "ClusterRole" && object.value["rules"] != *known {
                    problems.push(format!("{title}: {}", object.value["rules"]));
                }
            }
            "RoleBinding" | "ClusterRoleBinding" => {
                let role = text(&object.value, "/roleRef/name");
                let built_in = ["cluster-admin", "admin", "edit", "view"];
                if built_in.contains(&role) || role.starts_with("system:") {
                    problems.push(format!("{title}: binds {role}"));
                }
                for subject in list(&object.value, "/subjects") {
                    let unit = object.unit();
                    let (folder, _) = unit.rsplit_once('/').expect("a unit is in a folder");
                    // The environment's own listener acts as the accounts of its apps.
                    let home = if role.ends_with("-listener-act-as") {
                        format!("{folder}/shared")
                    } else {
                        unit.clone()
                    };
                    let same = objects.iter().any(|account| {
                        account.kind() == "ServiceAccount"
                            && account.unit() == home
                            && account.namespace() == text(subject, "/namespace")
                            && account.name() == text(subject, "/name")
                    });
                    if text(subject, "/kind") != "ServiceAccount" || !same {
                        problems.push(format!("{title}: {subject} is no account of this app"));
                    }
                }
            }
            _ => {}
        }
    }
    problems
}

#[test]
fn no_rule_leads_further_and_no_subject_is_a_stranger() {
    for (tree, objects) in trees() {
        for objects in by_cluster(objects).values() {
            let problems = rule_problems(objects);
            assert!(problems.is_empty(), "{tree}:\n{}", problems.join("\n"));
        }
    }
    let mut listening =
        trees().iter().find(|(tree, _)| tree == "listening").expect("the tree").1.clone();
    let is_act_as = |object: &Rendered| object.name() == "cart-listener-act-as";
    let role = listening.iter_mut().find(|object| object.kind() == "Role" && is_act_as(object));
    role.expect("the role").value["rules"][0]["resourceNames"] = json!(["cart-pipeline"]);
    let clusters = by_cluster(&listening);
    assert_ne!(clusters.values().flat_map(|objects| rule_problems(objects)).count(), 0);
    let changes: [(&str, Change); 6] = [
        ("Role", |o| o["rules"][0]["verbs"] = json!(["*"])),
        ("Role", |o| o["aggregationRule"] = json!({})),
        ("ClusterRole", |o| {
            o["rules"][0]["resources"] = json!(["pods"]);
        }),
        ("RoleBinding", |o| o["roleRef"]["name"] = json!("edit")),
        ("RoleBinding", |o| {
            o["subjects"][0]["name"] = json!("other-app");
        }),
        ("RoleBinding", |o| {
            o["subjects"] = json!([{"kind": "Group", "name": "system:authenticated"}]);
        }),
    ];
    for (kind, change) in changes {
        let mut objects = trees()[0].1.clone();
        let object = objects.iter_mut().find(|object| object.kind() == kind);
        change(&mut object.expect(kind).value);
        let clusters = by_cluster(&objects);
        let problems = clusters.values().flat_map(|objects| rule_problems(objects));
        assert_ne!(problems.count(), 0, "{kind}");
    }
}

/// What each account of an app is for: namespace of the rule, rule. The accounts of tasks have what their templates declare, of which
/// only deploy-app declares anything; `report` is an inline task of the team spec.
fn expected(
    (app, environment): (&str, &str),
    account: &str,
    workload: &Value,
    namespaces: (&str, &str),
) -> Vec<(String, Value)> {
    let (own, pipeline) = namespaces;
    let own = |rule: Value| (own.to_owned(), rule);
    let pipeline = |rule: Value| (pipeline.to_owned(), rule);
    let suffix = account.strip_prefix(app).unwrap_or(account);
    let (group, resource) = (group(workload), plural_or_none(workload));
    match suffix {
        // It tags, Flux pins and applies: it may watch the workload. Where a person merges what was pinned, it waits for nothing.
        "-deploy-app" if environment == "asked" => Vec::new(),
        "-deploy-app" if environment == "auto" => {
            let (group, resource) = match app {
                "nightly" => ("batch", "cronjobs"),
                _ => ("apps", "deployments"),
            };
            vec![own(
                json!({"apiGroups": [group], "resources": [resource], "resourceNames": [app], "verbs": ["get", "list", "watch"]}),
            )]
        }
        // It commits, and Flux applies: it may look at what becomes of that.
        "-deploy-app" | "-rollback" if workload.is_null() => {
            let (group, resource) = match app {
                "nightly" => ("batch", "cronjobs"),
                "queue" | "store" => ("apps", "statefulsets"),
                _ => ("apps", "deployments"),
            };
            vec![
                (
                    "flux-system".to_owned(),
                    json!({"apiGroups": ["kustomize.toolkit.fluxcd.io"], "resources": ["kustomizations"], "resourceNames": [format!("{app}-{environment}")], "verbs": ["get"]}),
                ),
                own(
                    json!({"apiGroups": [group], "resources": [resource], "resourceNames": [app], "verbs": ["get"]}),
                ),
            ]
        }
        "-deploy-app" => vec![
            own(json!({"apiGroups": [group], "resources": [resource], "verbs": ["create"]})),
            own(
                json!({"apiGroups": [group], "resources": [resource], "resourceNames": [app], "verbs": ["get", "list", "patch", "watch"]}),
            ),
        ],
        // What it goes back to is there.
        "-rollback" => vec![own(
            json!({"apiGroups": [group], "resources": [resource], "resourceNames": [app], "verbs": ["get", "list", "patch", "watch"]}),
        )],
        "-report" => vec![pipeline(
            json!({"apiGroups": ["tekton.dev"], "resources": ["taskruns"], "verbs": ["get", "list"]}),
        )],
        "-notify-slack" | "-notify-email" => vec![pipeline(
            json!({"apiGroups": ["tekton.dev"], "resources": ["pipelineruns"], "verbs": ["get"]}),
        )],
        // In the trees, the runs of `shop` wait, and those of `queue` stop older ones.
        "-wait-for-runs" => {
            let verbs: &[&str] = if app == "queue" { &["get", "list", "patch"] } else { &["list"] };
            vec![pipeline(
                json!({"apiGroups": ["tekton.dev"], "resources": ["pipelineruns"], "verbs": verbs}),
            )]
        }
        // Another one listens, and acts as it.
        "-listener" if environment == "listening" => vec![pipeline(
            json!({"apiGroups": ["tekton.dev"], "resources": ["pipelineruns"], "verbs": ["create"]}),
        )],
        "-listener" => vec![
            (
                String::new(),
                json!({"apiGroups": ["triggers.tekton.dev"], "resources": ["clustertriggerbindings", "clusterinterceptors"], "verbs": ["get", "list", "watch"]}),
            ),
            pipeline(
                json!({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}),
            ),
            pipeline(
                json!({"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]}),
            ),
            pipeline(
                json!({"apiGroups": ["tekton.dev"], "resources": ["pipelineruns"], "verbs": ["create"]}),
            ),
            pipeline(
                json!({"apiGroups": ["triggers.tekton.dev"], "resources": ["eventlisteners", "triggers", "triggerbindings", "triggertemplates", "interceptors"], "verbs": ["get", "list", "watch"]}),
            ),
        ],
        "" if app == "api" => vec![own(
            json!({"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["leader"], "verbs": ["get", "patch"]}),
        )],
        _ => Vec::new(),
    }
}

fn plural_or_none(workload: &Value) -> &'static str {
    match text(workload, "/kind") {
        "" => "",
        kind => plural(kind),
    }
}

#[test]
fn accounts_of_tasks_have_what_their_templates_declare() {
    // What `expected` says of the built-in templates.
    let declaring: Vec<String> =
        crate::support::snapshot(&crate::support::project().join("templates/tasks"))
            .into_iter()
            .filter(|(_, text)| String::from_utf8_lossy(text).contains("\npermissions:"))
            .map(|(path, _)| path)
            .collect();
    assert_eq!(
        declaring,
        [
            "deploy-app.yaml",
            "notify-email.yaml",
            "notify-slack.yaml",
            "rollback.yaml",
            "wait-for-runs.yaml"
        ]
    );
    let mut checked = 0;
    for (tree, objects) in trees() {
        let inner: Vec<&Rendered> = objects.iter().filter(|object| object.inner).collect();
        for objects in by_cluster(objects).into_values() {
            for (unit, of_unit) in units(&objects) {
                let (app, environment) = app_and_environment(&unit);
                let workload = inner.iter().find(|o| o.unit() == unit && o.kind() != "PipelineRun");
                let workload = workload.map_or(Value::Null, |o| o.value.clone());
                let pipeline = of_unit.iter().find(|o| o.kind() == "Pipeline");
                let ci = pipeline.map_or("", |o| o.namespace());
                let own = ci.strip_suffix("-ci").unwrap_or_default();
                for account in of_unit.iter().filter(|o| o.kind() == "ServiceAccount") {
                    if account.name() == format!("{app}-{environment}") {
                        continue;
                    }
                    let title = format!("{tree}: {}", account.title());
                    let mut has: Vec<(String, Value)> =
                        rules_of(&objects, (account.namespace(), account.name()))
                            .into_iter()
                            .map(|(namespace, rule)| (namespace.to_owned(), rule.clone()))
                            .collect();
                    let own = if own.is_empty() { account.namespace() } else { own };
                    let mut wanted =
                        expected((app, environment), account.name(), &workload, (own, ci));
                    for rules in [&mut has, &mut wanted] {
                        rules
                            .sort_by_key(|(namespace, rule)| (namespace.clone(), rule.to_string()));
                    }
                    assert_eq!(has, wanted, "{title}");
                    let token =
                        account.value.get("automountServiceAccountToken") != Some(&json!(false));
                    let is_acted_as =
                        environment == "listening" && account.name().ends_with("-listener");
                    let is_app = account.name() == app || is_acted_as;
                    assert!(token || has.is_empty() || is_app, "{title}: has rules and no token");
                    assert!(
                        !token || !has.is_empty() || is_app,
                        "{title}: has a token for nothing"
                    );
                    checked += 1;
                }
            }
        }
    }
    println!("{checked} accounts have what is declared");
}

/// Which account each task of a run has: its own where it has one, or the pipeline's, which has no token.
#[test]
fn tasks_without_needs_run_without_a_token() {
    let mut runs = 0;
    for (tree, objects) in trees() {
        for run in objects.iter().filter(|o| o.kind() == "PipelineRun") {
            let find = |kind: &str, name: &str| {
                objects.iter().find(|o| {
                    o.kind() == kind
                        && o.name() == name
                        && o.namespace() == run.namespace()
                        && o.cluster() == run.cluster()
                })
            };
            let general = text(&run.value, "/spec/taskRunTemplate/serviceAccountName");
            let account = find("ServiceAccount", general);
            let account = account.unwrap_or_else(|| panic!("{tree}: no account {general}"));
            assert_eq!(account.value["automountServiceAccountToken"], false);
            let app = text(&run.value, "/spec/pipelineRef/name");
            let own: BTreeMap<&str, &str> = list(&run.value, "/spec/taskRunSpecs")
                .iter()
                .filter(|spec| spec.get("serviceAccountName").is_some())
                .map(|spec| (text(spec, "/pipelineTaskName"), text(spec, "/serviceAccountName")))
                .collect();
            let pipeline = find("Pipeline", app).expect("the pipeline");
            let tasks = list(&pipeline.value, "/spec/tasks")
                .iter()
                .chain(list(&pipeline.value, "/spec/finally"));
            for task in tasks.map(|task| text(task, "/name")) {
                let needs = [
                    "deploy-app",
                    "rollback",
                    "report",
                    "notify-slack",
                    "notify-email",
                    "wait-for-runs",
                ]
                .contains(&task);
                let wanted = needs.then(|| format!("{app}-{task}"));
                assert_eq!(own.get(task).copied(), wanted.as_deref(), "{}: {task}", run.title());
            }
            runs += 1;
        }
    }
    println!("{runs} runs have the right accounts");
}

/// The first homelab story: a deploy step under the `default` account fails in the cluster; here it is told before.
#[test]
fn the_first_homelab_story() {
    let repo = Repo::new(specs::ACCOUNT);
    let said = repo.render();
    let warning = said.stderr.lines().next().unwrap_or_default();
    for part in [
        "warning[GEN0451]",
        "gen.yaml:9:21",
        "`deploy-app`",
        "`default`",
        "create deployments.apps",
        "get, list, patch, watch deployments.apps \"shop\"",
    ] {
        assert!(warning.contains(part), "no {part} in {warning}");
    }
    let objects = repo.objects();
    let roles = |objects: &[Rendered]| -> Vec<String> {
        let roles = objects.iter().filter(|o| o.kind() == "Role");
        roles.map(|o| format!("{}/{}", o.namespace(), o.name())).collect()
    };
    assert_eq!(roles(&objects), ["shop-home/shop-apply", "shop-home-ci/shop-apply"]);

    repo.edit("gen.yaml", "    serviceAccount: default\n", "");
    let said = repo.render();
    assert!(!said.stderr.contains("GEN0451"), "{}", said.stderr);
    let objects = repo.objects();
    let objects: Vec<&Rendered> = objects.iter().filter(|o| !o.inner).collect();
    let account = ("shop-home-ci", "shop-deploy-app");
    let found = objects
        .iter()
        .find(|o| o.kind() == "ServiceAccount" && (o.namespace(), o.name()) == account);
    assert!(found.is_some_and(|o| o.value["automountServiceAccountToken"] == true));
    // What `kubectl apply --server-side` and `kubectl rollout status` ask of the API server.
    for verb in ["get", "create", "patch", "list", "watch"] {
        let action = Action {
            verb,
            group: "apps",
            resource: "deployments",
            namespace: "shop-home",
            name: "shop",
        };
        assert!(may(&objects, account, action), "{verb}");
        assert!(!may(&objects, ("shop-home-ci", "default"), action), "{verb}");
        let other = Action { name: "other", ..action };
        assert_eq!(may(&objects, account, other), verb == "create", "{verb}");
    }
}
