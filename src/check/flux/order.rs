//! Dependencies: unknown ones, circles, and what is used before it is there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rules::{CYCLE, DEFINITION_LATER, NAMESPACE_LATER, UNKNOWN_DEPENDENCY};
use crate::check::applied::Kustomization;
use crate::check::finding::Level;
use crate::check::found::Found;
use crate::check::scope::Scope;
use crate::check::slip::is_slip;
use crate::yaml::Value;

/// Namespace and name of a Kustomization.
pub(super) type Name<'a> = (&'a str, &'a str);

/// Dependencies, with their place in the list.
pub(super) type Edges<'a> = HashMap<Name<'a>, Vec<Name<'a>>>;

pub(super) fn check(scope: &Scope<'_>, found: &mut Found) {
    let all = &scope.applied.all;
    let known: BTreeSet<Name<'_>> = all.iter().map(name).collect();
    let mut edges = Edges::new();
    for one in all {
        let wanted = dependencies(one);
        for (at, (namespace, to)) in wanted.iter().enumerate() {
            let has_others = known
                .iter()
                .any(|(of, other)| of == namespace && (of, other) != (&name(one).0, &name(one).1));
            if !known.contains(&(*namespace, *to)) && has_others {
                let field = format!("spec.dependsOn[{at}].name");
                let said = format!("dependency '{namespace}/{to}' not found");
                // One that is kept elsewhere is no mistake; one that is nearly called like another is.
                let mut names =
                    known.iter().filter(|(of, _)| of == namespace).map(|(_, name)| *name);
                let near = names.find(|name| is_slip(to, name));
                let level = if near.is_some() { Level::Error } else { Level::Info };
                let hint = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
                let text = format!("no Kustomization `{to}` is among the objects{hint}");
                found.add(&UNKNOWN_DEPENDENCY, one.item, field, text).said(said).level(level);
            }
        }
        edges.insert(name(one), wanted);
    }
    for one in all {
        if reachable(&edges, name(one)).contains(&name(one)) {
            found.add(&CYCLE, one.item, "spec.dependsOn", "leads back to itself");
        }
    }
    later(scope, &edges, found);
}

pub(super) fn name<'a>(one: &Kustomization<'a>) -> Name<'a> {
    (one.item.object.namespace().unwrap_or_default(), one.item.object.name())
}

pub(super) fn dependencies<'a>(one: &Kustomization<'a>) -> Vec<Name<'a>> {
    let list = one.item.object.at(&["spec", "dependsOn"]).and_then(Value::as_seq);
    let own = one.item.object.namespace().unwrap_or_default();
    let names = list.unwrap_or_default().iter().filter_map(|dependency| {
        let namespace = dependency.str_at(&["namespace"]).unwrap_or(own);
        Some((namespace, dependency.str_at(&["name"])?))
    });
    names.collect()
}

/// Everything that a Kustomization depends on, by however many steps.
pub(super) fn reachable<'a>(edges: &Edges<'a>, from: Name<'a>) -> BTreeSet<Name<'a>> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<Name<'_>> = edges.get(&from).cloned().unwrap_or_default();
    while let Some(one) = next.pop() {
        if reached.insert(one) {
            next.extend(edges.get(&one).into_iter().flatten().copied());
        }
    }
    reached
}

/// Namespaces and definitions that another Kustomization applies, on which this one does not depend.
fn later<'a>(scope: &Scope<'a>, edges: &Edges<'a>, found: &mut Found) {
    let mut namespaces: BTreeMap<&str, Vec<Name<'_>>> = BTreeMap::new();
    let mut definitions: BTreeMap<(&str, &str), Vec<Name<'_>>> = BTreeMap::new();
    for one in &scope.applied.all {
        for item in &one.objects {
            let object = &item.object;
            if item.is("", &["Namespace"]) {
                namespaces.entry(object.name()).or_default().push(name(one));
            }
            if item.is("apiextensions.k8s.io", &["CustomResourceDefinition"]) {
                let group = object.value().str_at(&["spec", "group"]).unwrap_or_default();
                let kind = object.value().str_at(&["spec", "names", "kind"]).unwrap_or_default();
                definitions.entry((group, kind)).or_default().push(name(one));
            }
        }
    }
    for one in &scope.applied.all {
        let before = reachable(edges, name(one));
        let is_late = |makers: &Vec<Name<'_>>| {
            !makers.contains(&name(one)) && !makers.iter().any(|maker| before.contains(maker))
        };
        let (mut told, mut told_kinds) = (BTreeSet::new(), BTreeSet::new());
        for item in &one.objects {
            let object = &item.object;
            let namespace = object.namespace().unwrap_or_default();
            if let Some(makers) = namespaces.get(namespace).filter(|makers| is_late(makers))
                && told.insert(namespace)
            {
                let text = format!(
                    "applies objects in `{namespace}`, which `{}` makes, and does not depend on it",
                    makers[0].1
                );
                found.add(&NAMESPACE_LATER, one.item, "spec.dependsOn", text);
            }
            let kind = (object.group(), object.kind());
            if let Some(makers) = definitions.get(&kind).filter(|makers| is_late(makers))
                && told_kinds.insert(kind)
            {
                let text = format!(
                    "applies a {}, whose definition `{}` applies, and does not depend on it",
                    kind.1, makers[0].1
                );
                found.add(&DEFINITION_LATER, one.item, "spec.dependsOn", text);
            }
        }
    }
}
