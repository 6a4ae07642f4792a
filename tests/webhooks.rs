//! Events as git hosts send them, against the rendered triggers: what starts a run, with which parameters, and who says no.

mod support;

use serde_json::{Value, json};
use support::Repo;

const COMMIT: &str = "1111111111111111111111111111111111111111";
const BEFORE: &str = "2222222222222222222222222222222222222222";
const ZEROS: &str = "0000000000000000000000000000000000000000";

/// A repository whose app listens to everything that the host can tell.
fn repo(host: &str, more: &str) -> Repo {
    let spec = format!(
        "version: 1\nrepository: https://git.example/g.git\napps:\n  shop:\n    source: {{url: https://git.example/shop.git, path: app}}\n    image: registry.example/shop\n    pipeline:\n      - fetch-source\n      - test: {{image: a/b, script: x, when: {{changed: src, branch: main}}}}\n      - build-image\n      - deploy-app\n      - after: {{image: a/b, script: x}}\n    trigger: {{{host}: {{branches: [main, \"it's\"], tags: [\"v*\"], pullRequests: true, paths: [\"src/**\", /go.mod]{more}}}}}\n"
    );
    Repo::new()
        .file("gen.yaml", spec)
        .file("environments/dev.yaml", "deploy: kubectl\nrun: webhook\napis: [triggers]\n")
}

/// Status, talk and the parameters of the run.
fn send(repo: Repo, event: &Value, headers: &[&str]) -> (i32, String, Value) {
    let repo = repo.file("event.json", event.to_string());
    let mut arguments = vec!["trigger", "test", "shop", "--env", "dev", "--event", "event.json"];
    for header in headers {
        arguments.extend(["--header", header]);
    }
    let ran = repo.run(arguments);
    let mut params = json!({});
    if ran.status == 0 {
        let run: Value = serde_yaml::from_str(&ran.stdout).expect("one object");
        assert_eq!(run["kind"], "PipelineRun", "{}", ran.stdout);
        for param in run["spec"]["params"].as_array().expect("parameters") {
            params[param["name"].as_str().expect("a name")] = param["value"].clone();
        }
    }
    (ran.status, ran.stderr, params)
}

fn starts(host: &str, event: &Value, params: &Value) {
    let (status, said, found) = send(repo(host, ""), event, &[]);
    assert_eq!((status, &found), (0, params), "{host}: {said}\n{event:#}");
}

fn refused(host: &str, event: &Value, why: &str) {
    let (status, said, _) = send(repo(host, ""), event, &[]);
    assert_eq!(status, 1, "{host}: {said}\n{event:#}");
    assert!(said.contains(why), "{host}: {said}");
}

fn github_push(change: impl FnOnce(&mut Value)) -> Value {
    let mut event = json!({
        "ref": "refs/heads/main", "before": BEFORE, "after": COMMIT, "forced": false,
        "head_commit": {"id": COMMIT, "message": "Change the till"},
        "commits": [{"id": COMMIT, "message": "Change the till", "added": [], "modified": ["app/src/till.py"], "removed": []}],
        "repository": {"full_name": "team/shop"},
    });
    change(&mut event);
    event
}

fn push_params() -> Value {
    json!({"revision": COMMIT, "branch": "main", "event": "push", "before": BEFORE})
}

#[test]
fn pushes() {
    for host in ["github", "gitea"] {
        starts(host, &github_push(|_| {}), &push_params());
        starts(
            host,
            &github_push(|event| {
                event["commits"][0]["modified"] = json!([]);
                event["commits"][0]["removed"] = json!(["go.mod"]);
            }),
            &push_params(),
        );
        let mut quoted = push_params();
        quoted["branch"] = json!("it's");
        starts(host, &github_push(|event| event["ref"] = json!("refs/heads/it's")), &quoted);
        refused(
            host,
            &github_push(|event| event["ref"] = json!("refs/heads/other")),
            "`body.ref in [",
        );
        refused(host, &github_push(|event| event["after"] = json!(ZEROS)), "matches('^0+$')");
        refused(
            host,
            &github_push(|event| event["commits"][0]["modified"] = json!(["app/docs/x", "src/x"])),
            "c.modified",
        );
    }
    // What the host does not tell, counts as touched.
    let nothing = |event: &mut Value| event["commits"] = json!([]);
    starts(
        "github",
        &github_push(|event| {
            nothing(event);
            event["forced"] = json!(true);
        }),
        &push_params(),
    );
    starts(
        "github",
        &github_push(|event| {
            let commit =
                json!({"id": COMMIT, "message": "x", "added": [], "modified": [], "removed": []});
            event["commits"] = json!(vec![commit; 2048]);
        }),
        &push_params(),
    );
    starts(
        "gitea",
        &github_push(|event| {
            nothing(event);
            event["total_commits"] = json!(7);
        }),
        &push_params(),
    );
}

#[test]
fn tags() {
    let tag = |name: &str| {
        github_push(|event| {
            event["ref"] = json!(format!("refs/tags/{name}"));
            event["after"] = json!(BEFORE);
            event["commits"] = json!([]);
        })
    };
    let params = json!({"revision": COMMIT, "branch": "", "event": "tag", "before": ""});
    starts("github", &tag("v1.2"), &params);
    starts("gitea", &tag("v1.2"), &params);
    refused("github", &tag("1.2"), "refs/tags/v");
}

/// The message of a commit by gen.
const BY_GEN: &str =
    "Deploy shop to dev\n\ndev: shop\n\nGen-Env: dev\nGen-App: shop\nGen-Spec: sha256:0\n";

/// A commit as hosts list it in a push.
fn commit(message: &str, files: &[&str]) -> Value {
    json!({"id": COMMIT, "message": message, "added": [], "modified": files, "removed": []})
}

/// A push of commits to the repository that holds both source and spec, as each host tells it.
fn push_of(host: &str, commits: &[Value]) -> Value {
    let mut event = json!({
        "ref": "refs/heads/main", "before": BEFORE, "after": COMMIT, "checkout_sha": COMMIT,
        "commits": commits, "head_commit": commits.last(), "repository": {"full_name": "team/shop"},
    });
    match host {
        "gitlab" => {
            event["object_kind"] = json!("push");
            event["total_commits_count"] = json!(commits.len());
        }
        "gitea" => event["total_commits"] = json!(commits.len()),
        _ => event["forced"] = json!(false),
    }
    event
}

/// An app whose source is the repository of its own spec.
fn mono(host: &str) -> Repo {
    Repo::new()
        .file(
            "gen.yaml",
            format!(
                "version: 1\nrepository: {{url: https://git.example/mono.git, path: ops}}\ninclude: [apps/*.yaml]\napps:\n  shop:\n    source: https://git.example/mono.git\n    image: registry.example/shop\n    trigger: {host}\n"
            ),
        )
        .file("apps/other.yaml", "apps: {}\n")
        .file("environments/dev.yaml", "deploy: kubectl\nrun: webhook\napis: [triggers]\n")
}

const HOSTS: [&str; 3] = ["github", "gitlab", "gitea"];

/// A push that brings nothing but commits by gen is passed over, or a run that commits a pin would start the next one, forever.
#[test]
fn pushes_of_commits_by_gen_alone_start_nothing() {
    let pins = "Pin what the image policies of dev chose\n\na -> b\n\nGen-Pins: dev\n";
    let signed = format!("{BY_GEN}Signed-off-by: A <a@x.test>\n");
    let files = [
        "ops/clusters/dev/dev/shop/app/pipeline.yaml",
        "ops/environments/dev.pins.yaml",
        "ops/gen.yaml",
        "ops/apps/other.yaml",
    ];
    let own = |message: &str| commit(message, &files);
    for commits in [
        vec![own(BY_GEN)],
        vec![own(BY_GEN), own(pins)],
        vec![own(&signed)],
        vec![own(&BY_GEN.replace('\n', "\r\n"))],
        // A change of the spec that renders nothing new.
        vec![own("Change the spec\n\nGen-Spec: sha256:0")],
    ] {
        for host in HOSTS {
            let event = push_of(host, &commits);
            let (status, said, _) = send(mono(host), &event, &[]);
            assert_eq!(status, 1, "{host}: {said}\n{event:#}");
            assert!(said.contains("Gen-(Env|Pins|Spec)"), "{host}: {said}");
        }
    }
}

/// Whatever else a push brings starts a run: a commit of source below one by gen, a text that quotes trailers.
#[test]
fn pushes_with_any_other_commit_start_a_run() {
    let by_gen = || commit(BY_GEN, &["ops/clusters/dev/dev/shop/app/pipeline.yaml"]);
    let fix = |message: &str| commit(message, &["src/cart.py"]);
    let both = |message: &str| commit(message, &["src/cart.py", "ops/gen.yaml"]);
    let squash = format!("Fix the cart (#12)\n\n* Fix the cart\n\n* {BY_GEN}");
    let co_authored = format!("{squash}\n---------\n\nCo-authored-by: A <a@x.test>\n");
    let revert =
        format!("Revert \"Deploy shop to dev\"\n\n{BY_GEN}\n\nThis reverts commit {COMMIT}.\n");
    for commits in [
        vec![fix("Fix the cart"), by_gen()],
        vec![by_gen(), fix("Fix the cart")],
        vec![by_gen(), fix("Fix the cart"), by_gen()],
        // Squashes, which quote the messages of their commits, and may end with the trailers of the last one.
        vec![both(&squash)],
        vec![both(&squash.replace('\n', "\r\n"))],
        vec![fix(&co_authored)],
        vec![fix(&co_authored.replace('\n', "\r\n"))],
        vec![fix(&revert)],
        vec![commit(&revert, &["ops/gen.yaml"])],
        vec![fix("Speak of the trailers\n\nas in\nGen-Env: dev\n")],
        vec![fix("Speak of Gen-Env: in the docs")],
        vec![fix("Gen-Env: dev")],
        // An amended commit: the message is by gen, the content is not.
        vec![fix(BY_GEN)],
        vec![commit(BY_GEN, &["ops-gen.yaml"])],
        vec![commit(BY_GEN, &["gen.yaml"])],
        // By hand.
        vec![commit("Raise the replicas", &["ops/gen.yaml"])],
        vec![
            json!({"id": COMMIT, "message": BY_GEN, "added": ["src/new.py"], "modified": null}),
            by_gen(),
        ],
        vec![json!({"id": COMMIT, "message": BY_GEN, "removed": ["src/old.py"]})],
        // A branch that is set back: no new commit.
        vec![],
    ] {
        for host in HOSTS {
            let event = push_of(host, &commits);
            let (status, said, _) = send(mono(host), &event, &[]);
            assert_eq!(status, 0, "{host}: {said}\n{event:#}");
        }
    }
    // Where the host lists only some commits, the others may be anybody's.
    let many = |host: &str, listed: usize, all: usize| {
        let mut event = push_of(host, &vec![by_gen(); listed]);
        for count in ["total_commits_count", "total_commits"] {
            if event.get(count).is_some() {
                event[count] = json!(all);
            }
        }
        event
    };
    for (host, listed, all) in [("github", 2048, 3000), ("gitlab", 20, 21), ("gitea", 5, 6)] {
        let (status, said, _) = send(mono(host), &many(host, listed, all), &[]);
        assert_eq!(status, 0, "{host}: {said}");
        let (status, said, _) = send(mono(host), &many(host, listed - 1, listed - 1), &[]);
        assert_eq!(status, 1, "{host}: {said}");
    }
    // A push that drops commits brings other sources.
    let mut forced = push_of("github", &[by_gen()]);
    forced["forced"] = json!(true);
    let (status, said, _) = send(mono("github"), &forced, &[]);
    assert_eq!(status, 0, "{said}");
}

/// Whoever tags a commit means it, even one by gen.
#[test]
fn tags_on_commits_by_gen_start_a_run() {
    let by_gen = || commit(BY_GEN, &["ops/gen.yaml"]);
    for host in HOSTS {
        let mut event = push_of(host, &[by_gen()]);
        event["ref"] = json!("refs/tags/v1.2");
        if host == "gitlab" {
            event["object_kind"] = json!("tag_push");
        }
        let params = json!({"revision": COMMIT, "branch": "", "event": "tag", "before": ""});
        starts(host, &event, &params);
    }
}

fn pull_request(change: impl FnOnce(&mut Value)) -> Value {
    let mut event = json!({
        "action": "opened",
        "pull_request": {
            "head": {"sha": COMMIT, "ref": "feature", "repo": {"full_name": "team/shop"}},
            "base": {"sha": BEFORE, "ref": "main"},
        },
        "repository": {"full_name": "team/shop"},
    });
    change(&mut event);
    event
}

#[test]
fn pull_requests() {
    let params =
        json!({"revision": COMMIT, "branch": "feature", "event": "pull-request", "before": BEFORE});
    starts("github", &pull_request(|_| {}), &params);
    starts("github", &pull_request(|event| event["action"] = json!("synchronize")), &params);
    starts("gitea", &pull_request(|event| event["action"] = json!("synchronized")), &params);
    refused("github", &pull_request(|event| event["action"] = json!("closed")), "body.action in");
    refused(
        "github",
        &pull_request(|event| event["pull_request"]["base"]["ref"] = json!("other")),
        "base.ref in",
    );
    let fork = |event: &mut Value| {
        event["pull_request"]["head"]["repo"]["full_name"] = json!("mallory/shop");
    };
    refused("github", &pull_request(fork), "body.repository.full_name");
    refused(
        "github",
        &pull_request(|event| event["pull_request"]["head"]["repo"] = json!(null)),
        "head.repo",
    );
    let (status, said, found) = send(repo("github", ", forks: true"), &pull_request(fork), &[]);
    assert_eq!((status, found), (0, params), "{said}");
}

#[test]
fn gitlab() {
    let push = |change: &dyn Fn(&mut Value)| {
        let mut event = json!({
            "object_kind": "push", "ref": "refs/heads/main", "before": BEFORE, "after": COMMIT, "checkout_sha": COMMIT,
            "total_commits_count": 1,
            "commits": [{"id": COMMIT, "message": "Change", "added": ["app/src/x"], "modified": [], "removed": []}],
        });
        change(&mut event);
        event
    };
    starts("gitlab", &push(&|_| {}), &push_params());
    starts(
        "gitlab",
        &push(&|event| {
            event["commits"][0]["added"] = json!(["README.md"]);
            event["total_commits_count"] = json!(30);
        }),
        &push_params(),
    );
    refused(
        "gitlab",
        &push(&|event| event["commits"][0]["added"] = json!(["README.md"])),
        "c.added",
    );
    let tag = push(&|event| {
        event["object_kind"] = json!("tag_push");
        event["ref"] = json!("refs/tags/v2");
        event["commits"] = json!([]);
    });
    starts(
        "gitlab",
        &tag,
        &json!({"revision": COMMIT, "branch": "", "event": "tag", "before": ""}),
    );
    let merge = |change: &dyn Fn(&mut Value)| {
        let mut event = json!({
            "object_kind": "merge_request",
            "object_attributes": {
                "action": "open", "target_branch": "main", "source_branch": "feature", "last_commit": {"id": COMMIT},
                "source_project_id": 1, "target_project_id": 1,
            },
        });
        change(&mut event);
        event
    };
    let params =
        json!({"revision": COMMIT, "branch": "feature", "event": "pull-request", "before": ""});
    starts("gitlab", &merge(&|_| {}), &params);
    let update = |event: &mut Value| event["object_attributes"]["action"] = json!("update");
    refused("gitlab", &merge(&update), "oldrev");
    starts(
        "gitlab",
        &merge(&|event| {
            update(event);
            event["object_attributes"]["oldrev"] = json!(BEFORE);
        }),
        &params,
    );
    refused(
        "gitlab",
        &merge(&|event| event["object_attributes"]["source_project_id"] = json!(2)),
        "source_project_id",
    );
}

/// The same with a trigger of its own.
fn listening(trigger: &str) -> Repo {
    let spec = format!(
        "version: 1\nrepository: https://git.example/g.git\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: registry.example/shop\n    pipeline:\n      - fetch-source\n      - test: {{image: a/b, script: x, when: {{changed: src, branch: main}}}}\n      - build-image\n      - deploy-app\n    trigger: {trigger}\n"
    );
    repo("github", "").file("gen.yaml", spec)
}

/// The parameters of the run that an event starts; nothing if all triggers refuse it.
fn of(trigger: &str, event: &Value, headers: &[&str]) -> Option<Value> {
    let (status, said, found) = send(listening(trigger), event, headers);
    assert!([0, 1].contains(&status), "{trigger}: {said}\n{event:#}");
    (status == 0).then_some(found)
}

#[test]
fn branches_by_pattern() {
    let trigger = "{github: {branches: [main, \"release/*\"]}}";
    let push =
        |branch: &str| github_push(|event| event["ref"] = json!(format!("refs/heads/{branch}")));
    for (branch, starts) in [
        ("main", true),
        ("release/1.2", true),
        ("release/a/b", true),
        ("release", false),
        ("mainx", false),
        ("a/release/1", false),
    ] {
        let found = of(trigger, &push(branch), &[]);
        assert_eq!(found.is_some(), starts, "{branch}");
        if let Some(found) = found {
            assert_eq!(found["branch"], branch);
        }
    }
    let to =
        |branch: &str| pull_request(|event| event["pull_request"]["base"]["ref"] = json!(branch));
    let trigger = "{github: {branches: [\"release/*\"], pullRequests: true}}";
    assert!(of(trigger, &to("release/2"), &[]).is_some());
    assert!(of(trigger, &to("main"), &[]).is_none());
}

#[test]
fn comments_on_pull_requests() {
    let run = |revision: &str, branch: &str| {
        Some(json!({"revision": revision, "branch": branch, "event": "pull-request", "before": ""}))
    };
    let comment = |body: &str, association: &str| {
        json!({
            "action": "created", "issue": {"number": 12, "pull_request": {"url": "https://api.example/pulls/12"}},
            "comment": {"body": body, "author_association": association}, "repository": {"full_name": "team/shop"},
        })
    };
    let trigger = "{github: {comments: [/test, \"/run *\"]}}";
    let at = "refs/pull/12/head";
    for body in ["/test", "Looks good.\r\n /test \r\nThanks", "/run all of it"] {
        assert_eq!(of(trigger, &comment(body, "MEMBER"), &[]), run(at, at), "{body}");
    }
    for body in ["/tests", "please /test", "> /test", "/run"] {
        assert_eq!(of(trigger, &comment(body, "OWNER"), &[]), None, "{body}");
    }
    assert_eq!(of(trigger, &comment("/test", "CONTRIBUTOR"), &[]), None);
    let mut edited = comment("/test", "OWNER");
    edited["action"] = json!("edited");
    assert_eq!(of(trigger, &edited, &[]), None);
    let mut on_issue = comment("/test", "OWNER");
    on_issue["issue"] = json!({"number": 12});
    assert_eq!(of(trigger, &on_issue, &[]), None);
    // Without `pullRequests`, their own events start nothing.
    assert_eq!(of(trigger, &pull_request(|_| {}), &[]), None);

    let mut gitea = comment("/test", "");
    gitea["is_pull"] = json!(true);
    gitea["pull_request"] = pull_request(|_| {})["pull_request"].clone();
    assert_eq!(of("{gitea: {comments: [/test]}}", &gitea, &[]), run(at, at));
    gitea["pull_request"]["head"]["repo"]["full_name"] = json!("mallory/shop");
    assert_eq!(of("{gitea: {comments: [/test]}}", &gitea, &[]), None);
    assert_eq!(of("{gitea: {comments: [/test], forks: true}}", &gitea, &[]), run(at, at));

    let mut gitlab = json!({
        "object_kind": "note", "object_attributes": {"note": "/test", "noteable_type": "MergeRequest", "action": "create"},
        "merge_request": {
            "target_branch": "main", "source_branch": "feature", "last_commit": {"id": COMMIT}, "source_project_id": 1,
            "target_project_id": 1,
        },
    });
    let trigger = "{gitlab: {comments: [/test]}}";
    assert_eq!(of(trigger, &gitlab, &[]), run(COMMIT, "feature"));
    gitlab["merge_request"]["source_project_id"] = json!(2);
    assert_eq!(of(trigger, &gitlab, &[]), None);
    gitlab["object_attributes"]["noteable_type"] = json!("Issue");
    assert_eq!(of(trigger, &gitlab, &[]), None);
}

/// As Bitbucket's documentation of its events shows them.
#[test]
fn bitbucket_in_the_cloud() {
    let change = |kind: &str, name: &str, message: &str| {
        json!({
            "new": {"type": kind, "name": name, "target": {"hash": COMMIT}},
            "old": {"type": kind, "name": name, "target": {"hash": BEFORE}},
            "commits": [{"hash": COMMIT, "message": message}], "truncated": false, "closed": false, "created": false, "forced": false,
        })
    };
    let push = |changes: Value| json!({"push": {"changes": changes}, "repository": {"full_name": "team/shop"}});
    let trigger = "{bitbucket: {branches: [main, \"release/*\"], tags: [\"v*\"], pullRequests: true, comments: [/test]}}";
    let by_gen = "Deploy\n\nGen-Env: dev\n";
    let run = |branch: &str, event: &str, before: &str| {
        let revision = if event == "pull-request" { branch } else { COMMIT };
        Some(json!({"revision": revision, "branch": branch, "event": event, "before": before}))
    };
    assert_eq!(
        of(trigger, &push(json!([change("branch", "main", "x")])), &[]),
        run("main", "push", BEFORE)
    );
    // The first branch that is wanted.
    let several = json!([
        change("branch", "other", "x"),
        change("branch", "main", by_gen),
        change("branch", "release/1", "x")
    ]);
    assert_eq!(of(trigger, &push(several), &[]), run("release/1", "push", BEFORE));
    let mut created = change("branch", "main", "x");
    created["old"] = json!(null);
    assert_eq!(of(trigger, &push(json!([created])), &[]), run("main", "push", ""));
    let mut deleted = change("branch", "main", "x");
    deleted["new"] = json!(null);
    assert_eq!(of(trigger, &push(json!([deleted])), &[]), None);
    assert_eq!(of(trigger, &push(json!([change("branch", "main", by_gen)])), &[]), None);
    let mut cut = change("branch", "main", by_gen);
    cut["truncated"] = json!(true);
    assert_eq!(of(trigger, &push(json!([cut])), &[]), run("main", "push", BEFORE));
    assert_eq!(of(trigger, &push(json!([change("tag", "v1", "x")])), &[]), run("", "tag", ""));
    assert_eq!(of(trigger, &push(json!([change("tag", "w1", "x")])), &[]), None);
    let mut pull = json!({
        "pullrequest": {
            "source": {"branch": {"name": "feature"}, "commit": {"hash": "111111111111"}, "repository": {"full_name": "team/shop"}},
            "destination": {"branch": {"name": "main"}},
        },
        "repository": {"full_name": "team/shop"},
    });
    let created = ["X-Event-Key: pullrequest:created"];
    assert_eq!(of(trigger, &pull, &created), run("feature", "pull-request", ""));
    assert_eq!(of(trigger, &pull, &["X-Event-Key: pullrequest:rejected"]), None);
    let commented = ["X-Event-Key: pullrequest:comment_created"];
    pull["comment"] = json!({"content": {"raw": "/test"}});
    assert_eq!(of(trigger, &pull, &commented), run("feature", "pull-request", ""));
    pull["pullrequest"]["source"]["repository"]["full_name"] = json!("mallory/shop");
    assert_eq!(of(trigger, &pull, &created), None);
    assert_eq!(of(trigger, &pull, &commented), None);
}

#[test]
fn bitbucket_on_a_server() {
    let trigger = "{bitbucket-server: {branches: [main], tags: [\"v*\"], pullRequests: true, comments: [/test]}}";
    let push = |kind: &str, name: &str, what: &str| {
        let id = format!("refs/{}/{name}", if kind == "TAG" { "tags" } else { "heads" });
        json!({
            "eventKey": "repo:refs_changed",
            "changes": [{"ref": {"id": id, "displayId": name, "type": kind}, "refId": id, "fromHash": BEFORE, "toHash": COMMIT, "type": what}],
        })
    };
    let run = |revision: &str, branch: &str, event: &str, before: &str| {
        Some(json!({"revision": revision, "branch": branch, "event": event, "before": before}))
    };
    assert_eq!(
        of(trigger, &push("BRANCH", "main", "UPDATE"), &[]),
        run(COMMIT, "main", "push", BEFORE)
    );
    assert_eq!(of(trigger, &push("BRANCH", "main", "DELETE"), &[]), None);
    assert_eq!(of(trigger, &push("BRANCH", "other", "UPDATE"), &[]), None);
    assert_eq!(of(trigger, &push("TAG", "v1", "ADD"), &[]), run("refs/tags/v1", "", "tag", ""));
    let mut by_gen = push("BRANCH", "main", "UPDATE");
    by_gen["commits"] = json!([{"id": COMMIT, "message": "Deploy\n\nGen-Pins: dev\n"}]);
    assert_eq!(of(trigger, &by_gen, &[]), None);
    by_gen["commits"][0]["message"] = json!("A change");
    assert!(of(trigger, &by_gen, &[]).is_some());
    let mut pull = json!({
        "eventKey": "pr:opened",
        "pullRequest": {
            "fromRef": {"displayId": "feature", "latestCommit": COMMIT, "repository": {"id": 1}},
            "toRef": {"displayId": "main", "repository": {"id": 1}},
        },
    });
    assert_eq!(of(trigger, &pull, &[]), run(COMMIT, "feature", "pull-request", ""));
    pull["eventKey"] = json!("pr:comment:added");
    pull["comment"] = json!({"text": "/test"});
    assert_eq!(of(trigger, &pull, &[]), run(COMMIT, "feature", "pull-request", ""));
    pull["pullRequest"]["fromRef"]["repository"]["id"] = json!(2);
    assert_eq!(of(trigger, &pull, &[]), None);
}

#[test]
fn what_is_no_event() {
    let (status, said, _) =
        send(repo("github", ""), &json!({"zen": "Keep it simple"}), &["X-GitHub-Event: ping"]);
    assert_eq!(status, 1);
    insta::assert_snapshot!(said, @r"
    push: rejected by `github`: the event is `ping`, expected push
    tag: rejected by `github`: the event is `ping`, expected push
    pull-request: rejected by `github`: the event is `ping`, expected pull_request
    ");
    let text = repo("github", "").file("event.json", "{");
    let ran =
        text.run(["trigger", "test", "shop", "-e", "dev", "--event", "event.json"]).status(64);
    insta::assert_snapshot!(ran.stderr, @r"
    error[GEN0622]: `event.json` is not a valid event: EOF while parsing an object at line 1 column 1
      help: save the body of a delivery as shown by the git host
    ");
    let silent = Repo::small().file("event.json", "{}");
    let ran =
        silent.run(["trigger", "test", "shop", "-e", "dev", "--event", "event.json"]).status(64);
    insta::assert_snapshot!(ran.stderr, @r"
    error[GEN0621]: no webhook starts `shop` in `dev`
      help: set the app's `trigger:`, and the environment's `run: webhook` and `apis: [triggers]`
    ");
}

/// A text of an event is a parameter and nothing else: whatever stands in it, the run holds it once, as it is.
#[test]
fn texts_of_events_stay_texts() {
    for hostile in [
        "$(tt.params.revision)",
        "$(context.pipelineRun.name)",
        "a\n---\nkind: Pod",
        "'; touch x; '",
        "{{ app }}",
    ] {
        let event = pull_request(|event| event["pull_request"]["head"]["ref"] = json!(hostile));
        let (status, said, params) = send(repo("github", ""), &event, &[]);
        assert_eq!((status, &params["branch"]), (0, &json!(hostile)), "{said}");
    }
}

/// Two apps of one repository and one of another, behind one listener for all apps.
fn shared(host: &str) -> Repo {
    let spec = format!(
        "version: 1\nrepository: https://git.example/g.git\ndefaults: {{pipeline: [fetch-source], trigger: {{{host}: {{branches: [main], pullRequests: true, comments: [/test]}}}}}}\napps:\n  cart: {{source: {{url: https://git.example/Team/mono.git, path: cart}}, image: registry.example/cart}}\n  stock: {{source: {{url: git@git.example:team/mono.git, path: stock}}, image: registry.example/stock}}\n  site: {{source: https://git.example/team/site, image: registry.example/site}}\n"
    );
    Repo::new()
        .file("gen.yaml", spec)
        .file("environments/dev.yaml", "run: webhook\napis: [triggers]\nlistener: {}\n")
}

/// The Triggers of all apps that an event starts, and what else is said.
fn started(host: &str, event: &Value, headers: &[&str]) -> (Vec<String>, String) {
    let repo = shared(host).file("event.json", event.to_string());
    let mut arguments = vec!["trigger", "test", "--env", "dev", "--event", "event.json"];
    for header in headers {
        arguments.extend(["--header", header]);
    }
    let ran = repo.run(arguments);
    let lines = ran.stderr.lines();
    let started = lines.filter_map(|line| Some(line.strip_suffix(": starts a run")?.to_owned()));
    let started: Vec<String> = started.collect();
    assert_eq!(ran.status, i32::from(started.is_empty()), "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("kind: PipelineRun").count(), started.len(), "{}", ran.stdout);
    (started, ran.stderr)
}

/// An event with a repository, as each host names it.
fn named(host: &str, mut event: Value, name: &str) -> Value {
    let (owner, short) = name.split_once('/').expect("OWNER/NAME");
    let of_server = json!({"slug": short, "project": {"key": owner.to_uppercase()}});
    match host {
        "gitlab" => event["project"] = json!({"path_with_namespace": name}),
        "bitbucket-server" if event.get("pullRequest").is_some() => {
            event["pullRequest"]["toRef"]["repository"] = of_server.clone();
            event["pullRequest"]["toRef"]["repository"]["id"] = json!(7);
        }
        "bitbucket-server" => event["repository"] = of_server,
        _ => event["repository"] = json!({"full_name": name}),
    }
    event
}

#[test]
fn one_listener_starts_the_apps_of_the_repository_and_folder() {
    let none: [&str; 0] = [];
    for host in ["github", "gitlab", "gitea"] {
        let push = |name: &str, file: &str| {
            let event = push_of(host, &[commit("A change", &[file])]);
            started(host, &named(host, event, name), &[]).0
        };
        assert_eq!(push("team/mono", "cart/main.py"), ["cart-push"], "{host}");
        assert_eq!(push("TEAM/Mono", "stock/a/b.py"), ["stock-push"], "{host}");
        assert_eq!(push("team/mono", "cartel/main.py"), none, "{host}");
        assert_eq!(push("team/site", "cart/main.py"), ["site-push"], "{host}");
        assert_eq!(push("mallory/mono", "cart/main.py"), none, "{host}");
        assert_eq!(push("team/mono/cart", "cart/main.py"), none, "{host}");
    }
    // Events of another type, whatever their body looks like.
    let push = named("github", push_of("github", &[commit("A change", &["cart/a"])]), "team/mono");
    let (started_by, said) = started("github", &push, &["X-GitHub-Event: pull_request"]);
    assert_eq!(started_by, none, "{said}");
    assert!(
        said.contains("rejected by 9 other triggers; `gen trigger test APP` shows why"),
        "{said}"
    );
    // A pull request tells no files, so that each app of the repository tries it.
    let (started_by, said) = started(
        "github",
        &pull_request(|event| {
            event["repository"]["full_name"] = json!("team/mono");
            event["pull_request"]["head"]["repo"]["full_name"] = json!("team/mono");
        }),
        &[],
    );
    assert_eq!(started_by, ["cart-pull-request", "stock-pull-request"], "{said}");
}

#[test]
fn one_listener_for_bitbucket() {
    let none: [&str; 0] = [];
    // It tells no files, so that the folder does not matter.
    let change = json!({"new": {"type": "branch", "name": "main", "target": {"hash": COMMIT}}, "old": null, "commits": [{"message": "A change"}]});
    let cloud = json!({"push": {"changes": [change]}});
    let change = json!({"type": "UPDATE", "ref": {"type": "BRANCH", "displayId": "main"}, "toHash": COMMIT, "fromHash": BEFORE});
    let server = json!({"eventKey": "repo:refs_changed", "changes": [change]});
    let comment = json!({
        "eventKey": "pr:comment:added", "comment": {"text": "/test"},
        "pullRequest": {
            "fromRef": {"latestCommit": COMMIT, "displayId": "feature", "repository": {"id": 7}},
            "toRef": {"displayId": "main"},
        },
    });
    for (host, event, name) in [
        ("bitbucket", &cloud, "push"),
        ("bitbucket-server", &server, "push"),
        ("bitbucket-server", &comment, "comment"),
    ] {
        let of = |repository: &str| started(host, &named(host, event.clone(), repository), &[]);
        let (found, said) = of("team/mono");
        assert_eq!(found, [format!("cart-{name}"), format!("stock-{name}")], "{host}: {said}");
        assert_eq!(of("team/site").0, [format!("site-{name}")], "{host}");
        assert_eq!(of("mallory/site").0, none, "{host}");
    }
}
