//! What the homelab around the node delivers: the spec and its environments.

use crate::images::BASE;

/// gen.yaml: the demo with the registry and git server that this node has. No notifications and scans: nothing here could take or make them.
pub fn spec() -> String {
    format!(
        r#"version: 1
repository: {{url: "http://git.gen.test:3000/gitops.git", branch: main}}
registry: {{insecure: true}}
images: {{gen: "gen.test/gen:1"}}
flux: {{retry: 5s}}
apps:
  demo-app:
    source: http://git.gen.test:3000/demo-app.git
    image: registry.gen.test:5000/homelab/demo-app
    port: 8080
    health: /health
    ready: /ready
    metrics: /metrics
    build: {{args: {{PYTHON_IMAGE: "{BASE}"}}}}
    pipeline:
      - fetch-source
      - - unit-test:
            image: docker.io/library/python:3.12-slim
            services: [{{name: store, image: "docker.io/library/python:3.12-slim", user: 1000, args: [sh, -c, "trap exit TERM; sleep 1; python -m http.server 6379 & wait"], port: 6379}}]
            script: python -c "import urllib.request as u; print('the store says', u.urlopen('http://localhost:6379', timeout=3).status)" && pip install -q --user -r requirements.txt -r requirements-dev.txt && python -B -m pytest -q --junitxml="$JUNIT" tests/unit
        - lint:
            image: docker.io/library/python:3.12-slim
            script: python -m tabnanny "$FOLDER"
            matrix: {{FOLDER: [demo_app, tests]}}
      - build-image: {{builder: buildah}}
      - deploy-app: {{wait: 30s}}
      - integration-test: {{paths: [/, /health, /ready, /metrics]}}
      - load-test: {{vus: 3, duration: 3s, p95: 1000, errors: 1, paths: [/]}}
    finally: [rollback: {{wait: 1m}}]
"#
    )
}

/// Its environments: name and file.
pub const ENVIRONMENTS: [(&str, &str); 4] = [
    (
        "dev",
        "cluster: homelab\ncontext: gen-test\ndeploy: kubectl\nrun: none\napps: {\"*\": {replicas: 1}}\n",
    ),
    // Deploys by a commit what it builds itself.
    (
        "edge",
        "cluster: homelab\ncontext: gen-test\ndeploy: git\nrun: commit\napps: {\"*\": {replicas: 1}}\n",
    ),
    (
        "staging",
        "promotesFrom: dev\ncluster: homelab\ncontext: gen-test\ndeploy: git\nrun: commit\npipeline: [integration-test, load-test]\n\
         apps: {\"*\": {replicas: 1}, demo-app: {scale: {min: 2, max: 3, cpu: 80}}}\n",
    ),
    (
        "prod",
        "promotesFrom: staging\ncluster: homelab\ncontext: gen-test\ndeploy: git\nrun: none\npromote: {via: commit}\n\
         pipeline: [integration-test]\napps: {\"*\": {replicas: 2}}\n",
    ),
];
