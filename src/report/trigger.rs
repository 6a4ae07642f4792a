//! The output of `gen trigger`: what an event would start.

use super::{Answer, Show, Style};
use crate::ops::trigger::TriggerReport;
use crate::yaml::emit_document;

impl Show for TriggerReport {
    /// The objects that are created, as one YAML stream.
    fn answer(&self, _: Style) -> Answer<'_> {
        let made = self.outcomes.iter().filter_map(|one| one.result.as_ref().ok());
        let texts = made.flatten().enumerate().map(|(number, object)| {
            let gap = if number == 0 { "" } else { "---\n" };
            format!("{gap}{}", emit_document(object))
        });
        Box::new(texts)
    }
}

impl TriggerReport {
    /// The outcome at each trigger, a line each.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let guessed = self
            .guessed
            .iter()
            .map(|(name, value)| format!("assuming the header `{name}: {value}`\n"));
        guessed.chain(self.outcomes.iter().map(|one| match &one.result {
            Ok(_) => format!("{}: starts a run\n", one.trigger),
            Err(refusal) => {
                format!("{}: rejected by `{}`: {}\n", one.trigger, refusal.interceptor, refusal.why)
            }
        }))
    }
}
