//! Reads an app's checkout within bounds, and proposes a spec of it.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostics::{Diagnostics, ProposeError, UsageError, counted};
use crate::propose::{
    App, Checkout, OF_GIT, Proposal, cut, is_manifest, is_own, is_source, propose, shown,
};
use crate::workspace::Survey;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 256 * 1024;
/// The most bytes that are read.
const LARGEST_SUM: usize = 16 * 1024 * 1024;
/// In place of `run: commit`, which a job before the rollout does not go with.
const NOT_COMMITTED: &str =
    "run: none               # not `commit`, as a job of an app runs before its rollout";
/// The most sources in which routes are looked for.
const MOST_SOURCES: usize = 2_000;

/// Proposes a spec of a checkout, and lists what of it was not read.
///
/// # Errors
/// There is no such folder; it cannot be read; there is no app in it.
pub(super) fn proposed(
    start: &Path,
    from: &Path,
    into: &Path,
) -> Result<(Proposal, Vec<String>), Diagnostics> {
    let place = from.display().to_string();
    let whole = start.join(from).canonicalize().ok().filter(|whole| whole.is_dir());
    let whole = whole.ok_or_else(|| UsageError::NoSuchPath { path: place.clone() })?;
    let survey = Survey::new(&whole, &is_own)?;
    let mut unread = beyond(&survey);
    let mut checkout = Checkout {
        name: whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        paths: survey.paths.clone(),
        ..Checkout::default()
    };
    // What says most is read first, so that bounds cut what says least.
    let manifests = survey.paths.iter().filter(|path| is_manifest(path));
    let is_only_source = |path: &&String| is_source(path) && !is_manifest(path);
    let sources = survey.paths.iter().filter(is_only_source).take(MOST_SOURCES);
    let of_git = OF_GIT.iter().map(|path| (*path).to_owned());
    let (mut sum, mut passed) = (0, 0);
    for path in of_git.chain(manifests.cloned()).chain(sources.cloned()) {
        if sum > LARGEST_SUM {
            passed += 1;
            continue;
        }
        match survey.text(&path, LARGEST) {
            Ok(Some(text)) => {
                sum += text.len();
                checkout.texts.insert(path, Arc::from(text));
            }
            Ok(None) => {}
            // Sources that are no text have no routes.
            Err(_) if is_source(&path) && !is_manifest(&path) => passed += 1,
            // In a worktree, `.git` is a file that leads elsewhere.
            Err(_) if OF_GIT.contains(&path.as_str()) => {
                if let Err(at) = checkout.paths.binary_search_by(|other| other.as_str().cmp(".git"))
                {
                    checkout.paths.insert(at, ".git".to_owned());
                }
            }
            Err(why) => unread.push(format!("{}: {why}", shown(&path))),
        }
    }
    let all = survey.paths.iter().filter(is_only_source).count();
    passed += all.saturating_sub(MOST_SOURCES);
    if passed > 0 {
        let sources = counted(passed, "source file");
        unread.push(format!("{sources}: too large, too many or not UTF-8"));
    }
    cut(&mut unread);
    let seen = counted(survey.paths.len(), "file");
    let found =
        propose(&checkout, &repository(into)).ok_or(ProposeError::NoAppSeen { place, seen })?;
    Ok((found, unread))
}

/// The files of git in the folder of the new repository.
fn repository(into: &Path) -> Checkout {
    let mut checkout = Checkout::default();
    // A folder that is not there yet has none.
    if let Ok(survey) = Survey::new(into, &|_| false) {
        for path in OF_GIT {
            let text = survey.text(path, LARGEST).ok().flatten();
            checkout.texts.extend(text.map(|text| (path.to_owned(), Arc::from(text))));
        }
    }
    checkout
}

/// What is in the folder and was not read.
fn beyond(survey: &Survey) -> Vec<String> {
    let mut all = Vec::new();
    if survey.links > 0 {
        all.push(format!("{}: not followed", counted(survey.links, "link")));
    }
    if survey.odd > 0 {
        let names = counted(survey.odd, "other name");
        all.push(format!("{names}: neither files nor folders, or not valid names"));
    }
    if survey.unopened > 0 {
        all.push(format!("{}: could not be opened", counted(survey.unopened, "folder")));
    }
    if survey.is_cut {
        all.push("the rest of a folder with more than 20,000 files or 4,000 folders".to_owned());
    }
    all
}

/// A file of the sample as it is for proposed apps.
pub(super) fn adapted(path: &str, text: &[u8], proposal: &Proposal) -> Vec<u8> {
    if path == "gen.yaml" {
        return proposal.spec.clone().into_bytes();
    }
    let text = String::from_utf8_lossy(text);
    let first = proposal.apps.first().map_or("app", |app| app.name.as_str());
    let is_asked = proposal.apps.iter().any(|app| app.is_asked);
    let is_first = proposal.apps.iter().any(App::runs_first);
    let is_for_all = |line: &&str| {
        !line.starts_with("  demo-app:")
            && !line.starts_with("| `demo-app-source/`")
            && (is_asked || *line != "pipeline: [integration-test]")
            && !(is_first && line.starts_with("# A new digest commits"))
    };
    let mut out = String::with_capacity(text.len());
    for line in text.lines().filter(is_for_all) {
        match line {
            "run: commit" if is_first => out.push_str(NOT_COMMITTED),
            line => out.push_str(
                &line.replace("homelab/demo-app@", "you/demo-app@").replace("demo-app", first),
            ),
        }
        out.push('\n');
    }
    out.into_bytes()
}
