//! Objects that stand in the script of a deploying task: they are what it deploys.

use std::sync::Arc;

use crate::import::Original;
use crate::kubernetes::{Object, documents_as_applied};

/// The objects in scripts of Tasks. They are told with the Task, and have no verdict of their own.
pub(in crate::import) fn inner(originals: &[Original]) -> Vec<Original> {
    let mut all = Vec::new();
    for original in originals {
        if original.kind() != ("tekton.dev", "Task") {
            continue;
        }
        for step in original.object.value().list_at(&["spec", "steps"]) {
            let Some(script) = step.str_at(&["script"]) else { continue };
            for text in heredocs(script) {
                let values = documents_as_applied(&text).unwrap_or_default();
                for mut object in values.into_iter().filter_map(|value| Object::new(value).ok()) {
                    if object.namespace().is_none()
                        && let Some(namespace) = original.namespace()
                    {
                        object.metadata_mut().insert("namespace", namespace);
                    }
                    let file = Arc::clone(&original.file);
                    all.push(Original { is_inner: true, ..Original::new(object, file) });
                }
            }
        }
    }
    all
}

/// The texts between `<<WORD` and `WORD`.
fn heredocs(script: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        let Some((_, rest)) = line.split_once("<<") else { continue };
        let word = rest.trim_start_matches('-').trim_start();
        let word: String = word
            .trim_matches(['"', '\''])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        if word.is_empty() {
            continue;
        }
        let text: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != word).collect();
        all.push(text.join("\n"));
    }
    all
}
