//! What `gen init` wrote, and what comes next.

use std::fmt::Write as _;

use super::{Show, Style};
use crate::ops::init::{Ci, InitReport, WAITS};

impl Show for InitReport {
    fn answer(&self, _: Style) -> Box<dyn Iterator<Item = String> + '_> {
        Box::new(std::iter::once(self.words()))
    }
}

impl InitReport {
    fn words(&self) -> String {
        let needs = self.needs();
        let mut out = String::new();
        if self.was_there {
            for path in &self.written {
                let _ = writeln!(out, "wrote {path}");
            }
            let _ = write!(out, "\nnext:\n{needs}");
            return out;
        }
        let place = match self.folder.as_str() {
            "." => String::new(),
            folder => format!("  cd {folder}\n"),
        };
        let demo = if self.demo {
            "\n  The sample application is in demo-app-source/: push it to a repository of its own,\n  and name that under `source:` in gen.yaml.\n"
        } else {
            ""
        };
        format!(
            "made a GitOps repository: gen.yaml, environments/ dev, staging and prod, {} files\n\nnext:\n{place}  git init            if it is no repository yet\n  $EDITOR gen.yaml    name your repository, your app's source and its image\n  gen render          writes clusters/\n  gen commit          commits what gen reads and writes; with --push, Flux sees it\n{needs}{demo}",
            self.written.len()
        )
    }

    /// What is to be done for what was asked for beside the repository, a line each.
    fn needs(&self) -> String {
        let ci = match self.ci {
            None => "",
            Some(Ci::Github) => {
                "  .github/workflows/gitops.yaml needs the repository variable GEN_IMAGE; its first lines say more\n"
            }
            Some(Ci::Gitlab) => {
                "  .gitlab-ci.yml needs the variables GEN_IMAGE and GEN_TOKEN; its first lines say more\n"
            }
            Some(Ci::Tekton) => {
                "  ci/tekton.yaml needs your addresses and Secrets; its first lines say more\n"
            }
        };
        let Some(cluster) = &self.with_tekton else {
            return ci.to_owned();
        };
        let waits = if self.was_there {
            format!("  `{WAITS}` in gen.yaml has what needs Tekton wait for it\n")
        } else {
            String::new()
        };
        format!(
            "{ci}  clusters/{cluster}/flux/tekton.yaml has Flux install Tekton; `git add` what is new\n{waits}"
        )
    }
}
