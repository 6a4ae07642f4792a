//! The output of `gen init`: what was written, and the next steps.

use super::{Answer, Show, Style, answer, proposal};
use crate::ops::init::{Ci, InitReport, README, WAITS};

impl Show for InitReport {
    fn answer(&self, _: Style) -> Answer<'_> {
        answer(self.words())
    }
}

impl InitReport {
    fn words(&self) -> String {
        let needs = self.needs();
        if self.was_there {
            let written = self.written.join("\nwrote ");
            return format!("wrote {written}\n\nnext:\n{needs}");
        }
        let place = match self.folder.as_str() {
            "." => String::new(),
            folder => format!("  cd {folder}\n"),
        };
        let has_readme = !self.written.iter().any(|path| path == README);
        let kept = if has_readme { "\nkept the README.md that is there" } else { "" };
        if let Some((proposed, unread)) = &self.proposal {
            return format!(
                "{}created a GitOps repository for {}: gen.yaml, environments/, {} files{kept}\n\nnext:\n{place}  git init            if it is not a git repository yet\n  $EDITOR gen.yaml    fill in what is missing, and check the guesses\n  gen render          writes clusters/\n  gen check           checks what was rendered\n  gen commit          commits both; add --push for Flux to see it\n{needs}",
                proposal::words(proposed, unread),
                proposal::number(proposed),
                self.written.len()
            );
        }
        let demo = if self.demo {
            "\n  The sample application is in demo-app-source/: push it to a repository of its\n  own, and set `source:` in gen.yaml to that.\n"
        } else {
            ""
        };
        format!(
            "created a GitOps repository: gen.yaml, environments/, {} files{kept}\n\nnext:\n{place}  git init            if it is not a git repository yet\n  $EDITOR gen.yaml    set your repository, your app's source and its image\n  gen render          writes clusters/\n  gen commit          commits both; add --push for Flux to see it\n{needs}{demo}",
            self.written.len()
        )
    }

    /// The steps for the requested extras, a line each.
    fn needs(&self) -> String {
        let ci = match self.ci {
            None => "",
            Some(Ci::Github) => {
                "  .github/workflows/gitops.yaml requires the repository variable GEN_IMAGE; see\n  its first lines\n"
            }
            Some(Ci::Gitlab) => {
                "  .gitlab-ci.yml requires the variables GEN_IMAGE and GEN_TOKEN; see its first\n  lines\n"
            }
            Some(Ci::Tekton) => {
                "  ci/tekton.yaml requires your addresses and Secrets; see its first lines\n"
            }
        };
        let Some(cluster) = &self.with_tekton else {
            return ci.to_owned();
        };
        let waits = if self.was_there {
            format!("  `{WAITS}` in gen.yaml makes objects that need Tekton wait for it\n")
        } else {
            String::new()
        };
        format!(
            "{ci}  clusters/{cluster}/flux/tekton.yaml makes Flux install Tekton;\n  `git add` the new files\n{waits}"
        )
    }
}
