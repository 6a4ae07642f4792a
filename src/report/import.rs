//! The output of `gen import`: what was written, and what becomes of each object.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Answer, PROSE as WIDTH, Show, Style, answer, counted, cut, wrapped};
use crate::diagnostics::{Sources, masked, visible};
use crate::import::{Behaviour, Judged, Note, Verdict};
use crate::ops::import::ImportReport;

/// What is said of others that apply the same objects.
const APPLIERS: &str = "applied by others too, who undo changes and may delete what they no longer have;\nstop them, without deleting, before Flux reads the new tree";
/// What is said of variables that nothing would substitute.
const VARIABLES: &str = "variables of Flux (`postBuild`) that nothing substitutes in the new tree;\nreplace each with its value in the new files";
/// What is said of where values are that are not known here.
const UNKNOWN: &str = "values of Secrets are never copied: what has to stay secret goes to a Secret that\nthe app reads, and not into a file; a ConfigMap is read if it is in the input";
/// What stands before a list of secrets.
const IN_CLEAR: &str = "these look like secrets and are in plain text in the new files; before you\ncommit, move each to a Secret, and use it as `$(NAME)` of a variable in `env`";
/// What stands before notes of Kustomizations.
const NOTES: &str = "what to know about Kustomizations whose folders are imported";
/// The version of the JSON.
const SCHEMA: u32 = 1;
/// The longest list of objects that are the same.
const MOST: usize = 12;

impl ImportReport {
    /// Whether some objects would not be as they were.
    #[must_use]
    pub fn changes(&self) -> bool {
        let proof = &self.import.proof;
        proof.count(Verdict::Different) + proof.count(Verdict::Recreated) > 0
    }

    /// Whether there is a new spec on the disk.
    #[must_use]
    pub fn is_written(&self) -> bool {
        !self.dry_run && !self.import.files.is_empty()
    }

    /// What is new, with the objects that have it.
    fn added(&self) -> BTreeMap<&Behaviour, Vec<&str>> {
        let mut all: BTreeMap<&Behaviour, Vec<&str>> = BTreeMap::new();
        for judged in &self.import.proof.judged {
            for behaviour in &judged.new {
                all.entry(behaviour).or_default().push(&judged.object);
            }
        }
        for (object, behaviour) in &self.import.proof.made {
            all.entry(behaviour).or_default().push(object);
        }
        all
    }

    /// What is to be known of each Kustomization; with its environment, if there are several.
    fn notes(&self) -> Vec<String> {
        let all = &self.import.notes;
        let is_one = all.iter().all(|note| note.environment == all[0].environment);
        let one = |note: &Note| {
            let environment = &note.environment;
            let place = if is_one { String::new() } else { format!(" ({environment})") };
            format!("{}{place}: {}", visible(&note.object), masked(&note.notes.join("; ")))
        };
        all.iter().map(one).collect()
    }

    /// A variable, what defines it, and where it is.
    fn variable(&self, name: &str, objects: &BTreeSet<String>) -> String {
        let words = |all: &BTreeSet<String>| -> Vec<String> {
            all.iter().map(|one| visible(one)).collect()
        };
        let sources = self.import.sources.get(name).map(words).unwrap_or_default();
        let from = match sources.as_slice() {
            [] => String::new(),
            sources => format!(" ({})", sources.join(", ")),
        };
        format!("${{{name}}}{from}: {}", words(objects).join(", "))
    }

    /// What else applies these objects.
    fn appliers(&self) -> Vec<String> {
        let one = |(name, number): (&String, &usize)| {
            format!("{}: {}", visible(name), counted(*number, "object"))
        };
        self.appliers.iter().map(one).collect()
    }

    /// `4 Pod, 2 ReplicaSet`.
    fn owned(&self) -> String {
        let all = self.owned.iter().map(|(kind, count)| format!("{count} {}", visible(kind)));
        all.collect::<Vec<_>>().join(", ")
    }

    fn words(&self, style: Style) -> String {
        let mut out = String::new();
        for unread in &self.unread {
            let _ = writeln!(out, "not read: {}: {}", visible(&unread.file), visible(&unread.why));
        }
        if !self.owned.is_empty() {
            out.push_str("not imported, since the cluster or a tool creates them:\n");
            for line in wrapped(&self.owned(), 2) {
                let _ = writeln!(out, "{line}");
            }
        }
        for verdict in Verdict::ALL {
            let all = self.import.proof.judged.iter().filter(|one| one.verdict == verdict);
            let lines: Vec<String> = all.flat_map(lines).collect();
            if !lines.is_empty() {
                let _ = writeln!(out, "{}:", verdict.words());
                let is_news = !matches!(verdict, Verdict::Same | Verdict::More);
                cut(&mut out, &lines, if is_news { usize::MAX } else { MOST }, style.is_verbose);
            }
        }
        let new = self.added();
        if !new.is_empty() {
            out.push_str("new behaviour, and the key that changes it:\n");
            for (Behaviour { what, key }, objects) in &new {
                let more = match objects.len() {
                    1 => String::new(),
                    number => format!(" ({number} objects)"),
                };
                let _ = writeln!(out, "{}", row(&format!("{what}{more}"), key));
            }
        }
        if !self.import.notes.is_empty() {
            out.push_str(NOTES);
            out.push_str(":\n");
            for note in self.notes() {
                for line in wrapped(&note, 2) {
                    let _ = writeln!(out, "{line}");
                }
            }
        }
        if !self.import.variables.is_empty() {
            out.push_str(VARIABLES);
            out.push_str(":\n");
            for (name, objects) in &self.import.variables {
                for line in wrapped(&self.variable(name, objects), 2) {
                    let _ = writeln!(out, "{line}");
                }
            }
            if !self.import.sources.is_empty() {
                let _ = writeln!(out, "{UNKNOWN}");
            }
        }
        if !self.appliers.is_empty() {
            out.push_str(APPLIERS);
            out.push_str(":\n");
            for line in self.appliers() {
                let _ = writeln!(out, "  {line}");
            }
        }
        if !self.import.in_clear.is_empty() {
            out.push_str(IN_CLEAR);
            out.push_str(":\n");
            for one in &self.import.in_clear {
                let _ = writeln!(out, "  {}", visible(one));
            }
        }
        out.push('\n');
        out.push_str(&self.sums());
        out.push_str(&self.end());
        if let Some(diff) = &self.diff {
            let summary = Style { is_summary: true, ..style };
            let _ = write!(
                out,
                "\nwhat Flux would change in the cluster once this is committed:\n{}",
                diff.text(summary)
            );
        }
        out
    }

    /// The figures.
    fn sums(&self) -> String {
        let proof = &self.import.proof;
        let counts: Vec<String> = Verdict::ALL
            .into_iter()
            .filter(|verdict| proof.count(*verdict) > 0)
            .map(|verdict| format!("{} {}", proof.count(verdict), verdict.words()))
            .collect();
        let it = &proof.coverage;
        let share =
            |number: usize| (number * 200 + it.fields).checked_div(2 * it.fields).unwrap_or(0);
        let parts = [
            (it.by_key, "by keys"),
            (it.by_patch, "by patches"),
            (it.raw, "as raw manifests"),
            (it.outside, "outside"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} % {word}", share(number)))
            .collect();
        format!(
            "{}: {}\n{}: {}\n{} of spec for {} of YAML\n",
            counted(proof.judged.len(), "object"),
            counts.join(", "),
            counted(it.fields, "field"),
            parts.join(", "),
            counted(it.spec_lines, "line"),
            it.original_lines
        )
    }

    fn end(&self) -> String {
        let files = &self.import.files;
        if files.is_empty() {
            return "nothing to write: no app was found\n".to_owned();
        }
        let named: Vec<&str> = files
            .keys()
            .map(String::as_str)
            .filter(|path| *path == "gen.yaml" || path.starts_with("environments/"))
            .collect();
        let more = match files.len() - named.len() {
            0 => String::new(),
            number => format!(" and {}", counted(number, "more file")),
        };
        let word = if self.dry_run { "would write" } else { "wrote" };
        let place = if self.into == "." { String::new() } else { format!(" in {}", self.into) };
        let mut out = format!("{word} {}{more}{place}\n", named.join(", "));
        if !self.dry_run {
            let to = if self.into == "." { String::new() } else { format!("cd {} && ", self.into) };
            let _ = write!(out, "\nnext:\n  {to}gen render && gen check\n");
        }
        out
    }
}

/// An object with its verdict, in lines of a terminal.
fn lines(judged: &Judged) -> Vec<String> {
    let mut text = visible(&judged.object);
    if let Some(becomes) = &judged.becomes {
        let _ = write!(text, " → {becomes}");
    }
    let mut all = vec![text];
    if let Some(reason) = &judged.reason {
        all.extend(wrapped(&masked(reason), 4));
    }
    if !judged.fields.is_empty() {
        let fields: Vec<String> = judged.fields.iter().map(|field| visible(field)).collect();
        all.extend(wrapped(&fields.join(", "), 4));
    }
    all
}

/// What is new, and its key.
fn row(what: &str, key: &str) -> String {
    let width = WIDTH / 2 + 4;
    if what.chars().count() <= width && 2 + width + 2 + key.chars().count() <= WIDTH {
        return format!("  {what:width$}  {key}");
    }
    format!("  {what}\n  {:width$}  {key}", "")
}

impl Show for ImportReport {
    fn answer(&self, style: Style) -> Answer<'_> {
        answer(self.words(style))
    }

    fn json(&self, sources: &Sources) -> Value {
        let proof = &self.import.proof;
        let behaviour = |one: &Behaviour| json!({"what": one.what, "key": one.key});
        let object = |judged: &Judged| {
            json!({
                "object": judged.object,
                "file": judged.file,
                "environment": judged.environment,
                "app": judged.app,
                "verdict": judged.verdict.words(),
                "becomes": judged.becomes,
                "reason": judged.reason.as_deref().map(masked),
                "fields": judged.fields,
                "new": judged.new.iter().map(behaviour).collect::<Vec<_>>(),
            })
        };
        let made =
            |(object, one): &(String, Behaviour)| json!({"object": object, "new": behaviour(one)});
        let unread: Vec<Value> =
            self.unread.iter().map(|one| json!({"file": one.file, "why": one.why})).collect();
        let it = &proof.coverage;
        json!({
            "schema": SCHEMA,
            "command": "import",
            "complete": self.unread.is_empty() && self.diff.as_ref().is_none_or(|diff| diff.complete),
            "written": if self.dry_run { Vec::new() } else { self.import.files.keys().collect() },
            "files": self.import.files,
            "objects": proof.judged.iter().map(object).collect::<Vec<_>>(),
            "made": proof.made.iter().map(made).collect::<Vec<_>>(),
            "owned": self.owned,
            "appliers": self.appliers,
            "notes": self.import.notes.iter().map(|note| json!({
                "environment": note.environment,
                "object": note.object,
                "notes": note.notes.iter().map(|note| masked(note)).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "variables": self.import.variables,
            "sources": self.import.sources,
            "inClear": self.import.in_clear,
            "unread": unread,
            "diff": self.diff.as_ref().map(|diff| diff.summary(sources)),
            "coverage": {
                "objects": proof.judged.len(),
                "fields": it.fields,
                "byKey": it.by_key,
                "byPatch": it.by_patch,
                "raw": it.raw,
                "outside": it.outside,
                "apps": it.apps,
                "plainApps": it.plain_apps,
                "specLines": it.spec_lines,
                "originalLines": it.original_lines,
            },
        })
    }

    fn markdown(&self, style: Style) -> String {
        let mut out = String::from(
            "## What `gen import` made of it\n\n| object | verdict | why |\n| --- | --- | --- |\n",
        );
        for judged in &self.import.proof.judged {
            let mut why: Vec<String> = Vec::new();
            why.extend(judged.becomes.as_ref().map(|to| format!("becomes {to}")));
            why.extend(judged.reason.as_deref().map(masked));
            if !judged.fields.is_empty() {
                why.push(
                    judged
                        .fields
                        .iter()
                        .map(|field| format!("`{field}`"))
                        .collect::<Vec<_>>()
                        .join(", "),
                );
            }
            let why = cell(&why.join("; "));
            let _ =
                writeln!(out, "| {} | {} | {why} |", cell(&judged.object), judged.verdict.words());
        }
        let new = self.added();
        if !new.is_empty() {
            out.push_str("\n### New behaviour\n\n| what | key | objects |\n| --- | --- | --- |\n");
            for (Behaviour { what, key }, objects) in &new {
                let _ =
                    writeln!(out, "| {} | `{key}` | {} |", cell(what), cell(&objects.join(", ")));
            }
        }
        if !self.unread.is_empty() {
            out.push_str("\n### Not read\n\n| what | why |\n| --- | --- |\n");
            for one in &self.unread {
                let _ = writeln!(out, "| {} | {} |", cell(&one.file), cell(&one.why));
            }
        }
        if !self.owned.is_empty() {
            let _ = writeln!(
                out,
                "\nNot imported, since the cluster or a tool creates them: {}.",
                cell(&self.owned())
            );
        }
        if !self.import.notes.is_empty() {
            let _ = writeln!(out, "\n{NOTES}:\n");
            for note in self.notes() {
                let _ = writeln!(out, "- {}", cell(&note));
            }
        }
        if !self.import.variables.is_empty() {
            let _ = writeln!(out, "\n{}:\n", VARIABLES.replace('\n', " "));
            for (name, objects) in &self.import.variables {
                let _ = writeln!(out, "- {}", self.variable(name, objects));
            }
            if !self.import.sources.is_empty() {
                let _ = writeln!(out, "\n{}.", UNKNOWN.replace('\n', " "));
            }
        }
        if !self.appliers.is_empty() {
            let _ = writeln!(out, "\n{}:\n", APPLIERS.replace('\n', " "));
            for line in self.appliers() {
                let _ = writeln!(out, "- {line}");
            }
        }
        if !self.import.in_clear.is_empty() {
            let _ = writeln!(out, "\n{}:\n", IN_CLEAR.replace('\n', " "));
            for one in &self.import.in_clear {
                let _ = writeln!(out, "- {}", cell(one));
            }
        }
        let _ = write!(out, "\n{}", self.sums());
        if let Some(diff) = &self.diff {
            let summary = Style { is_summary: true, ..style };
            let _ = write!(out, "\n{}", diff.markdown(summary));
        }
        out
    }
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    visible(text).replace('|', "\\|").replace('\n', " ")
}
