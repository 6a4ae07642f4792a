//! Which layer wins: `defaults` < the app < the environment's `"*"` < the environment's app < pins. Mappings merge, scalars and
//! lists replace, `null` removes, alternatives are replaced whole.

use gitops_gen::diagnostics::Diagnostics;
use gitops_gen::diagnostics::Sources;
use gitops_gen::files::Memory;
use gitops_gen::fleet::prepare;
use serde_json::{Value, json};

/// Layers from the lowest to the highest, each the text of an app's keys; an empty text leaves the layer out.
#[derive(Default)]
struct Layers<'a> {
    defaults: &'a str,
    app: &'a str,
    star: &'a str,
    environment: &'a str,
    pin: &'a str,
}

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn merged(layers: &Layers<'_>) -> Result<Value, Diagnostics> {
    let root = format!(
        "version: 1\nrepository: https://h/r\ndefaults: {{{}}}\napps:\n  shop: {{{}}}\n",
        layers.defaults, layers.app
    );
    let mut environment = "apps: {".to_owned();
    for (name, text) in [("\"*\"", layers.star), ("shop", layers.environment)] {
        if !text.is_empty() {
            environment = format!("{environment}{name}: {{{text}}}, ");
        }
    }
    environment.push_str("}\n");
    let pins = format!("apps: {{shop: {{{}}}}}\n", layers.pin);
    let files = Memory::new([
        ("gen.yaml", root.as_str()),
        ("environments/dev.yaml", environment.as_str()),
        ("environments/dev.pins.yaml", pins.as_str()),
    ]);
    let (fleet, _) = prepare(&files, &mut Sources::default())?;
    Ok(serde_json::to_value(&fleet.environments[0].apps[0]).unwrap())
}

/// The same with what every app needs.
fn shop(layers: &Layers<'_>) -> Value {
    let app = format!("source: https://h/a, image: r/a, {}", layers.app);
    let layers = Layers { app: &app, ..*layers };
    merged(&layers).unwrap_or_else(|problems| panic!("{problems}"))
}

fn at(layers: &Layers<'_>, pointer: &str) -> Value {
    let app = shop(layers);
    let found = app.pointer(pointer);
    found.unwrap_or_else(|| panic!("no {pointer}")).clone()
}

#[test]
fn every_layer_wins_over_those_below() {
    // Each row: which layers say `grace`, from the lowest to the highest, and what holds.
    let says = |layer: usize, mask: usize| match mask >> layer & 1 {
        1 => format!("grace: {layer}"),
        _ => String::new(),
    };
    for mask in 0..16 {
        let texts: Vec<String> = (0..4).map(|layer| says(layer, mask)).collect();
        let layers = Layers {
            defaults: &texts[0],
            app: &texts[1],
            star: &texts[2],
            environment: &texts[3],
            pin: "",
        };
        let highest = (0..4).rev().find(|layer| mask >> layer & 1 == 1);
        let wanted = highest.map_or(json!(30), |layer| json!(layer));
        assert_eq!(at(&layers, "/container/grace"), wanted, "{texts:?}");
    }
}

#[test]
fn pins_win_over_all() {
    let pin = format!("image: \"r/pinned@{DIGEST}\", revision: abc, nonce: 7");
    let layers = Layers {
        defaults: "source: {branch: one}",
        star: "source: {branch: two}",
        environment: "source: {branch: three}, image: r/other",
        pin: &pin,
        ..Layers::default()
    };
    let app = shop(&layers);
    assert_eq!(app["image"]["reference"], json!(format!("r/pinned@{DIGEST}")));
    assert_eq!(app["image"]["pinned"], json!(true));
    assert_eq!(app["image"]["name"], json!("r/other"));
    assert_eq!(app["source"]["revision"], json!("abc"));
    assert_eq!(app["source"]["branch"], json!("three"));
    assert_eq!(app["nonce"], json!(7));
}

#[test]
fn how_values_come_together() {
    type Row = (&'static str, Layers<'static>, &'static str, Value);
    #[rustfmt::skip] // as a table, a row each
    let rows: Vec<Row> = vec![
        ("mappings merge",
            Layers { defaults: "labels: {a: d, b: d}", app: "labels: {b: app, c: app}", environment: "labels: {c: env}", ..Layers::default() },
            "/labels", json!([["a", "d"], ["b", "app"], ["c", "env"]])),
        ("mappings within mappings merge",
            Layers { app: "resources: {cpu: 1, limits: {memory: 1Gi}}", star: "resources: {memory: 512Mi, limits: {cpu: 2}}", ..Layers::default() },
            "/container/resources", json!({"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "512Mi"}})),
        ("lists replace",
            Layers { defaults: "args: [a, b, c]", environment: "args: [d]", ..Layers::default() },
            "/container/args", json!(["d"])),
        ("an empty list replaces",
            Layers { app: "args: [a, b]", star: "args: []", ..Layers::default() },
            "/container/args", json!([])),
        ("lists of mappings replace",
            Layers { app: "volumes: [{mount: /a, secret: s}, {mount: /b, secret: s}]", environment: "volumes: [{mount: /c, configMap: m}]", ..Layers::default() },
            "/volumes/mounts/1/mountPath", json!("/c")),
        ("null removes a scalar",
            Layers { defaults: "grace: 60", environment: "grace: null", ..Layers::default() },
            "/container/grace", json!(30)),
        ("null removes a mapping",
            Layers { app: "scale: {max: 5}, replicas: 2", environment: "scale: null", ..Layers::default() },
            "/workload/replicas", json!(2)),
        ("null removes one key of a mapping",
            Layers { app: "env: {A: a, B: b}", environment: "env: {A: null}", ..Layers::default() },
            "/container/env", json!([{"name": "B", "value": "b"}])),
        ("null removes a list",
            Layers { defaults: "egress: []", environment: "egress: null", ..Layers::default() },
            "/network/egress", json!(null)),
        ("what null removed can come back",
            Layers { defaults: "grace: 60", app: "grace: null", star: "grace: 61", ..Layers::default() },
            "/container/grace", json!(61)),
        ("null where nothing is does nothing",
            Layers { environment: "grace: null, env: {A: null}", ..Layers::default() },
            "/container/env", json!([])),
        ("a text becomes a reference",
            Layers { app: "env: {A: text}", environment: "env: {A: {secret: s, key: k}}", ..Layers::default() },
            "/container/env", json!([{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}])),
        ("a reference becomes another, whole",
            Layers { app: "env: {A: {secret: s, key: k, optional: true}}", environment: "env: {A: {configMap: c, key: x}}", ..Layers::default() },
            "/container/env", json!([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "x"}}}])),
        ("a reference becomes a text",
            Layers { app: "env: {A: {field: status.podIP}}", star: "env: {A: text}", ..Layers::default() },
            "/container/env", json!([{"name": "A", "value": "text"}])),
        ("a workload becomes another, whole",
            Layers { app: "workload: {cronjob: {schedule: '@daily', retries: 5}}", environment: "workload: statefulset", ..Layers::default() },
            "/workload/kind", json!("StatefulSet")),
        ("settings of the same workload merge",
            Layers { defaults: "workload: {cronjob: {schedule: '@daily', retries: 5}}", environment: "workload: {cronjob: {schedule: '@hourly'}}", ..Layers::default() },
            "/workload/schedule/retries", json!(5)),
        ("a short form merges with the long one",
            Layers { app: "tls: cert, host: a.example, port: 80", environment: "tls: {issuer: acme}", ..Layers::default() },
            "/network/tls", json!({"secret": "cert", "issuer": "acme"})),
        ("a pipeline replaces a pipeline",
            Layers { defaults: "pipeline: [fetch-source, build-image]", app: "pipeline: [fetch-source]", ..Layers::default() },
            "/pipeline/tasks/0/name", json!("fetch-source")),
    ];
    for (name, layers, pointer, wanted) in rows {
        assert_eq!(at(&layers, pointer), wanted, "{name}");
    }
}

/// The merge of one environment leaves the others alone.
#[test]
fn environments_do_not_see_each_other() {
    let files = Memory::new([
        (
            "gen.yaml",
            "version: 1\nrepository: https://h/r\napps: {shop: {source: https://h/a, image: r/a, grace: 1, env: {A: a}}}\n",
        ),
        ("environments/a.yaml", "apps: {shop: {grace: 2, env: {A: null, B: b}}}\n"),
        ("environments/b.yaml", "{}\n"),
    ]);
    let (fleet, _) = prepare(&files, &mut Sources::default()).unwrap_or_else(|p| panic!("{p}"));
    let graces: Vec<u32> =
        fleet.environments.iter().map(|environment| environment.apps[0].container.grace).collect();
    assert_eq!(graces, [2, 1]);
}

/// An error in a merged app points at the layer that wrote it.
#[test]
fn errors_point_at_their_layer() {
    let whole = "source: https://h/a, image: r/a";
    let in_app = format!("{whole}, scale: {{max: 2}}");
    let defaults = "scale: {min: 5}";
    let by_app = Layers { defaults, app: &in_app, ..Layers::default() };
    let by_environment =
        Layers { defaults, app: whole, environment: "scale: {max: 2}", ..Layers::default() };
    // The app stands in the fifth line of gen.yaml, the environment's keys in the first of its own file.
    for (layers, line) in [(by_app, 5), (by_environment, 1)] {
        let problems = merged(&layers).unwrap_err();
        let first = problems.iter().next().unwrap();
        assert_eq!(first.kind.entry().code.to_string(), "GEN0316");
        assert_eq!(first.at.unwrap().start.line, line);
    }
}
