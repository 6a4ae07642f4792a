//! Folders that Flux puts together before a Kustomization reads them: an ExternalArtifact has copies of folders of other sources
//! (`ArtifactGenerator`, source.extensions.fluxcd.io).

use super::paths::normal;
use crate::kubernetes::Object;
use crate::yaml::Value;

/// A source: its kind, namespace and name.
pub(super) type Source = (String, String, String);

/// The source that a Kustomization names.
pub(super) fn source(object: &Object) -> Option<Source> {
    let reference = object.at(&["spec", "sourceRef"])?;
    let own = object.namespace().unwrap_or_default();
    let namespace = reference.str_at(&["namespace"]).unwrap_or(own);
    let text = |key: &str| reference.str_at(&[key]).map(str::to_owned);
    Some((text("kind")?, namespace.to_owned(), text("name")?))
}

/// The kind of sources that are made of others.
pub(super) const ARTIFACT: &str = "ExternalArtifact";

/// Whether two sources may be the same: a file may leave the namespace to a kustomization.
pub(super) fn is_same(one: &Source, other: &Source) -> bool {
    let is_near = one.1 == other.1 || one.1.is_empty() || other.1.is_empty();
    one.0 == other.0 && one.2 == other.2 && is_near
}

/// The source and the path in it that a Kustomization reads, or that it reads a copy of.
pub(super) fn read<'o>(
    object: &Object,
    objects: impl Iterator<Item = &'o Object>,
) -> Option<(Option<Source>, String)> {
    let path = normal(object.value().str_at(&["spec", "path"]).unwrap_or_default())?;
    match source(object) {
        Some(source) if source.0 == ARTIFACT => {
            original(&source, &path, objects).map(|(source, path)| (Some(source), path))
        }
        source => Some((source, path)),
    }
}

/// The path in the repository of a Kustomization that reads it, or a copy of a part of it.
pub(super) fn path<'o>(
    object: &Object,
    objects: impl Iterator<Item = &'o Object>,
) -> Option<String> {
    read(object, objects).map(|(_, path)| path)
}

/// The path in the source that a path in an artifact is a copy of, with that source.
pub(super) fn original<'o>(
    artifact: &Source,
    path: &str,
    objects: impl Iterator<Item = &'o Object>,
) -> Option<(Source, String)> {
    let (_, namespace, name) = artifact;
    let generators = objects.filter(|object| {
        object.kind() == "ArtifactGenerator"
            && object.group() == "source.extensions.fluxcd.io"
            && object.namespace() == Some(namespace)
    });
    for generator in generators {
        let all = generator.value().list_at(&["spec", "artifacts"]).iter();
        for made in all.filter(|made| made.str_at(&["name"]) == Some(name)) {
            let mut copies = made.list_at(&["copy"]).iter().rev();
            if let Some(found) = copies.find_map(|copy| copied(generator, copy, path)) {
                return Some(found);
            }
        }
    }
    None
}

/// What a path is a copy of, if it lies in what `@source/folder/**` became.
fn copied(generator: &Object, copy: &Value, path: &str) -> Option<(Source, String)> {
    let (alias, from) = copy.str_at(&["from"])?.strip_prefix('@')?.split_once('/')?;
    let from = normal(from.strip_suffix("**").unwrap_or(from))?;
    let to = normal(copy.str_at(&["to"])?.strip_prefix("@artifact")?)?;
    let rest = match to.as_str() {
        "" => path,
        to => path.strip_prefix(to).filter(|rest| rest.is_empty() || rest.starts_with('/'))?,
    };
    let sources = generator.value().list_at(&["spec", "sources"]).iter();
    let source = sources.into_iter().find(|one| one.str_at(&["alias"]) == Some(alias))?;
    let own = generator.namespace().unwrap_or_default();
    let namespace = source.str_at(&["namespace"]).unwrap_or(own).to_owned();
    let (kind, name) = (source.str_at(&["kind"])?, source.str_at(&["name"])?);
    Some(((kind.to_owned(), namespace, name.to_owned()), normal(&format!("{from}/{rest}"))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::documents;

    #[test]
    fn copies_lead_back_to_their_folders() {
        let text = "apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {name: g, namespace: flux-system}\nspec:\n  sources: [{alias: repo, kind: GitRepository, name: flux-system}]\n  artifacts:\n  - name: infra\n    copy: [{from: \"@repo/infrastructure/**\", to: \"@artifact/\"}]\n  - name: apps\n    copy: [{from: \"@repo/apps/base/**\", to: \"@artifact/base/\"}, {from: \"@repo/apps/staging/**\", to: \"@artifact/staging/\"}]\n";
        let object = Object::new(documents(text).expect("YAML").pop().expect("one")).expect("it");
        let artifact = |name: &str| ("ExternalArtifact".into(), "flux-system".into(), name.into());
        let found = |name: &str, path: &str| {
            original(&artifact(name), path, std::iter::once(&object)).map(|(_, path)| path)
        };
        assert_eq!(found("infra", "controllers").as_deref(), Some("infrastructure/controllers"));
        assert_eq!(found("apps", "staging").as_deref(), Some("apps/staging"));
        assert_eq!(found("apps", "stagingx"), None);
        assert_eq!(found("other", "staging"), None);
        let (source, _) =
            original(&artifact("apps"), "base", std::iter::once(&object)).expect("it");
        assert_eq!(source.2, "flux-system");
    }
}
