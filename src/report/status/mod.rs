//! The output of `gen status`.

mod fit;
mod html;
mod json;
mod page;
mod table;
mod watch;
mod words;

pub(super) use table::cut;
pub use watch::Watched;

use serde_json::Value;

use super::{Answer, Show, Style, answer};
use crate::diagnostics::Sources;
use crate::ops::status::StatusReport;

impl Show for StatusReport {
    fn answer(&self, style: Style) -> Answer<'_> {
        let mut out = table::table(self, style);
        for page in &self.pages {
            if !out.ends_with("\n\n") {
                out.push('\n');
            }
            out.push_str(&page::page(page, self.width));
        }
        out.push_str(&page::differences(self));
        out.push_str(&table::end(self, style));
        answer(out)
    }

    fn json(&self, _: &Sources) -> Value {
        json::json(self)
    }

    fn html(&self) -> String {
        html::html(self)
    }
}
