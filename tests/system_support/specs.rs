//! Specs that between them use every key that changes what is rendered: all kinds of workload, all triggers, all builders, own
//! tasks with services, all that the language of pipelines can say, patches, shared namespaces, every optional API.

/// A repository as files: path and text.
pub type Files = &'static [(&'static str, &'static str)];

/// All of them, by name.
pub const ALL: &[(&str, Files)] = &[
    ("team", TEAM),
    ("monorepo", MONOREPO),
    ("homelab", HOMELAB),
    ("builders", BUILDERS),
    ("account", ACCOUNT),
    ("automation", AUTOMATION),
    ("language", LANGUAGE),
    ("listening", LISTENING),
];

/// One listener for apps of two git hosts, of which two share a repository.
pub const LISTENING: Files = &[
    (
        "gen.yaml",
        r#"
version: 1
repository: https://git.example/team/gitops.git
defaults: {pipeline: [fetch-source, build-image]}
apps:
  cart: {source: {url: https://git.example/team/mono.git, path: cart}, image: registry.example/team/cart, trigger: github}
  stock: {source: {url: https://git.example/team/mono.git, path: stock}, image: registry.example/team/stock, trigger: {github: {tags: ["v*"]}}}
  site: {source: https://git.example/team/site.git, image: registry.example/team/site, trigger: {gitlab: {pullRequests: true}}}
"#,
    ),
    (
        "environments/listening.yaml",
        "run: webhook\napis: [triggers]\nlistener: {host: hooks.example, tls: {issuer: letsencrypt}}\n",
    ),
];

/// All that the language of pipelines can say, started by pushes, tags and pull requests.
pub const LANGUAGE: Files = &[
    (
        "gen.yaml",
        r#"
version: 1
repository: https://git.example/team/gitops.git
apps:
  shop:
    source: {url: https://git.example/team/shop.git, path: app}
    image: registry.example/team/shop
    port: 8080
    trigger: {github: {branches: [main, release/1], tags: ["v*"], pullRequests: true, paths: ["src/**", /go.mod], host: hooks.example, tls: {issuer: letsencrypt}}}
    workspace: {shared: true, size: 5Gi}
    runs: {concurrent: queue, timeout: 3h, placement: {nodeSelector: {pool: builds}, tolerations: [{key: dedicated, value: builds, effect: NoSchedule}]}}
    params:
      mode: fast
      platforms: {default: [linux/amd64, linux/arm64], doc: Where it must build.}
      target: {type: object, default: {host: a.example, user: me}}
    pipeline:
      - fetch-source
      - - unit-test:
            image: docker.io/library/python:3.13
            script: pytest -q --junitxml="$JUNIT"
            caches: [pip, npm, cargo, go]
            retries: 2
            timeout: 10m
            resources: {cpu: 1, memory: 1Gi, limits: {cpu: 2, memory: 2Gi}}
            when: {changed: ["src/**", /go.mod, "it's $(here)/*"]}
        - lint: {image: docker.io/library/python:3.13, script: ruff check, onError: continue, when: {changed: "*.py", not: {branch: release/1, event: tag}}}
        - list:
            image: docker.io/library/alpine:3.22
            script: |
              printf %s 1.2 >"$RESULT_VERSION"
              printf %s '["a", "b"]' >"$RESULT_PARTS"
            results: {version: string, parts: array}
      - each: {image: docker.io/library/alpine:3.22, script: 'echo "$PART" "$PLATFORM"', matrix: {PART: {result: list.parts}, PLATFORM: {param: platforms}}}
      - some: {image: docker.io/library/alpine:3.22, script: 'echo "$A" "$B"', matrix: {A: [x, y], include: [{A: x, B: more}, {A: y, B: ""}, {A: z, B: other}]}}
      - full: {image: docker.io/library/alpine:3.22, script: 'echo "$HOST" "$MODE" "$VERSION"', when: {param: {mode: [full]}, branch: main, event: [push, tag], environment: dev}, env: {HOST: {param: target.host}, MODE: {param: mode}, VERSION: {result: list.version}}}
      - build-image
      - gatekeeper: {ref: gatekeeper, params: {level: "2", digest: {result: build-image.IMAGE_DIGEST}, platforms: {param: platforms}}, workspaces: {source: source, out: empty, config: {configMap: gates}, key: {secret: gate-key}}, results: [verdict]}
      - from-cluster: {ref: {resolver: cluster, params: {name: scan, namespace: tools}}, after: [build-image], placement: {nodeSelector: {disk: ssd}}}
      - from-git: {ref: {resolver: git, params: {url: "https://git.example/tasks.git", revision: 0123456789012345678901234567890123456789, pathInRepo: task.yaml}}}
      - from-bundle: {ref: {resolver: bundles, params: {bundle: "registry.example/tasks/lint@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", name: lint, kind: task}}}
      - from-hub: {ref: {resolver: hub, params: {name: lint, version: "0.9"}}}
      - deploy-app: {when: {result: {gatekeeper.verdict: "yes"}}}
      - integration-test
    finally:
      - tell: {image: docker.io/library/alpine:3.22, script: 'echo "$STATUS" "$BUILD" "$DIGEST"', env: {STATUS: {status: all}, BUILD: {status: build-image}, DIGEST: {result: build-image.IMAGE_DIGEST}}}
      - cry: {image: docker.io/library/alpine:3.22, script: echo, when: {status: failed}}
"#,
    ),
    (
        "environments/dev.yaml",
        "deploy: kubectl\nrun: webhook\napis: [triggers, pruner]\nhistory: {succeeded: 5, failed: 3}\n",
    ),
];

/// Images that Flux's own controllers pin: a Deployment and a CronJob, by commits to the branch and by a branch of its own.
pub const AUTOMATION: Files = &[
    (
        "gen.yaml",
        r#"
version: 1
repository: {url: "ssh://git@git.example/team/gitops.git", path: delivery}
apps:
  web:
    source: https://git.example/team/web.git
    image: registry.example/team/web
    registry: {insecure: true, secret: registry-push}
    port: 8080
    pipeline:
      - fetch-source
      - test:
          image: docker.io/library/python:3.12-slim
          script: pytest
          matrix: {PYTHON: ["3.13", "3.14"], include: [{PYTHON: "3.13", FLAGS: ""}, {PYTHON: "3.14", FLAGS: -W error}, {PYTHON: "3.15", FLAGS: -v}]}
      - build-image
      - scan-image
      - deploy-app
  nightly:
    source: https://git.example/team/nightly.git
    image: registry.example/team/nightly
    pullSecret: registry-read
    workload: {cronjob: {schedule: "30 2 * * *"}}
"#,
    ),
    (
        "environments/auto.yaml",
        "cluster: auto\ndeploy: image-automation\napis: [image-automation]\n",
    ),
    (
        "environments/auto.pins.yaml",
        "apps:\n  nightly:\n    image: \"\" # {\"$imagepolicy\": \"flux-system:nightly-auto\"}\n  web:\n    image: registry.example/team/web:auto-1764210016-111111111111@sha256:1111111111111111111111111111111111111111111111111111111111111111 # {\"$imagepolicy\": \"flux-system:web-auto\"}\n",
    ),
    (
        "environments/asked.yaml",
        "cluster: auto\ndeploy: image-automation\napis: [image-automation]\npromote: {via: branch}\n",
    ),
    (
        "environments/asked.pins.yaml",
        "apps:\n  nightly:\n    image: \"\" # {\"$imagepolicy\": \"flux-system:nightly-asked\"}\n  web:\n    image: \"\" # {\"$imagepolicy\": \"flux-system:web-asked\"}\n",
    ),
];

/// A team's fleet: five environments on three clusters, an app for every kind of workload.
pub const TEAM: Files = &[
    (
        "gen.yaml",
        r##"
version: 1
repository: {url: https://git.example/team/gitops.git, branch: main, path: delivery}
images:
  gen: registry.example/tools/gen@sha256:1111111111111111111111111111111111111111111111111111111111111111
  kubectl: "registry.example/tools/kubectl@sha256:1111111111111111111111111111111111111111111111111111111111111111"
flux:
  source: {name: team, create: true, interval: 2m, secret: gitops-read}
  dependsOn: [tekton]
  decryption: {secret: sops-age}
  serviceAccount: flux-access
defaults:
  labels: {team: shop}
include: [apps/*.yaml]
apps:
  api:
    source: {url: https://git.example/shop/api.git, branch: trunk, path: services/api, secret: git-read}
    image: registry.example/shop/api
    registry: {secret: registry-push}
    pullSecret: registry-pull
    build: {context: src, dockerfile: docker/Dockerfile, target: runtime, args: {VERSION: "1.2", COLOUR: "blue green"}}
    port: 8080
    health: /livez
    ready: /readyz
    metrics: /metrics
    host: "{{ app }}.{{ env }}.example"
    tls: {secret: api-tls, issuer: letsencrypt}
    env:
      LOG_LEVEL: info
      FEATURE: "yes"
      OCTAL: "012"
      EMPTY: ""
      DATABASE_URL: {secret: api-db, key: url}
      REGION: {configMap: region, key: name, optional: true}
      POD_NAME: {field: metadata.name}
      DEMO_TOKEN: {value: abc123abc123abc123, notSecret: a public demonstration value}
    envFrom: [{secret: api-env}, {configMap: api-flags, prefix: FLAG_}]
    command: [/app/serve]
    args: [--listen, ":8080"]
    scale: {min: 2, max: 10, cpu: 70, memory: 80}
    resources: {cpu: 100m, memory: 256Mi, limits: {cpu: 2, memory: 1Gi}}
    egress: [{host: api-db.db.svc, port: 5432}, {cidr: 203.0.113.0/24}, {cidr: 198.51.100.7/32, port: 443}]
    user: 10001
    writable: [/var/cache/api]
    volumes:
      - {mount: /etc/tls, secret: api-client-tls}
      - {mount: /etc/region, configMap: region}
      - {mount: /scratch, empty: 1Gi}
      - {mount: /media, claim: media}
    files:
      /etc/api/api.toml: "debug = true\n# ${NOT_FLUX} $(params.not_tekton)\n"
      /etc/api/motd: "no last newline"
    annotations: {example.test/owner: "shop team"}
    permissions: [{resources: [configmaps], resourceNames: [leader], verbs: [get, patch]}]
    grace: 45
    notify:
      slack: {channel: "#shop", secret: slack, on: always}
      email: {to: [shop@example.test], secret: smtp}
      teams: {secret: teams}
      discord: {secret: discord, on: failure}
      webhook: {secret: hook, signed: true}
    trigger: {github: {secret: hooks, branches: [trunk, release/1], host: "hooks-{{ app }}.{{ env }}.example"}}
    workspace: {size: 2Gi, class: fast}
    pipeline:
      - fetch-source: {depth: 0, submodules: true, retries: 1}
      - - unit-test:
            image: "docker.io/library/golang:1.26@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
            script: |
              go vet ./...
              go test -race -count=1 ./...
            env: {GOFLAGS: -mod=readonly, TOKEN: {secret: modules, key: token}}
            services:
              - {name: db, image: "docker.io/library/postgres:17", port: 5432, ready: [pg_isready, -U, postgres], env: {POSTGRES_PASSWORD: {value: test, notSecret: throw-away database of the test}}}
              - {name: cache, image: "docker.io/library/redis:8", user: 999, args: [--save, ""], resources: {cpu: 10m, memory: 32Mi}}
            cache: [/go/pkg/mod, /root/.cache]
            readOnlyRoot: false
            user: 1000
            timeout: 15m
            retries: 2
        - lint: {image: "docker.io/golangci/golangci-lint:v2.5", script: golangci-lint run, resources: {cpu: 1, memory: 1Gi}}
        - - style: {image: "docker.io/library/python:3.12", script: "#!/usr/bin/env python3\nprint('style')"}
          - licences: {image: "docker.io/library/alpine:3.22", script: "#!/bin/sh -e\ntrue"}
      - scan-source: {skip: [testdata], ignore: [{id: AVD-DS-0002, reason: "the image's user is set by its pod", until: 2099-12-31}]}
      - build-image: {layerCache: true}
      - scan-image: {severity: [LOW, CRITICAL], ignoreUnfixed: false, database: registry.example/trivy-db:2, ignore: [{id: CVE-2026-1234, reason: not reachable, until: 2099-12-31}]}
      - approved: {ref: gatekeeper, params: {level: "2"}, after: scan-image}
      - provenance: {ref: {resolver: git, params: {url: "https://git.example/tasks.git", revision: 0123456789012345678901234567890123456789, pathInRepo: attest.yaml}}, params: {who: team}}
      - deploy-app: {wait: 10m}
      - smoke: {use: integration-test, paths: [/, /api/version], wait: 90s}
      - e2e: {use: integration-test, image: "docker.io/library/python:3.12", script: "pytest --junitxml=$JUNIT tests/e2e"}
      - load-test: {vus: 50, duration: 2m, p95: 250, errors: 0, paths: [/, /slow]}
      - soak: {use: load-test, file: tests/soak.js}
    finally:
      - tidy: {image: "docker.io/library/alpine:3.22", script: 'echo done with "$APP_NAME"'}
      - report:
          image: registry.example/tools/report
          script: ./report
          permissions: [{apiGroups: [tekton.dev], resources: [taskruns], verbs: [get, list], in: pipeline}]
"##,
    ),
    (
        "apps/rest.yaml",
        r#"
apps:
  store:
    source: https://git.example/shop/store.git
    image: registry.example/shop/store
    workload: statefulset
    port: 6379
    replicas: 3
    storage: [{name: data, size: 5Gi, mount: /data, class: fast}, {name: log, size: 1Gi, mount: /log}]
    trigger: {gitlab: {}}
    onRemove: delete
  queue:
    source: ssh://git@git.example/shop/queue.git
    image: registry.example/shop/queue
    workload: statefulset
    egress: []
    trigger: gitea
    workspace: {shared: true}
    runs: {concurrent: cancel}
  nightly:
    source: {url: "git@git.example:shop/jobs.git", path: jobs/nightly, secret: deploy-key}
    image: registry.example/shop/nightly
    workload: {cronjob: {schedule: "30 2 * * *", timeZone: Europe/Paris, concurrency: Replace, deadline: 2h, retries: 0}}
    args: [--since, 24h]
    storage: [{name: scratch, size: 1Gi, mount: /scratch}]
    extra: manifests/nightly
  legacy:
    source: https://git.example/shop/legacy.git
    image: registry.example/shop/legacy
    port: 80
    security: {level: baseline, reason: the image runs as root}
    storage: [{name: files, size: 1Gi, mount: /srv}]
    token: true
    grace: 0
    host: "legacy.{{ env }}.example"
  library:
    source: https://git.example/shop/library.git
    image: registry.example/shop/library
    workload: none
    pipeline: [fetch-source, test: {image: "docker.io/library/rust:1.90", script: cargo test}]
  vendor:
    source: https://git.example/shop/vendor.git
    image: docker.io/library/nginx@sha256:2222222222222222222222222222222222222222222222222222222222222222
    port: 8080
    user: 101
    pipeline: [scan-image: {offline: true}, integration-test]
"#,
    ),
    (
        "manifests/nightly/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lifecycle-rules}\ndata: {rules.txt: \"keep 30d\\n\"}\n",
    ),
    (
        "environments/dev.yaml",
        r#"
cluster: homelab
context: kind-homelab
deploy: kubectl
run: webhook
apis: [triggers, prometheus]
monitoring: {labels: {release: kube-prometheus-stack}, namespace: observability}
quota: {cpu: "8", memory: 16Gi, pods: 50, storage: 100Gi}
limits: {cpu: 500m, memory: 256Mi}
ingress: {class: traefik}
registry: {insecure: true}
apps:
  "*": {replicas: 1}
  api: {env: {LOG_LEVEL: debug, EMPTY: null}, scale: null, replicas: 2}
patches:
  - target: {kind: Deployment, name: api}
    merge: {spec: {minReadySeconds: 5, template: {spec: {containers: [{name: api, env: [{name: PATCHED, value: "1"}]}]}}}}
  - target: {kind: Task, name: "*-fetch-source"}
    merge: {spec: {steps: [{name: clone, timeout: 10m}]}}
"#,
    ),
    (
        "environments/test.yaml",
        r"
cluster: homelab
run: commit
apis: [prometheus]
promotesFrom: dev
pipeline: [smoke, load-test, integration-test, fetch-source, test]
",
    ),
    (
        "environments/test.pins.yaml",
        r#"
apps:
  api: {image: "registry.example/shop/api@sha256:3333333333333333333333333333333333333333333333333333333333333333", revision: 0f1b7a5cbb2d2cc0b8a6a6e6b0f43bb08c6d9f6d, nonce: 2}
  store: {image: "registry.example/shop/store@sha256:4444444444444444444444444444444444444444444444444444444444444444"}
  legacy: {image: "registry.example/shop/legacy@sha256:5555555555555555555555555555555555555555555555555555555555555555"}
"#,
    ),
    (
        "environments/shared.yaml",
        r"
cluster: shared
namespace: shop-shared
deploy: git
run: webhook
apis: [triggers, artifact-generator]
flux: {receiver: {gitlab: {host: flux.example.test, tls: {issuer: letsencrypt}}}}
quota: {pods: 20}
limits: {memory: 512Mi}
tekton: {setSecurityContext: true, dashboard: https://tekton.example}
",
    ),
    (
        "environments/prod.yaml",
        r#"
cluster: prod
namespace: "shop-{{ app }}"
promotesFrom: test
promote: {via: branch}
apis: [prometheus, gateway]
gateway: {name: public, namespace: gateways}
flux: {interval: 30m, source: {name: flux-system, create: false}}
patches:
  - target: {kind: Deployment, name: api}
    json: [{op: add, path: /spec/template/spec/priorityClassName, value: business}]
  - target: {kind: HTTPRoute, name: api}
    merge: {metadata: {annotations: {example.test/rate-limit: "100"}}}
"#,
    ),
    (
        "environments/prod.pins.yaml",
        r#"
apps:
  api: {image: "registry.example/shop/api@sha256:3333333333333333333333333333333333333333333333333333333333333333"}
  store: {image: "registry.example/shop/store@sha256:4444444444444444444444444444444444444444444444444444444444444444"}
  queue: {image: "registry.example/shop/queue@sha256:6666666666666666666666666666666666666666666666666666666666666666"}
  nightly: {image: "registry.example/shop/nightly@sha256:7777777777777777777777777777777777777777777777777777777777777777"}
  legacy: {image: "registry.example/shop/legacy@sha256:5555555555555555555555555555555555555555555555555555555555555555"}
"#,
    ),
    (
        "environments/strict.yaml",
        r"
run: commit
tekton: {setSecurityContext: true}
pipeline: [fetch-source, unit-test, lint, test]
",
    ),
];

/// Apps of one source repository in one namespace.
pub const MONOREPO: Files = &[
    (
        "gen.yaml",
        r"
version: 1
repository: {url: git@git.example:media/gitops.git, branch: main}
defaults:
  source: {url: git@git.example:media/mono.git, branch: main, secret: deploy-key}
  trigger: gitlab
include: [apps/*.yaml]
",
    ),
    (
        "apps/web.yaml",
        r#"
apps:
  web: {source: {path: web}, image: registry.example/media/web, port: 3000, pipeline: [fetch-source, unit-test: {image: "docker.io/library/node:24", script: "npm ci && npm test"}, build-image, deploy-app]}
"#,
    ),
    (
        "apps/worker.yaml",
        r#"
apps:
  worker:
    source: {path: worker}
    image: registry.example/media/worker
    env: {QUEUE: "amqp://queue.media.svc"}
    storage: [{name: scratch, size: 5Gi, mount: /scratch}]
    workload: statefulset
"#,
    ),
    (
        "environments/dev.yaml",
        "namespace: media-dev\ndeploy: kubectl\nrun: webhook\napis: [triggers]\n",
    ),
    ("environments/prod.yaml", "namespace: media\ndeploy: kubectl\nrun: webhook\n"),
];

/// The smallest spec that works.
pub const HOMELAB: Files = &[
    (
        "gen.yaml",
        r"
version: 1
repository: {url: http://gitea.lan/me/gitops.git, branch: main}
apps:
  photos: {source: http://gitea.lan/me/photos.git, image: registry.lan:5000/photos}
",
    ),
    (
        "environments/home.yaml",
        r"
deploy: kubectl
registry: {insecure: true}
apps:
  photos: {port: 8000, host: photos.lan, security: {level: baseline, reason: the image runs as root}}
",
    ),
];

/// All builders, and environments that build and commit their runs.
pub const BUILDERS: Files = &[
    (
        "gen.yaml",
        r"
version: 1
repository: https://git.example/team/gitops.git
registry: {insecure: true, secret: push}
apps:
  kaniko:
    source: https://git.example/team/one.git
    image: registry.lan:5000/team/one
    pipeline: [fetch-source, build-image: {layerCache: true, platforms: [linux/arm64]}, scan-image]
  buildkit:
    source: https://git.example/team/two.git
    image: registry.lan:5000/team/two
    workload: none
    build: {args: {A: b}}
    pipeline: [fetch-source, build-image: {builder: buildkit, layerCache: true, platforms: [linux/amd64, linux/arm64]}, scan-image]
  buildah:
    source: https://git.example/team/three.git
    image: registry.lan:5000/team/three
    workload: none
    pipeline: [fetch-source, build-image: {builder: buildah, layerCacheImage: registry.lan:5000/cache, platforms: [linux/amd64, linux/arm64]}, scan-image]
  docker:
    source: https://git.example/team/four.git
    image: registry.lan:5000/team/four
    workload: none
    pipeline: [fetch-source, build-image: {builder: docker, layerCache: true}]
  none:
    source: https://git.example/team/five.git
    image: registry.lan:5000/team/five
    workload: none
    pipeline: [fetch-source, build-image: {builder: none, tag: stable}, scan-image]
  mock:
    source: https://git.example/team/six.git
    image: registry.lan:5000/team/six
    workload: none
    pipeline: [fetch-source, build-image: {builder: mock}]
",
    ),
    ("environments/dev.yaml", "run: commit\n"),
    (
        "environments/dev.pins.yaml",
        r#"
apps:
  kaniko: {image: "registry.lan:5000/team/one@sha256:8888888888888888888888888888888888888888888888888888888888888888", revision: 0f1b7a5cbb2d2cc0b8a6a6e6b0f43bb08c6d9f6d}
"#,
    ),
];

/// An account of the user's for the whole pipeline.
pub const ACCOUNT: Files = &[
    (
        "gen.yaml",
        r"
version: 1
repository: https://git.example/team/gitops.git
apps:
  shop:
    source: https://git.example/team/shop.git
    image: registry.example/team/shop
    port: 8080
    serviceAccount: default
",
    ),
    ("environments/home.yaml", "deploy: kubectl\n"),
];
