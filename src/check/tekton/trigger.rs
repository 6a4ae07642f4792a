//! Triggers: their bindings, interceptors and templates.

use super::params::Given;
use super::scope::{Scope, has, is_set, items, part, text};
use super::table::trigger::{BINDING, CLIENT, INTERCEPTOR, TEMPLATE};
use super::trigger_template;
use crate::yaml::Value;

/// A Trigger.
pub(super) fn judge(scope: &mut Scope<'_, '_>, object: &Value) {
    let spec = part(object, "spec");
    bindings(scope, spec, "spec");
    template(scope, part(spec, "template"), "spec.template");
    interceptors(scope, spec, "spec");
}

/// What gives parameters their values.
pub(super) fn bindings(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for (index, one) in items(of, "bindings").iter().enumerate() {
        let at = format!("{at}.bindings[{index}]");
        let (name, kind) = (text(one, "name"), text(one, "kind"));
        if has(one, "ref") {
            if !name.is_empty() {
                let said = format!(
                    "expected exactly one, got both: bindings[{index}].name, bindings[{index}].ref"
                );
                scope.say(&BINDING, &format!("{at}.name"), "cannot stand beside `ref`", said);
            } else if !matches!(kind, "" | "TriggerBinding" | "ClusterTriggerBinding") {
                let said = format!("invalid value: invalid kind: bindings[{index}].kind");
                let what = format!("`{kind}` is not a kind of bindings");
                scope.say(&BINDING, &format!("{at}.kind"), what, said);
            }
        } else if name.is_empty() {
            let said = format!(
                "expected exactly one, got neither: bindings[{index}].name, bindings[{index}].ref, bindings[{index}].spec"
            );
            scope.say(&BINDING, &at, "has neither `ref` nor `name`", said);
        } else if !is_set(one, "value") {
            let said = format!("missing field(s): bindings[{index}].value");
            scope.say(&BINDING, &format!("{at}.value"), "is missing", said);
        }
    }
}

/// The template of a trigger.
pub(super) fn template(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    // Go's decoder takes a name in any case.
    let version = [text(of, "apiversion"), text(of, "apiVersion")].concat();
    let version = version.as_str();
    if !matches!(version, "" | "v1alpha1" | "v1beta1") {
        let said = "invalid value: invalid apiVersion: template.apiVersion";
        let what = format!("`{version}` is neither `v1alpha1` nor `v1beta1`");
        scope.say(&TEMPLATE, &format!("{at}.apiversion"), what, said);
    }
    match (is_set(of, "spec"), is_set(of, "ref")) {
        (true, true) => {
            let said = "expected exactly one, got both: template.ref, template.spec";
            scope.say(&TEMPLATE, at, "has both `ref` and `spec`", said);
        }
        (false, false) => {
            let said = "expected exactly one, got neither: template.ref, template.spec";
            scope.say(&TEMPLATE, at, "has neither `ref` nor `spec`", said);
        }
        (true, false) => trigger_template::spec(scope, part(of, "spec"), &format!("{at}.spec")),
        (false, true) if !has(of, "ref") => {
            let said = "missing field(s): template.ref";
            scope.say(&TEMPLATE, &format!("{at}.ref"), "is empty", said);
        }
        (false, true) => {}
    }
}

/// What judges and changes events.
pub(super) fn interceptors(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    for (index, one) in items(of, "interceptors").iter().enumerate() {
        let at = format!("{at}.interceptors[{index}]");
        if is_set(one, "webhook") {
            webhook(scope, part(one, "webhook"), &format!("{at}.webhook"));
        } else if !has(part(one, "ref"), "name") {
            let said = format!("missing field(s): interceptors[{index}].interceptor");
            scope.say(&INTERCEPTOR, &format!("{at}.ref"), "names no interceptor", said);
        }
    }
}

fn webhook(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    let target = part(of, "objectRef");
    let at_target = format!("{at}.objectRef");
    if is_set(of, "objectRef") {
        for (key, wanted) in [("kind", "Service"), ("apiVersion", "v1")] {
            let is = text(target, key);
            if is != wanted {
                let said = if is.is_empty() {
                    format!("missing field(s): interceptor.webhook.objectRef.{key}")
                } else {
                    format!("invalid value: invalid {key}: interceptor.webhook.objectRef.{key}")
                };
                let what = format!("must be `{wanted}`");
                scope.say(&INTERCEPTOR, &format!("{at_target}.{key}"), what, said);
            }
        }
    } else {
        let said = "missing field(s): interceptor.webhook.objectRef";
        scope.say(&INTERCEPTOR, &at_target, "is missing", said);
    }
    for (index, header) in items(of, "header").iter().enumerate() {
        let at = format!("{at}.header[{index}]");
        let name = text(header, "name");
        if name.is_empty() || canonical(name) != name {
            let said = format!(
                "invalid value: invalid header name: interceptor.webhook.header[{index}].name"
            );
            let what = format!("`{name}` is not written as `{}`", canonical(name));
            scope.say(&INTERCEPTOR, &format!("{at}.name"), what, said);
        }
        let is_empty = match Given::of(header.get("value").unwrap_or(&Value::Null)) {
            Given::Text(text) => text.is_empty(),
            Given::List(all) => all.is_empty(),
            Given::Map(_) => true,
        };
        if is_empty {
            let said = format!(
                "invalid value: invalid header value: interceptor.webhook.header[{index}].value"
            );
            scope.say(&INTERCEPTOR, &format!("{at}.value"), "is empty", said);
        }
    }
}

/// The name of a header as Go writes it.
fn canonical(name: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.chars().all(is_token) {
        return name.to_owned();
    }
    let mut upper = true;
    let each = |c: char| {
        let c = if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        upper = c == '-';
        c
    };
    name.chars().map(each).collect()
}

/// A ClusterInterceptor or Interceptor.
pub(super) fn interceptor(scope: &mut Scope<'_, '_>, object: &Value) {
    let client = part(part(object, "spec"), "clientConfig");
    let at = "spec.clientConfig";
    if is_set(client, "url") && is_set(client, "service") {
        let said =
            "expected exactly one, got both: spec.clientConfig.service, spec.clientConfig.url";
        scope.say(&CLIENT, at, "has both `url` and `service`", said);
    }
    for key in ["namespace", "name"].into_iter().filter(|_| is_set(client, "service")) {
        if !has(part(client, "service"), key) {
            let said = format!("missing field(s): {at}.service.{key}");
            scope.say(&CLIENT, &format!("{at}.service.{key}"), "is missing", said);
        }
    }
}
