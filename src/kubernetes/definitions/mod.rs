//! What the API server knows of kinds: their plurals, whether they are namespaced, and the fields of their objects.
//!
//! Kubernetes' own kinds, Tekton's, Flux's, Gateway API's and the Prometheus operator's are in a table, made from the OpenAPI document
//! and the CustomResourceDefinitions of these projects. Kinds of other projects are in a list without fields. CRDs in `crds/` of the
//! repository add to both.

mod check;
mod crd;
mod pattern;
mod table;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use check::{Misfit, check, decode, nulls};
pub use pattern::Pattern;

use crate::kubernetes::split_api;

/// The table, as `UPDATE=1 cargo test --test system definitions` writes it.
const TABLE: &str = include_str!("table.txt");
/// Kubernetes' own API groups that end with `.k8s.io`; projects beside it have others.
const OF_KUBERNETES: [&str; 19] = [
    "admissionregistration",
    "apiextensions",
    "apiregistration",
    "authentication",
    "authorization",
    "certificates",
    "coordination",
    "discovery",
    "events",
    "flowcontrol.apiserver",
    "internal.apiserver",
    "lifecycle",
    "networking",
    "node",
    "rbac.authorization",
    "resource",
    "scheduling",
    "storage",
    "storagemigration",
];
/// Kinds of widespread projects: API group, then kinds.
const OTHERS: &str = include_str!("others.txt");

static BUILT_IN: LazyLock<Definitions> = LazyLock::new(|| {
    let mut definitions = Definitions::read(TABLE);
    definitions.add_others(OTHERS);
    definitions
});

/// The type of a value, as strict decoding takes it. `null` stands for an absent value of any type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// Anything.
    Any,
    /// A string; one of these, if there are any.
    Text(Vec<String>),
    /// A string that matches a pattern.
    Pattern(Pattern),
    /// A quantity: a string or a number.
    Quantity,
    /// A port or the like: a whole number or a string.
    IntOrText,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A list.
    List(Box<Type>),
    /// A mapping with any keys.
    Map(Box<Type>),
    /// An object, by its place among all.
    Object(usize),
}

/// The fields of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Fields {
    /// Unknown fields are kept.
    pub open: bool,
    /// Name, whether it is required, type; by name.
    pub fields: Vec<(String, bool, Type)>,
}

/// A kind, in one version of its API.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    /// As in RBAC and URLs.
    pub plural: String,
    /// Whether its objects are in namespaces.
    pub is_namespaced: bool,
    /// Its objects.
    pub root: Type,
}

/// Kinds by API version and name.
#[derive(Debug, Clone, Default, Hash)]
pub struct Definitions {
    kinds: BTreeMap<(String, String), Kind>,
    /// Plural and scope by API group and kind, whatever the version.
    groups: BTreeMap<(String, String), (String, bool)>,
    objects: Vec<Fields>,
}

/// What is known of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// As in RBAC and URLs.
    pub plural: &'a str,
    /// Whether its objects are in namespaces.
    pub is_namespaced: bool,
    /// Its fields, where they are known in this version.
    pub fields: Option<(&'a Definitions, &'a Type)>,
}

impl Definitions {
    /// Those that gen has.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Adds a kind.
    pub fn add(&mut self, api_version: &str, kind: &str, definition: Kind) {
        let (group, _) = split_api(api_version);
        let of_group = (definition.plural.clone(), definition.is_namespaced);
        self.groups.insert((group.to_owned(), kind.to_owned()), of_group);
        self.kinds.insert((api_version.to_owned(), kind.to_owned()), definition);
    }

    /// Adds fields; the same fields have one place.
    pub fn add_fields(&mut self, fields: Fields) -> Type {
        let place = self.objects.iter().position(|known| *known == fields);
        Type::Object(place.unwrap_or_else(|| {
            self.objects.push(fields);
            self.objects.len() - 1
        }))
    }

    /// What these definitions alone know of a kind in this version.
    #[must_use]
    pub fn own(&self, api_version: &str, kind: &str) -> Option<Known<'_>> {
        self.find(api_version, kind).filter(|known| known.fields.is_some())
    }

    fn find(&self, api_version: &str, kind: &str) -> Option<Known<'_>> {
        let (group, _) = split_api(api_version);
        let (plural, is_namespaced) = self.groups.get(&(group.to_owned(), kind.to_owned()))?;
        let exact = self.kinds.get(&(api_version.to_owned(), kind.to_owned()));
        let fields = exact.map(|exact| (self, &exact.root));
        Some(Known { plural, is_namespaced: *is_namespaced, fields })
    }

    /// What these definitions, and else gen's own, know of a kind.
    #[must_use]
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<Known<'_>> {
        self.find(api_version, kind).or_else(|| Self::built_in().find(api_version, kind))
    }

    /// The API group of a resource that none of these groups has, by its plural. Nothing where one of the groups is not known: it may
    /// have anything.
    #[must_use]
    pub fn other_group(&self, groups: &[String], plural: &str) -> Option<&str> {
        let is_known = |group: &String| self.groups.keys().any(|(known, _)| known == group);
        let mut owners = self.groups.iter().filter(|(_, (of, _))| of == plural).peekable();
        let first = owners.peek().map(|((group, _), _)| group.as_str());
        let is_there = owners.any(|((group, _), _)| groups.contains(group));
        first.filter(|_| !is_there && groups.iter().all(is_known))
    }

    /// Whether Kubernetes itself has the API group, so that no definition can add a kind to it.
    #[must_use]
    pub fn is_of_kubernetes(group: &str) -> bool {
        !group.contains('.')
            || group.strip_suffix(".k8s.io").is_some_and(|name| OF_KUBERNETES.contains(&name))
    }

    /// The versions in which a kind of this API group is known, in order.
    #[must_use]
    pub fn versions(&self, group: &str, kind: &str) -> Vec<&str> {
        let all = self
            .kinds
            .keys()
            .filter(|(api_version, name)| name == kind && split_api(api_version).0 == group);
        let mut all: Vec<&str> = all.map(|(api_version, _)| api_version.as_str()).collect();
        all.sort_unstable();
        all
    }

    /// The fields of an object type.
    pub(super) fn fields(&self, place: usize) -> Option<&Fields> {
        self.objects.get(place)
    }
}
