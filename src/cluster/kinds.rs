//! The server's kinds, and the paths of their objects.

use std::fmt::Write as _;

use serde_json::Value;

use crate::kubernetes::json::{at, text};
use crate::kubernetes::{Identity, join_api};

/// A kind known to the server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    /// The plural, as in URLs and RBAC.
    pub(super) plural: String,
    pub(super) is_namespaced: bool,
}

impl Resource {
    /// Namespaces, which every server has.
    pub(super) fn namespaces() -> Self {
        Self {
            group: String::new(),
            version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            plural: "namespaces".to_owned(),
            is_namespaced: false,
        }
    }

    /// `apps/v1`.
    pub(super) fn api_version(&self) -> String {
        join_api(&self.group, &self.version)
    }

    /// `deployments.apps`.
    pub(super) fn words(&self) -> String {
        words(&self.plural, &self.group)
    }

    /// The path of all objects, or of those in a namespace.
    pub(super) fn collection(&self, namespace: Option<&str>) -> String {
        let namespace = namespace.filter(|_| self.is_namespaced);
        path(&self.api_version(), namespace, &[&self.plural])
    }

    /// The path of one object.
    pub(super) fn object(&self, identity: &Identity) -> String {
        let namespace = identity.namespace.as_deref().filter(|_| self.is_namespaced);
        path(&self.api_version(), namespace, &[&self.plural, &identity.name])
    }

    /// The identity of a live object of this kind.
    pub(super) fn identity(&self, live: &Value) -> Identity {
        let namespace = at(live, &["metadata", "namespace"]).and_then(Value::as_str);
        Identity {
            group: self.group.clone(),
            kind: self.kind.clone(),
            namespace: namespace.map(str::to_owned),
            name: text(live, &["metadata", "name"]).to_owned(),
        }
    }
}

/// A plural with its group: `deployments.apps`.
pub(super) fn words(plural: &str, group: &str) -> String {
    if group.is_empty() { plural.to_owned() } else { format!("{plural}.{group}") }
}

/// A path of the API server, in a namespace or not. Each part is escaped, so that no name can lead to another object.
pub(super) fn path(api_version: &str, namespace: Option<&str>, rest: &[&str]) -> String {
    let mut path = if api_version.contains('/') { "/apis".to_owned() } else { "/api".to_owned() };
    let namespace = namespace.into_iter().flat_map(|name| ["namespaces", name]);
    for part in api_version.split('/').chain(namespace).chain(rest.iter().copied()) {
        path.push('/');
        path.push_str(&escape(part));
    }
    path
}

/// A part of a path or the value of a query, escaped.
pub(super) fn escape(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    // `.` and `..` would be normalized away.
    let is_dots = part.bytes().all(|byte| byte == b'.');
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~:".contains(&byte) || (byte == b'.' && !is_dots) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_part_of_a_path() {
        let resource = Resource {
            group: "apps".to_owned(),
            version: "v1".to_owned(),
            kind: "Deployment".to_owned(),
            plural: "deployments".to_owned(),
            is_namespaced: true,
        };
        for (name, path) in [
            ("web", "/apis/apps/v1/namespaces/a/deployments/web"),
            ("../b", "/apis/apps/v1/namespaces/a/deployments/..%2Fb"),
            ("..", "/apis/apps/v1/namespaces/a/deployments/%2E%2E"),
            ("a?dryRun=", "/apis/apps/v1/namespaces/a/deployments/a%3FdryRun%3D"),
            ("system:x", "/apis/apps/v1/namespaces/a/deployments/system:x"),
        ] {
            let live = serde_json::json!({"metadata": {"namespace": "a", "name": name}});
            assert_eq!(resource.object(&resource.identity(&live)), path);
        }
    }
}
