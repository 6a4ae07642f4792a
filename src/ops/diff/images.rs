//! Whether the images that a change brings are there to be pulled: by the registries, for the platforms of the nodes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::live::clusters;
use super::{CLUSTER, DiffOptions};
use crate::change::{Change, Class, Danger, Level};
use crate::cluster::{Connection, Listing, Options, look};
use crate::diagnostics::{Diagnostic, Diagnostics, DiffError};
use crate::fleet::Prepared;
use crate::kubernetes::json::text;
use crate::kubernetes::{Object, images};
use crate::registry::{Answer, Credentials, Questions, ask};

/// What was asked, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Verified {
    /// What the change of an object does with an image that is not there.
    pub dangers: Vec<Danger>,
    /// Images of which nothing is known.
    pub problems: Diagnostics,
    /// What was not asked. Lower case, no full stop.
    pub notes: Vec<String>,
}

/// Asks for the images that these changes bring.
pub(super) fn verify(
    changes: &[Change],
    options: &DiffOptions<'_>,
    selected: &[&Prepared],
    cluster_of: impl Fn(&Change) -> String,
) -> Verified {
    let mut found = Verified::default();
    let new: Vec<(&Change, BTreeSet<String>)> = changes
        .iter()
        .map(|change| (change, brought(change)))
        .filter(|(_, images)| !images.is_empty())
        .collect();
    if new.is_empty() {
        return found;
    }
    let platforms = if options.against == CLUSTER {
        platforms(options, selected, &mut found.notes)
    } else {
        BTreeMap::new()
    };
    let mut questions = Questions::default();
    for (change, images) in &new {
        let wanted = platforms.get(&*change.environment);
        for image in images {
            let of_image = questions.images.entry(image.clone()).or_default();
            of_image.extend(wanted.into_iter().flatten().cloned());
        }
    }
    questions.plain = plain(selected);
    let credentials = match Credentials::of_machine() {
        Ok(credentials) => credentials,
        Err(why) => {
            found.notes.push(format!("registries are asked without credentials: {why}"));
            Credentials::default()
        }
    };
    let answers = ask(&questions, &credentials);
    for (image, answer) in &answers {
        if let Answer::Unknown(problem) = answer {
            let (image, problem) = (image.clone(), problem.clone());
            found.problems.push(Diagnostic::error(DiffError::ImageUnverified { image, problem }));
        }
    }
    for (change, images) in new {
        let lost = images.iter().filter_map(|image| {
            let what = match &answers[image] {
                Answer::Missing => format!("its image `{image}` is not in its registry"),
                Answer::Found { lacks } => {
                    let here = platforms.get(&*change.environment);
                    let lacks =
                        lacks.iter().filter(|one| here.is_some_and(|all| all.contains(*one)));
                    let lacks: Vec<&str> = lacks.map(String::as_str).collect();
                    if lacks.is_empty() {
                        return None;
                    }
                    format!(
                        "its image `{image}` is not there for {}, which nodes have",
                        lacks.join(", ")
                    )
                }
                Answer::Unknown(_) => return None,
            };
            Some(Danger::of(change, cluster_of(change), Level::Danger, what))
        });
        found.dangers.extend(lost);
    }
    found
}

/// Images that an object has after a change, and did not have before.
fn brought(change: &Change) -> BTreeSet<String> {
    // Other kinds may have an `image` of another sense.
    let runs = ["", "apps", "batch", "tekton.dev"].contains(&change.identity.group.as_str());
    if !runs || !matches!(change.class, Class::Created | Class::Changed) {
        return BTreeSet::new();
    }
    let of = |body: Option<&Value>| {
        let object = body.and_then(|body| Object::new(body.clone().into()).ok());
        object.map(|object| images(&object)).unwrap_or_default()
    };
    let old = of(change.before.as_ref());
    let mut new = of(change.after.as_ref());
    // A name with a parameter is whole only in a run.
    new.retain(|image| !old.contains(image) && !image.contains("$("));
    new
}

/// Registries that the spec says speak plain HTTP.
fn plain(selected: &[&Prepared]) -> BTreeSet<String> {
    let apps = selected.iter().flat_map(|prepared| &prepared.apps);
    let insecure = apps.filter(|app| app.registry.insecure);
    let host = |image: &str| image.split_once('/').map(|(host, _)| host.to_owned());
    insecure.filter_map(|app| host(&app.image.name)).collect()
}

/// The platforms of the nodes, by environment.
fn platforms(
    options: &DiffOptions<'_>,
    selected: &[&Prepared],
    notes: &mut Vec<String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let wanted = Listing {
        group: String::new(),
        version: "v1".to_owned(),
        kind: "Node".to_owned(),
        plural: "nodes".to_owned(),
        namespace: None,
        selector: String::new(),
    };
    let mut all = BTreeMap::new();
    for (target, environments) in clusters(options, selected) {
        let looked = Connection::open(&target).and_then(|connection| {
            look(&connection, std::slice::from_ref(&wanted), &Options::default())
        });
        let why = match &looked {
            Ok(looked) => looked.unread.first().map(|unread| unread.why.clone()),
            Err(error) => Some(error.to_string()),
        };
        let names: Vec<&str> =
            environments.iter().map(|prepared| prepared.environment.name.as_str()).collect();
        if let Some(why) = why {
            let names = names.join(", ");
            notes.push(format!("images of {names} were not asked for the nodes' platforms: {why}"));
        }
        let Ok(looked) = looked else { continue };
        let of_node = |node: &Value| {
            let part = |key| text(node, &["status", "nodeInfo", key]);
            format!("{}/{}", part("operatingSystem"), part("architecture"))
        };
        let found: BTreeSet<String> = looked.objects.iter().map(of_node).collect();
        all.extend(names.into_iter().map(|name| (name.to_owned(), found.clone())));
    }
    all
}
