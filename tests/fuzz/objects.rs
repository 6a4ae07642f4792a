//! Objects on two sides, broken at random: every one ends in a class, and no value of a Secret is ever shown.

use std::sync::Arc;

use base64::Engine as _;
use gitops_gen::change::{Desired, Masker, between, dangers, findings, live, permissions};
use gitops_gen::diagnostics::{Diagnostics, Look, Sources};
use gitops_gen::kubernetes::Identity;
use gitops_gen::ops::diff::{Against, DiffReport, EnvironmentDiff, counts};
use gitops_gen::report::{Show as _, Style};
use serde_json::{Value, json};

use crate::child::Target;
use crate::golden::cases;
use crate::mutate::{self, Random};
use crate::support::documents;

/// What a Secret holds.
pub const CANARY: &str = "canary-7d1f0c55";

pub struct Objects {
    known: Vec<Value>,
    before: Vec<Value>,
    after: Vec<Value>,
}

impl Objects {
    pub fn new() -> Self {
        let trees =
            ["example-service", "example-monorepo", "trigger-everything", "extra-manifests"];
        let mut known = Vec::new();
        for case in cases::all() {
            if trees.contains(&case.name.as_str()) {
                let files = case.run().after.into_iter();
                let files = files
                    .filter(|(path, _)| is_yaml(path) && !path.ends_with("/kustomization.yaml"));
                for (_, content) in files {
                    known.extend(documents(std::str::from_utf8(&content).expect("UTF-8")));
                }
            }
        }
        assert!(known.len() > 100, "the golden trees moved");
        let (before, after) = (Vec::new(), Vec::new());
        Self { known, before, after }
    }
}

/// A Secret that holds the canary in every place that one has, and something else of it beside.
fn secret(more: &str) -> Value {
    let encoded = base64::engine::general_purpose::STANDARD.encode(CANARY);
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "canary", "namespace": "shop",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": format!("{{\"stringData\":{{\"a\":\"{CANARY}\"}}}}")},
        },
        "data": {"a": encoded, "more": more},
        "stringData": {"b": CANARY},
    })
}

impl Target for Objects {
    fn next(&mut self, random: &mut Random) -> String {
        let mut sides = [Vec::new(), Vec::new()];
        for _ in 0..4 {
            let object = random.pick(&self.known);
            for side in &mut sides {
                let mut object = mutate::object(random, object);
                // The value of a Secret also stands where it does not belong.
                if let (0, Some(map)) = (random.below(2), object.as_object_mut()) {
                    map.insert("data".to_owned(), json!({"copied": format!("url=https://u:{CANARY}@h"), "x": mutate::pieces(random)}));
                }
                side.push(object);
            }
        }
        sides[0].push(secret("b25l"));
        sides[1].push(secret("dHdv"));
        let [before, after] = sides;
        let shown = format!("{}\n{}", json!(before), json!(after));
        (self.before, self.after) = (before, after);
        shown
    }

    fn run(&mut self) {
        for (desired, live) in self.after.iter().zip(&self.before) {
            let sent = live::as_flux_sends(desired.clone(), None);
            let _ = live::judge(&sent, live);
            let _ = live::predict(&sent, live, sent.clone());
            let _ = (
                live::drifted(live, desired),
                live::without_live(desired),
                live::bare(live.clone()),
            );
        }
        let side = |objects: &[Value]| objects.iter().map(desired).collect::<Vec<_>>();
        let (before, after) = (side(&self.before), side(&self.after));
        let total = self.before.len() + self.after.len();
        let changes = between(before, after.clone());
        assert!(
            changes.len() >= total / 2 && changes.len() <= total,
            "an object is lost or made up"
        );
        let masker = Masker::of(&changes);
        let permissions = permissions(&changes, &after, |_| "home".to_owned());
        let report = DiffReport {
            against: Against::Folder("before".to_owned()),
            complete: true,
            environments: vec![EnvironmentDiff {
                name: "dev".to_owned(),
                cluster: "home".to_owned(),
                counts: counts(&changes),
                findings: findings(changes.clone(), &masker, |_, _| None),
            }],
            dangers: dangers(&changes, &permissions, |_| "home".to_owned()),
            pipelines: Vec::new(),
            permissions,
            notes: Vec::new(),
            problems: Diagnostics::default(),
            role: None,
            requests: None,
        };
        assert_eq!(report.counts().values().sum::<usize>(), changes.len());
        let style = |look| Style { look, is_verbose: true, is_summary: false };
        for look in [Look::Plain, Look::Coloured] {
            no_canary(&report.text(style(look)));
        }
        let page = report.markdown(style(Look::Plain));
        assert!(page.len() <= 65_536, "a comment of {} bytes", page.len());
        no_canary(&page);
        no_canary(&report.json(&Sources::default()).to_string());
    }
}

/// As the tree would say it; who it is was decided before it was broken.
fn desired(body: &Value) -> Desired {
    let text = |pointer: &str| {
        body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let api_version = text("/apiVersion");
    let group = api_version.rsplit_once('/').map_or(String::new(), |(group, _)| group.to_owned());
    Desired {
        identity: Identity {
            group,
            kind: text("/kind"),
            namespace: Some(text("/metadata/namespace")).filter(|namespace| !namespace.is_empty()),
            name: text("/metadata/name"),
        },
        api_version,
        body: body.clone(),
        environment: Arc::from("dev"),
        app: None,
        path: Arc::from("clusters/home/dev/app/app/workload.yaml"),
        origin: None,
        applier: None,
    }
}

/// Fails where a text shows what a Secret holds, plainly or as it is encoded.
pub fn no_canary(text: &str) {
    let encoded = base64::engine::general_purpose::STANDARD.encode(CANARY);
    assert!(!text.contains(CANARY) && !text.contains(&encoded), "the canary is shown:\n{text}");
}

fn is_yaml(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|ending| ending == "yaml")
}
