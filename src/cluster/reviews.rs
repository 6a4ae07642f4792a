//! Asks the API server what accounts may do, by what the credentials allow: SubjectAccessReviews; else SelfSubjectAccessReviews as the
//! account, which takes the right to impersonate it; else by reading Roles and bindings.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::fetch::walk;
use super::kinds::Resource;
use super::request::{Failed, Request};
use super::shared::Shared;
use crate::kubernetes::json::{at, text};

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Review {
    /// Namespace and name of the account.
    pub account: (String, String),
    /// The namespace; empty for the whole cluster.
    pub namespace: String,
    /// The API group.
    pub group: String,
    /// The plural of the kind, with a subresource as in `pods/log`.
    pub resource: String,
    /// The verb.
    pub verb: String,
    /// The object; empty for any.
    pub name: String,
}

/// What was answered.
#[derive(Debug, Clone, Default)]
pub enum Answers {
    /// Nothing: not allowed, or it failed.
    #[default]
    None,
    /// An answer to each question, in their order; none to those that failed.
    Reviews(Vec<Option<bool>>),
    /// Roles, ClusterRoles and their bindings, which decide.
    Roles(Vec<Value>),
}

/// The ways to ask, each taking another right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// About an account.
    Subject,
    /// As the account.
    Impersonating,
}

/// Asks all, and tells what failed.
pub(super) async fn reviews(shared: &Shared, all: &[Review]) -> (Answers, Vec<Failed>) {
    let Some(first) = all.first() else { return (Answers::Reviews(Vec::new()), Vec::new()) };
    for way in [Way::Subject, Way::Impersonating] {
        match ask(shared, first, way).await {
            Err(failed) if failed.1.is_forbidden() => {}
            Err(failed) => return (Answers::None, vec![failed]),
            Ok(_) => {
                let answers = join_all(all.iter().map(|review| ask(shared, review, way))).await;
                return sorted(answers);
            }
        }
    }
    match roles(shared).await {
        Ok(all) => (Answers::Roles(all), Vec::new()),
        // The report says which of the rights would do.
        Err(failed) if failed.1.is_forbidden() => (Answers::None, Vec::new()),
        Err(failed) => (Answers::None, vec![failed]),
    }
}

fn sorted(answers: Vec<Result<bool, Failed>>) -> (Answers, Vec<Failed>) {
    let mut problems = Vec::new();
    let mut known = Vec::with_capacity(answers.len());
    for answer in answers {
        match answer {
            Ok(allowed) => known.push(Some(allowed)),
            Err(failed) => {
                known.push(None);
                // The right to impersonate may be one for some accounts.
                problems.extend((!failed.1.is_forbidden()).then_some(failed));
            }
        }
    }
    (Answers::Reviews(known), problems)
}

async fn ask(shared: &Shared, review: &Review, way: Way) -> Result<bool, Failed> {
    let Review { account: (home, name), namespace, group, resource, verb, name: object } = review;
    let (resource, part) = resource.split_once('/').unwrap_or((resource, ""));
    let action = json!({
        "namespace": namespace, "group": group, "resource": resource, "subresource": part,
        "verb": verb, "name": object,
    });
    let user = format!("system:serviceaccount:{home}:{name}");
    let (kind, plural, spec, as_user) = match way {
        Way::Subject => {
            let groups = [
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{home}"),
                "system:authenticated".to_owned(),
            ];
            let spec = json!({"user": user, "groups": groups, "resourceAttributes": action});
            ("SubjectAccessReview", "subjectaccessreviews", spec, None)
        }
        // The server adds the groups of a service account itself.
        Way::Impersonating => {
            let spec = json!({"resourceAttributes": action});
            ("SelfSubjectAccessReview", "selfsubjectaccessreviews", spec, Some(user))
        }
    };
    let body = json!({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec});
    let request = Request::review(plural, as_user, &body);
    let read = |body: &[u8]| {
        let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        if text(&answer, &["kind"]) != kind {
            return Err(format!("it is not a {kind}"));
        }
        let allowed = at(&answer, &["status", "allowed"]).and_then(Value::as_bool);
        allowed.ok_or_else(|| "it does not answer".to_owned())
    };
    let _permit = shared.requests.acquire().await;
    shared.caller.call(&request, read).await.map_err(|failure| request.failed(failure))
}

/// All Roles and bindings of the cluster.
async fn roles(shared: &Shared) -> Result<Vec<Value>, Failed> {
    let kinds = [
        ("ClusterRole", "clusterroles", false),
        ("ClusterRoleBinding", "clusterrolebindings", false),
        ("Role", "roles", true),
        ("RoleBinding", "rolebindings", true),
    ];
    let mut all = Vec::new();
    for (kind, plural, is_namespaced) in kinds {
        let resource = Resource {
            group: "rbac.authorization.k8s.io".to_owned(),
            version: "v1".to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            is_namespaced,
        };
        all.extend(walk(shared, &resource, None, "", |live, seen| seen.push(live)).await?);
    }
    Ok(all)
}
