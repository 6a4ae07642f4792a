//! Rebuilds a change on another commit: the spec is merged, pins by key, and clusters/ rendered again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostics::{Diagnostics, FileId, GitError, Sources};
use crate::files::{Changed, Memory, Recorded, Texts};
use crate::fleet::prepare;
use crate::git::{Builder, Mode, Snapshot, Update};
use crate::ops::Selection;
use crate::ops::check::gate;
use crate::ops::committed::{Blob, CommitSide, records};
use crate::ops::removals::{self, Scope};
use crate::ops::render::refuse_empty_includes;
use crate::ops::rendering::Rendering;
use crate::spec::{Pin, Pins};
use crate::tree::{Comparison, Folder, GEN_VERSION, Record, TREE, compare, compare_removal};
use crate::workspace::Workspace;

use super::candidate::{is_below, read_manifests};

/// Maximum size of a merged file.
const LARGEST: u64 = Workspace::LARGEST_MANIFEST;

/// The other sides of a merge.
pub(super) struct Sides<'a> {
    /// The commit that the change was made on.
    pub(super) base: &'a Snapshot,
    /// The commit to rebuild it on.
    pub(super) theirs: &'a Snapshot,
    /// Its name, for messages.
    pub(super) target: &'a str,
    /// Only warn of what Kubernetes or Tekton would refuse.
    pub(super) no_check: bool,
}

/// Rebuilds a change, which made `changes` to its own base. Returns its changes to the other commit, and all inputs of the merged
/// spec. Paths are relative to the folder of gen.yaml.
///
/// # Errors
/// GEN1013 for conflicting changes; errors in the merged spec; hand edits in the other commit.
pub(super) fn rebuild(
    sides: &Sides<'_>,
    builder: &Builder<'_>,
    changes: &[Update],
    selection: Selection<'_>,
    sources: &mut Sources,
) -> Result<(Vec<Update>, Texts), Diagnostics> {
    let (mut merged, files) = overlay(sides, builder, changes)?;
    let recorded = Recorded::new(&files);
    let (fleet, _) = prepare(&recorded, sources)?;
    let selected = selection.of(&fleet)?;
    refuse_empty_includes(&fleet)?;
    read_manifests(&fleet, &recorded);
    let records = records(sides.theirs)?;
    let scope = Scope {
        fleet: &fleet,
        selected: &selected,
        everything: selection.environments.is_empty(),
        forget: &[],
        // Removals were refused or allowed when the change was made.
        allowed: true,
    };
    let gone = removals::plan(&scope, &records)?;
    let standing = gone.standing(&records, sides.theirs)?;
    let gate = gate(&fleet, sources, sides.no_check)?;
    let rendering =
        Rendering::new(&fleet, &recorded).of(&selected, selection.apps).over(sides.theirs);
    let rendering = Rendering { gate: Some(&gate), ..rendering };
    let compare = Compare {
        there: sides.theirs,
        records: records
            .iter()
            .map(|found| ((found.folder.as_str(), found.record_name.as_str()), &found.record))
            .collect(),
    };
    let folders = rendering.each(&standing, |rendered| {
        let key = format!("{}/{}", rendered.folder.path, rendered.folder.record);
        compare.folder(&rendered.folder).map(|differs| (key, differs))
    })?;
    let ended = gone.ended(sides.theirs)?;
    let apps = selected.iter().flat_map(|prepared| &prepared.apps);
    let mut kept: BTreeSet<String> =
        apps.map(|app| format!("{}/gen.lock.json", app.folder())).collect();
    let mut written: Vec<(String, Option<String>)> = Vec::new();
    for folder in folders {
        let (key, differs) = folder?;
        kept.insert(key);
        written.extend(differs);
    }
    for folder in &ended {
        written.extend(compare.folder(folder)?);
    }
    for (folder, record) in gone.removed() {
        if !kept.contains(&format!("{folder}/{record}")) {
            written.extend(compare.removal(folder, record)?);
        }
    }
    let texts = written.iter().filter_map(|(_, text)| text.as_deref());
    let mut objects = builder.objects_of_texts(texts.map(str::as_bytes))?.into_iter();
    for (path, text) in written {
        let content = text.and_then(|_| objects.next().map(|object| (Mode::File, object)));
        merged.push(Update { path, content });
    }
    Ok((merged, recorded.read_files()))
}

/// The merged changes of the spec, and the other commit's files with them.
fn overlay<'a>(
    sides: &Sides<'a>,
    builder: &Builder<'_>,
    changes: &[Update],
) -> Result<(Vec<Update>, Changed<'a>), Diagnostics> {
    let mut merged = Vec::new();
    for update in changes.iter().filter(|update| !is_rendered(&update.path)) {
        merged.extend(merge(sides, builder, update)?);
    }
    let (mut texts, mut gone) = (BTreeMap::new(), BTreeSet::new());
    for update in &merged {
        if let Some((_, object)) = &update.content {
            let bytes = sides.theirs.object(object, LARGEST)?.unwrap_or_default();
            texts.insert(update.path.clone(), Arc::from(String::from_utf8_lossy(&bytes)));
        } else {
            gone.insert(update.path.clone());
        }
    }
    Ok((merged, Changed::new(sides.theirs, Memory(texts)).without(gone)))
}

/// Whether a path is rendered, never merged.
pub(super) fn is_rendered(path: &str) -> bool {
    is_below(path, TREE)
}

/// Merges one file of the spec; none if the other side already has it.
fn merge(
    sides: &Sides<'_>,
    builder: &Builder<'_>,
    ours: &Update,
) -> Result<Option<Update>, Diagnostics> {
    let path = ours.path.as_str();
    let side = |snapshot: &Snapshot| {
        let entry = snapshot.entry(path)?;
        Some((entry.mode, entry.object.clone()))
    };
    let (base, theirs) = (side(sides.base), side(sides.theirs));
    if theirs == base {
        return Ok(Some(ours.clone()));
    }
    if theirs == ours.content {
        return Ok(None);
    }
    let conflict = |problem: &str| -> Diagnostics {
        let (path, problem) = (path.to_owned(), problem.to_owned());
        GitError::Merge { path, target: sides.target.to_owned(), problem }.into()
    };
    let (Some(one), Some(other)) = (&ours.content, &theirs) else {
        return Err(conflict("removed on one side, edited on the other"));
    };
    if one.0 != other.0 && (one.0 == Mode::Link || other.0 == Mode::Link) {
        return Err(conflict("a link on one side only"));
    }
    let bytes = |object: &str| {
        let bytes = sides.theirs.object(object, LARGEST)?;
        bytes.ok_or_else(|| conflict("too large to be merged"))
    };
    let before = base.as_ref().map(|(_, object)| bytes(object)).transpose()?.unwrap_or_default();
    let (one_text, other_text) = (bytes(&one.1)?, bytes(&other.1)?);
    let text = if path.starts_with("environments/") && path.ends_with(".pins.yaml") {
        merge_pins(&before, &one_text, &other_text).map_err(|problem| conflict(&problem))?
    } else {
        let merged = builder.merge_texts(&before, &one_text, &other_text)?;
        merged.ok_or_else(|| conflict("the same lines differ"))?
    };
    if text == other_text {
        return Ok(None);
    }
    let object = builder.objects_of_texts([text.as_slice()])?.pop();
    let object = object.ok_or_else(|| conflict("git created no object for it"))?;
    let mode = if base.as_ref().map(|(mode, _)| *mode) == Some(one.0) { other.0 } else { one.0 };
    Ok(Some(Update { path: path.to_owned(), content: Some((mode, object)) }))
}

/// Merges pins key by key: changes to different apps, or to different keys of an app, do not conflict.
fn merge_pins(base: &[u8], ours: &[u8], theirs: &[u8]) -> Result<Vec<u8>, String> {
    let read = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        Pins::read(FileId::BUILT_IN, text).map_err(|error| error.kind.to_string())
    };
    let (base, ours, theirs) = (read(base)?, read(ours)?, read(theirs)?);
    let apps: BTreeSet<&String> = ours.apps.keys().chain(theirs.apps.keys()).collect();
    let mut merged = Pins::default();
    for app in apps {
        let side = |pins: &Pins| pins.apps.get(app).cloned();
        let (before, one, other) = (side(&base), side(&ours), side(&theirs));
        let pin = if one == before {
            other
        } else if other == before || one == other {
            one
        } else {
            let before = before.unwrap_or_default();
            let (one, other) = one.zip(other).ok_or_else(|| {
                format!("the pin of `{app}` is removed on one side and set on the other")
            })?;
            let conflict = |key: &str| format!("both set `{key}` of `{app}`");
            // An image and a tag exclude each other, so they are one value.
            let image = |pin: &Pin| (pin.image.clone(), pin.tag.clone());
            let images = three(&image(&before), &image(&one), &image(&other));
            let (image, tag) = images.ok_or_else(|| conflict("image"))?;
            let version = three(&before.version, &one.version, &other.version);
            let revision = three(&before.revision, &one.revision, &other.revision);
            // Both request another run; one is enough.
            let nonce = three(&before.nonce, &one.nonce, &other.nonce);
            Some(Pin {
                image,
                tag,
                version: version.ok_or_else(|| conflict("version"))?,
                revision: revision.ok_or_else(|| conflict("revision"))?,
                nonce: nonce.unwrap_or_else(|| one.nonce.max(other.nonce)),
                policy: other.policy.or(one.policy),
            })
        };
        merged.apps.extend(pin.map(|pin| (app.clone(), pin)));
    }
    Ok(merged.to_text().into_bytes())
}

/// The value of the side that changed it, unless both did.
fn three<T: PartialEq + Clone>(base: &T, ours: &T, theirs: &T) -> Option<T> {
    if ours == theirs || theirs == base {
        Some(ours.clone())
    } else if ours == base {
        Some(theirs.clone())
    } else {
        None
    }
}

/// Compares rendered folders with a commit.
struct Compare<'a> {
    there: &'a Snapshot,
    /// By folder and name.
    records: BTreeMap<(&'a str, &'a str), &'a Record>,
}

/// A path, and its new text; none if the file is removed.
type Written = (String, Option<String>);

impl<'a> Compare<'a> {
    fn record<'f>(&self, side: &CommitSide<'a, 'f>, name: &str) -> Option<(&'a Record, Blob<'a>)> {
        let record = self.records.get(&(side.folder, name));
        record.copied().zip(side.file(name))
    }

    /// The changes to a folder.
    fn folder(&self, folder: &Folder) -> Result<Vec<Written>, Diagnostics> {
        let mut side = CommitSide::new(self.there, &folder.path);
        let record = Record::of(folder, GEN_VERSION).to_text();
        let old = self.record(&side, &folder.record);
        let verdicts = compare(&mut side, old, folder, &record)?;
        let text = |path: &str| folder.files.get(path).unwrap_or(&record).clone();
        written(&folder.path, &verdicts, text)
    }

    fn removal(&self, folder: &str, name: &str) -> Result<Vec<Written>, Diagnostics> {
        let mut side = CommitSide::new(self.there, folder);
        let Some(old) = self.record(&side, name) else {
            return Ok(Vec::new());
        };
        let verdicts = compare_removal(&mut side, old, name)?;
        written(folder, &verdicts, |_| String::new())
    }
}

/// The changes for verdicts, if everything replaced or removed is as gen wrote it.
fn written(
    folder: &str,
    verdicts: &Comparison<Blob<'_>>,
    text: impl Fn(&str) -> String,
) -> Result<Vec<Written>, Diagnostics> {
    let at = |path: &str| format!("{folder}/{path}");
    if let Some(refused) = verdicts.refused.first() {
        return Err(refused.error(at(&refused.path)).into());
    }
    let write = verdicts.write.iter();
    let write = write.map(|(path, _)| (at(path), Some(text(path))));
    let delete = verdicts.delete.iter().map(|(path, _)| (at(path), None));
    Ok(write.chain(delete).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, ours: &str, theirs: &str) -> Result<String, String> {
        merge_pins(base.as_bytes(), ours.as_bytes(), theirs.as_bytes())
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn pins_merge_by_key() {
        assert_eq!(
            merged(
                "apps: {a: {nonce: 1}}",
                "apps: {a: {nonce: 2}, b: {revision: x}}",
                "apps: {a: {nonce: 1}, c: {revision: y}}"
            )
            .as_deref(),
            Ok("apps:\n  a:\n    nonce: 2\n  b:\n    revision: x\n  c:\n    revision: \"y\"\n")
        );
        // Different keys of one app, and the same change on both sides.
        assert_eq!(
            merged(
                "apps: {a: {tag: v1}}",
                "apps: {a: {tag: v2, nonce: 1}}",
                "apps: {a: {tag: v2, revision: x, nonce: 1}}"
            )
            .as_deref(),
            Ok("apps:\n  a:\n    tag: v2\n    revision: x\n    nonce: 1\n")
        );
        // Both ask for another run.
        assert_eq!(
            merged("", "apps: {a: {nonce: 3}}", "apps: {a: {nonce: 2}}").as_deref(),
            Ok("apps:\n  a:\n    nonce: 3\n")
        );
        // Removed here, untouched there.
        assert_eq!(
            merged("apps: {a: {tag: v1}}", "apps: {}", "apps: {a: {tag: v1}}").as_deref(),
            Ok("apps: {}\n")
        );
        for (ours, theirs, problem) in [
            ("apps: {a: {tag: v2}}", "apps: {a: {tag: v3}}", "both set `image` of `a`"),
            (
                "apps: {a: {tag: v1, revision: x}}",
                "apps: {a: {tag: v1, revision: z}}",
                "both set `revision` of `a`",
            ),
            (
                "apps: {}",
                "apps: {a: {tag: v2}}",
                "the pin of `a` is removed on one side and set on the other",
            ),
        ] {
            let result = merged("apps: {a: {tag: v1}}", ours, theirs);
            assert_eq!(result.as_deref(), Err(&problem.to_owned()), "{ours}");
        }
    }
}
