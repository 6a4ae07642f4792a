//! Reads one object by name: for commands that watch something change.

use std::time::Duration;

use serde_json::Value;

use super::connection::Connection;
use super::kinds::Resource;
use super::request::{Caller, Failure, METADATA, Purpose, Request, WHOLE};
use crate::diagnostics::ClusterError;

/// An object of a kind that the caller knows to exist, such as those of Flux and Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    /// `apps`; empty for the core group.
    pub group: String,
    /// `v1`.
    pub version: String,
    /// `deployments`.
    pub plural: String,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl ObjectRef {
    /// `deployments.apps/shop`, for messages.
    #[must_use]
    pub fn words(&self) -> String {
        if self.group.is_empty() {
            format!("{}/{}", self.plural, self.name)
        } else {
            format!("{}.{}/{}", self.plural, self.group, self.name)
        }
    }

    fn path(&self) -> String {
        let resource = Resource {
            group: self.group.clone(),
            version: self.version.clone(),
            kind: String::new(),
            plural: self.plural.clone(),
            is_namespaced: true,
        };
        resource.object(Some(&self.namespace), &self.name)
    }
}

impl Connection {
    /// Reads an object; none if the object or its kind does not exist. Needs only `get` for it.
    ///
    /// # Errors
    /// GEN0904 to GEN0909 and GEN0920 to GEN0922, after retries within the time limit.
    pub fn get(&self, object: &ObjectRef, limit: Duration) -> Result<Option<Value>, ClusterError> {
        self.ask(object, WHOLE, limit)
    }

    /// Reads an object's metadata, if it exists. The rest of the object does not leave the server, and a response that
    /// contains more is rejected.
    ///
    /// # Errors
    /// As [`Connection::get`].
    pub fn metadata(
        &self,
        object: &ObjectRef,
        limit: Duration,
    ) -> Result<Option<Value>, ClusterError> {
        self.ask(object, METADATA, limit)
    }

    fn ask(
        &self,
        object: &ObjectRef,
        accept: &'static str,
        limit: Duration,
    ) -> Result<Option<Value>, ClusterError> {
        let request = Request { accept, ..Request::get(Purpose::Get, object.path()) };
        let caller = Caller::new(self.client.clone(), limit, limit.min(Duration::from_secs(30)));
        let read = |_, body: &[u8]| -> Result<Value, String> {
            let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            let name = value.pointer("/metadata/name").and_then(Value::as_str);
            let is_partial =
                value.get("kind").and_then(Value::as_str) == Some("PartialObjectMetadata");
            if accept == METADATA && !is_partial {
                return Err("it is not metadata only".to_owned());
            }
            if name == Some(object.name.as_str()) {
                Ok(value)
            } else {
                Err("it is another object".to_owned())
            }
        };
        match self.block_on(caller.call(&request, read)) {
            Ok(value) => Ok(Some(value)),
            Err(Failure::Refused { status: 404, .. }) => Ok(None),
            Err(failure) => Err(self.error(&request, object, failure, limit)),
        }
    }

    fn error(
        &self,
        request: &Request,
        object: &ObjectRef,
        failure: Failure,
        limit: Duration,
    ) -> ClusterError {
        let server = self.server.clone();
        let what = request.words();
        match failure {
            Failure::Transport(problem) => ClusterError::Unreachable { server, problem },
            Failure::Tls(problem) => ClusterError::Tls { server, problem },
            Failure::Credentials(problem) => ClusterError::Credentials { problem },
            Failure::Refused { status: 401, .. } => ClusterError::Unauthorized { server },
            Failure::Refused { status: 403, .. } => {
                let (words, namespace) = (object.words(), &object.namespace);
                ClusterError::Forbidden { missing: format!("get {words} in {namespace}") }
            }
            Failure::Refused { status, answer } => {
                let said = answer.get("message").and_then(Value::as_str);
                let problem = format!("{status}, {}", said.unwrap_or("no reason given"));
                ClusterError::Refused { what, problem }
            }
            Failure::Server(problem) => ClusterError::ServerFailed { what, problem },
            Failure::BadAnswer(problem) => ClusterError::BadAnswer { what, problem },
            Failure::Slow(_) | Failure::Deadline | Failure::GaveUp => {
                ClusterError::Deadline { seconds: limit.as_secs() }
            }
        }
    }
}
