//! What refusals mean, in the words of real servers.

use serde_json::json;

use crate::change::live::{Refusal, refusal};

#[test]
fn refusals_are_told_apart() {
    let is = |status: u16, message: &str| refusal(status, &json!({"message": message}));
    assert!(matches!(
        is(
            422,
            "Service \"web\" is invalid: spec.clusterIP: Invalid value: \"\": field is immutable"
        ),
        Refusal::Invalid(_)
    ));
    assert!(matches!(
        is(
            400,
            "admission webhook \"validation.webhook.pipeline.tekton.dev\" denied the request: no updates are allowed"
        ),
        Refusal::Blocked(_)
    ));
    assert!(matches!(
        is(403, "pods \"x\" is forbidden: exceeded quota: q, requested: pods=1"),
        Refusal::Blocked(_)
    ));
    assert!(matches!(
        is(
            403,
            "deployments.apps \"web\" is forbidden: User \"ci\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"demo\""
        ),
        Refusal::MissingRight(_)
    ));
    assert!(matches!(
        is(
            500,
            "failed to create typed patch object (demo/a; /v1, Kind=ConfigMap): .data.a: expected string, got list"
        ),
        Refusal::Blocked(_)
    ));
    assert!(matches!(is(500, "failed calling webhook"), Refusal::Unknown(_)));
    assert!(matches!(is(409, "the object has been modified"), Refusal::Unknown(_)));
    assert!(matches!(is(401, "Unauthorized"), Refusal::Unknown(_)));
    assert!(matches!(
        is(404, "the server could not find the requested resource"),
        Refusal::Unknown(_)
    ));
    let namespace = json!({"message": "namespaces \"demo\" not found", "details": {"kind": "namespaces", "name": "demo"}});
    assert!(matches!(refusal(404, &namespace), Refusal::NoNamespace(_)));
    assert_eq!(
        refusal(422, &json!(null)),
        Refusal::Invalid("the API server answered 422".to_owned())
    );
}
