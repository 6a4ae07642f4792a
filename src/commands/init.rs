//! `gen init`: a new GitOps repository. Nothing is ever overwritten.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::args::{Ci, Init};
use crate::commands::Session;
use crate::diagnostics::{Diagnostic, Diagnostics, Exit, UsageError};
use crate::name::Check;
use crate::template::{CI, INIT};

/// The sample application's source.
const DEMO: &str = "demo-app-source/";
/// Files that stand in the place of those of the same name, for the sample with every stage.
const FULL: &str = "full/";

/// Files that have Flux install Tekton.
const TEKTON: &str = "tekton/";
/// Their cluster.
const CLUSTER: &str = "clusters/homelab/";
/// What gen.yaml then says.
const WAITS: &str = "flux: {dependsOn: [tekton]}";

/// Makes the repository and says what to do next.
///
/// # Errors
/// A file that is there already; a cluster that cannot be a folder; what the disk refuses.
pub fn init(session: &mut Session, args: &Init) -> anyhow::Result<Exit> {
    let folder = session.start()?.join(&args.folder);
    let schema = crate::spec::json_schema::schema_text();
    let fuller = |path: &str| {
        let own = INIT
            .iter()
            .find(|(other, _)| other.strip_prefix(FULL) == Some(path));
        own.filter(|_| args.full).map(|(_, text)| *text)
    };
    let files = INIT
        .iter()
        .copied()
        .filter(|(path, _)| !path.starts_with(FULL) && !path.starts_with(TEKTON))
        .filter(|(path, _)| args.demo || !path.starts_with(DEMO))
        .map(|(path, text)| {
            let text = fuller(path).unwrap_or(text);
            (path.to_owned(), waiting(path, text, args))
        });
    let ci = args.ci.map(Ci::folder);
    let of_ci = CI
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(ci?)?.to_owned(), bytes.to_vec())));
    let of_tekton = tekton(args)?;
    // A repository that is there already gets only what it was asked for.
    let only_more = (ci.is_some() || args.with_tekton.is_some())
        && folder.join("gen.yaml").symlink_metadata().is_ok();
    let all: Vec<(String, Vec<u8>)> = files
        .chain([("gen.schema.json".to_owned(), schema.into_bytes())])
        .filter(|_| !only_more)
        .chain(of_ci)
        .chain(of_tekton)
        .collect();
    // Looked at before anything is written, so that init makes all or nothing.
    let shown = args.folder.display();
    if let Some((path, _)) = all
        .iter()
        .find(|(path, _)| folder.join(path).symlink_metadata().is_ok())
    {
        return Err(UsageError::WouldOverwrite {
            path: format!("{shown}/{path}"),
        }
        .into());
    }
    for (path, text) in &all {
        write_new(&folder, path, text)?;
    }
    let needs = needs(args, only_more);
    if only_more {
        for (path, _) in &all {
            session.screen.data(&format!("wrote {path}\n"));
        }
        session.screen.data(&format!("\nnext:\n{needs}"));
        return Ok(Exit::Done);
    }
    let place = if args.folder == Path::new(".") {
        String::new()
    } else {
        format!("  cd {shown}\n")
    };
    let demo = if args.demo {
        "\n  The sample application is in demo-app-source/: push it to a repository of its own,\n  and name that under `source:` in gen.yaml.\n"
    } else {
        ""
    };
    session.screen.data(&format!(
        "made a GitOps repository: gen.yaml, environments/ dev, staging and prod, {} files\n\nnext:\n{place}  git init            if it is no repository yet\n  $EDITOR gen.yaml    name your repository, your app's source and its image\n  gen render          writes clusters/\n  gen commit          commits what gen reads and writes; with --push, Flux sees it\n{needs}{demo}",
        all.len()
    ));
    Ok(Exit::Done)
}

/// What is to be done for what was asked for beside the repository, a line each.
fn needs(args: &Init, only_more: bool) -> String {
    let ci = args.ci.map_or("", Ci::needs);
    let Some(cluster) = &args.with_tekton else {
        return ci.to_owned();
    };
    let waits = if only_more {
        format!("  `{WAITS}` in gen.yaml has what needs Tekton wait for it\n")
    } else {
        String::new()
    };
    format!(
        "{ci}  clusters/{cluster}/flux/tekton.yaml has Flux install Tekton; `git add` what is new\n{waits}"
    )
}

/// The spec of a repository in which Flux installs Tekton first.
fn waiting(path: &str, text: &[u8], args: &Init) -> Vec<u8> {
    if args.with_tekton.is_none() || path != "gen.yaml" {
        return text.to_vec();
    }
    let text = String::from_utf8_lossy(text);
    text.replacen("\napps:\n", &format!("\n{WAITS}\napps:\n"), 1)
        .into_bytes()
}

/// What has Flux install Tekton on the cluster that was named.
fn tekton(args: &Init) -> Result<Vec<(String, Vec<u8>)>, Diagnostics> {
    let Some(cluster) = &args.with_tekton else {
        return Ok(Vec::new());
    };
    Check::Label.test(cluster).map_err(Diagnostic::error)?;
    let files = INIT.iter().filter_map(|(path, bytes)| {
        let path = path.strip_prefix(TEKTON)?;
        let path = match path.strip_prefix(CLUSTER) {
            Some(rest) => format!("clusters/{cluster}/{rest}"),
            None => path.to_owned(),
        };
        Some((path, bytes.to_vec()))
    });
    Ok(files.collect())
}

/// Writes a file that must not be there yet, and the folders above it.
///
/// # Errors
/// Where it is there, or the disk refuses.
pub(super) fn write_new(root: &Path, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let target = root.join(path);
    if let Some(parent) = target.parent() {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make `{}`", parent.display()))?;
    }
    // `create_new` neither overwrites nor follows a link at the end of the path.
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&target)
    {
        Ok(mut file) => file
            .write_all(bytes)
            .with_context(|| format!("cannot write `{}`", target.display())),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(UsageError::WouldOverwrite {
                path: path.to_owned(),
            }
            .into())
        }
        Err(error) => Err(error).with_context(|| format!("cannot write `{}`", target.display())),
    }
}
