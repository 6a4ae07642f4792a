//! The values that runs give a pipeline's parameters.

use std::collections::BTreeMap;

use crate::import::world::World;
use crate::yaml::Value;

/// The runs of a pipeline, with the values of its parameters.
pub(super) struct Run<'a> {
    /// Each run's `spec`, with the object if it is one.
    pub(super) runs: Vec<(Option<usize>, &'a Value)>,
    params: BTreeMap<String, String>,
}

impl<'a> Run<'a> {
    /// Those among the originals: runs, and what triggers make.
    pub(super) fn of(world: &'a World, pipeline: usize) -> Self {
        let name = world.all[pipeline].name();
        let is_its = |spec: &&Value| spec.str_at(&["pipelineRef", "name"]) == Some(name);
        let mut runs: Vec<(Option<usize>, &Value)> = world
            .of("PipelineRun")
            .filter_map(|(at, it)| Some((Some(at), it.object.value().get("spec")?)))
            .filter(|(_, spec)| is_its(spec))
            .collect();
        for (_, template) in world.of("TriggerTemplate") {
            let made = template.object.value().list_at(&["spec", "resourcetemplates"]).iter();
            let specs = made.filter_map(|made| made.get("spec")).filter(is_its);
            runs.extend(specs.map(|spec| (None, spec)));
        }
        let mut params = BTreeMap::new();
        for param in world.body(pipeline).list_at(&["spec", "params"]) {
            if let (Some(name), Some(value)) = (param.str_at(&["name"]), param.str_at(&["default"]))
            {
                params.insert(name.to_owned(), value.to_owned());
            }
        }
        for param in runs.iter().rev().flat_map(|(_, spec)| spec.list_at(&["params"])) {
            if let (Some(name), Some(value)) = (param.str_at(&["name"]), param.str_at(&["value"]))
                && !value.contains("$(")
            {
                params.insert(name.to_owned(), value.to_owned());
            }
        }
        Self { runs, params }
    }

    /// The value of a parameter.
    pub(super) fn param(&self, name: &str) -> Option<String> {
        let found = self.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    }

    /// A text with the values of the pipeline's parameters; nothing if one is not known.
    pub(super) fn resolved(&self, text: &str) -> Option<String> {
        // What another task tells stands behind the name of an image.
        let text = text.split("@$(tasks.").next().unwrap_or_default();
        let mut out = text.to_owned();
        for (name, value) in &self.params {
            for form in [format!("$(params.{name})"), format!("$(params[\"{name}\"])")] {
                out = out.replace(&form, value);
            }
        }
        (!out.contains("$(")).then_some(out)
    }
}

/// The account of a run.
pub(super) fn account(spec: &Value) -> Option<String> {
    let old = spec.str_at(&["serviceAccountName"]);
    spec.str_at(&["taskRunTemplate", "serviceAccountName"]).or(old).map(str::to_owned)
}
