//! What gen renders by itself raises no alarm.

use std::sync::Arc;

use gitops_gen::check::{Cluster, Declared, Family, Judge, Level, Objects, check, parse};
use gitops_gen::kubernetes::definitions::Definitions;

use crate::support::cases;

/// All environments of a case together: two of them never share an object.
#[test]
fn no_golden_tree_has_an_error_or_warning_of_tekton() {
    let judge = Judge {
        definitions: Definitions::built_in(),
        cluster: &Cluster::default(),
        declared: &Declared::default(),
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, tree) in cases::trees() {
        let mut items = Vec::new();
        for (path, content) in
            tree.iter().filter(|(path, _)| path.rsplit('.').next() == Some("yaml"))
        {
            let Ok(text) = std::str::from_utf8(content) else { continue };
            items.extend(parse(&Arc::from(path.as_str()), text).unwrap_or_default().items);
        }
        count += items.iter().filter(|item| item.object.group().ends_with("tekton.dev")).count();
        for found in check(judge, &Objects::new(items)) {
            if found.rule.family() == Family::Tekton && found.level >= Level::Warning {
                let file = &found.place.file;
                wrong.push(format!(
                    "{name}: {file}: {}: {}: {}",
                    found.rule.name, found.field, found.what
                ));
            }
        }
    }
    assert!(count > 300, "only {count} objects of Tekton");
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}
