//! Requests to the API server, without the types of a client: an object is a JSON value, an answer its status and body.

#![allow(dead_code, reason = "each test uses a part of what several share")]

use std::collections::BTreeMap;
use std::fmt::Display;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request};
use kube::client::Body;
use serde_json::{Value, json};

use crate::cluster::{Cluster, User};
use crate::support::{list, text};

/// One user's requests.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    cluster: &'a Cluster,
    client: &'a kube::Client,
    user: User<'a>,
}

/// What the API server said.
#[derive(Debug)]
pub struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// The object, list or Status.
    pub body: Value,
    /// What was asked.
    request: String,
}

impl Answer {
    /// The body. Panics with the server's words where it refused.
    #[track_caller]
    pub fn expect_ok(self) -> Value {
        assert!(self.is_ok(), "{}: {} {}", self.request, self.status, self.message());
        self.body
    }

    /// Whether the server did it.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Why the server refused; empty where it did not.
    pub fn message(&self) -> &str {
        if self.is_ok() { "" } else { text(&self.body, "/message") }
    }
}

/// How an object is applied.
#[derive(Debug, Clone, Copy)]
pub struct Apply<'a> {
    /// The field manager.
    pub manager: &'a str,
    /// Only ask what would happen.
    pub dry_run: bool,
}

impl<'a> Caller<'a> {
    pub fn new(cluster: &'a Cluster, client: &'a kube::Client, user: User<'a>) -> Self {
        Self { cluster, client, user }
    }

    /// One request. `path` begins with a slash and holds the query.
    pub fn request(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.send(method, path, &[(CONTENT_TYPE.as_str(), content_type)], body)
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let title = format!("{:?}: {method} {path}", self.user);
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let User::Account(namespace, name) = self.user {
            // What the API server itself says of a service account's token.
            request = request
                .header("Impersonate-User", format!("system:serviceaccount:{namespace}:{name}"))
                .header("Impersonate-Group", "system:serviceaccounts")
                .header("Impersonate-Group", format!("system:serviceaccounts:{namespace}"))
                .header("Impersonate-Group", "system:authenticated");
        }
        let bytes = body.map(|value| serde_json::to_vec(value).expect("JSON"));
        let request = request.body(Body::from(bytes.unwrap_or_default())).expect("a request");
        let (status, bytes) = self.cluster.block_on(async {
            let answer = self.client.send(request).await.expect("an answer");
            let status = answer.status().as_u16();
            let bytes = answer.into_body().collect_bytes().await.expect("a body");
            (status, bytes)
        });
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| json!({"message": String::from_utf8_lossy(&bytes)}));
        Answer { status, body, request: title }
    }

    /// An object or list by its path, as `/api/v1/namespaces/x/pods`.
    pub fn get_path(&self, path: &str) -> Answer {
        self.request(Method::GET, path, "application/json", None)
    }

    /// An object.
    pub fn get(&self, api: &str, kind: &str, namespace: &str, name: &str) -> Answer {
        self.get_path(&self.cluster.kinds().path(api, kind, namespace, name))
    }

    /// The objects of a kind; of all namespaces with "".
    #[track_caller]
    pub fn list(&self, api: &str, kind: &str, namespace: &str) -> Vec<Value> {
        let path = self.cluster.kinds().path(api, kind, namespace, "");
        let body = self.get_path(&path).expect_ok();
        list(&body, "/items").to_vec()
    }

    /// Creates an object.
    pub fn create(&self, object: &Value) -> Answer {
        let kinds = self.cluster.kinds();
        let path = kinds.path(
            text(object, "/apiVersion"),
            text(object, "/kind"),
            text(object, "/metadata/namespace"),
            "",
        );
        self.request(Method::POST, &path, "application/json", Some(object))
    }

    /// Applies an object server-side, strictly and by force.
    pub fn apply(&self, object: &Value, how: Apply) -> Answer {
        let path = format!(
            "{}?fieldManager={}&force=true&fieldValidation=Strict{}",
            self.cluster.kinds().path_of(object),
            how.manager,
            if how.dry_run { "&dryRun=All" } else { "" }
        );
        self.request(Method::PATCH, &path, "application/apply-patch+yaml", Some(object))
    }

    /// Changes an object by a merge patch, as a manager.
    pub fn merge(&self, object: &Value, manager: &str, change: &Value) -> Answer {
        let path = format!("{}?fieldManager={manager}", self.cluster.kinds().path_of(object));
        self.request(Method::PATCH, &path, "application/merge-patch+json", Some(change))
    }

    /// Deletes an object.
    pub fn delete(&self, api: &str, kind: &str, namespace: &str, name: &str) -> Answer {
        self.delete_path(&self.cluster.kinds().path(api, kind, namespace, name))
    }

    /// Deletes an object by its path.
    pub fn delete_path(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path, "application/json", None)
    }

    /// Whether this user may do that: a SelfSubjectAccessReview, answered by the API server's own authorizer.
    #[track_caller]
    pub fn may(&self, attributes: &Value) -> bool {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let answer = self.request(Method::POST, path, "application/json", Some(&review));
        let body = answer.expect_ok();
        body.pointer("/status/allowed").and_then(Value::as_bool) == Some(true)
    }
}

/// What the API server serves: of API version and kind, the resource's name and whether it has namespaces.
pub struct Kinds(BTreeMap<(String, String), (String, bool)>);

impl Kinds {
    pub fn discover(caller: &Caller) -> Self {
        const AGGREGATED: &str =
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        let mut kinds = BTreeMap::new();
        for path in ["/api", "/apis"] {
            let answer = caller.send(Method::GET, path, &[(ACCEPT.as_str(), AGGREGATED)], None);
            for group in list(&answer.expect_ok(), "/items") {
                for version in list(group, "/versions") {
                    let api = match text(group, "/metadata/name") {
                        "" => text(version, "/version").to_owned(),
                        name => format!("{name}/{}", text(version, "/version")),
                    };
                    for resource in list(version, "/resources") {
                        let kind = text(resource, "/responseKind/kind").to_owned();
                        let plural = text(resource, "/resource").to_owned();
                        let namespaced = text(resource, "/scope") == "Namespaced";
                        kinds.insert((api.clone(), kind), (plural, namespaced));
                    }
                }
            }
        }
        assert!(kinds.len() > 50, "only {} kinds", kinds.len());
        Self(kinds)
    }

    /// The plural of a kind, and whether it has namespaces. None where the API server does not serve it.
    pub fn resource(&self, api: &str, kind: &str) -> Option<(&str, bool)> {
        let (plural, namespaced) = self.0.get(&(api.to_owned(), kind.to_owned()))?;
        Some((plural, *namespaced))
    }

    /// The path of an object; of a list where the name is empty.
    #[track_caller]
    pub fn path(&self, api: &str, kind: &str, namespace: &str, name: &str) -> String {
        let (plural, namespaced) = self
            .resource(api, kind)
            .unwrap_or_else(|| panic!("the API server serves no {api} {kind}"));
        let root = if api.contains('/') { "/apis" } else { "/api" };
        let within = if namespaced && !namespace.is_empty() {
            format!("/namespaces/{namespace}")
        } else {
            String::new()
        };
        let name: &dyn Display = if name.is_empty() { &"" } else { &format!("/{name}") };
        format!("{root}/{api}{within}/{plural}{name}")
    }

    /// The path of an object.
    #[track_caller]
    pub fn path_of(&self, object: &Value) -> String {
        self.path(
            text(object, "/apiVersion"),
            text(object, "/kind"),
            text(object, "/metadata/namespace"),
            text(object, "/metadata/name"),
        )
    }
}
