//! gen's own tree, rendered in memory.

use std::sync::Arc;

use super::report::{CheckReport, Unread};
use super::{CheckOptions, Context};
use crate::check::{Cluster, Judge, Objects, Place, check as judge_objects, locate, parse};
use crate::diagnostics::Diagnostics;
use crate::ops::blame::Blame;
use crate::ops::render::refuse_empty_includes;
use crate::ops::rendering::{Rendered, Rendering, Standing};

/// What one folder gave.
struct Folder {
    environment: String,
    path: String,
    app: Option<String>,
    texts: Vec<(Arc<str>, String)>,
}

/// Judges each environment by itself: two of them never share an object.
pub(super) fn check(
    context: &mut Context<'_>,
    options: &CheckOptions<'_>,
) -> Result<CheckReport, Diagnostics> {
    let (fleet, found) = context.fleet()?;
    context.warn(&found.without_those_for_the_summary());
    let selected = options.selection.of(&fleet)?;
    refuse_empty_includes(&fleet)?;
    let cluster = Cluster::default();
    let judge = Judge { definitions: &fleet.definitions, cluster: &cluster };
    let mut report = CheckReport::default();
    for prepared in selected {
        let one = [prepared];
        let rendering = Rendering::new(&fleet, context.workspace)
            .of(&one, options.selection.apps)
            .over(context.workspace);
        let folders = rendering.each(&Standing::default(), folder)?;
        let blame = Blame::new(&fleet, context.sources);
        report.add(environment(judge, &blame, &folders));
    }
    Ok(report)
}

/// Keeps the texts of a folder.
fn folder(rendered: Rendered<'_>) -> Folder {
    let Rendered { prepared, app, folder, .. } = rendered;
    let texts = folder.files.into_iter().map(|(name, text)| {
        let path: Arc<str> = Arc::from(format!("{}/{name}", folder.path));
        (path, text)
    });
    Folder {
        environment: prepared.environment.name.clone(),
        app: app.map(|app| app.name.clone()),
        texts: texts.collect(),
        path: folder.path,
    }
}

fn environment(judge: Judge<'_>, blame: &Blame<'_>, folders: &[Folder]) -> CheckReport {
    let mut report = CheckReport::default();
    let mut items = Vec::new();
    for (path, text) in folders.iter().flat_map(|folder| &folder.texts) {
        match parse(path, text) {
            Ok(parsed) => {
                report.files += usize::from(!parsed.items.is_empty());
                items.extend(parsed.items);
            }
            Err(why) => report.unread.push(Unread { file: path.to_string(), why }),
        }
    }
    for item in &items {
        let (api, kind) = (item.object.api_version(), item.object.kind());
        if judge.definitions.kind(api, kind).is_none() {
            *report.unknown.entry(format!("{kind} ({api})")).or_default() += 1;
        }
    }
    report.objects = items.len();
    report.findings = judge_objects(judge, &Objects::new(items));
    let of =
        |file: &str| folders.iter().find(|folder| file.starts_with(&format!("{}/", folder.path)));
    locate(&mut report.findings, |file| {
        let texts = &of(file)?.texts;
        texts.iter().find(|(path, _)| **path == *file).map(|(_, text)| text.clone())
    });
    for finding in &mut report.findings {
        let Some(folder) = of(&finding.place.file) else { continue };
        let origin = blame.object(&folder.environment, folder.app.as_deref(), &finding.place.file);
        finding.spec = origin.map(|origin| Place {
            file: Arc::from(origin.file),
            line: u32::try_from(origin.line).unwrap_or(u32::MAX),
        });
    }
    report
}
