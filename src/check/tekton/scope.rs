//! Where a rule looks: one object or a part of it, and what is found there.

use std::borrow::Cow;

use crate::check::finding::Rule;
use crate::check::found::Found;
use crate::check::{Fields, Item, Judge};
use crate::yaml::Value;

use super::table::object::FEATURE;

/// What Triggers puts values into when an event comes. Until then nothing is known of such a text.
const OPEN: [&str; 2] = ["$(tt.", "$(uid)"];

fn has_open(text: &str) -> bool {
    OPEN.iter().any(|open| text.contains(open))
}

/// One object that is judged, and the list of what is found in it.
pub(super) struct Scope<'a, 'f> {
    pub(super) judge: Judge<'a>,
    pub(super) item: &'a Item,
    pub(super) found: &'f mut Found,
    /// The object whose texts may still be open: a resource in a TriggerTemplate, with its path in the template.
    open: Option<(&'a Value, String)>,
}

impl<'a, 'f> Scope<'a, 'f> {
    /// The scope of an object.
    pub(super) fn new(judge: Judge<'a>, item: &'a Item, found: &'f mut Found) -> Self {
        Self { judge, item, found, open: None }
    }

    /// The scope of a resource in a TriggerTemplate.
    pub(super) fn within(&mut self, value: &'a Value, at: String) -> Scope<'a, '_> {
        let open = Some((value, at));
        Scope { judge: self.judge, item: self.item, found: &mut *self.found, open }
    }

    /// Adds what is wrong at a field, with the controller's own words, if it has any.
    pub(super) fn say(
        &mut self,
        rule: &'static Rule,
        field: &str,
        what: impl Into<String>,
        said: impl Into<String>,
    ) {
        let field = match &self.open {
            Some((value, _)) if is_open(value, field) => return,
            Some((_, at)) => Cow::Owned(format!("{at}.{field}")),
            None => Cow::Borrowed(field),
        };
        let said: String = said.into();
        let mut more = self.found.add(rule, self.item, field, what);
        if !said.is_empty() {
            more.said(said);
        }
    }

    /// Whether fields of a level are switched on; says so if they are not.
    pub(super) fn needs(&mut self, level: Fields, feature: &str, field: &str) {
        let is = self.judge.cluster.fields;
        if is >= level {
            return;
        }
        let wanted = if level == Fields::Alpha { "\"alpha\"" } else { "\"alpha\" or \"beta\"" };
        let word = if is == Fields::Stable { "stable" } else { "beta" };
        let said = format!(
            "{feature} requires \"enable-api-fields\" feature gate to be {wanted} but it is \"{word}\""
        );
        let what = format!("{feature} is not switched on: `enable-api-fields` is `{word}`");
        self.say(&FEATURE, field, what, said);
    }
}

/// Whether the value at a path has a text that Triggers still fills in. What is not there is not open.
fn is_open(value: &Value, path: &str) -> bool {
    fn any(value: &Value) -> bool {
        match value {
            Value::Str(text) => has_open(text),
            Value::Seq(items) => items.iter().any(any),
            Value::Map(map) => map.iter().any(|(key, value)| has_open(key) || any(value)),
            _ => false,
        }
    }
    find(value, path).is_some_and(any)
}

/// The value at a path such as `spec.steps[0].image`.
fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let rest = path.trim_start_matches('.');
    if rest.is_empty() {
        return Some(value);
    }
    if let Some(rest) = rest.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        return find(value.as_seq()?.get(index.parse::<usize>().ok()?)?, rest);
    }
    // Keys have dots, too.
    value.as_map()?.iter().find_map(|(key, value)| {
        let rest = rest.strip_prefix(key)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then(|| find(value, rest)).flatten()
    })
}

/// The items of a list; none if there is none.
pub(super) fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.list_at(&[key])
}

/// The texts of a list.
pub(super) fn texts<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    items(value, key).iter().filter_map(Value::as_str).collect()
}

/// A text; empty if there is none.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.str_at(&[key]).unwrap_or_default()
}

/// Whether a field is there, empty or not.
pub(super) fn is_set(value: &Value, key: &str) -> bool {
    value.get(key).is_some_and(|value| *value != Value::Null)
}

/// Whether a field is there and not empty: what Tekton's own types keep of it.
pub(super) fn has(value: &Value, key: &str) -> bool {
    match value.get(key) {
        None | Some(Value::Null | Value::Bool(false) | Value::Int(0)) => false,
        Some(Value::Str(text)) => !text.is_empty(),
        Some(Value::Seq(items)) => !items.is_empty(),
        Some(Value::Map(map)) => !map.is_empty(),
        Some(_) => true,
    }
}

/// `spec` and the like of an object; nothing if there is none.
pub(super) fn part<'v>(value: &'v Value, key: &str) -> &'v Value {
    static NONE: Value = Value::Null;
    value.get(key).unwrap_or(&NONE)
}

/// Names that occur a second time, with their index.
pub(super) fn twice<'v>(names: impl IntoIterator<Item = &'v str>) -> Vec<(usize, &'v str)> {
    let mut seen = std::collections::BTreeSet::new();
    let names = names.into_iter().enumerate();
    names.filter(|(_, name)| !seen.insert(*name)).collect()
}
