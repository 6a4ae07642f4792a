//! One object while it is judged, and what most rules ask.

use super::form::Form;
use super::part::Part;
use super::rules::{NUMBER, QUANTITY, REQUIRED, TOGETHER, TWICE_IN_LIST, WORD};
use crate::check::finding::Rule;
use crate::check::found::Found;
use crate::check::objects::Item;
use crate::name::billionths;
use crate::yaml::Value;

/// One object while it is judged.
pub(super) struct Case<'a> {
    pub(super) item: &'a Item,
    pub(super) found: &'a mut Found,
}

/// What cannot be more, where Kubernetes keeps 32 bits.
const MOST: i64 = i32::MAX as i64;

impl Case<'_> {
    /// Says what is wrong with a part.
    pub(super) fn say(
        &mut self,
        rule: &'static Rule,
        part: &Part<'_, '_>,
        what: impl Into<String>,
    ) {
        // What Flux puts in is not known yet.
        if !part.text().contains("${") {
            self.found.add(rule, self.item, part.path(), what);
        }
    }

    /// What has to be there, and not empty. Returns whether it is.
    pub(super) fn need(&mut self, part: &Part<'_, '_>) -> bool {
        if part.is_empty() {
            self.say(&REQUIRED, part, if part.is_set() { "is empty" } else { "is required" });
        }
        !part.is_empty()
    }

    /// What has to be set, and may be empty.
    pub(super) fn need_set(&mut self, part: &Part<'_, '_>) {
        if !part.is_set() {
            self.say(&REQUIRED, part, "is required");
        }
    }

    /// What cannot stand here; `why` ends the sentence `cannot be set …`.
    pub(super) fn bar(&mut self, part: &Part<'_, '_>, why: &str) {
        self.say(&TOGETHER, part, format!("cannot be set {why}"));
    }

    /// A number within bounds, if it is set.
    pub(super) fn between(&mut self, part: &Part<'_, '_>, low: i64, high: i64) {
        if part.int().is_some_and(|number| number < low || number > high) {
            let what = if high >= MOST && part.int() < Some(low) {
                format!("must be at least {low}")
            } else {
                format!("must be between {low} and {high}")
            };
            self.say(&NUMBER, part, what);
        }
    }

    /// A number of 32 bits that is not less, if it is set.
    pub(super) fn at_least(&mut self, part: &Part<'_, '_>, low: i64) {
        self.between(part, low, MOST);
    }

    /// One of some words, if it is set; Go takes an empty one for none.
    pub(super) fn word(&mut self, part: &Part<'_, '_>, words: &[&str]) {
        if !part.text().is_empty() {
            self.exact_word(part, words);
        }
    }

    /// One of some words, and be it the empty one.
    pub(super) fn exact_word(&mut self, part: &Part<'_, '_>, words: &[&str]) {
        if part.is_set() && !words.contains(&part.text()) {
            let all: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            self.say(
                &WORD,
                part,
                format!("is `{}`, which is not one of {}", part.text(), all.join(", ")),
            );
        }
    }

    /// A text of some form, if there is one.
    pub(super) fn form(&mut self, rule: &'static Rule, part: &Part<'_, '_>, form: Form) {
        if !part.text().is_empty() {
            self.exact_form(rule, part, form);
        }
    }

    /// A text of some form, and be it empty.
    pub(super) fn exact_form(&mut self, rule: &'static Rule, part: &Part<'_, '_>, form: Form) {
        if part.is_set() && !form.takes(part.text()) {
            let what = format!("`{}` is not {}", part.text(), form.describe());
            self.say(rule, part, what);
        }
    }

    /// A quantity that is not negative, if it is set; in billionths.
    pub(super) fn quantity(&mut self, part: &Part<'_, '_>) -> Option<i128> {
        let amount = amount(part)?;
        if amount < 0 {
            self.say(&QUANTITY, part, "must not be negative");
        }
        Some(amount)
    }

    /// Names that no other item of the list has; empty ones are not looked at.
    pub(super) fn unique(&mut self, list: &Part<'_, '_>, key: &str) {
        let mut seen = Vec::new();
        for item in list.items() {
            let name = item.value().str_at(&[key]).unwrap_or_default();
            if seen.contains(&name) && !name.is_empty() {
                self.say(&TWICE_IN_LIST, &item, format!("repeats the {key} `{name}`"));
            }
            seen.push(name);
        }
    }
}

/// A quantity in billionths, written as text or number.
pub(super) fn amount(part: &Part<'_, '_>) -> Option<i128> {
    match part.value() {
        Value::Str(text) => billionths(text),
        Value::Int(number) => Some(i128::from(*number) * 1_000_000_000),
        Value::Float(number) => billionths(&number.to_string()),
        _ => None,
    }
}
