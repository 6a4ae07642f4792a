//! What the apps of an environment share: namespaces that hold several of them, what holds in those, and the listener for their
//! webhooks.

use std::collections::BTreeMap;

use minijinja::Value as Context_;

use super::access::{planned, released};
use super::context::{Context, Shared};
use super::facts::Facts;
use super::files::{kustomization, stream};
use super::finish::finish_shared;
use super::listener::{TEMPLATES, listener};
use super::patched::Patching;
use super::plan::Plan;
use super::retired::Before;
use crate::diagnostics::{Diagnostic, Diagnostics, TemplateError};
use crate::environment::Environment;
use crate::kubernetes::Object;
use crate::model::App;
use crate::template::Engine;
use crate::tree::{Folder, Owner};
use crate::yaml::Value;

/// The shared folder, or nothing where every app has its namespaces for itself; and how many objects of each kind are in it.
///
/// # Errors
/// What a template or a patch says.
pub fn shared(
    engine: &Engine,
    environment: &Environment,
    (plan, apps): (&Plan, &[App]),
    seen: &Shared,
    patching: Patching<'_>,
    before: &Before,
) -> Result<Option<(Folder, Facts)>, Diagnostics> {
    let had: Vec<Object> = before.objects().collect();
    let stays = plan.released(had.iter());
    let made: Vec<Value> = plan.shared().into_iter().map(planned).collect();
    let all: Vec<Value> = made.iter().cloned().chain(released(&stays)).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let mut making = Making { engine, environment, patching, patched: Facts::default() };
    let mut files = Vec::new();
    let mut objects = Vec::new();
    for (template, namespaces) in [("access/namespaces.yaml", all), ("access/defaults.yaml", made)]
    {
        let access = Value::from([("namespaces", Value::Seq(namespaces))]);
        let context = Context::of_environment(seen).with("access", Context_::from(access));
        objects.extend(making.render(template, &context)?);
    }
    files.push(("namespaces.yaml", making.patched(objects)?));
    if let Some(listener) = listener(environment, apps) {
        let mut objects = Vec::new();
        let context = Context::of_environment(seen).with("listener", Context_::from(listener));
        for template in TEMPLATES {
            objects.extend(making.render(template, &context)?);
        }
        files.push(("listener.yaml", making.patched(objects)?));
    }
    let mut facts = Facts::of(files.iter().flat_map(|(_, objects)| objects));
    facts.add_patched(making.patched);
    files.sort_by_key(|(name, _)| *name);
    let names: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    let texts = files
        .iter()
        .map(|(name, objects)| ((*name).to_owned(), stream(&environment.name, objects.iter())));
    let mut files: BTreeMap<String, String> = texts.collect();
    files.insert("kustomization.yaml".to_owned(), kustomization(&environment.name, &names));
    let folder = Folder {
        path: format!("clusters/{}/{}/shared", environment.cluster, environment.name),
        record: "gen.lock.json".to_owned(),
        owner: Owner { environment: environment.name.clone(), app: None, retired: false },
        files,
    };
    Ok(Some((folder, facts)))
}

/// The state while the folder is made.
struct Making<'a> {
    engine: &'a Engine,
    environment: &'a Environment,
    patching: Patching<'a>,
    /// Which patches were meant for one of the objects.
    patched: Facts,
}

impl Making<'_> {
    fn render(&self, template: &str, context: &Context) -> Result<Vec<Object>, Diagnostics> {
        let documents = self.engine.render(template, &context.value())?;
        let objects = documents.into_iter().map(|document| {
            let mut object = Object::new(document).map_err(|problem| {
                Diagnostic::error(TemplateError::NotAnObject { problem })
                    .in_file(format!("templates/{template}"))
            })?;
            finish_shared(&self.environment.name, &mut object);
            Ok(object)
        });
        objects.collect()
    }

    fn patched(&mut self, mut objects: Vec<Object>) -> Result<Vec<Object>, Diagnostics> {
        self.patching.apply(None, &mut objects, &mut self.patched)?;
        Ok(objects)
    }
}
