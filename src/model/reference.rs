//! Tasks that gen does not render: one in the cluster, or one that a resolver of Tekton's fetches when the run starts.

use super::decode::Decoder;
use super::pipeline::Named;
use crate::diagnostics::SpecError;
use crate::name::image_parts;
use crate::spec::{View, nearest};
use crate::yaml::{Map, Value};

/// A resolver that Tekton brings with it: what it needs, what it takes beside that (pipeline v1.15, pkg/resolution/resolver).
struct Resolver {
    name: &'static str,
    needs: &'static [&'static str],
    takes: &'static [&'static str],
}

const RESOLVERS: [Resolver; 5] = [
    Resolver {
        name: "cluster",
        needs: &["name"],
        takes: &["kind", "namespace"],
    },
    Resolver {
        name: "git",
        needs: &["pathInRepo"],
        takes: &[
            "url",
            "revision",
            "org",
            "repo",
            "token",
            "tokenKey",
            "gitToken",
            "gitTokenKey",
            "scmType",
            "serverURL",
            "configKey",
            "cache",
        ],
    },
    Resolver {
        name: "bundles",
        needs: &["bundle", "name"],
        takes: &["kind", "secret", "serviceAccount", "cache"],
    },
    Resolver {
        name: "hub",
        needs: &["name", "version"],
        takes: &["kind", "catalog", "type", "url"],
    },
    Resolver {
        name: "http",
        needs: &["url"],
        takes: &[
            "http-username",
            "http-password-secret",
            "http-password-secret-key",
            "digest",
        ],
    },
];

/// The `taskRef` of a task with `ref`.
pub(super) fn read(d: &mut Decoder<'_>, named: Named<'_>, view: &View<'_>) -> Option<Value> {
    let reference = view.view("ref");
    let mut map = Map::default();
    match (reference.text("name"), reference.text("resolver")) {
        (Some(name), None) => {
            map.push("kind", "Task");
            map.push("name", name);
        }
        (None, Some(resolver)) => {
            let params = reference.pairs("params");
            check(d, named.name, &reference, resolver, &params);
            map.push("resolver", resolver);
            let pair = |(name, value): (String, String)| {
                Value::from([("name", name.into()), ("value", value.into())])
            };
            map.push("params", Value::Seq(params.into_iter().map(pair).collect()));
        }
        _ => {
            let problem =
                "has a `ref` that names neither a Task nor a resolver, or both".to_owned();
            let name = named.name.to_owned();
            d.problems
                .error(named.span, SpecError::OwnTask { name, problem });
            return None;
        }
    }
    Some(Value::Map(map))
}

fn check(
    d: &mut Decoder<'_>,
    task: &str,
    reference: &View<'_>,
    name: &str,
    params: &[(String, String)],
) {
    let Some(resolver) = RESOLVERS.iter().find(|resolver| resolver.name == name) else {
        // A cluster may have resolvers of its own; a misspelt one of Tekton's is found here.
        if let Some(near) = nearest(name, RESOLVERS.iter().map(|resolver| resolver.name)) {
            let problem = format!("names the resolver `{name}`; did you mean `{near}`?");
            let error = SpecError::BadResolver {
                name: task.to_owned(),
                problem,
            };
            d.problems.error(reference.span_of("resolver"), error);
        }
        return;
    };
    let value = |key: &str| {
        let found = params.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    };
    let mut bad = |span, problem: String| {
        let name = task.to_owned();
        d.problems
            .error(span, SpecError::BadResolver { name, problem });
    };
    for key in resolver.needs.iter().filter(|key| value(key).is_none()) {
        bad(
            reference.span(),
            format!("needs the parameter `{key}` of the resolver `{name}`"),
        );
    }
    for entry in reference.entries("params") {
        let key = entry.key.as_str();
        let known = || resolver.needs.iter().chain(resolver.takes).copied();
        if !known().any(|other| other == key) {
            let hint = nearest(key, known())
                .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            bad(
                entry.key_span,
                format!("has `{key}`, which the resolver `{name}` does not take{hint}"),
            );
        }
        if super::tekton::tekton_variable(value(key).unwrap_or_default()).is_some() {
            bad(
                entry.value.span,
                format!("lets a run choose `{key}`, and so what is executed"),
            );
        }
    }
    let mut unpinned = |what: String, pin: &str| {
        let (name, pin) = (task.to_owned(), pin.to_owned());
        d.warn(
            reference.span_of("params"),
            SpecError::UnpinnedReference { name, what, pin },
        );
    };
    match name {
        "git" => {
            if value("url").is_none() && value("repo").is_none() {
                bad_git(d, task, reference);
                return;
            }
            let revision = value("revision");
            match revision {
                Some(text) if super::params::is_commit(text) => {}
                Some(text) => unpinned(
                    format!("the branch or tag `{text}`"),
                    "name a commit: `revision: SHA`, 40 hexadecimal digits",
                ),
                None => unpinned(
                    "no revision".to_owned(),
                    "name a commit: `revision: SHA`, 40 hexadecimal digits",
                ),
            }
        }
        "bundles" => {
            let bundle = value("bundle").unwrap_or_default();
            if image_parts(bundle).is_none_or(|parts| parts.digest.is_none()) {
                unpinned(
                    format!("the tag of `{bundle}`"),
                    "name a digest: `bundle: REGISTRY/NAME@sha256:…`",
                );
            }
        }
        "http" if value("digest").is_none() => unpinned(
            "an address".to_owned(),
            "say what must come: `digest: sha256:…` of the file",
        ),
        "hub" if value("version") == Some("latest") => {
            unpinned(
                "`latest`".to_owned(),
                "name a version, as in `version: \"0.9\"`",
            );
        }
        _ => {}
    }
}

fn bad_git(d: &mut Decoder<'_>, task: &str, reference: &View<'_>) {
    let problem = "needs `url`, or `org` and `repo`, of the resolver `git`".to_owned();
    let name = task.to_owned();
    d.problems
        .error(reference.span(), SpecError::BadResolver { name, problem });
}
