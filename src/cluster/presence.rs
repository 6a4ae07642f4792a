//! Whether objects exist, by name alone: lists of metadata, so that nothing of a Secret but its name leaves the server.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::Value;

use super::fetch::walk_metadata;
use super::kinds::Resource;
use super::request::{Failed, Failure, METADATA, Request};
use super::shared::Shared;
use crate::kubernetes::Identity;
use crate::kubernetes::json::{at, text};

/// Maximum number of objects of a kind read one by one.
const SINGLE: usize = 4;
/// Maximum number of namespaces listed one by one; beyond it, all at once.
const NAMESPACES: usize = 3;

/// Which object of a kind is sought.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The one of this name.
    Named(String),
    /// Any with this annotation set to `true`.
    Annotated(&'static str),
}

/// An object that may exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sought {
    /// The API version of the kind: `storage.k8s.io/v1`.
    pub api_version: &'static str,
    /// Its plural.
    pub plural: &'static str,
    /// The namespace; none for a kind of the whole cluster.
    pub namespace: Option<String>,
    /// Which one.
    pub which: Which,
}

impl Sought {
    fn resource(&self) -> Resource {
        let (group, version) = crate::kubernetes::split_api(self.api_version);
        Resource {
            group: group.to_owned(),
            version: version.to_owned(),
            // Metadata does not name it.
            kind: String::new(),
            plural: self.plural.to_owned(),
            is_namespaced: self.namespace.is_some(),
        }
    }
}

/// What one list showed: namespace, name, and annotations that are `true`.
type Seen = BTreeSet<(Option<String>, Which)>;

/// What was found out of each sought object, by its place, and what failed.
#[derive(Debug, Default)]
pub(super) struct Presence {
    pub(super) there: Vec<(usize, bool)>,
    pub(super) failed: Vec<Failed>,
}

impl Presence {
    fn extend(&mut self, other: Self) {
        self.there.extend(other.there);
        self.failed.extend(other.failed);
    }
}

/// Looks for all of them, kind by kind.
pub(super) async fn presence(shared: &Shared, sought: &[Sought]) -> Presence {
    let mut kinds: BTreeMap<Resource, Vec<usize>> = BTreeMap::new();
    for (place, one) in sought.iter().enumerate() {
        kinds.entry(one.resource()).or_default().push(place);
    }
    let asked =
        kinds.into_iter().map(|(resource, places)| Looking { shared, sought, resource, places });
    let answers = join_all(asked.map(Looking::kind)).await;
    let mut all = Presence::default();
    for answer in answers {
        all.extend(answer);
    }
    all
}

/// The objects of one kind.
struct Looking<'a> {
    shared: &'a Shared,
    sought: &'a [Sought],
    resource: Resource,
    places: Vec<usize>,
}

impl Looking<'_> {
    /// With as few requests as the rights allow: a list, else one in each namespace, else each by its name.
    async fn kind(self) -> Presence {
        let mut by_namespace: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        for &place in &self.places {
            let namespace = self.sought[place].namespace.as_deref();
            by_namespace.entry(namespace).or_default().push(place);
        }
        let is_named = |place: &usize| matches!(self.sought[*place].which, Which::Named(_));
        if self.places.len() <= SINGLE && self.places.iter().all(is_named) {
            return self.singly(&self.places).await;
        }
        if !self.resource.is_namespaced || by_namespace.len() > NAMESPACES {
            match self.list(None).await {
                Ok(seen) => return self.decide(&self.places, &seen),
                Err(failed) if failed.1.is_forbidden() && self.resource.is_namespaced => {}
                Err(failed) if failed.1.is_forbidden() => return self.singly(&self.places).await,
                Err(failed) => return Presence { failed: vec![failed], ..Presence::default() },
            }
        }
        let this = &self;
        let each = by_namespace.iter().map(|(namespace, places)| async move {
            match this.list(*namespace).await {
                Ok(seen) => this.decide(places, &seen),
                Err(failed) if failed.1.is_forbidden() => this.singly(places).await,
                Err(failed) => Presence { failed: vec![failed], ..Presence::default() },
            }
        });
        let mut all = Presence::default();
        for answer in join_all(each).await {
            all.extend(answer);
        }
        all
    }

    async fn list(&self, namespace: Option<&str>) -> Result<Seen, Failed> {
        let see = |live: Value, seen: &mut Vec<(Option<String>, Which)>| {
            let namespace = at(&live, &["metadata", "namespace"]).and_then(Value::as_str);
            let namespace = namespace.map(str::to_owned);
            let annotations = at(&live, &["metadata", "annotations"]).and_then(Value::as_object);
            for one in self.places.iter().map(|place| &self.sought[*place]) {
                if let Which::Annotated(key) = one.which
                    && annotations.and_then(|all| all.get(key)?.as_str()) == Some("true")
                {
                    seen.push((namespace.clone(), Which::Annotated(key)));
                }
            }
            let name = text(&live, &["metadata", "name"]).to_owned();
            seen.push((namespace, Which::Named(name)));
        };
        match walk_metadata(self.shared, &self.resource, namespace, see).await {
            Ok(seen) => Ok(seen.into_iter().collect()),
            // The server does not have the kind, so there is none.
            Err(failed) if self.is_absent(&failed.1) => Ok(Seen::new()),
            Err(failed) => Err(failed),
        }
    }

    fn decide(&self, places: &[usize], seen: &Seen) -> Presence {
        let is_there = |&place: &usize| {
            let Sought { namespace, which, .. } = &self.sought[place];
            (place, seen.contains(&(namespace.clone(), which.clone())))
        };
        Presence { there: places.iter().map(is_there).collect(), failed: Vec::new() }
    }

    async fn singly(&self, places: &[usize]) -> Presence {
        let each = places.iter().map(|&place| async move { (place, self.one(place).await) });
        let mut all = Presence::default();
        for (place, answer) in join_all(each).await {
            match answer {
                Ok(is_there) => all.there.push((place, is_there)),
                Err(failed) => all.failed.push(failed),
            }
        }
        all
    }

    async fn one(&self, place: usize) -> Result<bool, Failed> {
        let Sought { namespace, which, .. } = &self.sought[place];
        let Which::Named(name) = which else {
            // Only a list shows annotations of all.
            return self.list(None).await.map(|seen| seen.contains(&(None, which.clone())));
        };
        let identity = Identity {
            group: self.resource.group.clone(),
            kind: String::new(),
            namespace: namespace.clone(),
            name: name.clone(),
        };
        let request = Request { accept: METADATA, ..Request::one(&self.resource, &identity) };
        let read = |body: &[u8]| {
            let live: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            let is_it = text(&live, &["kind"]) == "PartialObjectMetadata"
                && text(&live, &["metadata", "name"]) == name;
            if is_it { Ok(()) } else { Err("it is not the metadata of the object".to_owned()) }
        };
        let _permit = self.shared.requests.acquire().await;
        match self.shared.caller.call(&request, read).await {
            Ok(()) => Ok(true),
            Err(failure) if self.is_absent(&failure) => Ok(false),
            Err(failure) => Err(request.failed(failure)),
        }
    }

    /// Whether the server itself says that there is no such object or kind; a proxy's page says nothing.
    fn is_absent(&self, failure: &Failure) -> bool {
        let Failure::Refused { status: 404, answer } = failure else { return false };
        // For a kind that it does not have, the server answers with a line of text. It has its own kinds.
        let is_custom = self.resource.group == "gateway.networking.k8s.io";
        text(answer, &["kind"]) == "Status" || is_custom && answer.is_null()
    }
}
