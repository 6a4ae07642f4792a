//! Sketches of objects: what the same part of a template makes of every app, finished once.
//!
//! The marks that an object gets are put on its outline, by the same code that puts them on whole objects: that code sees only
//! keys, and where it would have to look into a value, there is no sketch.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::files::{File, Placed};
use super::finish::{self, Marks, pod_template_path};
use super::pipeline;
use crate::model::App;
use crate::resource::{Object, Sketch, is_namespaced};
use crate::template::{Draft, Outline};
use crate::yaml::{Value, fill, is_place, place};

/// So many are kept before all are made anew: far more than templates have documents.
const MOST: usize = 4096;

/// Sketches by outline, file and the keys of the app's own labels.
#[derive(Debug, Default)]
pub(super) struct Sketches {
    known: RwLock<HashMap<(usize, File), Vec<Known>>>,
}

#[derive(Debug)]
struct Known {
    /// Kept, so that no other outline can come to the same address.
    outline: Arc<Outline>,
    labels: Vec<String>,
    sketch: Option<Arc<Sketch>>,
}

impl Sketches {
    /// The object that a draft is, with its marks where it is a sketch.
    pub(super) fn object(&self, app: &App, file: File, draft: Draft) -> Result<Object, String> {
        let (outline, mut values) = match draft {
            Draft::Whole(value) => return Object::new(value),
            Draft::Open(outline, values) => (outline, values),
        };
        let Some(sketch) = self.sketch(app, file, &outline) else {
            return Object::new(fill(outline.value(), &values));
        };
        let marks = [&app.name, &app.instance, &app.environment];
        let labels = app.labels.iter().map(|(_, value)| value);
        values.extend(
            marks
                .into_iter()
                .chain(labels)
                .map(|text| Value::Str(text.clone())),
        );
        let object = Object::of(&sketch, values)?;
        // What has no namespace after all gets that of its file with the other marks.
        let lost = object.namespace().is_none() && is_namespaced(object.kind());
        match object.sketched() {
            Some((_, values)) if lost => Object::new(fill(outline.value(), values)),
            _ => Ok(object),
        }
    }

    fn sketch(&self, app: &App, file: File, outline: &Arc<Outline>) -> Option<Arc<Sketch>> {
        let key = (Arc::as_ptr(outline).addr(), file);
        let is_it = |known: &&Known| {
            let labels = app.labels.iter().map(|(key, _)| key);
            Arc::ptr_eq(&known.outline, outline) && labels.eq(&known.labels)
        };
        let read = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(&key).and_then(|all| all.iter().find(is_it)) {
            return known.sketch.clone();
        }
        drop(read);
        let sketch = draw(app, file, outline).map(Arc::new);
        let mut write = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if write.len() >= MOST {
            write.clear();
        }
        write.entry(key).or_default().push(Known {
            outline: Arc::clone(outline),
            labels: app.labels.iter().map(|(key, _)| key.clone()).collect(),
            sketch: sketch.clone(),
        });
        sketch
    }
}

/// The sketch of an outline with all marks. Nothing where a value stands where marks belong.
fn draw(app: &App, file: File, outline: &Outline) -> Option<Sketch> {
    let object = Object::new(outline.value().clone()).ok()?;
    let metadata: &[&str] = &["metadata"];
    let pods = pod_template_path(object.kind()).unwrap_or_default();
    let pods = [pods, metadata].concat();
    if !takes_marks(outline.value(), metadata)
        || (pods.len() > 1 && !takes_marks(outline.value(), &pods))
    {
        return None;
    }
    if object.namespace().is_none() && is_namespaced(object.kind()) {
        return None;
    }
    if object.kind() == "Task" && !pipeline::is_sound(&object) {
        return None;
    }
    let text = |number: usize| match place(outline.places() + number) {
        Value::Str(text) => text,
        _ => String::new(),
    };
    let (name, instance, environment) = (text(0), text(1), text(2));
    let labels = app.labels.iter().enumerate();
    let labels: Vec<_> = labels
        .map(|(n, (key, _))| (key.clone(), text(3 + n)))
        .collect();
    let marks = Marks {
        app,
        name: &name,
        instance: &instance,
        environment: &environment,
        labels: &labels,
        annotations: &[],
    };
    let mut placed = Placed { file, object };
    finish::mark(&marks, &mut placed);
    finish::finish(&marks, &mut placed);
    Sketch::new(std::mem::take(placed.object.value_mut()))
}

/// Whether no value stands on the way to some metadata, nor for its labels or annotations.
fn takes_marks(document: &Value, metadata: &[&str]) -> bool {
    let on_the_way = (1..=metadata.len()).map(|end| document.at(&metadata[..end]));
    let found = document.at(metadata);
    let inside = ["labels", "annotations"].map(|key| found.and_then(|found| found.get(key)));
    let mut all = on_the_way.chain(inside).flatten();
    !all.any(is_place)
}
