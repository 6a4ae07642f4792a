//! The summary of a render: what was written, what is in it, what was left out, which Secrets must be there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a render did, for people and for programs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RenderReport {
    /// By environment, along the chain of promotion.
    pub environments: Vec<EnvironmentReport>,
    /// Units that were rendered, and those that are what they were rendered from before.
    #[serde(default)]
    pub units: (usize, usize),
    /// Files new or changed.
    pub written: usize,
    /// Files as they were.
    pub unchanged: usize,
    /// Files that went.
    pub removed: usize,
    /// Files that are not gen's and stay.
    pub kept: usize,
    /// Apps that are gone from the spec and whose accounts stay.
    pub retired: BTreeSet<String>,
    /// What was left out and why: what, why, environments.
    pub left_out: BTreeSet<String>,
    /// Images by tag.
    pub by_tag: BTreeSet<String>,
    /// Secrets that must exist: cluster, then namespace, name and key.
    pub secrets: BTreeSet<(String, String, String, Option<String>)>,
    /// Nothing was written because nothing was to be: `--check`.
    pub check: bool,
    /// Paths that differ, where nothing is written.
    pub differs: Vec<String>,
    /// An interrupted render was finished first.
    pub rolled_forward: bool,
}

/// One environment of a render.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct EnvironmentReport {
    /// Its name.
    pub name: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// Apps that were rendered.
    pub apps: usize,
    /// Objects by kind.
    pub kinds: BTreeMap<String, usize>,
}

impl EnvironmentReport {
    fn objects(&self) -> usize {
        self.kinds.values().sum()
    }
}

/// How many lines a list may have before the rest is counted.
const LIST: usize = 12;

impl RenderReport {
    /// For people.
    #[must_use]
    pub fn text(&self, verbose: bool) -> String {
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
        let verb = if self.check {
            "would be written"
        } else {
            "written"
        };
        let gone = if self.check {
            "would be removed"
        } else {
            "removed"
        };
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
        list(&mut out, "left out", self.left_out.iter().cloned(), verbose);
        let tags = self.by_tag.iter().cloned();
        list(
            &mut out,
            "named by tag, which can change under the same name (a digest cannot)",
            tags,
            verbose,
        );
        let retired = self.retired.iter().map(|app| {
            format!("{app}: `gen render --forget {app}` once Flux has pruned its objects")
        });
        list(
            &mut out,
            "removed from the spec; accounts and namespaces stay until Flux is done",
            retired,
            verbose,
        );
        list(
            &mut out,
            "Secrets that must be there",
            self.secret_lines().into_iter(),
            verbose,
        );
        self.next(&mut out);
        out
    }

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
            keys.entry((cluster, namespace, name))
                .or_default()
                .extend(key.as_deref());
        }
        let line = |((cluster, namespace, name), keys): ((&str, &str, &str), Vec<&str>)| {
            let keys = if keys.is_empty() {
                String::new()
            } else {
                format!(" ({})", keys.join(", "))
            };
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

    /// For programs. `schema` counts up when a field changes its meaning.
    #[must_use]
    pub fn json(&self) -> Value {
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
            "differs": self.differs,
            "leftOut": self.left_out,
            "imagesByTag": self.by_tag,
            "retired": self.retired,
            "secrets": self.secrets.iter().map(secret).collect::<Vec<_>>(),
            "errors": [],
        })
    }
}

/// A number of things: `1 list`, `2 lists`.
pub(super) fn counted(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

fn list(
    out: &mut String,
    title: &str,
    items: impl ExactSizeIterator<Item = String>,
    verbose: bool,
) {
    let count = items.len();
    if count == 0 {
        return;
    }
    let _ = writeln!(out, "{title}:");
    let shown = if verbose || count <= LIST {
        count
    } else {
        LIST
    };
    for item in items.take(shown) {
        let _ = writeln!(out, "  {item}");
    }
    if shown < count {
        let _ = writeln!(out, "  … and {} more; `-v` lists all", count - shown);
    }
}
