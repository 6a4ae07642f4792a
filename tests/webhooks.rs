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
        let own = "Set shop in dev\n\nGen-Env: dev\nGen-App: shop\n";
        refused(
            host,
            &github_push(|event| event["head_commit"]["message"] = json!(own)),
            "Gen-Env",
        );
        // What Flux commits for its image policies, in a repository that holds the source too.
        let pins = "Pin what the image policies of dev chose\n\nGen-Pins: dev\n";
        refused(
            host,
            &github_push(|event| event["head_commit"]["message"] = json!(pins)),
            "Gen-Pins",
        );
        // The trailer counts only at the begin of a line.
        starts(
            host,
            &github_push(|event| {
                event["head_commit"]["message"] = json!("Speak of Gen-Env: in the docs");
            }),
            &push_params(),
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
    refused(
        "gitlab",
        &push(&|event| event["commits"][0]["message"] = json!("Set\n\nGen-Env: dev")),
        "Gen-Env",
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
