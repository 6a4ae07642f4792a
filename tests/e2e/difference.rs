//! What `gen diff` says at each step: before a commit what it changes, and nothing once that is applied.

use serde_json::Value;

use crate::delivery::Delivery;
use crate::support::{list, text};

impl Delivery<'_> {
    /// What `gen diff` lists: what would become of an object, its kind and name. With `--against`, of the tree instead of the cluster.
    #[track_caller]
    pub fn changes(&self, against: &[&str]) -> Vec<String> {
        let args = [&["diff", "--output", "json"], against].concat();
        let said = self.call(&args).exits(1);
        let said: Value = serde_json::from_str(&said.stdout).expect("JSON");
        let mut changes: Vec<String> = list(&said, "/changes")
            .iter()
            .map(|change| {
                let [class, kind, namespace, name] =
                    ["/class", "/kind", "/namespace", "/name"].map(|at| text(change, at));
                format!("{class} {kind} {namespace}/{name}")
            })
            .collect();
        changes.sort();
        changes
    }

    /// What `gen diff` says would become of the cluster, which is what the next commit changes in the tree, and nothing else.
    #[track_caller]
    pub fn differs(&self) -> Vec<String> {
        let [live, tree] = [&[][..], &["--against", "origin/main"]].map(|against| {
            let mut changes = self.changes(against);
            // What Tekton's admission has set in a run that was committed. Flux leaves such a run as it is, so nothing changes.
            changes.retain(|change| !change.starts_with("kept PipelineRun "));
            changes
        });
        assert_eq!(live, tree);
        live
    }

    /// `gen diff` of all environments finds nothing.
    #[track_caller]
    pub fn nothing_differs(&self) {
        let said = self.generate(["diff"]);
        assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    }
}
