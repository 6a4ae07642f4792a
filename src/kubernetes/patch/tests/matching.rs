//! Which objects a target means, and how it is described.

use super::{patch, value};

const OBJECT: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: orders-api, namespace: orders-dev, \
                      labels: {tier: web, canary: ''}}}";

#[test]
fn targets() {
    let cases = [
        ("{kind: Deployment}", true, "a Deployment"),
        ("{kind: deployment}", false, "a deployment"),
        ("{kind: Ingress}", false, "an Ingress"),
        ("{kind: Deployment, name: orders-api}", true, "a Deployment named `orders-api`"),
        ("{kind: Deployment, name: orders}", false, "a Deployment named `orders`"),
        ("{name: orders-*}", true, "an object named like `orders-*`"),
        ("{name: '*'}", true, "an object named like `*`"),
        ("{name: '*-api'}", true, "an object named like `*-api`"),
        ("{name: 'o*s-*i'}", true, "an object named like `o*s-*i`"),
        ("{name: 'o*x*i'}", false, "an object named like `o*x*i`"),
        ("{name: 'orders-api*api'}", false, "an object named like `orders-api*api`"),
        ("{group: apps, kind: Deployment}", true, "a Deployment of `apps`"),
        ("{group: '', kind: Deployment}", false, "a Deployment"),
        (
            "{group: apps, version: v1, name: orders-api}",
            true,
            "an object of `apps/v1` named `orders-api`",
        ),
        ("{version: v2, kind: Deployment}", false, "a Deployment of `v2`"),
        (
            "{kind: Deployment, namespace: orders-*}",
            true,
            "a Deployment in the namespace `orders-*`",
        ),
        ("{kind: Deployment, namespace: prod}", false, "a Deployment in the namespace `prod`"),
        ("{labels: tier=web}", true, "an object with the labels `tier=web`"),
        ("{labels: 'tier==web, canary'}", true, "an object with the labels `tier=web,canary`"),
        ("{labels: {tier: 'w*'}}", true, "an object with the labels `tier=w*`"),
        ("{labels: tier=db}", false, "an object with the labels `tier=db`"),
        ("{labels: stable}", false, "an object with the labels `stable`"),
    ];
    for (target, wanted, words) in cases {
        let target = patch(&format!("{{target: {target}, merge: {{}}}}")).unwrap().target;
        assert_eq!(target.matches_object(&value(OBJECT)), wanted, "{target:?}");
        assert_eq!(target.describe(), words);
    }
}

#[test]
fn the_core_group_is_empty() {
    let target = patch("{target: {group: '', kind: Service}, merge: {}}").unwrap().target;
    assert!(target.matches("v1", "Service", "", "a", None));
    assert!(!target.matches("serving.knative.dev/v1", "Service", "", "a", None));
}

#[test]
fn an_object_that_is_not_meant_stays_and_says_so() {
    let patch = patch("{target: {kind: Service}, merge: {metadata: {name: other}}}").unwrap();
    let mut object = value(OBJECT);
    assert_eq!(patch.apply(&mut object, None), Ok(false));
    assert_eq!(object, value(OBJECT));
}

#[test]
fn without_any_object_there_is_no_nearest() {
    let patch = patch("{target: {kind: Service}, merge: {}}").unwrap();
    let help = patch.without_match([]).kind.help();
    assert_eq!(help, "the environment renders no objects");
}
