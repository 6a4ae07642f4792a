//! The output of `gen trigger`: what an event would start.

use super::{Answer, Show, Style, counted};
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
    /// The outcome at each trigger, a line each; of all apps, only those that start a run, and how many do not.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let guessed = self
            .guessed
            .iter()
            .map(|(name, value)| format!("assuming the header `{name}: {value}`\n"));
        let each = self.outcomes.iter().filter_map(|one| match &one.result {
            Ok(_) => Some(format!("{}: starts a run\n", one.trigger)),
            Err(_) if self.of_all => None,
            Err(refusal) => Some(format!(
                "{}: rejected by `{}`: {}\n",
                one.trigger, refusal.interceptor, refusal.why
            )),
        });
        let rejected = self.outcomes.iter().filter(|one| one.result.is_err()).count();
        let rest = (self.of_all && rejected > 0).then(|| {
            format!(
                "rejected by {}; `gen trigger test APP` shows why\n",
                counted(rejected, "other trigger")
            )
        });
        guessed.chain(each).chain(rest)
    }
}
