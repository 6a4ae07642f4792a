//! Objects that are the same for many apps but for some values.
//!
//! What templates say of an object is mostly fixed. A sketch holds it once: the finished document with places for values, how it
//! is written, and what can be told of it without the values. An object made of it is any other object to whoever looks into it
//! or changes it; it only need not be built to be written.

use crate::yaml::{Form, Value, is_place};

use super::secrets::names_secrets;

/// See the module.
#[derive(Debug)]
pub struct Sketch {
    pub(super) form: Form,
    /// Whether what is fixed names a Secret, so that the whole has to be looked at.
    pub(super) names_secrets: bool,
}

impl Sketch {
    /// A sketch of a document with places. Nothing where it is no object whatever the values are, or where its apiVersion, its
    /// kind or the shape of its metadata are among them.
    #[must_use]
    pub fn new(outline: Value) -> Option<Self> {
        let fixed = |key: &str| {
            let value = outline.get(key).filter(|value| !is_place(value));
            value
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        let metadata = outline.get("metadata")?.as_map()?;
        let shaped = ["labels", "annotations"]
            .into_iter()
            .filter_map(|key| metadata.get(key))
            .all(|value| value.as_map().is_some());
        if !fixed("apiVersion") || !fixed("kind") || !shaped {
            return None;
        }
        let names_secrets = names_secrets(&outline);
        let form = Form::new(outline)?;
        Some(Self {
            form,
            names_secrets,
        })
    }

    /// The document with its places.
    #[must_use]
    pub fn outline(&self) -> &Value {
        self.form.outline()
    }
}
