//! The images that an object names.

use std::collections::BTreeSet;

use super::Object;
use crate::name::image_parts;
use crate::yaml::Value;

/// Kinds whose keys named `image` start no container: data, and what Flux looks up in a registry.
const OTHERS: [&str; 5] =
    ["ConfigMap", "Secret", "CustomResourceDefinition", "ImageRepository", "ImagePolicy"];

/// All images that the object names without a digest: of containers, of the steps of tasks, and of volumes.
#[must_use]
pub fn images_by_tag(object: &Object) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if !OTHERS.contains(&object.kind()) {
        walk(object.value(), &mut found);
    }
    found
}

fn walk(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Seq(items) => items.iter().for_each(|item| walk(item, found)),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                if key == "image" {
                    // A volume has its image as `image: {reference: …}`.
                    let image = value.as_str().or_else(|| value.str_at(&["reference"]));
                    let by_tag = |image: &&str| {
                        image_parts(image).is_some_and(|parts| parts.digest.is_none())
                    };
                    found.extend(image.filter(by_tag).map(str::to_owned));
                }
                walk(value, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::FileId;
    use crate::yaml::{Limits, Node, read_documents};

    #[test]
    fn images_of_containers_steps_and_volumes() {
        let of = |text: &str| {
            let documents = read_documents(FileId::BUILT_IN, text, Limits::default());
            let value = Node::to_value(&documents.expect("YAML")[0]);
            Vec::from_iter(images_by_tag(&Object::new(value).expect("an object")))
        };
        let head = |kind: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\n");
        let spec = format!(
            "spec:\n  steps: [{{image: git:1}}, {{image: $(params.image)}}, {{image: 'a@sha256:{}'}}]\n  containers: [{{image: r.example:5000/b}}]\n  volumes: [{{image: {{reference: c:2}}}}]\n",
            "0".repeat(64)
        );
        assert_eq!(of(&format!("{}{spec}", head("Task"))), ["c:2", "git:1", "r.example:5000/b"]);
        assert_eq!(of(&format!("{}{spec}", head("ImageRepository"))), [""; 0]);
        assert_eq!(of(&format!("{}data: {{image: a:1}}\n", head("ConfigMap"))), [""; 0]);
    }
}
