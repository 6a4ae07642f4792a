//! The stages of a promotion, the promoted pins, and the remaining differences.
//!
//! Only pins are promoted: the image that ran in one stage, and the commit that it was built from. Everything else of a stage is its
//! spec and its overlay; differences in these are shown, so that nobody is surprised by them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diagnostics::{Diagnostics, PromoteError};
use crate::environment::Deploy;
use crate::fleet::{Fleet, Prepared};
use crate::ops::hidden;
use crate::ops::pins::StageDifference;
use crate::spec::{Pin, Spec};
use crate::yaml::{Data, Node};

/// Two stages that follow each other.
#[derive(Clone, Copy)]
pub struct Stages<'a> {
    /// The stage with the tested images.
    pub from: &'a Prepared,
    /// The stage that they are promoted to.
    pub to: &'a Prepared,
}

/// Finds the stages; the default for `from` is `promotesFrom` of the other.
///
/// # Errors
/// An unknown environment, the first one, one without pins; a skipped stage, unless `skip` is set.
pub fn stages<'a>(
    fleet: &'a Fleet,
    from: Option<&str>,
    to: &str,
    skip: bool,
) -> Result<Stages<'a>, Diagnostics> {
    let find = |name: &str| -> Result<&'a Prepared, Diagnostics> {
        Ok(fleet.select_environments(&[name.to_owned()])?[0])
    };
    let to = find(to)?;
    let env = to.environment.name.clone();
    let before = to.environment.promotes_from.as_deref();
    let name = from.or(before).ok_or_else(|| PromoteError::FirstStage { env: env.clone() })?;
    let from = find(name)?;
    if to.environment.deploy == Deploy::Kubectl {
        return Err(PromoteError::NoPinHere { env }.into());
    }
    if name == env {
        return Err(PromoteError::SameStage { env }.into());
    }
    if before != Some(name) && !skip {
        let chain = chain(fleet, to).join(" → ");
        let from = name.to_owned();
        let Some(before) = before.map(str::to_owned) else {
            return Err(PromoteError::NotInChain { env, from }.into());
        };
        return Err(PromoteError::SkipsStage { env, from, before, chain }.into());
    }
    Ok(Stages { from, to })
}

/// The stages up to one, from the first.
fn chain<'a>(fleet: &'a Fleet, to: &'a Prepared) -> Vec<&'a str> {
    let mut names = vec![to.environment.name.as_str()];
    let mut next = to.environment.promotes_from.as_deref();
    // The chain has no cycles, or the spec would be invalid.
    while let Some(name) = next {
        names.push(name);
        let found = fleet.environments.iter().find(|prepared| prepared.environment.name == name);
        next = found.and_then(|prepared| prepared.environment.promotes_from.as_deref());
    }
    names.reverse();
    names
}

/// The pin of an app in the next stage: image and commit are promoted, the nonce that starts runs again is the stage's own.
#[must_use]
pub fn promoted(from: &Pin, to: &Pin) -> Pin {
    let Pin { image, version, revision, .. } = from.clone();
    Pin { image, tag: None, version, revision, nonce: to.nonce, policy: to.policy.clone() }
}

/// The keys of an app, other than its image, that differ between the stages; sorted by key.
#[must_use]
pub fn differences(spec: &Spec, stages: Stages<'_>, app: &str) -> Vec<StageDifference> {
    // The pin of a chart's version goes along, and is over that of the spec.
    let pin = stages.from.environment.pin(app);
    let is_pinned = pin.is_some_and(|(pin, _)| pin.version.is_some());
    let values = |prepared: &Prepared| {
        let mut values = BTreeMap::new();
        if let Some(node) = prepared.environment.app(spec, app) {
            flatten(&node, &mut Vec::new(), &mut values);
        }
        values.remove(&["image".to_owned()][..]);
        if is_pinned {
            values.remove(&["helm".to_owned(), "version".to_owned()][..]);
        }
        values
    };
    if [stages.from, stages.to].iter().any(|stage| !spec.has(app, &stage.environment.name)) {
        return Vec::new();
    }
    let (from, to) = (values(stages.from), values(stages.to));
    let keys: BTreeSet<&Vec<String>> = from.keys().chain(to.keys()).collect();
    let keys = keys.into_iter().filter(|key| from.get(*key) != to.get(*key));
    keys.map(|key| {
        let sides = [&from, &to].map(|values| values.get(key).cloned());
        let [from, to] = hidden::both(key, sides);
        StageDifference { app: app.to_owned(), key: key.join("."), from, to }
    })
    .collect()
}

/// The values of a mapping by their paths. A list is one value, since an overlay replaces it as a whole.
fn flatten(node: &Node, path: &mut Vec<String>, values: &mut BTreeMap<Vec<String>, Value>) {
    match &node.data {
        Data::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                path.push(entry.key.clone());
                flatten(&entry.value, path, values);
                path.pop();
            }
        }
        _ => {
            values.insert(path.clone(), hidden::plain(node));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Sources;
    use crate::files::Memory;
    use crate::fleet::prepare;

    const SPEC: &str = "version: 1\nrepository: https://git.example/a/b.git\napps:\n  shop: {source: https://git.example/a/s.git, image: r.example/a/shop, port: 8080, env: {A: one}}\n  till: {source: https://git.example/a/t.git, image: r.example/a/till}\n";

    fn fleet(environments: &[(&str, &str)]) -> Fleet {
        let mut files = vec![("gen.yaml", SPEC)];
        files.extend_from_slice(environments);
        match prepare(&Memory::new(files), &mut Sources::default()) {
            Ok((fleet, _)) => fleet,
            Err(found) => panic!("{found}"),
        }
    }

    fn three() -> Fleet {
        fleet(&[
            (
                "environments/dev.yaml",
                "apps: {'*': {replicas: 1}, shop: {env: {A: null, B: two}}}\n",
            ),
            ("environments/qa.yaml", "promotesFrom: dev\napps: {'*': {replicas: 2}}\n"),
            ("environments/live.yaml", "promotesFrom: qa\n"),
            ("environments/home.yaml", "deploy: kubectl\npromotesFrom: dev\n"),
        ])
    }

    fn refused(fleet: &Fleet, from: Option<&str>, to: &str, skip: bool) -> String {
        match stages(fleet, from, to, skip) {
            Ok(stages) => {
                format!("{} → {}", stages.from.environment.name, stages.to.environment.name)
            }
            Err(found) => found.to_string(),
        }
    }

    #[test]
    fn stages_follow_the_chain() {
        let fleet = three();
        let said = |from, to, skip| refused(&fleet, from, to, skip);
        assert_eq!(said(None, "qa", false), "dev → qa");
        assert_eq!(said(Some("qa"), "live", false), "qa → live");
        assert_eq!(said(Some("dev"), "live", true), "dev → live");
        insta::assert_snapshot!(said(Some("dev"), "live", false), @"[GEN1107] `live` gets its images from `qa`, not from `dev`");
        insta::assert_snapshot!(said(None, "dev", false), @"[GEN1106] `dev` is the first stage: nothing is promoted to it");
        insta::assert_snapshot!(said(Some("live"), "dev", false), @"[GEN1108] nothing is promoted from `live` to `dev`");
        insta::assert_snapshot!(said(Some("qa"), "qa", true), @"[GEN1109] `qa` cannot be promoted to itself");
        insta::assert_snapshot!(said(None, "home", false), @"[GEN1102] `home` has `deploy: kubectl`, and so no image pins");
        assert!(said(None, "liv", false).contains("GEN0601"));
        assert!(said(Some("dve"), "qa", false).contains("GEN0601"));
    }

    #[test]
    fn image_and_commit_go_and_the_nonce_stays() {
        let pin =
            |image: &str, nonce| Pin { image: Some(image.to_owned()), nonce, ..Pin::default() };
        let done = promoted(&pin("new", Some(7)), &pin("old", Some(2)));
        assert_eq!(done, pin("new", Some(2)));
        let by_tag =
            Pin { tag: Some("1".to_owned()), revision: Some("old".to_owned()), ..Pin::default() };
        assert_eq!(promoted(&pin("new", None), &by_tag), pin("new", None));
    }

    #[test]
    fn the_version_of_a_chart_goes() {
        let pin = |version: &str, nonce| Pin {
            version: Some(version.to_owned()),
            nonce,
            ..Pin::default()
        };
        let done = promoted(&pin("1.1.0", None), &pin("1.0.0", Some(2)));
        assert_eq!(done, pin("1.1.0", Some(2)));
    }

    #[test]
    fn what_stays_different_is_told_by_key() {
        let fleet = three();
        let stages = stages(&fleet, None, "qa", false).unwrap_or_else(|found| panic!("{found}"));
        let found: Vec<String> = differences(&fleet.spec, stages, "shop")
            .into_iter()
            .map(|one| format!("{}: {:?} {:?}", one.key, one.from, one.to))
            .collect();
        assert_eq!(
            found,
            [
                "env.A: None Some(\"one\")",
                "env.B: Some(\"two\") None",
                "replicas: Some(\"1\") Some(\"2\")"
            ]
        );
        assert_eq!(differences(&fleet.spec, stages, "till").len(), 1);
    }
}
