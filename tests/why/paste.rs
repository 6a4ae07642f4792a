//! What people paste: logs with and without prefixes, descriptions, tables, lists, all of it together.

use gitops_gen::diagnose::{State, Weight};

use crate::{found, gen_why, named, shown};

const FORBIDDEN: &str = r#"Error from server (Forbidden): error when retrieving current configuration of: deployments.apps "web" is forbidden: User "system:serviceaccount:ci:shop-deploy" cannot patch resource "deployments" in API group "apps" in the namespace "shop""#;

#[test]
fn a_forbidden_line_gives_the_least_role() {
    let out = gen_why(&["-"], FORBIDDEN.as_bytes());
    let text = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(1), "{text}");
    for part in [
        "error[C1]",
        "kind: Role\n",
        "- apiGroups: [\"apps\"]\n        resources: [\"deployments\"]\n        resourceNames: [\"web\"]\n        verbs: [patch]",
        "kind: RoleBinding",
        "{kind: ServiceAccount, name: shop-deploy, namespace: ci}",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

/// `create` and `list` have no name in RBAC, and what is outside of namespaces needs a ClusterRole.
#[test]
fn roles_hold_what_the_authorizer_sees() {
    let text = r#"
services is forbidden: User "system:serviceaccount:ci:deploy" cannot create resource "services" in API group "" in the namespace "shop"
services "web" is forbidden: User "system:serviceaccount:ci:deploy" cannot list resource "services" in API group "" in the namespace "shop"
nodes is forbidden: User "system:serviceaccount:ci:deploy" cannot list resource "nodes" in API group "" at the cluster scope
pods "web-0" is forbidden: User "system:serviceaccount:ci:other" cannot get resource "pods/log" in API group "" in the namespace "shop"
"#;
    let report = found(text);
    let yaml = gitops_gen::diagnose::role(&report.diagnoses[0].denied);
    assert!(yaml.contains("kind: ClusterRole\n") && yaml.contains("kind: Role\n"), "{yaml}");
    assert!(yaml.contains("verbs: [create, list]"), "{yaml}");
    assert!(!yaml.contains("resourceNames") && !yaml.contains("other"), "{yaml}");
}

#[test]
fn a_description_of_a_run_is_read() {
    let text = "\
Name:         shop-run-7-build
Namespace:    ci
Labels:       tekton.dev/pipelineRun=shop-run-7
API Version:  tekton.dev/v1
Kind:         TaskRun
Metadata:
  Creation Timestamp:  2026-11-23T10:00:00Z
  Generation:          1
Spec:
  Service Account Name:  shop-pipeline
Status:
  Conditions:
    Last Transition Time:  2026-11-23T10:04:00Z
    Message:               failed to create task run pod \"shop-run-7-build\": translating TaskSpec to Pod: serviceaccounts \"shop-pipeline\" not found. Maybe missing or invalid Task ci/build
    Reason:                PodCreationFailed
    Status:                False
    Type:                  Succeeded
  Pod Name:                
Events:
  Type     Reason         Age   From     Message
  ----     ------         ----  ----     -------
  Normal   Started        2m    TaskRun  
  Warning  Failed         2m    TaskRun  failed to create task run pod
";
    let report = found(text);
    assert_eq!(named(&report), ["B12"], "{}", shown(text));
    assert_eq!(report.diagnoses[0].what.to_string(), "TaskRun ci/shop-run-7-build");
}

#[test]
fn a_description_with_two_conditions_is_read() {
    let text = "\
Name:         gen-shop
Namespace:    flux-system
API Version:  kustomize.toolkit.fluxcd.io/v1
Kind:         Kustomization
Status:
  Conditions:
    Last Transition Time:  2026-11-23T10:04:00Z
    Message:               Fetching manifests for revision main@sha1:1a2b
    Reason:                Progressing
    Status:                True
    Type:                  Reconciling
    Last Transition Time:  2026-11-23T10:04:00Z
    Message:               kustomization path not found: stat /tmp/k/clusters/dev: no such file or directory
    Reason:                ArtifactFailed
    Status:                False
    Type:                  Ready
Events:                    <none>
";
    assert_eq!(named(&found(text)), ["D3"], "{}", shown(text));
}

#[test]
fn a_description_of_a_pod_is_read() {
    let text = "\
Name:             web-6d5-x1
Namespace:        shop
Priority:         0
Service Account:  web
Node:             node-1/10.0.0.5
Labels:           app=web
Status:           Running
IP:               10.1.0.8
Containers:
  web:
    Container ID:   containerd://1a2b
    Image:          registry.example/shop/web:1
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Mon, 23 Nov 2026 10:00:00 +0000
    Ready:          False
    Restart Count:  7
Conditions:
  Type              Status
  Initialized       True
  Ready             False
  PodScheduled      True
Volumes:            <none>
Events:
  Type     Reason   Age                 From     Message
  ----     ------   ----                ----     -------
  Warning  BackOff  2m (x20 over 10m)   kubelet  Back-off restarting failed container web in pod web-6d5-x1_shop(1a2b)
";
    let report = found(text);
    assert_eq!(named(&report), ["G4"], "{}", shown(text));
    assert_eq!(report.diagnoses[0].what.to_string(), "Pod shop/web-6d5-x1");
}

#[test]
fn tables_are_read() {
    let pods = "NAME         READY   STATUS             RESTARTS   AGE\nweb-6d5-x1   0/1     ImagePullBackOff   0          3m\n";
    assert_eq!(named(&found(pods)), ["G1"]);
    let flux = "NAME      REVISION  SUSPENDED  READY  MESSAGE\ngen-shop            False      False  kustomization path not found: stat /tmp/k: no such file or directory\n";
    assert_eq!(named(&found(flux)), ["D3"]);
    let events = "LAST SEEN   TYPE      REASON             OBJECT       MESSAGE\n2m          Warning   FailedScheduling   pod/web-0    0/3 nodes are available: 3 Insufficient cpu. preemption: none\n";
    assert_eq!(named(&found(events)), ["G8a"]);
}

#[test]
fn a_list_in_json_is_read() {
    let text = r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"tekton.dev/v1","kind":"PipelineRun","metadata":{"name":"r","namespace":"ci"},"status":{"conditions":[{"type":"Succeeded","status":"False","reason":"ParameterMissing","message":"pipelineRun missing parameters: [url]"}]}}]}"#;
    assert_eq!(named(&found(text)), ["A6"]);
    let pretty = format!("{:#}\n", serde_json::from_str::<serde_json::Value>(text).unwrap());
    assert_eq!(named(&found(&pretty)), ["A6"]);
    // With the output of something else around it.
    assert_eq!(named(&found(&format!("$ kubectl get pr -o json\n{pretty}$ \n"))), ["A6"]);
}

#[test]
fn a_log_without_a_failure_is_well() {
    let text = "deployment.apps/web configured\ndeployment \"web\" successfully rolled out\n0 errors, 0 failed\n";
    let out = gen_why(&["-"], text.as_bytes());
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stdout));
    assert_eq!(found(text).state, State::Well);
    // Which is not to say that nothing is wrong.
    assert_eq!(String::from_utf8_lossy(&out.stdout), "no failure that gen knows: read 3 lines\n");
}

#[test]
fn an_unknown_failure_is_not_explained_away() {
    let text = "compiling\nerror[E0308]: mismatched types\n";
    let out = gen_why(&["-"], text.as_bytes());
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(
        said.contains("error[E0308]: mismatched types") && said.contains("the cause was not found"),
        "{said}"
    );
    let out = gen_why(&["-"], b"");
    assert_eq!(out.status.code(), Some(2));
}

/// Two tasks fail: the first is the cause, the other is named beside it.
#[test]
fn of_two_faults_the_first_is_the_cause() {
    let run = |pods: &str| {
        format!(
            r#"
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {{name: r, namespace: ci}}
status:
  conditions: [{{type: Succeeded, status: "False", reason: Failed, message: "Tasks Completed: 2 (Failed: 2, Cancelled 0), Skipped: 1"}}]
---
{pods}"#
        )
    };
    let task = |name: &str, end: &str, reason: &str, message: &str| {
        format!(
            r#"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {{name: r-{name}, namespace: ci, labels: {{tekton.dev/pipelineRun: r, tekton.dev/pipelineTask: {name}}}, ownerReferences: [{{kind: PipelineRun, name: r}}]}}
status:
  completionTime: "2026-11-23T10:{end}Z"
  conditions: [{{type: Succeeded, status: "False", reason: {reason}, message: '{message}'}}]
---
"#
        )
    };
    let oom =
        |end| task("build", end, "StepOOM", r#""step-build" exited with code 137: OOMKilled"#);
    let image = |end| {
        task(
            "lint",
            end,
            "TaskRunImagePullFailed",
            r#"failed to pull the image "x". The pod errored with the message: "Back-off pulling image "a.example/lint:9": not found.""#,
        )
    };
    for (text, first, second) in [
        (run(&(oom("04:00") + &image("05:00"))), "B2", "B6"),
        (run(&(oom("06:00") + &image("05:00"))), "B6", "B2"),
    ] {
        let report = found(&text);
        assert_eq!(named(&report), [first]);
        let besides = &report.diagnoses[0].besides;
        assert!(besides.len() == 1 && besides[0].contains(&format!("[{second}]")), "{besides:?}");
    }
}

/// Many apps fail for one registry: one cause, and all of them named.
#[test]
fn failures_with_one_cause_are_told_once() {
    let pod = |name: &str| {
        format!(
            r#"
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: shop}}
status:
  phase: Pending
  containerStatuses:
  - name: web
    state: {{waiting: {{reason: ImagePullBackOff, message: 'Back-off pulling image "registry.example/{name}:1": 401 Unauthorized'}}}}
---
"#
        )
    };
    let text: String = (0..40).map(|index| pod(&format!("app-{index}"))).collect();
    let report = found(&text);
    assert_eq!(named(&report), ["G1"]);
    assert_eq!(report.diagnoses[0].consequences.len(), 39);
}

/// What an earlier attempt left says nothing about a pod that runs, and a run that was repeated is of no interest.
#[test]
fn what_is_over_is_not_blamed() {
    let text = r#"
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {nodeName: node-1}
status:
  phase: Running
  conditions: [{type: Ready, status: "True"}, {type: PodScheduled, status: "True"}]
  containerStatuses:
  - {name: web, ready: true, restartCount: 1, state: {running: {}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}
---
apiVersion: v1
kind: Event
metadata: {name: e, namespace: shop}
involvedObject: {kind: Pod, name: web, namespace: shop}
type: Warning
reason: FailedScheduling
message: "0/3 nodes are available: 3 Insufficient cpu."
---
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: run-1, namespace: ci, creationTimestamp: "2026-11-23T10:00:00Z", labels: {tekton.dev/pipeline: shop}}
status: {conditions: [{type: Succeeded, status: "False", reason: ParameterMissing, message: "pipelineRun missing parameters: [url]"}]}
---
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: run-2, namespace: ci, creationTimestamp: "2026-11-23T11:00:00Z", labels: {tekton.dev/pipeline: shop}}
status: {conditions: [{type: Succeeded, status: "True", reason: Succeeded, message: "Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0"}]}
"#;
    let report = found(text);
    assert_eq!(report.state, State::Well, "{}", shown(text));
    assert!(report.well.iter().any(|one| one.stands.contains("run-2")), "{:?}", report.well);
}

/// A run that was stopped says on a second line why it had not gone on.
#[test]
fn the_status_before_a_timeout_is_the_cause() {
    let text = r#"
apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: r-build, namespace: ci}
status:
  conditions:
  - {type: Succeeded, status: "False", reason: TaskRunTimeout, message: "TaskRun \"r-build\" failed to finish within \"1h0m0s\"\nPrevious status: [ExceededResourceQuota] TaskRun Pod exceeded available resources: pods \"r\" is forbidden: exceeded quota: ci, requested: pods=1, used: pods=9, limited: pods=9"}
"#;
    assert_eq!(named(&found(text)), ["B13"]);
}

#[test]
fn a_long_wait_is_a_failure_and_a_short_one_is_not() {
    let run = |now: &str| {
        format!(
            r#"
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {{name: r, namespace: ci}}
status: {{conditions: [{{type: Succeeded, status: Unknown, reason: ResolvingPipelineRef, message: awaiting remote resource, lastTransitionTime: "2026-11-23T10:00:00Z"}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: clock, namespace: ci, creationTimestamp: "{now}"}}
"#
        )
    };
    let early = found(&run("2026-11-23T10:00:30Z"));
    assert_eq!((early.state, early.diagnoses[0].stands), (State::Busy, Weight::Waits));
    let late = found(&run("2026-11-23T10:02:00Z"));
    assert_eq!((late.state, late.diagnoses[0].stands), (State::Found, Weight::Stuck));
}
