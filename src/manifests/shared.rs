//! What the apps of an environment share: namespaces that hold several of them, and what holds in those.

use std::collections::BTreeMap;

use minijinja::Value as Context_;

use super::access::{planned, released};
use super::context::{Context, Shared};
use super::facts::Facts;
use super::files::{kustomization, stream};
use super::finish::finish_shared;
use super::patched::Patching;
use super::plan::Plan;
use super::retired::Before;
use crate::diagnostics::{Diagnostic, Diagnostics, TemplateError};
use crate::environment::Environment;
use crate::kubernetes::Object;
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
    plan: &Plan,
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
    let mut objects = Vec::new();
    for (template, namespaces) in [("access/namespaces.yaml", all), ("access/defaults.yaml", made)]
    {
        let access = Value::from([("namespaces", Value::Seq(namespaces))]);
        let context = Context::of_environment(seen).with("access", Context_::from(access)).value();
        for document in engine.render(template, &context)? {
            let mut object = Object::new(document).map_err(|problem| {
                Diagnostic::error(TemplateError::NotAnObject { problem })
                    .in_file(format!("templates/{template}"))
            })?;
            finish_shared(&environment.name, &mut object);
            objects.push(object);
        }
    }
    let mut patched = Facts::default();
    patching.apply(None, &mut objects, &mut patched)?;
    let mut facts = Facts::of(&objects);
    facts.add_patched(patched);
    let name = "namespaces.yaml".to_owned();
    let files = BTreeMap::from([
        (
            "kustomization.yaml".to_owned(),
            kustomization(&environment.name, std::slice::from_ref(&name)),
        ),
        (name, stream(&environment.name, objects.iter())),
    ]);
    let folder = Folder {
        path: format!("clusters/{}/{}/shared", environment.cluster, environment.name),
        record: "gen.lock.json".to_owned(),
        owner: Owner { environment: environment.name.clone(), app: None, retired: false },
        files,
    };
    Ok(Some((folder, facts)))
}
