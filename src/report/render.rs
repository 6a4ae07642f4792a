//! The summary of a render: what was written, what is in it, what was left out, which Secrets must be there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Show, Style, counted, list, unified};
use crate::diagnostics::Sources;
use crate::ops::render::{EnvironmentReport, RenderReport};

/// How many lines a list may have before the rest is counted.
const LIST: usize = 12;

impl Show for RenderReport {
    fn answer(&self, style: Style) -> Box<dyn Iterator<Item = String> + '_> {
        let diffs = self.differs.iter().map(move |file| {
            let (before, after) = (file.before.as_deref(), file.after.as_deref());
            unified(&file.path, before, after, style.look)
        });
        Box::new(diffs)
    }

    fn text(&self, style: Style) -> String {
        let verbose = style.is_verbose;
        let mut out = String::new();
        let width = |of: fn(&EnvironmentReport) -> usize| {
            self.environments.iter().map(of).max().unwrap_or(0)
        };
        let (name, cluster) = (width(|e| e.name.len()), width(|e| e.cluster.len() + 10));
        for environment in &self.environments {
            let folder = format!("clusters/{}", environment.cluster);
            let _ = writeln!(
                out,
                "{:name$}  {folder:cluster$} {}, {}",
                environment.name,
                counted(environment.apps, "app"),
                counted(environment.objects(), "object")
            );
        }
        self.kinds(&mut out);
        if self.rolled_forward {
            out.push_str("finished first what an interrupted render had begun\n");
        }
        let verb = if self.check { "would be written" } else { "written" };
        let gone = if self.check { "would be removed" } else { "removed" };
        let _ = write!(
            out,
            "{} {verb}, {} unchanged, {} {gone}",
            counted(self.written, "file"),
            self.unchanged,
            self.removed
        );
        if self.kept > 0 {
            let _ = write!(out, ", {} not gen's and kept", self.kept);
        }
        out.push('\n');
        if verbose {
            let (rendered, known) = self.units;
            let _ = writeln!(out, "rendered {}, {known} known", counted(rendered, "unit"));
        }
        let retired = self.retired.iter().map(|app| {
            format!("{app}: `gen render --forget {app}` once Flux has pruned its objects")
        });
        let lists: [(&str, Vec<String>); 4] = [
            ("left out", self.left_out.iter().cloned().collect()),
            (
                "named by tag, which can change under the same name (a digest cannot)",
                self.by_tag.iter().cloned().collect(),
            ),
            (
                "removed from the spec; accounts and namespaces stay until Flux is done",
                retired.collect(),
            ),
            ("Secrets that must be there", self.secret_lines()),
        ];
        for (title, lines) in lists {
            list(&mut out, title, &lines, LIST, verbose);
        }
        self.next(&mut out);
        out
    }

    fn json(&self, _: &Sources) -> Value {
        let environment = |e: &EnvironmentReport| json!({"name": e.name, "cluster": e.cluster, "apps": e.apps, "objects": e.objects(), "kinds": e.kinds});
        let secret = |(cluster, namespace, name, key): &(
            String,
            String,
            String,
            Option<String>,
        )| {
            json!({"cluster": cluster, "namespace": namespace, "name": name, "key": key})
        };
        json!({
            "schema": 1,
            "complete": true,
            "command": "render",
            "check": self.check,
            "environments": self.environments.iter().map(environment).collect::<Vec<_>>(),
            "files": {"written": self.written, "unchanged": self.unchanged, "removed": self.removed, "kept": self.kept},
            "differs": self.differs.iter().map(|file| &file.path).collect::<Vec<_>>(),
            "leftOut": self.left_out,
            "imagesByTag": self.by_tag,
            "retired": self.retired,
            "secrets": self.secrets.iter().map(secret).collect::<Vec<_>>(),
            "errors": [],
        })
    }
}

impl RenderReport {
    fn kinds(&self, out: &mut String) {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for environment in &self.environments {
            for (kind, count) in &environment.kinds {
                *kinds.entry(kind).or_default() += count;
            }
        }
        let mut line = String::new();
        for (kind, count) in kinds {
            let item = format!("{kind} {count}");
            if line.len() + item.len() + 2 > 78 {
                let _ = writeln!(out, "  {line}");
                line.clear();
            }
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.push_str(&item);
        }
        if !line.is_empty() {
            let _ = writeln!(out, "  {line}");
        }
    }

    fn secret_lines(&self) -> Vec<String> {
        let mut keys: BTreeMap<(&str, &str, &str), Vec<&str>> = BTreeMap::new();
        for (cluster, namespace, name, key) in &self.secrets {
            keys.entry((cluster, namespace, name)).or_default().extend(key.as_deref());
        }
        let line = |((cluster, namespace, name), keys): ((&str, &str, &str), Vec<&str>)| {
            let keys =
                if keys.is_empty() { String::new() } else { format!(" ({})", keys.join(", ")) };
            format!("{cluster}: {namespace}/{name}{keys}")
        };
        keys.into_iter().map(line).collect()
    }

    fn next(&self, out: &mut String) {
        if self.check {
            if !self.differs.is_empty() {
                out.push_str("next: `gen render` writes them; commit the result\n");
            }
        } else if self.written + self.removed > 0 {
            out.push_str(
                "next: `gen diff` shows what Flux would change, and `gen commit` commits it\n",
            );
        } else {
            out.push_str("next: nothing, clusters/ is what the spec says\n");
        }
    }
}
