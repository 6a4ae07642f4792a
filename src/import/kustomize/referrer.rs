//! `configurations` of a kustomization: fields of other kinds that hold names, as of the ConfigMap with a chart's values
//! (kustomize, "Transformer Configurations", `nameReference`).

use super::building::Building;
use crate::kubernetes::documents_as_applied;
use crate::yaml::Value;

/// A field that holds the name of another object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Referrer {
    /// The kind of the object that is named.
    of: String,
    /// The kind that has the field; any if not set.
    within: Option<String>,
    /// The keys that lead to it, through lists too.
    path: Vec<String>,
}

impl Building<'_> {
    /// Reads a file of `configurations`.
    pub(super) fn referrers(&mut self, folder: &str, path: &str) -> Result<Vec<Referrer>, String> {
        let text = self.text(folder, path)?;
        let documents =
            documents_as_applied(&text).map_err(|why| format!("`{path}` in `{folder}`: {why}"))?;
        let mut all = Vec::new();
        for document in &documents {
            for key in document.as_map().into_iter().flat_map(crate::yaml::Map::keys) {
                if key != "nameReference" {
                    let why = format!("`{key}` of `{path}` in `{folder}` is not understood");
                    return Err(why);
                }
            }
            for one in document.list_at(&["nameReference"]) {
                let of = one.str_at(&["kind"]).unwrap_or_default();
                for field in one.list_at(&["fieldSpecs"]) {
                    let path = field.str_at(&["path"]).unwrap_or_default();
                    all.push(Referrer {
                        of: of.to_owned(),
                        within: field.str_at(&["kind"]).map(str::to_owned),
                        path: path.split('/').map(str::to_owned).collect(),
                    });
                }
            }
        }
        Ok(all)
    }
}

impl Referrer {
    /// Whether objects of the kind have the field.
    pub(super) fn is_in(&self, kind: &str) -> bool {
        self.within.as_deref().is_none_or(|within| within == kind)
    }

    /// Gives the named object its new name.
    pub(super) fn rename(&self, value: &mut Value, new: &dyn Fn(&str, &str) -> Option<String>) {
        follow(value, &self.path, &|name| new(&self.of, name));
    }
}

fn follow(value: &mut Value, path: &[String], new: &dyn Fn(&str) -> Option<String>) {
    match (value, path) {
        (Value::Seq(items), path) => items.iter_mut().for_each(|item| follow(item, path, new)),
        (Value::Str(name), []) => {
            if let Some(renamed) = new(name) {
                *name = renamed;
            }
        }
        (Value::Map(map), [key, rest @ ..]) => {
            if let Some(inner) = map.get_mut(key) {
                follow(inner, rest, new);
            }
        }
        _ => {}
    }
}
