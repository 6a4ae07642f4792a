//! The pods that come of a tree, each against the Pod Security level of its namespace: those of workloads, and those that Tekton makes
//! of Tasks, with the containers that it adds itself.

use serde_json::{Value, json};

use crate::security::violations;
use crate::support::projection::{of_task, of_workload, sets_security_context};
use crate::support::{Rendered, list, text, trees};

/// Every pod of a tree with the level of its namespace.
fn pods(tree: &str, objects: &[Rendered]) -> Vec<(String, String, Value)> {
    let level = |object: &Rendered| {
        let namespace = objects.iter().find(|o| {
            o.kind() == "Namespace"
                && o.name() == object.namespace()
                && o.cluster() == object.cluster()
        });
        let namespace = namespace.unwrap_or_else(|| panic!("{}: no namespace", object.title()));
        let labels = &namespace.value["metadata"]["labels"];
        let level = labels["pod-security.kubernetes.io/enforce"].clone();
        for mode in ["audit", "warn"] {
            let other = &labels[format!("pod-security.kubernetes.io/{mode}")];
            assert_eq!(*other, level, "{}", namespace.title());
        }
        level.as_str().expect("a level").to_owned()
    };
    let mut pods = Vec::new();
    for object in objects {
        if let Some(pod) = of_workload(object) {
            pods.push((object.title(), level(object), pod));
        } else if object.kind() == "Task" {
            let pod = of_task(&object.value, sets_security_context(tree, object));
            pods.push((object.title(), level(object), pod));
        }
    }
    pods
}

#[test]
fn every_pod_is_admitted_to_its_namespace() {
    let mut count = 0;
    let mut problems = Vec::new();
    for (tree, objects) in trees() {
        for (title, level, pod) in pods(tree, objects) {
            count += 1;
            let found = violations(&level, &pod);
            if !found.is_empty() {
                problems.push(format!("{tree}: {title} under {level}: {found:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    println!("{count} pods are admitted");
}

/// Levels are no higher than needed: an app's namespace is `restricted` unless its spec gives a reason, a pipeline's at most `baseline`
/// unless one of its pods needs more, and never `restricted` without Tekton's flag.
#[test]
fn levels_are_as_strict_as_they_can_be() {
    for (tree, objects) in trees() {
        let of_tree = pods(tree, objects);
        for namespace in objects.iter().filter(|o| o.kind() == "Namespace") {
            let level =
                text(&namespace.value, "/metadata/labels/pod-security.kubernetes.io~1enforce");
            let here = |object: &&Rendered| {
                object.namespace() == namespace.name() && object.cluster() == namespace.cluster()
            };
            let titles: Vec<String> = objects.iter().filter(here).map(Rendered::title).collect();

            let baseline = ["legacy", "photos", "shop-shared"]
                .iter()
                .any(|word| namespace.name().contains(word));
            let is_pipeline = namespace.name().ends_with("-ci");
            match level {
                "restricted" => {}
                "baseline" if is_pipeline || baseline => {}
                "privileged" if is_pipeline => {
                    let needs = of_tree.iter().any(|(title, _, pod)| {
                        titles.contains(title) && !violations("baseline", pod).is_empty()
                    });
                    assert!(needs, "{tree}: {}", namespace.title());
                }
                _ => panic!("{tree}: {} is {level}", namespace.title()),
            }
        }
    }
}

#[test]
fn tekton_without_its_flag_is_refused_by_restricted() {
    let task = trees()[0].1.iter().find(|object| object.kind() == "Task").expect("a task");
    let without = of_task(&task.value, false);
    assert!(!violations("restricted", &without).is_empty());
    assert!(violations("baseline", &without).is_empty());
    assert!(violations("restricted", &of_task(&task.value, true)).is_empty());
}

/// What the hardening of pods promises beside Pod Security.
#[test]
fn containers_are_hardened() {
    let mut problems = Vec::new();
    for (tree, objects) in trees() {
        for object in objects {
            let (containers, resources) = match (of_workload(object), object.kind()) {
                (Some(pod), _) => (list(&pod, "/containers").to_vec(), "resources"),
                (None, "Task") => {
                    let pod = of_task(&object.value, false);
                    (list(&pod, "/containers").to_vec(), "computeResources")
                }
                _ => continue,
            };
            for container in containers {
                let title = format!("{tree}: {} {}", object.title(), text(&container, "/name"));
                for path in ["requests/cpu", "requests/memory", "limits/memory"] {
                    if text(&container, &format!("/{resources}/{path}")).is_empty() {
                        problems.push(format!("{title}: no {path}"));
                    }
                }
                // Builders unpack over their root; services and `baseline` images may write to theirs.
                let writes = ["build", "push", "dockerd", "db", "cache", "legacy", "photos"];
                let name = text(&container, "/name");
                let own = object.name() == "api-unit-test";
                let read_only = container.pointer("/securityContext/readOnlyRootFilesystem")
                    == Some(&json!(true));
                if !read_only && !writes.contains(&name) && !own {
                    problems.push(format!("{title}: can write to its root"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
