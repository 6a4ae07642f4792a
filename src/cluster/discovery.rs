//! Discovery of the server's kinds.

use std::collections::HashMap;

use serde_json::Value;

use super::kinds::Resource;
use super::request::{Caller, Failed, Failure, Purpose, Request};
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

/// The versions of all APIs of the server: of each group the preferred one first, then the others, for a kind may be only there. The
/// core's come first.
pub(super) async fn versions(caller: &Caller) -> Result<Vec<String>, Failed> {
    let request = Request::get(Purpose::Discovery, "/apis".to_owned());
    let groups = caller.call(&request, read_groups).await;
    let groups = groups.map_err(|failure| request.failed(failure))?;
    Ok(std::iter::once("v1".to_owned()).chain(groups).collect())
}

/// The kinds of a version of an API that are in a namespace and can be listed; none if the server does not have that version.
pub(super) async fn listed(caller: &Caller, api_version: &str) -> Result<Vec<Resource>, Failed> {
    let request = Request::discovery(api_version);
    match caller.call(&request, |body| read_listed(api_version, body)).await {
        Ok(resources) => Ok(resources),
        Err(Failure::Refused { status: 404, .. }) => Ok(Vec::new()),
        Err(failure) => Err(request.failed(failure)),
    }
}

fn read_groups(body: &[u8]) -> Result<Vec<String>, String> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if text(&answer, &["kind"]) != "APIGroupList" {
        return Err("it is not the list of APIs".to_owned());
    }
    let groups = answer.get("groups").and_then(Value::as_array).ok_or("it is empty")?;
    let versions = groups.iter().flat_map(|group| {
        let preferred = text(group, &["preferredVersion", "groupVersion"]);
        let all = group.get("versions").and_then(Value::as_array).into_iter().flatten();
        let others =
            all.map(|one| text(one, &["groupVersion"])).filter(move |one| *one != preferred);
        std::iter::once(preferred).chain(others).filter(|version| !version.is_empty())
    });
    Ok(versions.map(str::to_owned).collect())
}

fn read_listed(api_version: &str, body: &[u8]) -> Result<Vec<Resource>, String> {
    let can_list = |one: &Value| {
        let verbs = one.get("verbs").and_then(Value::as_array);
        verbs.is_some_and(|verbs| verbs.iter().any(|verb| verb == "list"))
    };
    let all = resources(api_version, body, can_list)?;
    Ok(all.into_iter().filter(|resource| resource.is_namespaced).collect())
}

fn read(api_version: &str, body: &[u8]) -> Result<HashMap<String, Resource>, String> {
    let all = resources(api_version, body, |_| true)?;
    Ok(all.into_iter().map(|resource| (resource.kind.clone(), resource)).collect())
}

fn resources(
    api_version: &str,
    body: &[u8],
    is_wanted: impl Fn(&Value) -> bool,
) -> Result<Vec<Resource>, String> {
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
    let resources = resources.iter().filter(|one| is_kind(text(one, &["name"])) && is_wanted(one));
    let resources = resources.map(|one| Resource {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: text(one, &["kind"]).to_owned(),
        plural: text(one, &["name"]).to_owned(),
        is_namespaced: one.get("namespaced").and_then(Value::as_bool) == Some(true),
    });
    Ok(resources.collect())
}
