//! What is rendered against other versions of what reads it: docs/reference/versions.md names them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gitops_gen::kubernetes::definitions::{Definitions, Type, check};

use crate::definitions::{Enums, add_crds, of_document, rendered};
use crate::support::needs;

/// What versions lack that is rendered only where the spec asks for it: project and version, and the path of the misfit.
const LACKS: &[(&str, &str)] = &[
    // `apis: [artifact-generator]`
    ("kustomize-controller 1.6.0", "spec.sourceRef.kind"),
];

#[test]
fn other_versions_take_what_is_rendered() {
    let Some(versions) = needs::variable("GEN_TEST_VERSIONS", "tests/tools/setup versions") else {
        return;
    };
    let versions = versions.into_string().expect("UTF-8");
    let page = include_str!("../../docs/reference/versions.md");
    let all = rendered();
    let mut wrong: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in versions.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [name, version, place] = words[..] else { panic!("{line}") };
        assert!(page.contains(version), "docs/reference/versions.md lacks {name} {version}");
        let place = PathBuf::from(place);
        let definitions = if name == "kubernetes" {
            of_document(&place, Enums::default()).0
        } else {
            let mut definitions = Definitions::default();
            add_crds(&mut definitions, &[place], &Type::Any);
            definitions
        };
        let (mut fitting, mut controlled) = (0, 0);
        for (path, object) in &all {
            let text = |key: &str| object.str_at(&[key]).unwrap_or_default().to_owned();
            let Some(known) = definitions.own(&text("apiVersion"), &text("kind")) else { continue };
            let misfits = check(known, object);
            fitting += usize::from(misfits.is_empty());
            // The positive control.
            let mut odd = object.clone();
            if let Some(spec) =
                odd.as_map_mut().and_then(|object| object.get_mut("spec")?.as_map_mut())
            {
                spec.insert("nonsense", "a");
                controlled += usize::from(check(known, &odd).len() > misfits.len());
            }
            for misfit in misfits {
                let kind = text("kind");
                let of = format!("{name} {version}");
                let told = format!("{of}: {kind}: {} {}", misfit.path, misfit.what);
                if !LACKS.contains(&(of.as_str(), misfit.path.as_str())) {
                    wrong.entry(told).or_default().insert(path.display().to_string());
                }
            }
        }
        println!(
            "{name} {version}: {fitting} objects fit, {controlled} would be refused with an unknown field"
        );
        assert!(fitting > 3 && controlled > 3, "{name} {version}: {fitting}, {controlled}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
