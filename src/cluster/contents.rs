//! Everything in a namespace, and the namespace itself.

use futures_util::future::join_all;
use serde_json::Value;

use super::kinds::Resource;
use super::look::{Listing, Looked, Unread, fatal, shared, unread};
use super::request::Failed;
use super::survey::{Survey, survey};
use super::{Connection, Options, discovery};
use crate::diagnostics::ClusterError;
use crate::kubernetes::Identity;

/// Kinds that only the cluster writes, group and plural. Those that controllers make of others, and that a user can make, too, are read.
const PASSED: [(&str, &str); 5] = [
    ("", "events"),
    ("apps", "controllerrevisions"),
    ("coordination.k8s.io", "leases"),
    ("events.k8s.io", "events"),
    ("metrics.k8s.io", "pods"),
];

/// Reads a namespace and all objects in it, of every kind that the server has. `keep` leaves of each object what is needed. What may
/// not be read is said, with the right that lets it.
///
/// # Errors
/// If there is no connection, or no credentials that the server takes, or its kinds cannot be read.
pub fn contents(
    connection: &Connection,
    namespace: &str,
    keep: &(dyn Fn(&mut Value) + Sync),
    options: &Options,
) -> Result<Looked, ClusterError> {
    let (lists, mut looked) = connection.block_on(kinds(connection, namespace, options))?;
    let found = survey(connection, &lists, keep, options)?;
    looked.objects.extend(found.objects);
    looked.unread.extend(found.unread);
    looked.requests += found.requests;
    Ok(looked)
}

/// What to list, and the namespace.
async fn kinds(
    connection: &Connection,
    namespace: &str,
    options: &Options,
) -> Result<(Vec<Survey>, Looked), ClusterError> {
    let shared = shared(connection, options);
    let mut looked = Looked::default();
    let mut failed: Vec<(String, Failed)> = Vec::new();
    let versions = match discovery::versions(&shared.caller).await {
        Ok(versions) => versions,
        Err(problem) => {
            failed.push(("the APIs of the server".to_owned(), problem));
            vec!["v1".to_owned()]
        }
    };
    let listed = async |version: &String| {
        let _permit = shared.requests.acquire().await;
        discovery::listed(&shared.caller, version).await
    };
    let answers = join_all(versions.iter().map(listed)).await;
    looked.requests = 2 + versions.len();
    let mut lists: Vec<Resource> = Vec::new();
    for (version, answer) in versions.iter().zip(answers) {
        match answer {
            Ok(resources) => {
                for resource in resources.into_iter().filter(is_wanted) {
                    // The same objects in another version.
                    let is_same = |other: &Resource| {
                        (&other.group, &other.plural) == (&resource.group, &resource.plural)
                    };
                    if !lists.iter().any(is_same) {
                        lists.push(resource);
                    }
                }
            }
            Err(problem) => failed.push((format!("the kinds of {version}"), problem)),
        }
    }
    let identity = Identity {
        group: String::new(),
        kind: "Namespace".to_owned(),
        namespace: None,
        name: namespace.to_owned(),
    };
    match shared.one(&Resource::namespaces(), &identity).await {
        Ok(found) => looked.objects.extend(found),
        Err(problem) => failed.push((format!("namespace {namespace}"), problem)),
    }
    for (what, problem) in failed {
        if let Some(fatal) = fatal(&problem, connection, options) {
            return Err(fatal);
        }
        let of = Unread { what, ..Unread::default() };
        looked.unread.push(unread(of, &problem, options));
    }
    let lists = lists.into_iter().map(|resource| Survey {
        list: Listing {
            group: resource.group,
            version: resource.version,
            kind: resource.kind,
            plural: resource.plural,
            namespace: Some(namespace.to_owned()),
            selector: String::new(),
        },
        namespaces: Vec::new(),
    });
    Ok((lists.collect(), looked))
}

fn is_wanted(resource: &Resource) -> bool {
    !PASSED.contains(&(resource.group.as_str(), resource.plural.as_str()))
}
