//! Strategic merge: lays a fragment over an object.
//!
//! Maps merge, scalars replace, `null` removes, lists merge by the keys of `shapes` or are replaced. What is new comes
//! behind what is there, in the patch's order; what is there keeps its place, where kubectl would reorder it: the order of
//! containers and variables has a meaning, and a diff should show only what the patch says.

use super::item::Id;
use super::path::{Path, Step};
use super::shapes::{self, How, Key, Shape};
use crate::diagnostics::{Diagnostic, PatchError, Span};
use crate::yaml::{Data, Entry, Map, Node, Value};

type Outcome<T> = Result<T, Box<Diagnostic>>;

/// Merges a patch into an object, by the rules of its kind.
///
/// # Errors
/// An unsupported directive, an item without its merge key, a deletion of a missing item, a value of another
/// type. The object may then be partly patched: [`super::Patch::apply`] works on a copy.
pub fn merge(
    api: &str,
    kind: &str,
    object: &mut Value,
    patch: &Node,
) -> Result<(), Box<Diagnostic>> {
    Merger { path: Path::default() }.object(shapes::of(api, kind), object, patch)
}

/// The directive of a patch's mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Delete,
    Replace,
}

struct Merger {
    path: Path,
}

impl Merger {
    fn object(&mut self, shape: Shape, object: &mut Value, patch: &Node) -> Outcome<()> {
        let (Some(entries), Some(map)) = (patch.entries(), object.as_map_mut()) else {
            return Err(self.shape(object.describe(), patch));
        };
        match directive(patch)? {
            Directive::Merge => {}
            Directive::Replace => *map = Map::default(),
            Directive::Delete => {
                let error = PatchError::Protected {
                    what: "whether an object exists".to_owned(),
                    hint: "remove from the spec what renders it".to_owned(),
                };
                return Err(fail(patch.span, error));
            }
        }
        self.map(shape, map, entries)
    }

    fn map(&mut self, shape: Shape, target: &mut Map, entries: &[Entry]) -> Outcome<()> {
        for entry in entries {
            if entry.key == DIRECTIVE {
                continue;
            }
            if entry.key.starts_with('$') {
                let directive = entry.key.clone();
                return Err(fail(entry.key_span, PatchError::Directive { directive }));
            }
            self.path.push(Step::Key(entry.key.clone()));
            self.entry(shape, target, entry)?;
            self.path.pop();
        }
        Ok(())
    }

    fn entry(&mut self, shape: Shape, target: &mut Map, entry: &Entry) -> Outcome<()> {
        let (how, inner) = shapes::field(shape, &entry.key);
        let patch = &entry.value;
        if patch.is_null() {
            target.remove(&entry.key);
            return Ok(());
        }
        match &patch.data {
            Data::Scalar(_) => {
                if let Some(found @ (Value::Map(_) | Value::Seq(_))) = target.get(&entry.key) {
                    return Err(self.shape(found.describe(), patch));
                }
                target.insert(entry.key.clone(), patch.to_value());
            }
            Data::Map(entries) => {
                let directive = directive(patch)?;
                if directive == Directive::Delete {
                    return match target.remove(&entry.key) {
                        Some(_) => Ok(()),
                        None => Err(self.nothing_to_delete(patch.span)),
                    };
                }
                let slot = target.entry_or(&entry.key, || Value::Null);
                let is_fresh = directive == Directive::Replace || how == How::Whole;
                self.slot(inner, slot, is_fresh, patch, entries)?;
            }
            Data::Seq(items) => {
                let slot = target.entry_or(&entry.key, || Value::Null);
                if *slot == Value::Null {
                    *slot = Value::Seq(Vec::new());
                }
                let Value::Seq(list) = slot else {
                    return Err(self.shape(slot.describe(), patch));
                };
                match how {
                    How::Keyed(key) => self.keyed(key, inner, list, items)?,
                    How::Set => self.set(list, items)?,
                    How::Plain | How::Whole => *list = self.fresh_list(items)?,
                }
            }
        }
        Ok(())
    }

    /// A mapping that is there, or is new.
    fn slot(
        &mut self,
        shape: Shape,
        slot: &mut Value,
        is_fresh: bool,
        patch: &Node,
        entries: &[Entry],
    ) -> Outcome<()> {
        if *slot == Value::Null {
            *slot = Value::Map(Map::default());
        }
        let Value::Map(map) = slot else {
            return Err(self.shape(slot.describe(), patch));
        };
        if is_fresh {
            *map = Map::default();
        }
        self.map(shape, map, entries)
    }

    /// A list whose items are identified by a key.
    fn keyed(
        &mut self,
        key: Key,
        inner: Shape,
        list: &mut Vec<Value>,
        items: &[Node],
    ) -> Outcome<()> {
        if items.iter().any(is_replace_marker) {
            list.clear();
        }
        for item in items.iter().filter(|item| !is_replace_marker(item)) {
            let Some(entries) = item.entries() else {
                return Err(self.shape("a list of mappings", item));
            };
            let Some(id) = Id::of(key, item, items) else {
                let (list, key) = (self.path.to_string(), key.name.to_owned());
                return Err(fail(item.span, PatchError::MergeKeyMissing { list, key }));
            };
            self.path.push(Step::Item(id.to_string()));
            let directive = directive(item)?;
            if directive == Directive::Delete {
                let before = list.len();
                list.retain(|candidate| !id.deletes(candidate));
                if list.len() == before {
                    return Err(self.nothing_to_delete(item.span));
                }
            } else {
                let index = id.find(list).unwrap_or_else(|| {
                    list.push(Value::Null);
                    list.len() - 1
                });
                let is_fresh = directive == Directive::Replace;
                self.slot(inner, &mut list[index], is_fresh, item, entries)?;
            }
            self.path.pop();
        }
        Ok(())
    }

    /// A list of scalars, each once.
    fn set(&mut self, list: &mut Vec<Value>, items: &[Node]) -> Outcome<()> {
        if items.iter().any(is_replace_marker) {
            list.clear();
        }
        for item in items.iter().filter(|item| !is_replace_marker(item)) {
            if item.scalar().is_none() {
                return Err(self.shape("a list of strings", item));
            }
            let value = item.to_value();
            if !list.contains(&value) {
                list.push(value);
            }
        }
        Ok(())
    }

    /// A list from the patch, replacing the current value.
    fn fresh_list(&mut self, items: &[Node]) -> Outcome<Vec<Value>> {
        let mut list = Vec::with_capacity(items.len());
        for item in items.iter().filter(|item| !is_replace_marker(item)) {
            list.push(match &item.data {
                Data::Scalar(_) => item.to_value(),
                Data::Seq(items) => Value::Seq(self.fresh_list(items)?),
                Data::Map(entries) => {
                    if directive(item)? == Directive::Delete {
                        let list = self.path.to_string();
                        return Err(fail(item.span, PatchError::WholeList { list }));
                    }
                    self.path.push(Step::Item(list.len().to_string()));
                    let mut map = Map::with_capacity(entries.len());
                    self.map(&[], &mut map, entries)?;
                    self.path.pop();
                    Value::Map(map)
                }
            });
        }
        Ok(list)
    }

    fn shape(&self, found: &str, patch: &Node) -> Box<Diagnostic> {
        let error = PatchError::Shape {
            path: self.path.to_string(),
            found: found.to_owned(),
            patch: patch.describe().to_owned(),
        };
        fail(patch.span, error)
    }

    fn nothing_to_delete(&self, at: Span) -> Box<Diagnostic> {
        let what = format!("`{}`", self.path);
        fail(at, PatchError::NothingToDelete { what })
    }
}

/// The key of a directive.
pub(super) const DIRECTIVE: &str = "$patch";

fn directive(patch: &Node) -> Outcome<Directive> {
    let Some(entry) = patch.entry(DIRECTIVE) else {
        return Ok(Directive::Merge);
    };
    let text = entry.value.scalar().map(|scalar| scalar.text.as_str());
    match text {
        Some("delete") => Ok(Directive::Delete),
        Some("replace") => Ok(Directive::Replace),
        other => {
            let value = other.map(|text| format!(": {text}")).unwrap_or_default();
            let directive = format!("{DIRECTIVE}{value}");
            Err(fail(entry.value.span, PatchError::Directive { directive }))
        }
    }
}

/// An item that is nothing but `$patch: replace` speaks for its whole list. With other keys beside it, it replaces just
/// that item, as in kustomize; kubectl would replace the list and drop the item, which nobody can mean.
fn is_replace_marker(item: &Node) -> bool {
    matches!(item.entries(), Some([entry]) if entry.key == DIRECTIVE
        && entry.value.scalar().is_some_and(|scalar| scalar.text == "replace"))
}

fn fail(at: Span, error: PatchError) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(error).at(at))
}
