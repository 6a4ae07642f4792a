//! References to Tasks, Pipelines and StepActions.

use super::params::{Param, given};
use super::scope::{Scope, has, text};
use super::table::object::{REFERENCE, RESOLVER, RESOLVER_PARAMS};
use super::text::{is_like_url, is_qualified};
use crate::check::finding::Rule;
use crate::yaml::Value;

/// Judges one.
pub(super) fn judge(scope: &mut Scope<'_, '_>, of: &Value, at: &str) {
    let (name, resolver) = (text(of, "name"), text(of, "resolver"));
    let name_at = format!("{at}.name");
    if has(of, "params") {
        if !name.is_empty() {
            let said = "expected exactly one, got both: name, params";
            scope.say(&RESOLVER, &name_at, "cannot stand beside `params`", said);
        }
        if resolver.is_empty() {
            let said = "missing field(s): resolver";
            scope.say(&RESOLVER, &format!("{at}.resolver"), "is missing beside `params`", said);
        }
        no_twins(scope, &given(of, "params", at), &RESOLVER_PARAMS);
    }
    let concise = scope.judge.cluster.concise_resolvers;
    let is_off = "feature flag enable-concise-resolver-syntax should be set to true to use concise resolver syntax";
    if !resolver.is_empty() {
        if !name.is_empty() && !is_like_url(name) {
            let said = "invalid value: invalid URI for request: name";
            let what = "cannot stand beside `resolver`, unless it is a URL";
            scope.say(&REFERENCE, &name_at, what, said);
        } else if !name.is_empty() && !concise {
            scope.say(
                &REFERENCE,
                &name_at,
                "is a URL, which needs Tekton's `enable-concise-resolver-syntax`",
                is_off,
            );
        }
    } else if has(of, "params") {
    } else if name.is_empty() {
        scope.say(&REFERENCE, &name_at, "is missing", "missing field(s): name");
    } else if is_like_url(name) {
        if !concise {
            scope.say(
                &REFERENCE,
                &name_at,
                "is a URL, which needs Tekton's `enable-concise-resolver-syntax`",
                is_off,
            );
        }
        let said = "missing field(s): resolver";
        scope.say(
            &RESOLVER,
            &format!("{at}.resolver"),
            "is missing for a name that is a URL",
            said,
        );
    } else if !is_qualified(name) {
        let what = format!("`{name}` cannot be the name of an object");
        scope.say(&REFERENCE, &name_at, what, format!("invalid value: {name}: name"));
    }
}

/// Parameters of the same name; case does not count.
pub(super) fn no_twins(scope: &mut Scope<'_, '_>, params: &[Param<'_>], rule: &'static Rule) {
    let mut seen = std::collections::BTreeSet::new();
    for param in params {
        if !seen.insert(param.name.to_lowercase()) {
            let what = format!("`{}` is given twice", param.name);
            let said = format!("expected exactly one, got both: [{}].name", param.name);
            scope.say(rule, &format!("{}.name", param.at), what, said);
        }
    }
}
