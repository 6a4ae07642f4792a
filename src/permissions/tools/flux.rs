//! What each command of flux asks the API server for. Checked against its source (cmd/flux).

use super::flags::{Flags, Own, verb};
use super::need::{Kind, Needs, known, place};
use crate::permissions::Names;

/// Where flux acts without `-n`, whatever the cluster.
const DEFAULT_NAMESPACE: &str = "flux-system";

/// Kinds, one a line: plural, group, the words of flux for it, and the second word where they stand for a family.
const KINDS: &str = "
kustomizations kustomize.toolkit.fluxcd.io kustomization/kustomizations/ks
helmreleases helm.toolkit.fluxcd.io helmrelease/helmreleases/hr
receivers notification.toolkit.fluxcd.io receiver/receivers
alerts notification.toolkit.fluxcd.io alert/alerts
providers notification.toolkit.fluxcd.io alert-provider/alert-providers
gitrepositories source.toolkit.fluxcd.io source/sources git
ocirepositories source.toolkit.fluxcd.io source/sources oci
helmrepositories source.toolkit.fluxcd.io source/sources helm
helmcharts source.toolkit.fluxcd.io source/sources chart
buckets source.toolkit.fluxcd.io source/sources bucket
imagerepositories image.toolkit.fluxcd.io image/images repository
imagepolicies image.toolkit.fluxcd.io image/images policy
imageupdateautomations image.toolkit.fluxcd.io image/images update
";

/// Reads a command of flux, without its first word.
pub(in crate::permissions) fn read(
    words: &[String],
    names: &Names<'_>,
    needs: &mut Needs,
) -> Result<(), String> {
    let has = |flag: &str| words.iter().any(|word| word == flag);
    match verb(words, "n s")? {
        // Artifacts go to a registry; the others work on files.
        None | Some("push" | "pull" | "tag" | "list" | "completion" | "envsubst") => return Ok(()),
        Some("build" | "diff") if has("artifact") => return Ok(()),
        Some("version") if has("--client") => return Ok(()),
        Some("get" | "reconcile" | "suspend" | "resume") => {}
        Some(verb) => return Err(format!("gen does not read `flux {verb}`")),
    }
    let flags = Flags::read(words, Own::default())?;
    if flags.has("help") {
        return Ok(());
    }
    flags.own_rights()?;
    act(&flags, names, needs)
}

fn act(flags: &Flags, names: &Names<'_>, needs: &mut Needs) -> Result<(), String> {
    let place = place(flags.value("namespace").unwrap_or(DEFAULT_NAMESPACE), &names.namespaces)?;
    let mut words = flags.words.iter();
    let mut next = || match words.next().map(|word| known(word)) {
        Some(None) => Err("what it acts on is only known when it runs".to_owned()),
        Some(word) => Ok(word),
        None => Ok(None),
    };
    let verb = next()?.unwrap_or_default().to_owned();
    let family = next()?.ok_or("it names no kind")?.to_owned();
    let rows: Vec<Vec<&str>> = KINDS
        .lines()
        .map(|line| line.split(' ').collect())
        .filter(|row: &Vec<&str>| row.len() > 2 && row[2].split('/').any(|word| word == family))
        .collect();
    let member = match rows.first() {
        Some(row) if row.len() > 3 => Some(next()?.ok_or("it names no kind")?),
        _ => None,
    };
    let Some(row) = rows.iter().find(|row| row.get(3).copied() == member) else {
        return Err(format!("gen does not know what `flux {verb} {family}` acts on"));
    };
    let kind = Kind::new(row[1], row[0]);
    let mut objects = Vec::new();
    while let Some(name) = next()? {
        objects.push(name.to_owned());
    }
    let one = !objects.is_empty();
    let verbs: &[&str] = match verb.as_str() {
        // A name is a field selector of a list here.
        "get" if flags.has("watch") => &["watch"],
        "get" => &["list"],
        "reconcile" if !one => return Err("it names nothing to reconcile".to_owned()),
        "reconcile" if flags.has("with-source") => {
            return Err("`--with-source` also reconciles a source that only the cluster knows; name it: `flux reconcile source git NAME`".to_owned());
        }
        "reconcile" => &["get", "patch"],
        "suspend" | "resume" if !one => return Err(format!("it may {verb} all of them")),
        "suspend" => &["list", "patch"],
        "resume" => &["get", "list", "patch"],
        _ => return Err(format!("gen does not read `flux {verb}`")),
    };
    needs.add(place, &kind, &objects, verbs)
}
