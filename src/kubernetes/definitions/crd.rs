//! From a `CustomResourceDefinition` to definitions, by the rules of structural schemas
//! (`kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/`).

use super::{Definitions, Fields, Kind, Pattern, Type};
use crate::kubernetes::documents;
use crate::yaml::Value;

impl Definitions {
    /// Adds the `CustomResourceDefinition`s of a text of YAML or JSON.
    ///
    /// # Errors
    /// The first document that is none, or not one that the API server would take.
    pub fn add_crds(&mut self, text: &str) -> Result<(), String> {
        for value in documents(text)? {
            if value.str_at(&["kind"]) != Some("CustomResourceDefinition") {
                let kind = value.str_at(&["kind"]).unwrap_or("object without a kind");
                return Err(format!("a {kind}, where only CustomResourceDefinitions can be"));
            }
            self.add_crd(&value, &Type::Any)?;
        }
        Ok(())
    }

    /// Adds every version that a `CustomResourceDefinition` serves; `metadata` is the type of `metadata`.
    ///
    /// # Errors
    /// The first part of it that is not as the API server needs it.
    pub fn add_crd(&mut self, crd: &Value, metadata: &Type) -> Result<(), String> {
        let text = |keys: &[&str]| {
            let path = keys.join(".");
            crd.str_at(keys).ok_or_else(|| format!("`{path}` is missing"))
        };
        let group = text(&["spec", "group"])?;
        let kind = text(&["spec", "names", "kind"])?;
        let plural = text(&["spec", "names", "plural"])?;
        let is_namespaced = match text(&["spec", "scope"])? {
            "Namespaced" => true,
            "Cluster" => false,
            _ => return Err("`spec.scope` is neither Namespaced nor Cluster".to_owned()),
        };
        let versions = crd.at(&["spec", "versions"]).and_then(Value::as_seq).unwrap_or_default();
        if versions.is_empty() {
            return Err("`spec.versions` is missing".to_owned());
        }
        for version in
            versions.iter().filter(|version| version.get("served") != Some(&Value::Bool(false)))
        {
            let name = version.str_at(&["name"]).ok_or("a version has no name")?;
            let schema = version.at(&["schema", "openAPIV3Schema"]);
            let root = schema.map_or(Type::Any, |schema| self.schema(schema, Some(metadata)));
            let definition = Kind { plural: plural.to_owned(), is_namespaced, root };
            self.add(&format!("{group}/{name}"), kind, definition);
        }
        Ok(())
    }

    /// The type that a schema describes; `metadata` for the schema of a whole object.
    fn schema(&mut self, schema: &Value, metadata: Option<&Type>) -> Type {
        let is = |key: &str| schema.get(key).is_some_and(Value::is_true);
        if is("x-kubernetes-int-or-string") {
            return Type::IntOrText;
        }
        if is("x-kubernetes-embedded-resource") {
            return Type::Any;
        }
        match schema.str_at(&["type"]) {
            Some("string") => {
                let words = schema.get("enum").and_then(Value::as_seq).unwrap_or_default();
                let words: Vec<String> =
                    words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                // The table's own marks.
                let is_plain = words.iter().all(|word| {
                    !word.is_empty()
                        && !word.contains(|c: char| "|() ".contains(c) || c.is_whitespace())
                });
                let pattern = schema.str_at(&["pattern"]).filter(|_| words.is_empty());
                match pattern
                    .filter(|pattern| !pattern.contains(|c: char| c == '"' || c.is_whitespace()))
                {
                    Some(pattern) => Type::Pattern(Pattern::new(pattern)),
                    None => Type::Text(if is_plain { words } else { Vec::new() }),
                }
            }
            Some("integer") => Type::Int,
            Some("number") => Type::Number,
            Some("boolean") => Type::Bool,
            Some("array") => {
                let item = schema.get("items").map_or(Type::Any, |items| self.schema(items, None));
                Type::List(Box::new(item))
            }
            Some("object") => self.object(schema, metadata),
            _ => Type::Any,
        }
    }

    fn object(&mut self, schema: &Value, metadata: Option<&Type>) -> Type {
        let open = schema.get("x-kubernetes-preserve-unknown-fields").is_some_and(Value::is_true);
        let properties = schema.get("properties").and_then(Value::as_map);
        if properties.is_none() && metadata.is_none() {
            return match schema.get("additionalProperties") {
                Some(Value::Bool(true)) => Type::Any,
                Some(value) if value.as_map().is_some() => {
                    Type::Map(Box::new(self.schema(value, None)))
                }
                _ if open => Type::Any,
                _ => self.add_fields(Fields::default()),
            };
        }
        let required = schema.get("required").and_then(Value::as_seq).unwrap_or_default();
        let is_required = |name: &str| required.iter().any(|word| word.as_str() == Some(name));
        let mut fields = Vec::new();
        for (name, property) in properties.into_iter().flat_map(crate::yaml::Map::iter) {
            let of = match (name, metadata) {
                ("metadata" | "apiVersion" | "kind", Some(_)) => continue,
                // Nobody writes it.
                ("status", Some(_)) => Type::Any,
                _ => self.schema(property, None),
            };
            // A default fills in what is missing.
            let is_required = is_required(name) && property.get("default").is_none();
            fields.push((name.to_owned(), is_required, of));
        }
        if let Some(metadata) = metadata {
            fields.push(("apiVersion".to_owned(), false, Type::Text(Vec::new())));
            fields.push(("kind".to_owned(), false, Type::Text(Vec::new())));
            fields.push(("metadata".to_owned(), false, metadata.clone()));
        }
        fields.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        self.add_fields(Fields { open, fields })
    }
}
