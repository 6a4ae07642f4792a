//! Discovery of the server's kinds, and the paths of their objects.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::request::{Caller, Failure, Purpose, Request};

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
    /// `apps/v1`.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `deployments.apps`.
    pub(super) fn words(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// The path of all objects, or of those in a namespace.
    pub(super) fn collection(&self, namespace: Option<&str>) -> String {
        let mut path = root(&self.api_version());
        if let Some(namespace) = namespace.filter(|_| self.is_namespaced) {
            path.push_str("/namespaces/");
            escape(&mut path, namespace);
        }
        path.push('/');
        path.push_str(&self.plural);
        path
    }

    /// The path of one object.
    pub(super) fn object(&self, namespace: Option<&str>, name: &str) -> String {
        let mut path = self.collection(namespace);
        path.push('/');
        escape(&mut path, name);
        path
    }
}

/// The kinds of a version of an API, by name; none if the server does not have that version.
pub(super) type Kinds = Option<HashMap<String, Resource>>;

/// Requests the kinds of `apps/v1`.
pub(super) async fn kinds(caller: &Caller, api_version: &str) -> Result<Kinds, Failure> {
    let request = Request::get(Purpose::Discovery, root(api_version));
    let answer = caller.call(&request, |_, body| read(api_version, body)).await;
    match answer {
        Ok(kinds) => Ok(Some(kinds)),
        Err(Failure::Refused { status: 404, .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn root(api_version: &str) -> String {
    let mut path = if api_version.contains('/') { "/apis".to_owned() } else { "/api".to_owned() };
    for part in api_version.split('/') {
        path.push('/');
        escape(&mut path, part);
    }
    path
}

fn read(api_version: &str, body: &[u8]) -> Result<HashMap<String, Resource>, String> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("kind") != "APIResourceList" || text("groupVersion") != api_version {
        return Err(format!("it is not the resource list of {api_version}"));
    }
    let Some(resources) = answer.get("resources").and_then(Value::as_array) else {
        return Err("it is empty".to_owned());
    };
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let mut kinds = HashMap::with_capacity(resources.len());
    for resource in resources {
        let text = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
        let (plural, kind) = (text("name"), text("kind"));
        // Names with a slash are subresources, such as `deployments/scale`.
        if plural.contains('/') || plural.is_empty() {
            continue;
        }
        kinds.insert(
            kind.to_owned(),
            Resource {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: kind.to_owned(),
                plural: plural.to_owned(),
                is_namespaced: resource.get("namespaced").and_then(Value::as_bool) == Some(true),
            },
        );
    }
    Ok(kinds)
}

/// An escaped path segment, so that no name can lead to another object.
fn escape(path: &mut String, part: &str) {
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b':' => {
                path.push(char::from(byte));
            }
            // `.` and `..` would be normalized away.
            b'.' if !part.bytes().all(|byte| byte == b'.') => path.push('.'),
            _ => {
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
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
            assert_eq!(resource.object(Some("a"), name), path);
        }
    }
}
