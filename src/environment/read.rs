//! From the checked files to environments.

use std::collections::{BTreeMap, BTreeSet};

use super::order::in_order;
use super::{
    Api, Dashboard, Decryption, Deploy, Environment, Flux, FluxSource, Freeze, Gate, Gateway,
    History, HookSecret, Limits, Listener, Monitoring, Outside, Pattern, Quota, Receiver, Registry,
    Repository, Run, Selection, Tls, Window, merge,
};
use crate::diagnostics::{Diagnostic, Diagnostics, Span, SpecError};
use crate::name::{image_parts, naturally, seconds, word};
use crate::spec::table::Shape;
use crate::spec::{EnvironmentFile, Spec, View, environment, hint, root};
use crate::yaml::Node;

/// All environments, in order of promotion, then by name; and their errors: overrides and pins of unknown apps, a circular or
/// broken chain of promotion, a digest besides a pin. An environment with errors is returned as well, so that the errors of its
/// apps are found, too.
#[must_use]
pub fn environments(spec: &Spec) -> (Vec<Environment>, Diagnostics) {
    let mut problems = Diagnostics::default();
    let read: BTreeMap<String, Environment> = spec
        .environments
        .iter()
        .map(|(name, file)| (name.clone(), one(spec, name, file, &mut problems)))
        .collect();
    check_chain(spec, &read, &mut problems);
    (in_order(read), problems)
}

fn registry(whole: &View<'_>, view: &View<'_>, problems: &mut Diagnostics) -> Registry {
    let common = Registry::default().overridden(&whole.view("registry"));
    let registry = common.overridden(&view.view("registry"));
    if let Some((first, second, why)) = registry.contradiction() {
        let span = if view.get("registry").is_some() { view } else { whole }.span_of("registry");
        let [first, second, why] = [first, second, why].map(str::to_owned);
        problems.error(span, SpecError::Excludes { first, second, why });
    }
    registry
}

fn one(spec: &Spec, name: &str, file: &EnvironmentFile, problems: &mut Diagnostics) -> Environment {
    let view = View::new(Some(&file.node), environment());
    let whole = View::new(Some(&spec.root), root());
    let (everywhere, overrides) = overrides(spec, name, &view, problems);
    let promotes_from = view.string("promotesFrom");
    let via = view.view("promote").string("via");
    let flux = flux(spec, name, file);
    let apis: BTreeSet<Api> = view.texts("apis").iter().filter_map(|api| word(api)).collect();
    let registry = registry(&whole, &view, problems);
    let namespace = view.view("namespace");
    let result = Environment {
        name: name.to_owned(),
        cluster: view.string("cluster").unwrap_or_else(|| name.to_owned()),
        context: view.string("context"),
        namespace: Pattern {
            text: namespace.string("name").unwrap_or_else(|| "{{ app }}-{{ env }}".to_owned()),
            span: if namespace.is_written() { namespace.span_of("name") } else { view.span() },
        },
        creates_namespace: namespace.bool("create").unwrap_or(true),
        deploy: view.word("deploy").unwrap_or(Deploy::Git),
        run: view.word("run").unwrap_or(Run::None),
        listener: listener(&view, name, problems),
        pipeline: selection(&view, promotes_from.is_some()),
        gate: gate(&view.view("promote").view("gate"), promotes_from.is_some(), problems),
        promote_by_branch: via.map_or(name == "prod", |via| via == "branch"),
        promotes_from,
        history: history(&view, apis.contains(&Api::Pruner), problems),
        apis,
        gateway: gateway(&view, problems),
        ingress_class: view.view("ingress").string("class"),
        registry,
        outside: Outside::read(&view, problems),
        images: whole.pairs("images").into_iter().chain(view.pairs("images")).collect(),
        tekton_sets_security_context: view.view("tekton").flag("setSecurityContext"),
        tekton_features: features(&view.view("tekton")),
        dashboard: view.view("tekton").string("dashboard"),
        monitoring: monitoring(&view.view("monitoring"), &flux.namespace),
        quota: view.view("quota").is_written().then(|| quota(&view.view("quota"))),
        limits: view.view("limits").is_written().then(|| Limits {
            cpu: view.view("limits").string("cpu"),
            memory: view.view("limits").string("memory"),
        }),
        flux,
        repository: repository(&whole.view("repository")),
        patches: view.items("patches").to_vec(),
        everywhere,
        overrides,
        pins: file
            .pins
            .apps
            .iter()
            .map(|(app, pin)| (app.clone(), (pin.clone(), file.pin_spans[app])))
            .collect(),
    };
    check_pins(spec, &result, problems);
    if result.deploy == Deploy::ImageAutomation && result.promotes_from.is_some() {
        let error = SpecError::Excludes {
            first: "deploy: image-automation".to_owned(),
            second: "promotesFrom".to_owned(),
            why: "both would write the same pins".to_owned(),
        };
        problems.error(view.span_of("deploy"), error);
    }
    result
}

/// What lets a promotion in.
fn gate(view: &View<'_>, is_promoted: bool, problems: &mut Diagnostics) -> Gate {
    if view.is_written() && !is_promoted {
        let (key, other) = ("promote.gate".to_owned(), "promotesFrom".to_owned());
        let why = "nothing is promoted to it otherwise".to_owned();
        problems.error(view.span(), SpecError::Needs { key, other, why });
    }
    let mut wrong = |key: &str, problem: String| {
        let path = format!("promote.gate.{key}");
        problems.error(view.span_of(key), SpecError::BadGate { path, problem });
    };
    let window = view
        .text("window")
        .and_then(|text| Window::parse(text).map_err(|problem| wrong("window", problem)).ok());
    let freeze = view
        .texts("freeze")
        .into_iter()
        .filter_map(|text| Freeze::parse(&text).map_err(|problem| wrong("freeze", problem)).ok());
    let gate = Gate {
        run: view.text("run") == Some("succeeded"),
        soak: view.text("soak").and_then(seconds),
        freeze: freeze.collect(),
        window,
    };
    if view.is_written()
        && ["run", "soak", "window", "freeze"].iter().all(|key| view.get(key).is_none())
    {
        let (path, problem) =
            ("promote.gate".to_owned(), "no condition, so it holds nothing".to_owned());
        problems.error(view.span(), SpecError::BadGate { path, problem });
    }
    gate
}

/// The kinds of git hosts whose webhooks start runs.
const HOSTS: [&str; 5] = ["github", "gitlab", "gitea", "bitbucket", "bitbucket-server"];

fn listener(view: &View<'_>, environment: &str, problems: &mut Diagnostics) -> Option<Listener> {
    let listener = view.view("listener");
    if !listener.is_written() {
        return None;
    }
    if view.text("run") != Some("webhook") {
        let (key, other) = ("listener".to_owned(), "run: webhook".to_owned());
        let why = "only webhooks need one".to_owned();
        problems.error(view.span_of("listener"), SpecError::Needs { key, other, why });
    }
    if listener.get("tls").is_some() && listener.get("host").is_none() {
        let (key, other) = ("listener.tls".to_owned(), "listener.host".to_owned());
        let why = "a certificate is for a host name".to_owned();
        problems.error(listener.span_of("tls"), SpecError::Needs { key, other, why });
    }
    let secrets = listener.view("secrets");
    let secret = |host: &str| HookSecret::read(&secrets.view(host), || format!("{host}-webhook"));
    Some(Listener {
        namespace: listener
            .string("namespace")
            .unwrap_or_else(|| format!("gen-{environment}-listener")),
        host: listener.string("host"),
        tls: Tls::read(&listener, || "listener-tls".to_owned()),
        secrets: HOSTS.into_iter().map(|host| (host.to_owned(), secret(host))).collect(),
        span: view.span_of("listener"),
    })
}

fn gateway(view: &View<'_>, problems: &mut Diagnostics) -> Option<Gateway> {
    let gateway = view.view("gateway");
    if !gateway.is_written() {
        return None;
    }
    let mut need = |key| gateway.required("gateway", key, problems).unwrap_or_default();
    let (name, namespace) = (need("name"), need("namespace"));
    Some(Gateway { name, namespace, section_name: gateway.string("sectionName") })
}

fn monitoring(view: &View<'_>, flux: &str) -> Monitoring {
    let dashboard = (view.text("dashboard") != Some("none")).then(|| {
        let view = view.view("dashboard");
        let mut labels = view.pairs("labels");
        if labels.is_empty() {
            labels.push(("grafana_dashboard".to_owned(), "1".to_owned()));
        }
        Dashboard {
            namespace: view.text("namespace").unwrap_or(flux).to_owned(),
            labels,
            folder: view.string("folder"),
        }
    });
    let labels = view.view("namespaceLabel");
    Monitoring {
        labels: view.pairs("labels"),
        namespace: view.string_or_default("namespace"),
        dashboard,
        tekton_namespace: labels.string_or_default("tekton"),
        flux_namespace: labels.string_or_default("flux"),
    }
}

fn selection(view: &View<'_>, promoted: bool) -> Selection {
    match view.get("pipeline") {
        None if promoted => Selection::None,
        None => Selection::All,
        Some(node) => match (node.items(), node.scalar()) {
            (Some(items), _) => Selection::Tasks(
                items
                    .iter()
                    .filter_map(|item| Some((item.scalar()?.text.clone(), item.span)))
                    .collect(),
            ),
            (None, Some(scalar)) if scalar.text == "none" => Selection::None,
            _ => Selection::All,
        },
    }
}

fn repository(view: &View<'_>) -> Repository {
    let text = |key: &str, default: &str| view.string(key).unwrap_or_else(|| default.to_owned());
    Repository {
        url: text("url", ""),
        branch: text("branch", "main"),
        path: text("path", "."),
        secret: text("secret", "gitops-deploy-key"),
    }
}

/// History limits, if Tekton's pruner is there to enforce them. There are none if runs are committed: Flux would recreate a
/// run removed from the cluster, and it would run again.
fn history(view: &View<'_>, prunes: bool, problems: &mut Diagnostics) -> Option<History> {
    let history = view.view("history");
    let in_git = view.text("run") == Some("commit");
    if history.is_written() && (in_git || !prunes) {
        let (other, why) = if in_git {
            ("run: webhook", "Flux recreates a removed run, which then runs again")
        } else {
            ("apis: [pruner]", "only Tekton's pruner enforces the limits")
        };
        let (key, other, why) = ("history".to_owned(), other.to_owned(), why.to_owned());
        problems.error(history.span(), SpecError::Needs { key, other, why });
    }
    if in_git && prunes {
        let name = "apis: [pruner]".to_owned();
        let warning = Diagnostic::warning(SpecError::PrunedRun { name });
        problems.push(warning.at(view.span_of("apis")));
    }
    (prunes && !in_git).then(|| History {
        succeeded: history.u32_or_default("succeeded"),
        failed: history.u32_or_default("failed"),
    })
}

fn quota(view: &View<'_>) -> Quota {
    Quota {
        cpu: view.string("cpu"),
        memory: view.string("memory"),
        pods: view.u32("pods"),
        storage: view.string("storage"),
    }
}

fn flux(spec: &Spec, environment_name: &str, file: &EnvironmentFile) -> Flux {
    let shape = environment().field("flux").map_or(&Shape::Free, |field| &field.shape);
    let mut merged =
        spec.root.get("flux").cloned().unwrap_or_else(|| Node::empty_map(Span::BUILT_IN));
    if let Some(here) = file.node.get("flux") {
        merge(&mut merged, here, shape);
    }
    let view = View::new(Some(&merged), shape.object().expect("`flux` is a mapping"));
    let source = view.view("source");
    let decryption = view.view("decryption");
    let create = source.flag("create");
    let default_name =
        if create { format!("gen-{environment_name}") } else { "flux-system".to_owned() };
    Flux {
        namespace: view.string_or_default("namespace"),
        source: FluxSource {
            name: source.string("name").unwrap_or(default_name),
            create,
            interval: source.string_or_default("interval"),
            secret: source.string("secret"),
        },
        interval: view.string_or_default("interval"),
        retry: view.string_or_default("retry"),
        timeout: view.string_or_default("timeout"),
        service_account: view.string("serviceAccount"),
        depends_on: view.texts("dependsOn"),
        decryption: decryption.is_written().then(|| Decryption {
            provider: decryption.string_or_default("provider"),
            secret: decryption.string("secret"),
        }),
        receiver: receiver(&view, environment_name),
    }
}

fn receiver(flux: &View<'_>, environment: &str) -> Option<Receiver> {
    let (word, view) = flux.variant("receiver")?;
    let (provider, events): (&str, &[&str]) = match word {
        "gitlab" => ("gitlab", &["Push Hook"]),
        "generic" => ("generic-hmac", &[]),
        // Gitea and Forgejo sign as GitHub does, and send the same headers.
        _ => ("github", &["ping", "push"]),
    };
    let name = |what: &str| format!("gen-{environment}-{what}");
    Some(Receiver {
        provider: provider.to_owned(),
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        secret: view.string("secret").unwrap_or_else(|| name("webhook")),
        host: view.string("host"),
        tls: Tls::read(&view, || name("webhook-tls")),
    })
}

fn overrides(
    spec: &Spec,
    environment: &str,
    view: &View<'_>,
    problems: &mut Diagnostics,
) -> (Option<Node>, BTreeMap<String, Node>) {
    let mut everywhere = None;
    let mut overrides = BTreeMap::new();
    for entry in view.entries("apps") {
        if entry.key == "*" {
            everywhere = Some(entry.value.clone());
        } else if spec.has(&entry.key, environment) {
            overrides.insert(entry.key.clone(), entry.value.clone());
        } else {
            let hint = if spec.apps.contains_key(&entry.key) {
                format!("it is not in `{environment}`; its `environments` says where it is")
            } else {
                hint(&entry.key, spec.apps.keys().map(String::as_str), || {
                    "apps are defined in gen.yaml and in the files under `include`".to_owned()
                })
            };
            let name = entry.key.clone();
            problems.error(entry.key_span, SpecError::UnknownAppOverride { name, hint });
        }
    }
    (everywhere, overrides)
}

fn check_pins(spec: &Spec, environment: &Environment, problems: &mut Diagnostics) {
    for (app, (pin, span)) in &environment.pins {
        if !spec.has(app, &environment.name) {
            // Removing an app leaves its pin behind, which does no harm.
            let hint = if spec.apps.contains_key(app) {
                format!("it is not in `{}`: remove it from the pins file", environment.name)
            } else {
                "remove it from the pins file, or restore the app's name".to_owned()
            };
            let name = app.clone();
            let warning = Diagnostic::warning(SpecError::PinOfNoApp { name, hint });
            problems.push(warning.at(*span));
            continue;
        }
        let layers = [environment.overrides.get(app), environment.everywhere.as_ref()];
        if pin.version.is_some() {
            let written =
                layers.iter().flatten().filter_map(|layer| layer.get("helm")?.get("version"));
            for version in written.filter(|version| !version.is_null()) {
                let error = SpecError::VersionBesidePin { name: app.clone() };
                let error = Diagnostic::error(error).at(version.span);
                problems.push(error.note(Some(*span), "the pin is here"));
            }
        }
        if pin.image.is_none() && pin.tag.is_none() {
            continue;
        }
        if environment.deploy == Deploy::Kubectl {
            problems.error(*span, SpecError::PinWithKubectl { name: app.clone() });
        }
        for image in layers.into_iter().flatten().filter_map(|layer| layer.get("image")) {
            let has_digest = image
                .scalar()
                .and_then(|s| image_parts(&s.text))
                .is_some_and(|parts| parts.digest.is_some());
            if has_digest {
                let error = Diagnostic::error(SpecError::DigestBesidePin { name: app.clone() })
                    .at(image.span);
                problems.push(error.note(Some(*span), "the pin is here"));
            }
        }
    }
}

fn check_chain(spec: &Spec, read: &BTreeMap<String, Environment>, problems: &mut Diagnostics) {
    let place = |name: &str| {
        let node = &spec.environments[name].node;
        node.get("promotesFrom").map_or(node.span, |node| node.span)
    };
    for (name, environment) in read {
        let Some(from) = &environment.promotes_from else {
            continue;
        };
        if !read.contains_key(from) {
            let known = read.keys().map(String::as_str);
            let hint = hint(from, known.clone(), || {
                format!("environments: {}", naturally(known).join(", "))
            });
            problems
                .error(place(name), SpecError::UnknownPromotesFrom { name: from.clone(), hint });
            continue;
        }
        let mut chain = vec![name.as_str()];
        let mut at = Some(from.as_str());
        while let Some(step) = at {
            let is_cycle = chain.contains(&step);
            chain.push(step);
            if is_cycle {
                break;
            }
            at = read.get(step).and_then(|environment| environment.promotes_from.as_deref());
        }
        // Each circle is reported once, at the member that comes first by name.
        if at == Some(name) && chain.iter().all(|member| *member >= name.as_str()) {
            problems.error(place(name), SpecError::PromotionCycle { chain: chain.join(" → ") });
        }
    }
}

/// Tekton's settings, lists as in a ConfigMap.
fn features(view: &View<'_>) -> Vec<(String, String)> {
    let written = view.entries("features").into_iter();
    let all = written.map(|entry| {
        let value = match entry.value.as_str() {
            Some(text) => text.to_owned(),
            None => entry.value.texts().join(","),
        };
        (entry.key.clone(), value)
    });
    all.collect()
}
