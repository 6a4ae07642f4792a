//! The listener for the webhooks of all apps of an environment.
//!
//! It checks each signature once, then asks the Triggers in the apps' own namespaces, which decide whether an event is theirs. It may
//! read Triggers and act as the accounts of the apps' triggers, and each of those may create runs in its own namespace. So a Trigger
//! that somebody else writes starts nothing in another app's namespace.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostic, Diagnostics, SpecError};
use crate::environment::{Api, Environment, Run};
use crate::model::App;
use crate::yaml::{Map, Value, to_value};

/// The name of the listener, of its account and its Ingress.
pub(super) const LISTENER: &str = "listener";

/// The template of what a listener needs.
pub(super) const TEMPLATES: [&str; 3] =
    ["listener/account.yaml", "listener/listener.yaml", "listener/ingress.yaml"];

/// The apps behind one kind of git host.
#[derive(Default)]
struct Group<'a> {
    types: BTreeSet<&'a str>,
    namespaces: BTreeSet<&'a str>,
    secret: &'a str,
    secret_key: &'a str,
}

/// The listener as its templates see it; nothing where each app has its own, or none has a trigger.
pub(super) fn listener(environment: &Environment, apps: &[App]) -> Option<Value> {
    let listener = environment.listener.as_ref()?;
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for app in apps {
        let Some(trigger) = &app.trigger else { continue };
        let group = groups.entry(&trigger.host_kind).or_default();
        let types = trigger.events.iter().flat_map(|event| &event.types);
        group.types.extend(types.map(String::as_str));
        group.namespaces.insert(&app.pipeline_namespace);
        (group.secret, group.secret_key) = (&trigger.secret, &trigger.secret_key);
    }
    if groups.is_empty() {
        return None;
    }
    let texts = |all: BTreeSet<&str>| Value::Seq(all.into_iter().map(Value::from).collect());
    let groups = groups.into_iter().map(|(host, group)| {
        Value::from([
            ("host_kind", host.into()),
            ("interceptor", interceptor(host).into()),
            ("secret", group.secret.into()),
            ("secret_key", group.secret_key.into()),
            ("types", texts(group.types)),
            ("namespaces", texts(group.namespaces)),
        ])
    });
    let mut seen = Map::default();
    seen.push("name", LISTENER);
    seen.push("namespace", listener.namespace.as_str());
    seen.push("host", listener.host.as_deref().map_or(Value::Null, Value::from));
    seen.push("tls", to_value(&listener.tls));
    seen.push("groups", Value::Seq(groups.collect()));
    Some(Value::Map(seen))
}

/// A listener that is left out, as its triggers are; or one without an app to start anything in.
#[must_use]
pub fn idle_listener(environment: &Environment, apps: &[App]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let Some(listener) = environment.listener.as_ref().filter(|_| environment.run == Run::Webhook)
    else {
        return problems;
    };
    if !environment.has(Api::Triggers) {
        let what = format!("{}: the listener", environment.name);
        let why = "`apis` does not include `triggers`".to_owned();
        problems.push(Diagnostic::warning(SpecError::Unmet { what, why }).at(listener.span));
    } else if apps.iter().all(|app| app.trigger.is_none()) {
        let (key, other) = ("listener".to_owned(), "trigger".to_owned());
        let why = "no pipeline of an app has one here, so no event could start anything".to_owned();
        problems.error(listener.span, SpecError::Needs { key, other, why });
    }
    problems
}

/// The interceptor that knows how a host signs. Gitea signs as GitHub does, and sends the same headers.
fn interceptor(host: &str) -> &str {
    match host {
        "gitea" => "github",
        "bitbucket-server" => "bitbucket",
        host => host,
    }
}
