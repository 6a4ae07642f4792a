//! Discovery of the server's kinds.

use std::collections::HashMap;

use serde_json::Value;

use super::kinds::Resource;
use super::request::{Caller, Failed, Failure, Request};
use crate::kubernetes::json::text;
use crate::kubernetes::split_api;

/// The kinds of a version of an API, by name; none if the server does not have that version.
pub(super) type Kinds = Option<HashMap<String, Resource>>;

/// Requests the kinds of `apps/v1`.
pub(super) async fn kinds(caller: &Caller, api_version: &str) -> Result<Kinds, Failed> {
    let request = Request::discovery(api_version);
    match caller.call(&request, |body| read(api_version, body)).await {
        Ok(kinds) => Ok(Some(kinds)),
        Err(Failure::Refused { status: 404, .. }) => Ok(None),
        Err(failure) => Err(request.failed(failure)),
    }
}

fn read(api_version: &str, body: &[u8]) -> Result<HashMap<String, Resource>, String> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if text(&answer, &["kind"]) != "APIResourceList"
        || text(&answer, &["groupVersion"]) != api_version
    {
        return Err(format!("it is not the resource list of {api_version}"));
    }
    let resources = answer.get("resources").and_then(Value::as_array).ok_or("it is empty")?;
    let (group, version) = split_api(api_version);
    // Names with a slash are subresources, such as `deployments/scale`.
    let is_kind = |plural: &str| !plural.is_empty() && !plural.contains('/');
    let resources = resources.iter().filter(|one| is_kind(text(one, &["name"])));
    let kinds = resources.map(|one| {
        let kind = text(one, &["kind"]).to_owned();
        let resource = Resource {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.clone(),
            plural: text(one, &["name"]).to_owned(),
            is_namespaced: one.get("namespaced").and_then(Value::as_bool) == Some(true),
        };
        (kind, resource)
    });
    Ok(kinds.collect())
}
