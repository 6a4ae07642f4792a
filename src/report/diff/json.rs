//! The JSON output. `gen schema diff` describes it; `schema` is incremented when the meaning of a field changes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::text::leads_to;
use crate::change::{
    Change, Class, Danger, Finding, Grant, Origin, PermissionChange, Scope, ShownField, Subject,
    Target,
};
use crate::diagnostics::Sources;
use crate::ops::diff::{Against, DiffReport, EnvironmentDiff};
use crate::report::failure::errors;
use crate::tree::GEN_VERSION;

/// The whole report. Unchanged objects are counted, but not listed.
pub(super) fn json(report: &DiffReport, sources: &Sources) -> Value {
    let requests = report.requests.map(|sent| json!({"lists": sent.lists, "gets": sent.gets, "dryRuns": sent.dry_runs, "total": sent.total()}));
    json!({
        "schema": 1,
        "command": "diff",
        "gen": GEN_VERSION,
        "complete": report.complete,
        "differs": report.differs(),
        "against": against(&report.against),
        "counts": counts(&report.counts()),
        "environments": report.environments.iter().map(environment).collect::<Vec<_>>(),
        "dangers": report.dangers.iter().map(danger).collect::<Vec<_>>(),
        "permissions": report.permissions.iter().map(permission).collect::<Vec<_>>(),
        "changes": report.findings().map(finding).collect::<Vec<_>>(),
        "notes": report.notes,
        "requests": requests,
        "role": report.role,
        "errors": errors(&report.problems, sources),
    })
}

/// The report without the fields of objects.
pub(super) fn summary(report: &DiffReport, sources: &Sources) -> Value {
    let mut value = json(report, sources);
    for change in value["changes"].as_array_mut().into_iter().flatten() {
        change.as_object_mut().map(|change| change.remove("fields"));
    }
    value
}

fn against(against: &Against) -> Value {
    match against {
        Against::Cluster(contexts) => json!({"kind": "cluster", "contexts": contexts}),
        Against::Revision(name, commit) => {
            json!({"kind": "revision", "name": name, "commit": commit})
        }
        Against::Folder(path) => json!({"kind": "folder", "name": path}),
    }
}

/// The class as a key: `notCompared`.
fn word(class: Class) -> &'static str {
    if class == Class::NotCompared { "notCompared" } else { class.word() }
}

fn counts(counts: &BTreeMap<Class, usize>) -> Value {
    let count = |class| counts.get(&class).copied().unwrap_or_default();
    let all = Class::ALL.map(|class| (word(class).to_owned(), count(class).into()));
    Value::Object(all.into_iter().collect())
}

fn environment(environment: &EnvironmentDiff) -> Value {
    json!({
        "name": environment.name,
        "cluster": environment.cluster,
        "counts": counts(&environment.counts),
    })
}

fn finding(finding: &Finding) -> Value {
    let Change { identity, class, reason, environment, app, path, origin: from, .. } =
        &finding.change;
    json!({
        "class": word(*class),
        "group": identity.group,
        "kind": identity.kind,
        "namespace": identity.namespace,
        "name": identity.name,
        "environment": environment.as_ref(),
        "app": app.as_deref(),
        "reason": reason,
        "path": path,
        "origin": from.as_ref().map(origin),
        "fields": finding.fields.iter().map(field).collect::<Vec<_>>(),
    })
}

fn field(shown: &ShownField) -> Value {
    let mut out = json!({"path": shown.field.path.to_string()});
    // A missing side is not null: a field can be set to null.
    for (key, side) in [("before", &shown.field.before), ("after", &shown.field.after)] {
        if let Some(value) = side {
            out[key] = value.clone();
        }
    }
    if let Some(found) = &shown.origin {
        out["origin"] = origin(found);
    }
    out
}

fn origin(origin: &Origin) -> Value {
    json!({"file": origin.file, "line": origin.line})
}

fn danger(danger: &Danger) -> Value {
    json!({
        "level": danger.level.word(),
        "cluster": danger.cluster,
        "environment": danger.environment.as_deref(),
        "subject": danger.subject,
        "what": danger.what,
    })
}

fn permission(change: &PermissionChange) -> Value {
    let subject = match &change.subject {
        Subject::Account(namespace, name) => {
            json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
        }
        Subject::User(name) => json!({"kind": "User", "name": name}),
        Subject::Group(name) => json!({"kind": "Group", "name": name}),
        Subject::Holder(kind, namespace, name) => {
            json!({"kind": "holder", "role": {"kind": kind, "namespace": namespace, "name": name}})
        }
    };
    json!({
        "cluster": change.cluster,
        "subject": subject,
        "account": change.account.map(word),
        "gains": change.gains.iter().map(grant).collect::<Vec<_>>(),
        "loses": change.loses.iter().map(grant).collect::<Vec<_>>(),
    })
}

fn grant(grant: &Grant) -> Value {
    let target = |target: &Target| match target {
        Target::Resource { group, resource, name } => {
            json!({"group": group, "resource": resource, "name": name})
        }
        Target::Path(path) => json!({"path": path}),
        Target::Role(role) => json!({"role": role}),
    };
    let namespace = match &grant.scope {
        Scope::Cluster => None,
        Scope::Namespace(name) => Some(name),
    };
    let mut out = json!({
        "namespace": namespace,
        "verbs": grant.verbs,
        "targets": grant.targets.iter().map(target).collect::<Vec<_>>(),
        "words": grant.to_string(),
    });
    if let Some(more) = leads_to(grant) {
        out["leadsTo"] = more.into();
    }
    out
}
