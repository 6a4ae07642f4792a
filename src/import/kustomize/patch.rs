//! The patches of a kustomization.

use super::building::{Building, Found};
use super::selector::Target;
use crate::diagnostics::FileId;
use crate::kubernetes::patch::{json, operation, strategic};
use crate::kubernetes::{Identity, Object};
use crate::yaml::{Limits, Node, Value, read_documents};

impl Building<'_> {
    /// One patch: a file or a text, for a target or for the object that it names.
    pub(super) fn patch(
        &mut self,
        folder: &str,
        key: &str,
        patch: &Node,
        own: &mut Vec<Found>,
    ) -> Result<(), String> {
        let text = match (patch.as_str(), patch.get("patch"), patch.get("path")) {
            // Either a file, or the patch itself.
            (Some(written), _, _) if written.contains('\n') => written.to_owned(),
            (Some(file), _, _) => self.text(folder, file)?.to_string(),
            (None, Some(inner), _) => inner.as_str().unwrap_or_default().to_owned(),
            (None, None, Some(file)) => {
                self.text(folder, file.as_str().unwrap_or_default())?.to_string()
            }
            _ => return Err(format!("a patch in `{folder}` is neither a file nor a text")),
        };
        let target = patch.get("target").map(|target| Target::new(&target.to_value()));
        let target = target.transpose().map_err(|why| format!("a patch in `{folder}`: {why}"))?;
        let nodes = read_documents(FileId::BUILT_IN, &text, Limits::default())
            .map_err(|_| format!("a patch in `{folder}` is not plain YAML"))?;
        for node in nodes.iter().filter(|node| !node.is_null()) {
            let mut is_met = false;
            if node.get("$patch").and_then(Node::as_str) == Some("delete") {
                own.retain(|(object, _)| {
                    !target.as_ref().map_or_else(
                        || names_it(&node.to_value(), object),
                        |target| target.meets(object),
                    )
                });
                continue;
            }
            let is_json = node.items().is_some() || key == "patchesJson6902";
            for (object, _) in own.iter_mut() {
                let is_its = match &target {
                    Some(target) => target.meets(object),
                    None => names_it(&node.to_value(), object),
                };
                if !is_its {
                    continue;
                }
                is_met = true;
                let (api, kind) = (object.api_version().to_owned(), object.kind().to_owned());
                let before = object.identity();
                let done = if is_json {
                    let operations = operation::read(node).map_err(|_| {
                        format!("a patch in `{folder}` has operations that are none")
                    })?;
                    json::apply(&operations, object.value_mut())
                } else {
                    strategic::merge(&api, &kind, object.value_mut(), node)
                };
                done.map_err(|problem| format!("a patch in `{folder}`: {}", problem.kind))?;
                if !is_json {
                    // An object keeps its name, whatever stands in a patch for many.
                    restore(object, before, patch);
                }
            }
            // A target may have nothing that meets it; an object that a patch names has to be there.
            if !is_met && target.is_none() && !self.unread.is_empty() {
                let (kind, name) = (node.get("kind"), node.get("metadata"));
                let name = name.and_then(|metadata| metadata.get("name")).and_then(Node::as_str);
                let object = [kind.and_then(Node::as_str), name].map(Option::unwrap_or_default);
                let why = format!(
                    "a patch for {} is left out: its object may be among those that would be fetched",
                    object.join(" ")
                );
                self.unread.push((folder.to_owned(), why));
            } else if !is_met && target.is_none() {
                return Err(format!("a patch in `{folder}` is for an object that is not there"));
            }
        }
        Ok(())
    }
}

/// Gives an object its kind, name and namespace back, unless the patch may change them.
fn restore(object: &mut Object, before: Identity, patch: &Node) {
    let may = |key: &str| {
        let options = patch.get("options").map(Node::to_value);
        options.and_then(|options| options.get(key).map(Value::is_true)).unwrap_or_default()
    };
    if !may("allowKindChange") {
        object.body_mut().insert("kind", before.kind);
    }
    let metadata = object.metadata_mut();
    if !may("allowNameChange") {
        metadata.insert("name", before.name);
    }
    match before.namespace {
        Some(namespace) => drop(metadata.insert("namespace", namespace)),
        None => drop(metadata.remove("namespace")),
    }
}

/// Whether a patch names the object.
fn names_it(patch: &Value, object: &Object) -> bool {
    patch.str_at(&["kind"]) == Some(object.kind())
        && patch.str_at(&["metadata", "name"]) == Some(object.name())
}
