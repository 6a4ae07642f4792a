//! What `gen diff` says of objects that were edited in the cluster is what the next reconcile of the real kustomize-controller does.
//!
//! Every case has an object of its own in the tree. Flux applies all of them; each is edited as somebody would, with that somebody's
//! field manager; gen predicts; Flux reconciles; and the objects are compared with what was predicted.

use gitops_gen::change::Class;
use gitops_gen::change::live::bare;
use http::Method;
use serde_json::{Value, json};

use crate::cluster::{Cluster, User, cluster};
use crate::compared::{compared, desired, of, options};
use crate::flux::Source;
use crate::requests::{Apply, Caller};
use crate::support::{Repo, text};

mod deployments;
mod metadata;
mod others;

/// How the object is edited.
pub enum Edit {
    /// A merge patch by a manager.
    Merge(&'static str, Value),
    /// A strategic merge patch by a manager, for lists.
    Strategic(&'static str, Value),
    /// A merge patch on a subresource.
    Sub(&'static str, &'static str, Value),
    /// Server-side apply by a manager, of the object with these fields beside.
    Apply(&'static str, Value),
    /// RFC 6902.
    Json(&'static str, Value),
    /// Several, one after the other.
    All(Vec<Edit>),
    Delete,
    Nothing,
}

use Edit::{All, Delete, Json, Merge, Nothing, Strategic, Sub};

/// An object, what is done to it, and what gen is to say.
pub struct Case {
    name: &'static str,
    object: Value,
    edit: Edit,
    class: Class,
}

pub fn case(name: &'static str, object: Value, edit: Edit, class: Class) -> Case {
    Case { name, object, edit, class }
}

fn placed(case: &Case, namespace: &str) -> Value {
    let mut object = case.object.clone();
    object["metadata"]["name"] = case.name.into();
    object["metadata"]["namespace"] = namespace.into();
    object
}

fn edit(admin: Caller<'_>, cluster: &Cluster, object: &Value, how: &Edit) {
    let path = cluster.kinds().path_of(object);
    let send = |path: &str, media: &str, manager: &str, body: &Value| {
        let path = format!("{path}?fieldManager={manager}");
        let media = format!("application/{media}+json");
        admin.request(Method::PATCH, &path, &media, Some(body)).expect_ok();
    };
    match how {
        Nothing => {}
        Merge(manager, body) => send(&path, "merge-patch", manager, body),
        Strategic(manager, body) => send(&path, "strategic-merge-patch", manager, body),
        Json(manager, body) => send(&path, "json-patch", manager, body),
        Sub(sub, manager, body) => send(&format!("{path}/{sub}"), "merge-patch", manager, body),
        Edit::Apply(manager, more) => {
            let mut body = object.clone();
            for (key, value) in more.as_object().unwrap() {
                for (name, value) in value.as_object().unwrap() {
                    body[key][name] = value.clone();
                }
            }
            let how = Apply { manager, dry_run: false };
            admin.apply(&body, how).expect_ok();
        }
        All(edits) => edits.iter().for_each(|how| edit(admin, cluster, object, how)),
        Delete => {
            admin.request(Method::DELETE, &path, "application/json", None).expect_ok();
        }
    }
}

/// What both sides say, without what the deployment controller counts.
fn settled(object: &Value) -> Value {
    let mut object = bare(object.clone());
    if let Some(annotations) =
        object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut)
    {
        annotations.remove("deployment.kubernetes.io/revision");
        if annotations.is_empty() {
            object["metadata"].as_object_mut().unwrap().remove("annotations");
        }
    }
    object
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story, told once")]
fn predictions_are_what_flux_does() {
    let Some(cluster) = cluster() else { return };
    let namespace = cluster.namespace("edits");
    let admin = cluster.admin();
    let cases: Vec<Case> =
        [metadata::cases(), deployments::cases(), others::cases()].into_iter().flatten().collect();
    assert!(cases.len() >= 30);
    let source = Source::new(cluster, Repo::empty(), &namespace);
    for case in &cases {
        let text = placed(case, &namespace).to_string();
        source.repo().write(&format!("tree/{}.yaml", case.name), text);
    }
    let commit = source.commit();
    source.follow("./tree");
    source.wait(&commit);
    let wanted = || {
        cases
            .iter()
            .map(|case| desired(&placed(case, &namespace), Some((&namespace, "flux-system"))))
            .collect()
    };
    let kubeconfig = cluster.kubeconfig(User::Admin);

    // What Flux has just applied is no difference, and that is seen without a dry-run; but for Tekton's kinds, whose webhook adds
    // to what is applied.
    let clean = compared(kubeconfig, wanted(), &options());
    let dirty: Vec<_> = clean
        .changes
        .iter()
        .filter(|change| change.class != Class::Unchanged)
        .map(|change| (change.identity.to_string(), change.class, &change.reason))
        .collect();
    assert!(dirty.is_empty() && clean.complete, "{dirty:?}");
    println!("{} objects without an edit: {:?}", cases.len(), clean.requests);
    let admitted = cases.iter().filter(|case| text(&case.object, "/apiVersion") == "tekton.dev/v1");
    assert_eq!(clean.requests.dry_runs, admitted.count());

    for case in &cases {
        edit(admin, cluster, &placed(case, &namespace), &case.edit);
    }
    let get = |case: &Case| {
        let object = placed(case, &namespace);
        let answer = admin.get_path(&cluster.kinds().path_of(&object));
        (answer.status == 200).then_some(answer.body)
    };
    let before: Vec<Option<Value>> = cases.iter().map(get).collect();
    let predicted = compared(kubeconfig, wanted(), &options());
    assert!(predicted.complete, "{:?}", predicted.problems);

    source.reconcile();
    let mut wrong = Vec::new();
    let mut say = |case: &Case, text: String| wrong.push(format!("{}: {text}", case.name));
    for (case, before) in cases.iter().zip(before) {
        let change = of(&predicted, text(&case.object, "/kind"), case.name);
        if change.class != case.class {
            say(case, format!("it is {:?} ({:?})", change.class, change.reason));
        }
        let after = get(case);
        match change.class {
            Class::Changed => {
                let predicted = change.after.as_ref().map(settled);
                let found = after.as_ref().map(settled);
                if predicted != found {
                    say(case, format!("predicted {predicted:?}\n  found {found:?}"));
                }
                if change.before.as_ref().map(settled) == found {
                    say(case, "nothing has changed".to_owned());
                }
            }
            Class::Unchanged | Class::Kept => {
                if before.as_ref().map(settled) != after.as_ref().map(settled) {
                    say(case, format!("from {before:?}\n  to {after:?}"));
                }
                // Flux writes who owns the fields even where nothing else changes, and gen says so.
                let takes = change.reason.as_ref().is_some_and(|r| r.contains("takes ownership"));
                let generation = |object: &Option<Value>| {
                    object
                        .as_ref()
                        .map(|object| object.pointer("/metadata/resourceVersion").cloned())
                };
                let is_moved_by_others = [
                    "Deployment",
                    "PersistentVolumeClaim",
                    "HorizontalPodAutoscaler",
                    "PodDisruptionBudget",
                ]
                .contains(&text(&case.object, "/kind"));
                if !takes && !is_moved_by_others && generation(&before) != generation(&after) {
                    say(case, "its resourceVersion has changed".to_owned());
                }
            }
            Class::Created => {
                if before.is_some() || after.is_none() {
                    say(case, "it was not created".to_owned());
                }
            }
            other => say(case, format!("{other:?}: {:?}", change.reason)),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases are wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    println!("{} edits: prediction and reconcile agree; {:?}", cases.len(), predicted.requests);
    // What held up a deletion would hold up the end of the tests as well.
    for case in cases.iter().filter(|case| case.name.starts_with("finalizer")) {
        let object = placed(case, &namespace);
        admin.merge(&object, "x", &json!({"metadata": {"finalizers": null}})).expect_ok();
    }
    let again = compared(kubeconfig, wanted(), &options());
    let classes: Vec<_> = again
        .changes
        .iter()
        .filter(|change| !matches!(change.class, Class::Unchanged | Class::Kept))
        .map(|change| (change.identity.to_string(), change.class))
        .collect();
    assert!(classes.is_empty(), "after the reconcile: {classes:?}");
}
