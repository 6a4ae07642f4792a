//! `gen blame`: fields with their origins.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::marked::flat;
use super::status::cut;
use super::{Answer, Show, Style, answer};
use crate::change::HIDDEN;
use crate::diagnostics::Sources;
use crate::ops::origin::{BlameReport, Field, Place};

/// Characters of a value that are shown.
const LONGEST: usize = 60;
/// Characters of a value that are shown however long its path is.
const SHORTEST: usize = 20;
/// The width of a terminal.
const WIDTH: usize = 80;

impl Show for BlameReport {
    fn answer(&self, _: Style) -> Answer<'_> {
        let mut out = format!(
            "{} of {} in {}\n{}\n",
            flat(&self.object),
            self.app,
            self.environment,
            flat(&self.file)
        );
        for field in &self.fields {
            let path = flat(&field.path);
            let room = WIDTH.saturating_sub(path.chars().count() + 2).clamp(SHORTEST, LONGEST);
            let value = field.value.as_deref().map_or("(hidden)".to_owned(), |it| short(it, room));
            let _ = write!(out, "\n{path}: {value}\n  {:11}", field.kind.word());
            let key = field.key.as_ref().map(|key| format!("  {}", flat(key)));
            let _ = writeln!(out, "  {}{}", source(field), key.unwrap_or_default());
            if let Some(template) =
                field.template.as_ref().filter(|_| field.template != field.place)
            {
                let _ = writeln!(out, "  {:11}  {}", "by", shown(template));
            }
        }
        answer(out)
    }

    fn json(&self, _: &Sources) -> Value {
        let place = |place: &Option<Place>| {
            place.as_ref().map(|place| json!({"file": place.file, "line": place.line}))
        };
        let field = |field: &Field| {
            let value = field.value.as_ref();
            let value = value.map(|text| serde_json::from_str::<Value>(text).unwrap_or_default());
            json!({
                "path": field.path,
                "value": value,
                "hidden": field.value.as_deref().is_none_or(|text| text.contains(HIDDEN)),
                "origin": {"kind": field.kind.word(), "key": field.key, "at": place(&field.place)},
                "template": place(&field.template),
            })
        };
        json!({
            "schema": 1,
            "environment": self.environment,
            "app": self.app,
            "object": self.object,
            "file": self.file,
            "fields": self.fields.iter().map(field).collect::<Vec<_>>(),
        })
    }
}

fn source(field: &Field) -> String {
    field.place.as_ref().map_or_else(|| "added by gen".to_owned(), shown)
}

fn shown(place: &Place) -> String {
    format!("{}:{}", flat(&place.file), place.line)
}

/// A value on one line: JSON has escapes for some control characters, but not for all.
fn short(value: &str, most: usize) -> String {
    cut(&flat(value), most)
}
