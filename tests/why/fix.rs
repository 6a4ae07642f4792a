//! `gen why --fix`: the change of the spec, proved by what it renders.

use std::path::Path;
use std::process::{Command, Output};

use gitops_gen::diagnostics::Sources;
use gitops_gen::ops::Context;
use gitops_gen::ops::why::{FixReport, fix, input, why_text_in, write};
use gitops_gen::report::Screen;
use gitops_gen::workspace::Workspace;
use serde_json::Value;

use crate::gen_why_in;
use crate::support::{GEN, Repo};

/// What became of the first homelab, by `gen import`, with the account that its first run had.
fn homelab() -> Repo {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/cases/first-homelab/out");
    let read = |path: &str| std::fs::read_to_string(cases.join(path)).expect("the case is there");
    let spec = read("gen.yaml");
    let port = "    port: 5000\n";
    assert!(spec.contains(port), "{spec}");
    let spec = spec.replace(port, &format!("{port}    serviceAccount: default   # run 001\n"));
    Repo::new().file("gen.yaml", spec).file("environments/dev.yaml", read("environments/dev.yaml"))
}

/// An app with a task of its own, whose list of rights is too short for its script.
const TASK: &str = "\
# Ours.
version: 1
repository: https://git.example/team/gitops.git
apps:
  shop:
    source: https://git.example/team/shop.git
    image: registry.example/team/shop
    resources: {memory: 256Mi}   # measured in May
    pipeline:
      - fetch-source
      - announce:
          image: docker.io/bitnami/kubectl:1.33
          script: |
            kubectl -n $NAMESPACE get configmap news
            kubectl -n $NAMESPACE annotate deployment shop news=read
          permissions:
            - {resources: [configmaps], verbs: [get]}   # not more

      - build-image
      - deploy-app
";

fn shop() -> Repo {
    Repo::new().file("gen.yaml", TASK).file("environments/dev.yaml", "deploy: kubectl\n")
}

fn refused(account: &str, verb: &str) -> String {
    format!(
        "deployments.apps \"shop\" is forbidden: User \"system:serviceaccount:{account}\" cannot {verb} resource \"deployments\" in API group \"apps\" in the namespace \"shop-dev\"\n"
    )
}

fn mend(repo: &Repo, more: &[&str], input: &str) -> Output {
    let arguments = [&["-", "--fix"], more].concat();
    gen_why_in(repo.root(), &arguments, input.as_bytes())
}

fn said(out: &Output) -> String {
    let both = [out.stdout.as_slice(), &out.stderr].concat();
    String::from_utf8(both).expect("UTF-8")
}

fn done(repo: &Repo, arguments: &[&str]) {
    let ran = repo.run(arguments.iter().copied());
    assert_eq!(ran.status, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
}

/// The rules of the Roles of an account in what was rendered.
fn rules(repo: &Repo, account: &str) -> String {
    let texts = repo.clusters();
    let accounts = texts.iter().filter(|(path, _)| path.ends_with("access/accounts.yaml"));
    let texts: Vec<String> =
        accounts.map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect();
    let documents: Vec<&str> = texts.iter().flat_map(|text| text.split("---\n")).collect();
    let is_its = |document: &&&str| {
        document.contains("kind: Role\n") && document.contains(&format!("  name: {account}\n"))
    };
    documents.iter().filter(is_its).map(|document| (*document).to_owned()).collect()
}

/// Its last task.
const DEPLOY: &str = "\
apiVersion: tekton.dev/v1
kind: TaskRun
metadata:
  name: demo-app-run-20241008-001-deploy-app
  namespace: default
  labels: {tekton.dev/pipelineRun: demo-app-run-20241008-001, tekton.dev/pipelineTask: deploy-app}
  ownerReferences: [{apiVersion: tekton.dev/v1, kind: PipelineRun, name: demo-app-run-20241008-001}]
status:
  podName: demo-app-run-20241008-001-deploy-app-pod
  conditions: [{type: Succeeded, status: \"False\", reason: StepFailed, message: '\"step-deploy\" exited with code 1: Error'}]
";

/// The story that gen began with: the run failed, one line of its log names the account, and the change of the spec gives the task
/// what it needs: not only what was refused, but the whole deployment.
#[test]
fn the_first_homelab_is_mended_by_one_command() {
    let repo = homelab();
    let run = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/import/cases/first-homelab/in/demo-pipelinerun-simple.yaml"),
    )
    .expect("the case is there");
    let log = "Error from server (Forbidden): deployments.apps \"demo-app\" is forbidden: User \"system:serviceaccount:default-ci:default\" cannot get resource \"deployments\" in API group \"apps\" in the namespace \"default\"\n";
    let pasted = format!(
        "{run}status:\n  conditions:\n  - {{type: Succeeded, status: \"False\", reason: Failed, message: \"Tasks Completed: 3 (Failed: 1, Cancelled 0), Skipped: 0\"}}\n---\n{DEPLOY}---\n{log}"
    );
    let before = repo.read("gen.yaml");
    let out = mend(&repo, &["--yes"], &pasted);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    for part in [
        "error[C1]",
        "demo-app-run-20241008-001",
        "gen.yaml:9",
        "--- a/gen.yaml\n+++ b/gen.yaml\n",
        "-    serviceAccount: default   # run 001\n",
        "changes demo-app in dev",
        "wrote gen.yaml\nnext: gen commit --env dev --push",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // Nothing else moved.
    let after = repo.read("gen.yaml");
    assert_eq!(after, before.replace("    serviceAccount: default   # run 001\n", ""));
    done(&repo, &["render"]);
    done(&repo, &["check"]);
    let role = rules(&repo, "demo-app-deploy-app");
    for part in ["- apps\n", "- deployments\n", "- get\n", "- patch\n", "- create\n"] {
        assert!(role.contains(part), "{part}\n{role}");
    }
    let again = mend(&repo, &["--yes"], &pasted);
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    assert!(said(&again).contains("its cause is not in the spec"), "{}", said(&again));
    assert_eq!(repo.read("gen.yaml"), after);
}

/// What the script needs next is given with what was refused, so that no second run fails one command later.
#[test]
fn a_task_gets_all_that_its_script_needs() {
    let repo = shop();
    let out = mend(&repo, &["--yes"], &refused("shop-dev-ci:shop-announce", "get"));
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    let line = "            - {apiGroups: [apps], resources: [deployments], resourceNames: [shop], verbs: [get, patch]}\n";
    let list = "            - {resources: [configmaps], verbs: [get]}   # not more\n";
    assert_eq!(repo.read("gen.yaml"), TASK.replace(list, &format!("{list}{line}")));
    done(&repo, &["render"]);
    done(&repo, &["check"]);
    let role = rules(&repo, "shop-announce");
    assert!(role.contains("- deployments\n") && role.contains("- patch\n"), "{role}");
}

#[test]
fn rights_that_gen_never_grants_are_left_to_a_person() {
    let repo = shop();
    let secret = "secrets \"a\" is forbidden: User \"system:serviceaccount:shop-dev-ci:shop-announce\" cannot get resource \"secrets\" in API group \"\" in the namespace \"shop-dev\"\n";
    let out = mend(&repo, &["--yes"], secret);
    assert_eq!(out.status.code(), Some(1), "{}", said(&out));
    assert!(said(&out).contains("gen never grants a read access to Secrets"), "{}", said(&out));
    assert_eq!(repo.read("gen.yaml"), TASK);
}

const OOM: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: shop-6d5-x1, namespace: shop-dev}
status:
  phase: Running
  containerStatuses:
  - name: shop
    restartCount: 7
    state: {waiting: {reason: CrashLoopBackOff, message: \"back-off 5m0s restarting failed container=shop pod=x\"}}
    lastState: {terminated: {reason: OOMKilled, exitCode: 137}}
";

#[test]
fn a_limit_of_memory_is_doubled_and_the_rest_of_the_line_stays() {
    let repo = shop();
    let out = mend(&repo, &["--yes"], OOM);
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    let line = "resources: {memory: 256Mi, limits: {memory: 512Mi}}   # measured in May\n";
    assert!(repo.read("gen.yaml").contains(line), "{}", repo.read("gen.yaml"));
    done(&repo, &["render"]);
    // Over the app's own key stands that of the environment, which is what the program really has.
    let repo = shop().file(
        "environments/dev.yaml",
        "deploy: kubectl\napps:\n  \"*\": {resources: {limits: {memory: 300Mi}}} # small\n",
    );
    let out = mend(&repo, &["--yes"], OOM);
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    assert_eq!(
        repo.read("environments/dev.yaml"),
        "deploy: kubectl\napps:\n  \"*\": {resources: {limits: {memory: 300Mi}}} # small\n  shop: {resources: {limits: {memory: 600Mi}}}\n"
    );
    assert_eq!(repo.read("gen.yaml"), TASK);
}

fn task_run(reason: &str, message: &str) -> String {
    format!(
        "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata:\n  name: shop-1-announce\n  namespace: shop-dev-ci\n  labels: {{tekton.dev/pipelineTask: announce, app.kubernetes.io/instance: shop-dev}}\nstatus:\n  podName: p\n  steps: [{{name: run, container: step-run, terminated: {{exitCode: 1, reason: Error}}}}]\n  conditions: [{{type: Succeeded, status: \"False\", reason: {reason}, message: '{message}'}}]\n"
    )
}

#[test]
fn the_limits_of_a_task_are_doubled_where_it_stands() {
    for (reason, message, key) in [
        (
            "StepOOM",
            "\"step-run\" exited with code 137: OOMKilled",
            "resources: {limits: {memory: 4Gi}}",
        ),
        (
            "TaskRunTimeout",
            "TaskRun \"shop-1-announce\" failed to finish within \"1h0m0s\"",
            "timeout: 2h",
        ),
    ] {
        let repo = shop();
        let out = mend(&repo, &["--yes"], &task_run(reason, message));
        assert_eq!(out.status.code(), Some(0), "{}", said(&out));
        let list = "            - {resources: [configmaps], verbs: [get]}   # not more\n";
        assert_eq!(repo.read("gen.yaml"), TASK.replace(list, &format!("{list}          {key}\n")));
        done(&repo, &["render"]);
    }
}

#[test]
fn without_a_terminal_nothing_is_written_unasked() {
    let repo = shop();
    let out = mend(&repo, &[], &refused("shop-dev-ci:shop-announce", "get"));
    let text = said(&out);
    assert_eq!(out.status.code(), Some(64), "{text}");
    assert!(text.contains("+            - {apiGroups: [apps]"), "{text}");
    let error = text.split("error[GEN1500]").nth(1).expect("the error");
    insta::assert_snapshot!(format!("error[GEN1500]{error}"), @r"
    error[GEN1500]: the change was not written: there is no terminal to ask on
      help: review the change, then run again with `--yes`
    ");
    assert_eq!(repo.read("gen.yaml"), TASK);
    let json = mend(&repo, &["-o", "json"], &refused("shop-dev-ci:shop-announce", "get"));
    assert_eq!(json.status.code(), Some(64));
    let value: Value = serde_json::from_slice(&json.stdout).expect("one document");
    assert_eq!(value["errors"][0]["code"], "GEN1500");
    assert_eq!(value["complete"], false);
    assert_eq!(value["fix"]["state"], "shown");
    let diff = value["fix"]["files"][0]["diff"].as_str().expect("a diff");
    assert!(diff.contains("+            - {apiGroups: [apps]"), "{diff}");
    assert!(String::from_utf8_lossy(&json.stderr).contains("error[GEN1500]"));
}

#[test]
fn programs_get_the_change_as_json() {
    let repo = shop();
    let out = mend(&repo, &["--yes", "-o", "json"], &refused("shop-dev-ci:shop-announce", "get"));
    let value: Value = serde_json::from_slice(&out.stdout).expect("one document");
    assert_eq!(value["fix"]["state"], "written", "{value:#}");
    assert_eq!(value["fix"]["affects"]["shop"], serde_json::json!(["dev"]));
    assert_eq!(value["fix"]["files"][0]["path"], "gen.yaml");
    assert_eq!(value["diagnoses"][0]["signature"], "C1");
}

/// The task and the app name the account, so that changing one of them would bring nothing.
#[test]
fn a_change_that_would_not_help_is_refused() {
    let spec = TASK.replace("    resources:", "    serviceAccount: default\n    resources:");
    let environment = "deploy: kubectl\napps:\n  \"*\": {serviceAccount: default}\n";
    let repo = Repo::new().file("gen.yaml", &spec).file("environments/dev.yaml", environment);
    let out = mend(&repo, &["--yes"], &refused("shop-dev-ci:default", "get"));
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    // What holds for all apps stays, and this one does without.
    assert_eq!(
        repo.read("environments/dev.yaml"),
        format!("{environment}  shop: {{serviceAccount: null}}\n")
    );
    let task = TASK.replace(
        "          permissions:",
        "          serviceAccount: robot\n          permissions:",
    );
    let repo = Repo::new()
        .file(
            "gen.yaml",
            task.replace("    resources:", "    serviceAccount: robot\n    resources:"),
        )
        .file("environments/dev.yaml", "deploy: kubectl\n");
    let out = mend(&repo, &["--yes"], &refused("shop-dev-ci:robot", "get"));
    let text = said(&out);
    assert_eq!(out.status.code(), Some(3), "{text}");
    let error = text.split("error[GEN1501]").nth(1).expect("the error");
    insta::assert_snapshot!(format!("error[GEN1501]{error}"), @r"
    error[GEN1501]: the change was not written: no account in shop-dev-ci would be allowed to get deployments in shop-dev
      help: change the spec by hand; `gen why` shows where
    ");
    assert!(repo.read("gen.yaml").contains("robot"));
}

/// The file of another, written between reading and writing, is not lost.
#[test]
fn a_file_that_was_changed_meanwhile_stays() {
    let repo = shop();
    let workspace = Workspace::new(repo.root());
    let screen = Screen::plain();
    let mut sources = Sources::default();
    let mut context = Context { workspace: &workspace, sources: &mut sources, watch: &screen };
    let text = refused("shop-dev-ci:shop-announce", "get");
    let read = input(text.as_bytes()).expect("it is read");
    let report = why_text_in(&mut context, &read, None);
    let mut plan: FixReport = fix(&mut context, &report).unwrap_or_else(|found| panic!("{found}"));
    assert!(plan.is_change());
    let theirs = format!("# theirs\n{TASK}");
    std::fs::write(repo.root().join("gen.yaml"), &theirs).expect("it is written");
    let problem = write(&context, &mut plan).expect_err("it is not ours any more");
    insta::assert_snapshot!(problem.to_string(), @"[GEN1502] `gen.yaml` was changed meanwhile, and stays as it is");
    assert_eq!(repo.read("gen.yaml"), theirs);
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let out = Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .output()
        .expect("git starts");
    assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// A repository with everything committed and pushed to a remote.
fn pushed() -> Repo {
    let repo = shop();
    done(&repo, &["render"]);
    let bare = repo.outside().join("bare.git");
    let bare = bare.to_str().expect("UTF-8");
    let root = repo.root();
    git(root, &["init", "--quiet", "--bare", bare]);
    git(root, &["init", "--quiet", "--initial-branch=main"]);
    for (key, value) in [("user.name", "a"), ("user.email", "a@b.example")] {
        git(root, &["config", key, value]);
    }
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message=Begin"]);
    git(root, &["remote", "add", "origin", bare]);
    git(root, &["push", "--quiet", "--set-upstream", "origin", "main"]);
    repo
}

fn mend_to(repo: &Repo, branch: &str) -> Output {
    let input = refused("shop-dev-ci:shop-announce", "get");
    let mut child = Command::new(GEN)
        .current_dir(repo.root())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .args(["why", "-", "--fix", "--yes", "--branch", branch])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("gen starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), input.as_bytes())
        .expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// For a pull request: the branch has the change and what it renders, and the checkout is as before.
#[test]
fn a_branch_gets_the_change_and_the_checkout_stays() {
    let repo = pushed();
    let root = repo.root();
    let out = mend_to(&repo, "mend-shop");
    let text = said(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert!(text.contains("pushed to origin/mend-shop"), "{text}");
    assert!(!text.contains("uncommitted"), "{text}");
    assert_eq!(repo.read("gen.yaml"), TASK);
    let changed = git(root, &["diff", "--name-only", "main", "origin/mend-shop"]);
    assert!(changed.contains("gen.yaml") && changed.contains("access/accounts.yaml"), "{changed}");
    assert_eq!(git(root, &["status", "--porcelain"]), "");
}

/// What else was edited goes to the branch, too, so it is named before.
#[test]
fn other_edits_that_are_pushed_are_named() {
    let repo = pushed();
    let edited = TASK.replace("# Ours.", "# Ours, since May.");
    let repo =
        repo.file("gen.yaml", &edited).file("environments/dev.yaml", "deploy: kubectl # here\n");
    let out = mend_to(&repo, "mend-shop");
    let text = said(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    for path in ["environments/dev.yaml", "gen.yaml"] {
        let note = format!("note: {path} has other uncommitted changes; they are pushed, too");
        assert!(text.contains(&note), "{note}\n{text}");
    }
    assert!(git(repo.root(), &["show", "origin/mend-shop:gen.yaml"]).contains("since May"));
    assert_eq!(repo.read("gen.yaml"), edited);
}

/// A task under `defaults` is that of every app, so a change of it is shown and proved for all of them.
#[test]
fn a_task_that_apps_share_is_changed_for_all_of_them_and_said_so() {
    const SHARED: &str = "\
version: 1
repository: https://git.example/team/gitops.git
defaults:
  pipeline:
    - fetch-source
    - announce:
        image: docker.io/library/busybox:1.37
        script: echo hello
        timeout: 20m
    - build-image
    - deploy-app
apps:
  shop: {source: https://git.example/team/shop.git, image: registry.example/team/shop}
  till: {source: https://git.example/team/till.git, image: registry.example/team/till}
  page: {source: https://git.example/team/page.git, image: registry.example/team/page, pipeline: [fetch-source, build-image]}
";
    let repo =
        Repo::new().file("gen.yaml", SHARED).file("environments/dev.yaml", "deploy: kubectl\n");
    let timeout =
        task_run("TaskRunTimeout", "TaskRun \"shop-1-announce\" failed to finish within \"20m0s\"");
    let out = mend(&repo, &["--yes"], &timeout);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert!(text.contains("changes shop in dev\nchanges till in dev\n"), "{text}");
    assert!(!text.contains("changes page"), "{text}");
    assert!(text.contains("next: gen commit --env dev --push"), "{text}");
    assert_eq!(repo.read("gen.yaml"), SHARED.replace("timeout: 20m", "timeout: 40m"));
}

/// Two clusters with the same names: what failed says in its labels where it was, or `--env` does.
#[test]
fn only_the_environment_that_failed_is_changed() {
    let repo = || {
        Repo::new()
            .file("gen.yaml", TASK)
            .file(
                "environments/dev.yaml",
                "deploy: kubectl\nnamespace: {name: apps}\napps:\n  shop: {resources: {limits: {memory: 300Mi}}}\n",
            )
            .file(
                "environments/prod.yaml",
                "deploy: kubectl\nnamespace: {name: apps}\napps:\n  shop: {resources: {limits: {memory: 3Gi}}}\n",
            )
    };
    let pod = OOM.replace("namespace: shop-dev}", "namespace: apps}");
    let labelled = pod.replace("apps}", "apps, labels: {gitops-gen.dev/environment: dev}}");
    assert_ne!(labelled, pod);
    for (more, pasted) in [(&["--yes"][..], &labelled), (&["--yes", "--env", "dev"], &pod)] {
        let repo = repo();
        let out = mend(&repo, more, pasted);
        let text = said(&out);
        assert_eq!(out.status.code(), Some(0), "{text}");
        assert!(repo.read("environments/dev.yaml").contains("memory: 600Mi"), "{text}");
        assert!(repo.read("environments/prod.yaml").contains("memory: 3Gi"), "{text}");
        assert!(!text.contains("environments/prod.yaml"), "{text}");
        assert!(text.contains("changes shop in dev\n"), "{text}");
    }
    let repo = repo();
    let text = said(&mend(&repo, &["--yes", "--env", "dve"], &pod));
    assert!(text.contains("unknown environment `dve`"), "{text}");
    assert!(repo.read("environments/dev.yaml").contains("memory: 300Mi"), "{text}");
    // Where it was not said, it may have been in both.
    let text = said(&mend(&repo, &["--yes"], &pod));
    assert!(repo.read("environments/prod.yaml").contains("memory: 6Gi"), "{text}");
}

/// Where it may have failed in two environments, the one that cannot be changed is named, and the exit status is not that of success.
#[test]
fn what_cannot_be_changed_beside_what_is_changed_is_named() {
    let pasted = OOM.replace("namespace: shop-dev}", "namespace: apps}");
    let environment = |memory: &str| {
        format!(
            "deploy: kubectl\nnamespace: {{name: apps}}\napps:\n  shop: {{resources: {{limits: {{memory: {memory}}}}}}}\n"
        )
    };
    let prod = environment("3Gi").replace('\n', "\r\n");
    let repo = Repo::new()
        .file("gen.yaml", TASK)
        .file("environments/dev.yaml", environment("300Mi"))
        .file("environments/prod.yaml", &prod);
    let out = mend(&repo, &["--yes"], &pasted);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(repo.read("environments/dev.yaml").contains("memory: 600Mi"), "{text}");
    assert_eq!(repo.read("environments/prod.yaml"), prod);
    let left = "environments/prod.yaml:4 is laid out in a way that gen does not edit";
    let (_, after) = text.split_once("not fixed: ").expect("what is left");
    assert!(after.contains(left), "{text}");
}

/// In one environment the account has the right in the spec, and in the other gen gives it.
#[test]
fn what_needs_no_change_beside_what_is_changed_is_named() {
    let environment = |permissions: &str| {
        format!(
            "deploy: kubectl\nnamespace: {{name: apps}}\napps:\n  shop:\n    pipeline:\n      - fetch-source\n      - announce:\n          image: docker.io/bitnami/kubectl:1.33\n          script: kubectl -n $NAMESPACE get deployment shop\n          permissions:\n            - {permissions}\n      - build-image\n      - deploy-app\n"
        )
    };
    let dev = environment(
        "{apiGroups: [apps], resources: [deployments], resourceNames: [shop], verbs: [get]}",
    );
    let repo = Repo::new()
        .file("gen.yaml", TASK)
        .file("environments/dev.yaml", &dev)
        .file("environments/prod.yaml", environment("{resources: [configmaps], verbs: [get]}"));
    let input = refused("apps-ci:shop-announce", "get").replace("shop-dev\"", "apps\"");
    let out = mend(&repo, &["--yes"], &input);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(repo.read("environments/prod.yaml").contains("resources: [deployments]"), "{text}");
    assert_eq!(repo.read("environments/dev.yaml"), dev);
    let (_, after) = text.split_once("not fixed: ").expect("what is left");
    let after = after.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        after.contains("it has these rights in the spec; commit and let Flux apply them"),
        "{text}"
    );
}

/// One line for two environments mends both or is not written: in the second, the key above it is taken away again.
#[test]
fn a_line_that_helps_in_one_environment_only_is_refused() {
    let pasted = OOM.replace("namespace: shop-dev}", "namespace: apps}");
    let dev = "deploy: kubectl\nnamespace: {name: apps}\n";
    let prod = format!("{dev}apps:\n  shop: {{resources: {{limits: null}}}}\n");
    let repo = |prod: &str| {
        Repo::new()
            .file("gen.yaml", TASK)
            .file("environments/dev.yaml", dev)
            .file("environments/prod.yaml", prod)
    };
    let good = repo(dev);
    let out = mend(&good, &["--yes"], &pasted);
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    assert!(good.read("gen.yaml").contains("limits: {memory: 512Mi}"));
    let repo = repo(&prod);
    let out = mend(&repo, &["--yes"], &pasted);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(3), "{text}");
    let error = text.split("error[GEN1501]").nth(1).expect("the error");
    insta::assert_snapshot!(format!("error[GEN1501]{error}"), @r"
    error[GEN1501]: the change was not written: the memory limit of `shop` would be 256Mi and not 512Mi: another layer sets it
      help: change the spec by hand; `gen why` shows where
    ");
    assert_eq!(repo.read("gen.yaml"), TASK);
}

/// Two failures with one cure, or one line that two environments read: the line is changed once.
#[test]
fn one_change_is_made_once() {
    let repo = shop();
    let pods = format!("{OOM}---\n{}", OOM.replace("6d5-x1", "6d5-x2"));
    let out = mend(&repo, &["--yes"], &pods);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert_eq!(text.matches("gen.yaml:5: double the memory limit").count(), 1, "{text}");
    assert!(repo.read("gen.yaml").contains("limits: {memory: 512Mi}"), "{text}");
}

#[test]
fn a_spec_with_errors_is_named_as_the_reason() {
    let repo = Repo::new()
        .file("gen.yaml", TASK.replace("version: 1", "version: 1\nnonsense: 1"))
        .file("environments/dev.yaml", "deploy: kubectl\n");
    let out = mend(&repo, &["--yes"], OOM);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(1), "{text}");
    let (_, after) = text.split_once("not fixed: ").expect("what is left");
    assert!(after.contains("the spec has errors; `gen render` lists them"), "{text}");
}

/// The task and the app name an account that is not there: without the key of one, the run would use that of the other.
#[test]
fn an_account_that_stays_is_no_cure() {
    let task = TASK.replace(
        "          permissions:",
        "          serviceAccount: robot\n          permissions:",
    );
    let spec = task.replace("    resources:", "    serviceAccount: robot\n    resources:");
    let repo =
        Repo::new().file("gen.yaml", &spec).file("environments/dev.yaml", "deploy: kubectl\n");
    let run = task_run(
        "PodCreationFailed",
        "failed to create task run pod \"shop-1-announce\": translating TaskSpec to Pod: serviceaccounts \"robot\" not found. Maybe missing or invalid Task shop-dev-ci/announce",
    );
    let out = mend(&repo, &["--yes"], &run);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(3), "{text}");
    let error = text.split("error[GEN1501]").nth(1).expect("the error");
    insta::assert_snapshot!(format!("error[GEN1501]{error}"), @r"
    error[GEN1501]: the change was not written: the run would still use the account robot
      help: change the spec by hand; `gen why` shows where
    ");
    assert_eq!(repo.read("gen.yaml"), spec);
}
