//! Volumes of pods, and claims.

use super::case::Case;
use super::env;
use super::form::Form;
use super::metadata::labels_and_annotations;
use super::part::Part;
use super::rules::{NAME, NUMBER, QUANTITY, REQUIRED, TOGETHER, TWICE_IN_LIST, VOLUME};
use super::{case, resources, selector};

/// All volumes of a pod.
pub(super) fn all(case: &mut Case<'_>, volumes: &Part<'_, '_>) {
    for volume in volumes.items() {
        if case.need(&volume.get("name")) {
            case.form(&NAME, &volume.get("name"), Form::Label);
        }
        let sources: Vec<&str> =
            volume.entries().map(|(key, _)| key).filter(|key| *key != "name").collect();
        match sources.as_slice() {
            // It is an empty folder.
            [] => {}
            [one] => source(case, &volume.get(one), one),
            all => {
                let what = format!("has more than one source: `{}`", all.join("`, `"));
                case.say(&VOLUME, &volume, what);
            }
        }
    }
}

fn source(case: &mut Case<'_>, of: &Part<'_, '_>, kind: &str) {
    mode(case, &of.get("defaultMode"), 0o777);
    match kind {
        "configMap" => {
            case.need(&of.get("name"));
            items(case, of, &mut Vec::new());
        }
        "secret" => {
            case.need(&of.get("secretName"));
            items(case, of, &mut Vec::new());
        }
        "emptyDir" => {
            let limit = of.get("sizeLimit");
            if case::amount(&limit).is_some_and(|amount| amount < 0) {
                case.say(&QUANTITY, &limit, "must not be negative");
            }
            mode(case, &of.get("mode"), 0o1777);
        }
        "persistentVolumeClaim" => {
            case.need(&of.get("claimName"));
        }
        "hostPath" => {
            if case.need(&of.get("path"))
                && of.get("path").text().split('/').any(|part| part == "..")
            {
                case.say(&VOLUME, &of.get("path"), "must not contain `..`");
            }
            case.exact_word(
                &of.get("type"),
                &[
                    "",
                    "DirectoryOrCreate",
                    "Directory",
                    "FileOrCreate",
                    "File",
                    "Socket",
                    "CharDevice",
                    "BlockDevice",
                ],
            );
        }
        "nfs" => {
            case.need(&of.get("server"));
            if case.need(&of.get("path")) && !of.get("path").text().starts_with('/') {
                case.say(&VOLUME, &of.get("path"), "must be an absolute path");
            }
        }
        "csi" => {
            case.need(&of.get("driver"));
        }
        "image" => {
            case.need(&of.get("reference"));
        }
        "downwardAPI" => {
            for item in of.get("items").items() {
                file(case, &item, &mut Vec::new());
            }
        }
        "ephemeral" => {
            let template = of.get("volumeClaimTemplate");
            case.need_set(&template);
            labels_and_annotations(case, &template.get("metadata"));
            claim(case, &template.get("spec"));
        }
        "projected" => projected(case, of),
        _ => {}
    }
}

fn projected(case: &mut Case<'_>, of: &Part<'_, '_>) {
    let mut paths = Vec::new();
    for source in of.get("sources").items() {
        if source.entries().count() > 1 {
            case.say(&VOLUME, &source, "has more than one source");
        }
        for (kind, part) in source.entries() {
            match kind {
                "secret" | "configMap" => {
                    case.need(&part.get("name"));
                    items(case, &part, &mut paths);
                }
                "downwardAPI" => {
                    for item in part.get("items").items() {
                        file(case, &item, &mut paths);
                    }
                }
                "serviceAccountToken" => {
                    let seconds = part.get("expirationSeconds");
                    if seconds.int().is_some_and(|number| !(600..=1 << 32).contains(&number)) {
                        case.say(&NUMBER, &seconds, "must be between 600 and 4294967296");
                    }
                    if case.need(&part.get("path")) {
                        case.form(&VOLUME, &part.get("path"), Form::File);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Keys and the files that they become.
fn items<'v>(case: &mut Case<'_>, of: &Part<'v, '_>, paths: &mut Vec<&'v str>) {
    for item in of.get("items").items() {
        case.need(&item.get("key"));
        path(case, &item, paths);
        mode(case, &item.get("mode"), 0o777);
    }
}

fn path<'v>(case: &mut Case<'_>, item: &Part<'v, '_>, paths: &mut Vec<&'v str>) {
    let path = item.get("path");
    if case.need(&path) {
        case.form(&VOLUME, &path, Form::File);
    }
    let is_projected = path.path().contains(".projected.");
    if is_projected && paths.contains(&path.text()) && !path.is_empty() {
        case.say(&TWICE_IN_LIST, &path, format!("repeats the path `{}`", path.text()));
    }
    paths.push(path.text());
}

/// A file with a field of the pod.
fn file<'v>(case: &mut Case<'_>, item: &Part<'v, '_>, paths: &mut Vec<&'v str>) {
    path(case, item, paths);
    mode(case, &item.get("mode"), 0o777);
    let (field, resource) = (item.get("fieldRef"), item.get("resourceFieldRef"));
    match (field.is_set(), resource.is_set()) {
        (false, false) => {
            case.say(&REQUIRED, item, "needs `fieldRef` or `resourceFieldRef`");
        }
        (true, true) => case.bar(&resource, "together with `fieldRef`"),
        _ => {}
    }
    env::field(case, &field, true);
    if !field.is_set() {
        env::resource(case, &resource, true);
    }
}

fn mode(case: &mut Case<'_>, mode: &Part<'_, '_>, most: i64) {
    if mode.int().is_some_and(|number| !(0..=most).contains(&number)) {
        case.say(&VOLUME, mode, format!("must be between 0 and 0{most:o} in octal"));
    }
}

/// The `spec` of a claim.
pub(super) fn claim(case: &mut Case<'_>, spec: &Part<'_, '_>) {
    let modes = spec.get("accessModes");
    case.need(&modes);
    let all: Vec<&str> = modes.items().map(|mode| mode.text()).collect();
    let is_alone = all.iter().all(|mode| *mode == "ReadWriteOncePod");
    if all.contains(&"ReadWriteOncePod") && !is_alone {
        case.say(&TOGETHER, &modes, "cannot have another mode beside `ReadWriteOncePod`");
    }
    selector::judge(case, &spec.get("selector"));
    resources::storage(case, &spec.get("resources"));
    for key in ["storageClassName", "volumeAttributesClassName"] {
        case.form(&NAME, &spec.get(key), Form::Subdomain);
    }
    // A `dataSource` of another kind is dropped without a word.
    let source = spec.get("dataSourceRef");
    if source.is_set() {
        case.need(&source.get("name"));
        case.need(&source.get("kind"));
        let group = source.get("apiGroup");
        if group.is_empty() && source.get("kind").text() != "PersistentVolumeClaim" {
            let what = "must be a `PersistentVolumeClaim` where there is no `apiGroup`";
            case.say(&TOGETHER, &source.get("kind"), what);
        }
        case.form(&NAME, &group, Form::Subdomain);
    }
}
