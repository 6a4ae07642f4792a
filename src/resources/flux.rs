//! The entry for Flux: one file an environment, with a few Kustomizations for every app.

use std::collections::BTreeMap;

use minijinja::Value as Context_;
use sha2::{Digest, Sha256};

use super::context::{Context, Shared};
use super::files::stream;
use super::finish::finish_shared;
use super::plan::{has_app, waits};
use super::run::committed_name;
use super::unit::Facts;
use crate::environment::{Api, Environment};
use crate::error::{Diagnostic, Diagnostics, TemplateError};
use crate::model::App;
use crate::resource::Object;
use crate::template::Engine;
use crate::tree::{Folder, Owner};
use crate::yaml::{Map, Value};

/// What the entry of an environment is made of.
pub struct Entry<'a> {
    /// The templates.
    pub engine: &'a Engine,
    /// The environment.
    pub environment: &'a Environment,
    /// What its templates see.
    pub seen: &'a Shared,
    /// The repository that Flux reads, and its branch.
    pub repository: (&'a str, &'a str),
    /// The folder of gen.yaml in the repository; empty for its root.
    pub root: &'a str,
    /// There is a shared folder.
    pub has_shared: bool,
    /// The apps that are in the tree.
    pub apps: Vec<&'a App>,
    /// Apps that are gone from the spec and whose accounts stay until they are forgotten.
    pub retired: Vec<String>,
}

/// An environment has one generator up to this many apps; past that, apps are spread over sixteen by name, because a list in an
/// ArtifactGenerator holds at most a thousand artifacts.
const ONE_GENERATOR: usize = 800;

/// The entry's folder and its objects by kind.
///
/// # Errors
/// What a template says.
pub fn entry(entry: &Entry<'_>) -> Result<(Folder, Facts), Diagnostics> {
    let environment = entry.environment;
    let shared = Context::of_environment(entry.seen);
    let mut objects = Vec::new();
    let mut add = |template: &str, context: &Context| -> Result<(), Diagnostics> {
        for document in entry.engine.render(template, &context.value())? {
            let mut object = Object::new(document).map_err(|problem| {
                Diagnostic::error(TemplateError::NotAnObject { problem })
                    .in_file(format!("templates/{template}"))
            })?;
            finish_shared(&environment.name, &mut object);
            objects.push(object);
        }
        Ok(())
    };
    let folder = format!("clusters/{}/{}", environment.cluster, environment.name);
    let folder = if entry.root.is_empty() {
        folder
    } else {
        format!("{}/{folder}", entry.root)
    };
    if environment.flux.source.create {
        let flux = Value::from([
            ("url", entry.repository.0.into()),
            ("branch", entry.repository.1.into()),
            ("folder", folder.as_str().into()),
        ]);
        add(
            "flux/source.yaml",
            &shared.with("flux", Context_::from(&flux)),
        )?;
    }
    let generates = environment.has(Api::ArtifactGenerator);
    if generates {
        for (generator, artifacts) in generators(entry, &folder) {
            let flux = Value::from([
                ("generator", generator.as_str().into()),
                ("artifacts", Value::Seq(artifacts)),
            ]);
            add(
                "flux/artifacts.yaml",
                &shared.with("flux", Context_::from(&flux)),
            )?;
        }
    }
    let repository = source("GitRepository", &environment.flux.source.name);
    let shared_name = format!("gen-{}-shared", environment.name);
    if entry.has_shared {
        let flux = Value::from([
            ("path", format!("./{folder}/shared").into()),
            ("source", repository.clone()),
        ]);
        add(
            "flux/shared.yaml",
            &shared.with("flux", Context_::from(&flux)),
        )?;
    }
    let about = |instance: &str, name: &str, app: Option<&App>| {
        let mut flux = Map::default();
        let path = if generates {
            ".".to_owned()
        } else {
            format!("./{folder}/{name}")
        };
        flux.push("path", path);
        flux.push(
            "source",
            if generates {
                source("ExternalArtifact", instance)
            } else {
                repository.clone()
            },
        );
        flux.push(
            "shared",
            if entry.has_shared {
                Value::from(shared_name.as_str())
            } else {
                Value::Null
            },
        );
        flux.push("hasApp", app.is_some_and(has_app));
        flux.push(
            "hasRun",
            app.is_some_and(|app| committed_name(app).is_some()),
        );
        flux.push("waits", app.is_some_and(waits));
        Context_::from(&Value::Map(flux))
    };
    for app in &entry.apps {
        let context = Context::of_app(entry.seen, app)
            .with("flux", about(&app.instance, &app.name, Some(app)));
        add("flux/kustomizations.yaml", &context)?;
        if app.slack.is_some() {
            add("notify/flux.yaml", &context)?;
        }
    }
    for name in &entry.retired {
        let instance = format!("{name}-{}", environment.name);
        let app = Value::from([
            ("name", name.as_str().into()),
            ("instance", instance.as_str().into()),
            ("extra", Value::Null),
        ]);
        let context = shared
            .with("app", Context_::from(&app))
            .with("flux", about(&instance, name, None));
        add("flux/kustomizations.yaml", &context)?;
    }
    let facts = Facts::of(&objects);
    let folder = Folder {
        path: format!("clusters/{}/flux", environment.cluster),
        record: format!("gen-{}.lock.json", environment.name),
        owner: Owner {
            environment: environment.name.clone(),
            app: None,
            retired: false,
        },
        files: BTreeMap::from([(
            format!("gen-{}.yaml", environment.name),
            stream(&environment.name, objects.iter()),
        )]),
    };
    Ok((folder, facts))
}

fn source(kind: &str, name: &str) -> Value {
    Value::from([("kind", kind.into()), ("name", name.into())])
}

/// Generators by name, each with its artifacts: one artifact an app, whose revision depends on the app's folder alone.
fn generators(entry: &Entry<'_>, folder: &str) -> BTreeMap<String, Vec<Value>> {
    let environment = &entry.environment.name;
    let names: Vec<&str> = entry
        .apps
        .iter()
        .map(|app| app.name.as_str())
        .chain(entry.retired.iter().map(String::as_str))
        .collect();
    let many = names.len() > ONE_GENERATOR;
    let mut generators: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for name in names {
        let generator = if many {
            format!("gen-{environment}-{:x}", Sha256::digest(name)[0] >> 4)
        } else {
            format!("gen-{environment}")
        };
        let copy = Value::from([
            ("from", format!("@repository/{folder}/{name}/**").into()),
            ("to", "@artifact/".into()),
        ]);
        let artifact = Value::from([
            ("name", format!("{name}-{environment}").into()),
            ("originRevision", "@repository".into()),
            ("copy", Value::Seq(vec![copy])),
        ]);
        generators.entry(generator).or_default().push(artifact);
    }
    generators
}
