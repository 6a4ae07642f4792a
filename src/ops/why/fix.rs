//! `gen why --fix`: makes the change of the spec that a diagnosis suggests, if what it renders is good.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::WhyReport;
use super::spec::{BROKEN, text_of};
use super::suggestion::Suggestion;
use super::wanted::{Rights, Wanted};
use crate::check::Finding;
use crate::diagnose::{Denied, Weight};
use crate::diagnostics::{Diagnostic, Diagnostics, WhyError};
use crate::files::{Changed, Memory, Recorded};
use crate::fleet::prepare;
use crate::ops::check::{errors, proofs};
use crate::ops::commit::{CommitOptions, CommitReport, commit};
use crate::ops::committed::Committed;
use crate::ops::{Context, Selection, app_in};
use crate::workspace::{Workspace, rewrite};

/// A file with its change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedFile {
    /// Its path.
    pub path: String,
    /// Its text.
    pub before: Arc<str>,
    /// Its new text.
    pub after: String,
}

/// What became of a change.
#[derive(Debug, Clone, Default)]
pub enum FixState {
    /// It was shown.
    #[default]
    Shown,
    /// It is in the checkout.
    Written,
    /// It is in a branch of the remote, and not in the checkout.
    Pushed(Box<CommitReport>),
}

/// A change of the spec.
#[derive(Debug, Clone, Default)]
pub struct FixReport {
    /// The files; none if no cause is in the spec.
    pub files: Vec<FixedFile>,
    /// What is changed: place and effect.
    pub changes: Vec<(String, String)>,
    /// What to know about it.
    pub notes: Vec<String>,
    /// Causes that no key of the spec mends, each with the reason.
    pub left: Vec<(String, String)>,
    /// The apps that are rendered anew: app and environments.
    pub affects: BTreeMap<String, BTreeSet<String>>,
    /// What became of it.
    pub state: FixState,
}

impl FixReport {
    /// Whether anything changes.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !self.files.is_empty()
    }

    fn environments(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.affects.values().flatten().collect();
        all.into_iter().cloned().collect()
    }

    fn apps(&self) -> Vec<String> {
        self.affects.keys().cloned().collect()
    }
}

/// The change that mends what was found, proved in memory. Nothing is written.
///
/// # Errors
/// GEN1501 if what it renders does not pass `gen check`, or does not bring about what it is for; errors in the spec.
pub fn fix(context: &mut Context<'_>, report: &WhyReport) -> Result<FixReport, Diagnostics> {
    let mut plan = FixReport::default();
    let mut texts: BTreeMap<String, (Arc<str>, String)> = BTreeMap::new();
    let mut made: Vec<&Suggestion> = Vec::new();
    let is_broken = report.report.unseen.iter().any(|one| one.why == BROKEN);
    for (at, diagnosis) in report.report.diagnoses.iter().enumerate() {
        if diagnosis.stands >= Weight::Waits {
            continue;
        }
        let of_it: Vec<&Suggestion> =
            report.suggestions.iter().filter(|one| one.of == at).collect();
        let mut left: Vec<String> = Vec::new();
        if of_it.is_empty() {
            let why = if is_broken { BROKEN } else { "its cause is not in the spec" };
            left.push(why.to_owned());
        }
        for one in of_it {
            let Some(edit) = &one.edit else {
                left.push(one.title.clone());
                continue;
            };
            let is_done = made.iter().any(|other| other.is_same(one));
            for (environment, app) in one.affects.iter().filter(|_| is_done) {
                plan.affects.entry(app.clone()).or_default().insert(environment.clone());
            }
            if is_done {
                made.push(one);
                continue;
            }
            let known = texts.get(&one.file).map(|(_, after)| after.as_str());
            let before = text_of(context.workspace, &one.file);
            let now = known.map(str::to_owned).or_else(|| before.as_deref().map(str::to_owned));
            let Some((before, after)) = before.zip(now.and_then(|text| edit.apply(&text))) else {
                left.push(format!(
                    "{}:{} is laid out in a way that gen does not edit",
                    one.file, one.line
                ));
                continue;
            };
            let first = texts.get(&one.file).map_or(before, |(before, _)| Arc::clone(before));
            texts.insert(one.file.clone(), (first, after));
            plan.changes.push((format!("{}:{}", one.file, one.line), one.title.clone()));
            plan.notes.extend(
                one.notes
                    .iter()
                    .filter(|note| !plan.notes.contains(note))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            for (environment, app) in &one.affects {
                plan.affects.entry(app.clone()).or_default().insert(environment.clone());
            }
            made.push(one);
        }
        // What is done in one environment is not done in another.
        for why in left {
            let one = (format!("{}: {}", diagnosis.what, diagnosis.title), why);
            if !plan.left.contains(&one) {
                plan.left.push(one);
            }
        }
    }
    let file = |(path, (before, after))| FixedFile { path, before, after };
    plan.files = texts.into_iter().map(file).collect();
    if plan.is_change() {
        prove(context, &plan, &made)?;
    }
    Ok(plan)
}

/// Renders the changed spec in memory, and refuses it unless it is good.
fn prove(
    context: &mut Context<'_>,
    plan: &FixReport,
    made: &[&Suggestion],
) -> Result<(), Diagnostics> {
    let texts = plan.files.iter().map(|file| (file.path.as_str(), file.after.as_str()));
    let files = Changed::new(context.workspace, Memory::new(texts));
    let refused = |problem: String| Diagnostic::error(WhyError::FixRefused { problem });
    let (fleet, _) = prepare(&files, context.sources).map_err(|found| {
        let mut all = Diagnostics::from(refused("the spec would have errors".to_owned()));
        all.extend(found);
        all
    })?;
    let (environments, apps) = (plan.environments(), plan.apps());
    let selection = Selection { environments: &environments, apps: &apps };
    let key = |found: &Finding| (found.rule.id, found.place.file.to_string(), found.what.clone());
    let after = errors(context, &fleet, &files, selection)?;
    if !after.is_empty() {
        // What is wrong without the change, too, is not its fault.
        let (fleet, _) = context.fleet()?;
        let before = errors(context, &fleet, context.workspace, selection)?;
        let before: BTreeSet<_> = before.iter().map(key).collect();
        if let Some(new) = after.iter().find(|found| !before.contains(&key(found))) {
            let problem =
                format!("`gen check` would find {} {}: {}", new.rule.id, new.rule.name, new.what);
            return Err(refused(problem).into());
        }
    }
    let asked: Vec<Denied> = made
        .iter()
        .flat_map(|one| &one.wanted)
        .flat_map(|wanted| match wanted {
            Wanted::Rights(all) => all.clone(),
            Wanted::NotAccount { .. } | Wanted::Limit { .. } => Vec::new(),
        })
        .collect();
    let (mut rights, mut lacking) = (Vec::new(), None);
    proofs(&fleet, &files, selection, |proof| {
        rights.push(Rights::of(proof, &asked));
        let is_own = proof.item.is_some_and(|item| item.object.kind() == "ServiceAccount");
        if let Some(need) = proof.missing.first().filter(|_| is_own && !asked.is_empty()) {
            let action = &need.action;
            lacking.get_or_insert(format!(
                "the account {} would still lack the right to {} {}, for {}",
                proof.account, action.verb, action.resource, need.because
            ));
        }
    })?;
    if let Some(problem) = lacking {
        return Err(refused(problem).into());
    }
    for one in made {
        for (environment, app) in &one.affects {
            let (_, app) = app_in(&fleet, app, environment)?;
            let mut about = one.wanted.iter().filter(|wanted| wanted.is_about(app));
            if let Some(problem) = about.find_map(|wanted| wanted.lacks(app, &rights)) {
                return Err(refused(problem).into());
            }
        }
    }
    Ok(())
}

/// Writes the change.
///
/// # Errors
/// GEN1502 if a file is not as it was; errors of the disk.
pub fn write(context: &Context<'_>, plan: &mut FixReport) -> Result<(), Diagnostics> {
    let workspace = context.workspace;
    for (at, file) in plan.files.iter().enumerate() {
        if let Err(problems) = replace(workspace, file, &file.before, &file.after) {
            for written in &plan.files[..at] {
                replace(workspace, written, &written.after, &written.before)?;
            }
            return Err(problems);
        }
    }
    plan.state = FixState::Written;
    Ok(())
}

/// Notes the other uncommitted changes of the spec, which a commit of this change includes.
///
/// # Errors
/// Errors in the spec; errors of git.
pub fn along(context: &mut Context<'_>, plan: &mut FixReport) -> Result<(), Diagnostics> {
    let committed = Committed::open(context.workspace)?;
    let recorded = Recorded::new(context.workspace);
    prepare(&recorded, context.sources)?;
    for path in recorded.read_files().into_keys() {
        if committed.text(&path)? != text_of(context.workspace, &path) {
            plan.notes.push(format!("{path} has other uncommitted changes; they are pushed, too"));
        }
    }
    Ok(())
}

/// Commits the change to a branch of the remote, for a pull request. The checkout is afterwards as before.
///
/// # Errors
/// As [`write`], and errors of git and the remote.
pub fn push(
    context: &mut Context<'_>,
    plan: &mut FixReport,
    branch: &str,
) -> Result<(), Diagnostics> {
    write(context, plan)?;
    let (environments, apps) = (plan.environments(), plan.apps());
    let selection = Selection { environments: &environments, apps: &apps };
    let options = CommitOptions::pushed(selection, Some(branch));
    let done = commit(context, &options);
    plan.state = FixState::Shown;
    for file in &plan.files {
        replace(context.workspace, file, &file.after, &file.before)?;
    }
    plan.state = FixState::Pushed(Box::new(done?));
    Ok(())
}

fn replace(
    workspace: &Workspace,
    file: &FixedFile,
    from: &str,
    to: &str,
) -> Result<(), Diagnostics> {
    let decide = |now: Option<&str>| {
        if now == Some(from) {
            return Ok(to.to_owned());
        }
        Err(WhyError::FixMoved { path: file.path.clone() }.into())
    };
    rewrite(workspace.root(), &file.path, Workspace::LARGEST_SPEC, decide).map(drop)
}
