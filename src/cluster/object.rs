//! Reads one object by name: for commands that watch something change.

use std::time::Duration;

use serde_json::Value;

use super::connection::Connection;
use super::kinds::{path, words};
use super::request::{Caller, Failure, METADATA, Purpose, Request, WHOLE};
use crate::diagnostics::ClusterError;
use crate::kubernetes::join_api;
use crate::kubernetes::json::text;

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
        format!("{}/{}", words(&self.plural, &self.group), self.name)
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
        let ObjectRef { group, version, plural, namespace, name } = object;
        let path = path(&join_api(group, version), Some(namespace), &[plural, name]);
        let request = Request { accept, ..Request::get(Purpose::Get, path) };
        let caller = Caller::new(self.client.clone(), limit, limit.min(Duration::from_secs(30)));
        let read = |body: &[u8]| -> Result<Value, String> {
            let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            if accept == METADATA && text(&value, &["kind"]) != "PartialObjectMetadata" {
                return Err("it is not metadata only".to_owned());
            }
            if text(&value, &["metadata", "name"]) != name {
                return Err("it is another object".to_owned());
            }
            Ok(value)
        };
        let seconds = limit.as_secs();
        match self.block_on(caller.call(&request, read)) {
            Ok(value) => Ok(Some(value)),
            Err(Failure::Refused { status: 404, .. }) => Ok(None),
            Err(failure) => Err(match failure {
                Failure::Refused { status: 403, .. } => ClusterError::Forbidden {
                    missing: format!("get {} in {namespace}", object.words()),
                },
                Failure::Slow(_) => ClusterError::Deadline { seconds },
                other => other.error(&request, other.words(seconds), &self.server, seconds),
            }),
        }
    }
}
