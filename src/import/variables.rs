//! Variables that Flux substitutes (`postBuild` of a Kustomization, docs of kustomize-controller, "Post build variable substitution").
//! Nothing substitutes them in what gen renders, so what has them would reach the cluster as it stands in the file.

use std::collections::{BTreeMap, BTreeSet};

use super::input::Input;
use crate::kubernetes::Object;
use crate::yaml::Value;

/// Fields whose texts are for a shell, or for a program with variables of its own.
const OF_PROGRAMS: [&str; 6] = ["args", "binaryData", "command", "data", "script", "stringData"];

/// Variables that nothing substitutes.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// Each with the objects that have it.
    pub(super) variables: BTreeMap<String, BTreeSet<String>>,
    /// What defines it, if that is known.
    pub(super) sources: BTreeMap<String, BTreeSet<String>>,
}

/// The variables that are left: those that Flux's own values left, and in what no Kustomization applies, all.
pub(super) fn left(inputs: &[Input]) -> Variables {
    let originals = inputs.iter().flat_map(|input| &input.originals);
    let others = originals.filter(|original| original.by.is_none() && original.left.is_none());
    let mut all = Variables {
        variables: variables(others.map(|original| &original.object)),
        sources: BTreeMap::new(),
    };
    for applied in inputs.iter().filter_map(|input| input.applied.as_ref()) {
        for (name, places) in &applied.kept {
            all.variables.entry(name.clone()).or_default().extend(places.iter().cloned());
        }
        for (name, sources) in &applied.sources {
            all.sources.entry(name.clone()).or_default().extend(sources.iter().cloned());
        }
    }
    all
}

/// The variables in some objects, with these: `DOMAIN` → `Ingress media/player`.
#[must_use]
fn variables<'o>(objects: impl Iterator<Item = &'o Object>) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in objects.filter(|object| object.kind() != "CustomResourceDefinition") {
        let mut found = BTreeSet::new();
        walk(object.value(), &mut found);
        for name in found {
            let place = match object.namespace() {
                Some(namespace) => format!("{} {namespace}/{}", object.kind(), object.name()),
                None => format!("{} {}", object.kind(), object.name()),
            };
            all.entry(name).or_default().insert(place);
        }
    }
    all
}

fn walk(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Str(text) => found.extend(names(text)),
        Value::Seq(items) => items.iter().for_each(|item| walk(item, found)),
        Value::Map(map) => {
            for (key, value) in map.iter().filter(|(key, _)| !OF_PROGRAMS.contains(key)) {
                found.extend(names(key));
                walk(value, found);
            }
        }
        _ => {}
    }
}

/// The names in `${NAME}`, `${NAME:=default}` and the like; `$${NAME}` is none.
fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let is_escaped = rest[..at].ends_with('$');
        rest = &rest[at + 2..];
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let is_name = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
        let is_closed = after.starts_with('}')
            || (after.starts_with([':', '-', '=', '+', '?', '/', '#', '%']) && after.contains('}'));
        if is_name && is_closed && !is_escaped {
            found.push(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::documents;

    #[test]
    fn names_are_those_that_flux_would_substitute() {
        for (text, expected) in [
            ("player.${DOMAIN}", &["DOMAIN"][..]),
            ("${A}-${B:=b}-${C:-c}", &["A", "B", "C"]),
            ("$${A} $A $(A) ${} ${1A} ${A", &[]),
            ("{{ .Values.x }} ${a.b}", &[]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn texts_for_programs_have_variables_of_their_own() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b, annotations: {host: \"${HOST}\"}}\ndata: {run.sh: \"echo ${HOME}\"}\n";
        let objects = documents(text).expect("it is YAML").into_iter();
        let objects: Vec<Object> = objects.map(|one| Object::new(one).expect("one")).collect();
        let found = variables(objects.iter());
        let place = BTreeSet::from(["ConfigMap b/a".to_owned()]);
        assert_eq!(found, BTreeMap::from([("HOST".to_owned(), place)]));
    }
}
