//! Annotations in a pull request on GitHub
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>).

use super::message;
use crate::check::Level;
use crate::ops::check::CheckReport;
use crate::report::{Answer, Show, Style, answer};

/// A report as workflow commands, a line each. They point to the spec where it is known: that is the file a pull request changes.
#[derive(Debug)]
pub struct GitHub<'a>(pub &'a CheckReport);

impl Show for GitHub<'_> {
    fn answer(&self, _: Style) -> Answer<'_> {
        let lines = self.0.findings.iter().map(|finding| {
            let word = match finding.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Info => "notice",
            };
            let place = finding.spec.as_ref().unwrap_or(&finding.place);
            let (file, title) = (property(&place.file), property(finding.rule.name));
            let text = data(&format!("{}. {}", message(finding), finding.cure()));
            format!("::{word} file={file},line={},title={title}::{text}\n", place.line)
        });
        answer(lines.collect())
    }
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
