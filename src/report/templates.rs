//! The list of templates.

use super::{Answer, Show, Style};
use crate::template::{Library, Origin};

impl Show for Library {
    fn answer(&self, _: Style) -> Answer<'_> {
        let width = self.list().iter().map(|entry| entry.name.len()).max().unwrap_or(0);
        let shown = self.list().iter().filter(|entry| !entry.name.starts_with("init/"));
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
