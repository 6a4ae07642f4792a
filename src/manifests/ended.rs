//! What stays of an environment's entry for Flux when the environment ends: the source, what the apps share, and the accounts with which
//! Flux prunes the rest.

use crate::diagnostics::FileId;
use crate::kubernetes::Object;
use crate::yaml::{Limits, Node, read_documents};

/// What stands between two documents.
const BETWEEN: &str = "\n---\n";

/// An entry as gen wrote it, without what goes: all Kustomizations but those of shared namespaces and of the retired apps' access,
/// and everything that tells or pins.
#[must_use]
pub fn entry_of_retired(environment: &str, retired: &[String], text: &str) -> String {
    let shared = format!("gen-{environment}-shared");
    let stays = |document: &&str| {
        let Some(object) = object(document) else {
            return false;
        };
        match object.kind() {
            "GitRepository" | "ArtifactGenerator" => true,
            "Kustomization" => {
                let access = |app: &String| object.name() == format!("{app}-{environment}-access");
                object.name() == shared || retired.iter().any(access)
            }
            _ => false,
        }
    };
    // The first line of the file belongs to no document.
    let (header, documents) = text.split_once('\n').unwrap_or_default();
    let documents: Vec<&str> = documents.trim_end_matches('\n').split(BETWEEN).collect();
    let staying: Vec<&str> = documents.into_iter().filter(stays).collect();
    format!("{header}\n{}\n", staying.join(BETWEEN))
}

fn object(document: &str) -> Option<Object> {
    let documents = read_documents(FileId::BUILT_IN, document, Limits::default()).ok()?;
    Object::new(documents.first().map(Node::to_value)?).ok()
}
