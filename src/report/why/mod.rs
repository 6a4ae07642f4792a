//! The output of `gen why`.

mod fix;
mod html;
mod markdown;
mod text;
mod words;

use serde_json::{Value, json};

use self::words::stands;
use super::failure::errors;
use super::{Answer, Show, Style, answer};
use crate::diagnose::{Cure, Diagnosis, Evidence, Ref, State};
use crate::diagnostics::{Sources, visible};
use crate::ops::why::WhyReport;

impl Show for WhyReport {
    fn answer(&self, style: Style) -> Answer<'_> {
        answer(text::text(self, style))
    }

    fn json(&self, sources: &Sources) -> Value {
        let report = &self.report;
        let (objects, events, lines) = report.read;
        let mut value = json!({
            "schema": 1,
            "complete": report.unseen.is_empty(),
            "command": "why",
            "state": word(report.state),
            "diagnoses": report.diagnoses.iter().map(diagnosis).collect::<Vec<_>>(),
            "well": report.well.iter()
                .map(|one| json!({"of": reference(&one.of), "stands": one.stands}))
                .collect::<Vec<_>>(),
            "notSeen": report.unseen.iter()
                .map(|one| json!({"what": one.what, "why": visible(&one.why), "right": one.right}))
                .collect::<Vec<_>>(),
            "leftOut": report.left_out.map(|one| json!({"bytes": one.bytes, "of": one.of})),
            "requests": self.requests,
            "read": {"objects": objects, "events": events, "lines": lines},
        });
        if let Some(fix) = &self.fix {
            value["fix"] = fix.json(sources);
        }
        if self.errors.has_errors() {
            value["complete"] = false.into();
            value["errors"] = errors(&self.errors, sources).into();
        }
        value
    }

    fn markdown(&self, _: Style) -> String {
        markdown::markdown(self)
    }

    fn html(&self) -> String {
        html::html(self)
    }
}

/// The state in one word.
fn word(state: State) -> &'static str {
    match state {
        State::Well => "well",
        State::Busy => "busy",
        State::Found => "found",
        State::Unknown => "unknown",
        State::Nothing => "nothing",
    }
}

fn reference(of: &Ref) -> Value {
    json!({"kind": of.kind, "namespace": of.namespace, "name": of.name})
}

fn diagnosis(one: &Diagnosis) -> Value {
    let cure = |cure: &Cure| match cure {
        Cure::Advice(text) => json!({"advice": text}),
        Cure::Command(text) => json!({"command": text}),
        Cure::Objects { title, yaml } => json!({"title": title, "objects": yaml}),
        Cure::Change { file, line, title, diff } => {
            json!({"title": title, "file": file, "line": line, "diff": diff})
        }
    };
    let evidence = |one: &Evidence| {
        json!({
            "place": one.place.word(),
            "of": reference(&one.of),
            "container": one.container,
            "reason": one.reason,
            "time": one.time.map(|time| time.to_string()),
            "text": visible(&one.text),
        })
    };
    json!({
        "signature": one.signature.map(|signature| &signature.id),
        "what": reference(&one.what),
        "stands": stands(one.stands),
        "title": visible(&one.title),
        "cause": visible(&one.cause),
        "certainty": one.certainty.word(),
        "since": one.since.map(|time| time.to_string()),
        "at": one.places,
        "evidence": one.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "chain": one.chain.iter()
            .map(|link| json!({"of": reference(&link.of), "reason": link.reason, "message": visible(&link.message)}))
            .collect::<Vec<_>>(),
        "consequences": one.consequences,
        "besides": one.besides,
        "alternatives": one.alternatives,
        "cures": one.cures.iter().map(cure).collect::<Vec<_>>(),
        "missing": one.missing,
        "docs": one.docs,
        "source": one.signature.map(|signature| &signature.source),
    })
}
