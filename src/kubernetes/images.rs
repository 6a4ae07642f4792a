//! The images that an object names.

use std::collections::BTreeSet;

use super::Object;
use crate::yaml::Value;

/// Kinds whose keys named `image` start no container: data, and what Flux looks up in a registry.
const OTHERS: [&str; 5] =
    ["ConfigMap", "Secret", "CustomResourceDefinition", "ImageRepository", "ImagePolicy"];

/// All images that the object names: of containers, of the steps of tasks, and of volumes.
#[must_use]
pub fn images(object: &Object) -> BTreeSet<String> {
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
                    found.extend(image.map(str::to_owned));
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
            Vec::from_iter(images(&Object::new(value).expect("an object")))
        };
        let head = |kind: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\n");
        let spec = "spec:\n  steps: [{image: git:1}, {image: $(params.image)}]\n  containers: [{image: r.example:5000/b}]\n  volumes: [{image: {reference: c:2}}]\n";
        assert_eq!(
            of(&format!("{}{spec}", head("Task"))),
            ["$(params.image)", "c:2", "git:1", "r.example:5000/b"]
        );
        assert_eq!(of(&format!("{}{spec}", head("ImageRepository"))), [""; 0]);
        assert_eq!(of(&format!("{}data: {{image: a:1}}\n", head("ConfigMap"))), [""; 0]);
    }
}
