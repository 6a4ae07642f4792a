//! JUnit's XML, which CI systems show as tests.

use std::fmt::Write as _;

use super::{message, place};
use crate::ops::check::CheckReport;
use crate::report::{Answer, Show, Style, answer};

/// A report as one suite with a test for every finding; a clean one has a test that passed.
#[derive(Debug)]
pub struct Junit<'a>(pub &'a CheckReport);

impl Show for Junit<'_> {
    fn answer(&self, _: Style) -> Answer<'_> {
        let findings = &self.0.findings;
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let (tests, failures) = (findings.len().max(1), findings.len());
        let _ = writeln!(
            out,
            "<testsuites>\n  <testsuite name=\"gen check\" tests=\"{tests}\" failures=\"{failures}\">"
        );
        for finding in findings {
            let name = xml(&format!("{} {}", finding.rule.name, place(&finding.place)));
            let (class, kind) = (xml(&finding.place.file), finding.level.word());
            let text = xml(&message(finding));
            let _ = writeln!(
                out,
                "    <testcase name=\"{name}\" classname=\"{class}\">\n      <failure type=\"{kind}\" message=\"{text}\">{}</failure>\n    </testcase>",
                xml(finding.cure()),
            );
        }
        if findings.is_empty() {
            let objects = self.0.objects;
            let _ =
                writeln!(out, "    <testcase name=\"{objects} objects\" classname=\"gen check\"/>");
        }
        out.push_str("  </testsuite>\n</testsuites>\n");
        answer(out)
    }
}

/// Text for an attribute or an element; what XML 1.0 cannot hold becomes a question mark.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}
