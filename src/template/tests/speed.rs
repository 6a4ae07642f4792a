//! How fast it is. Not a test: `cargo test --release --lib template::tests::speed -- --ignored --nocapture`.

use std::fmt::Write as _;
use std::time::Instant;

use minijinja::{Value, context};

use super::Fixture;
use crate::yaml;

/// About what an app with its pipeline is: 26 objects, 20 kB.
fn template() -> String {
    let mut text = String::from(
        "{% macro labels(app) %}\napp.kubernetes.io/name: {{ app }}\napp.kubernetes.io/instance: {{ app }}-{{ env }}\napp.kubernetes.io/managed-by: gen\n{% endmacro %}\n",
    );
    for n in 0..26 {
        let _ = write!(
            text,
            "---
# Object {n}.
apiVersion: apps/v1
kind: Kind{n}
metadata:
  name: {{{{ app }}}}-{n}
  namespace: \"{{{{ namespace }}}}\"
  labels:
    {{{{ labels(app)|indent(4) }}}}
  annotations:
    example.org/about: An annotation that is the same for all of them, and long enough to be one.
spec:
  replicas: {{{{ replicas }}}}
  revisionHistoryLimit: 10
  selector: {{{{ selector }}}}
  template:
    spec:
      automountServiceAccountToken: false
      securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
        - name: app
          image: {{{{ image }}}}
          env:
            {{% for name, value in vars|items %}}
            - name: {{{{ name }}}}
              value: \"{{{{ value }}}}\"
            {{% endfor %}}
          ports:
            - {{containerPort: {{{{ port }}}}, name: http}}
          script: |
            #!/bin/sh
            set -eu
            {{{{ script }}}}
            exec \"$@\"
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
"
        );
    }
    text
}

fn context_of(n: usize) -> Value {
    context! {
        app => format!("app-{n}"), env => "dev", namespace => format!("app-{n}-dev"), replicas => n % 5,
        selector => context! { matchLabels => context! { app => format!("app-{n}") } },
        image => format!("registry.example/team/app-{n}@sha256:{n:064}"), port => 8080,
        vars => context! { LOG_LEVEL => "debug", WORKERS => n.to_string() },
        script => "pip install -r requirements.txt\npytest -q",
    }
}

#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stderr)]
fn three_thousand_apps() {
    let text = template();
    let fixture = Fixture::new(&[("t.yaml", &text)]);
    let engine = fixture.engine().expect("parses");
    let contexts: Vec<Value> = (0..3000).map(context_of).collect();
    let started = Instant::now();
    let documents: usize = contexts.iter().map(|c| rendered(&engine, c)).sum();
    let warm = started.elapsed();
    assert_eq!(documents, 3000 * 26);
    let started = Instant::now();
    for context in contexts.iter().take(300) {
        // A new engine has an empty cache.
        rendered(&fixture.engine().expect("parses"), context);
    }
    let cold = started.elapsed();
    let started = Instant::now();
    for _ in 0..300 {
        fixture.engine().expect("parses");
    }
    let parsing = started.elapsed();
    eprintln!(
        "3000 renders of {} bytes: {warm:?}; one cold: {:?}, of which templates: {:?}",
        text.len(),
        cold / 300,
        parsing / 300
    );
}

fn rendered(engine: &crate::template::Engine, context: &Value) -> usize {
    let documents: Vec<yaml::Value> = engine.render("t.yaml", context).expect("renders");
    documents.len()
}
