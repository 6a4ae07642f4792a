//! The list of templates.

use super::{Show, Style};
use crate::template::{Library, Origin};

impl Show for Library {
    fn answer(&self, _: Style) -> Box<dyn Iterator<Item = String> + '_> {
        let names = self.list().iter().map(|entry| entry.name.len());
        let width = names.max().unwrap_or(0);
        let shown = self.list().iter();
        let shown = shown.filter(|entry| !entry.name.starts_with("init/"));
        Box::new(shown.map(move |entry| {
            let origin = match entry.origin {
                Origin::BuiltIn => "         ",
                Origin::Override => "replaced ",
                Origin::Added => "added    ",
            };
            let description = entry.description.as_deref().unwrap_or_default();
            format!("{:width$}  {origin}{description}\n", entry.name).replace(" \n", "\n")
        }))
    }
}
