"""The spec of a fleet whose apps differ in structure, as those of many teams do.

`shape` is what is left of an app without its texts, numbers and the names it is free to choose. An app whose shape an
earlier one has is drawn anew, so no two apps of a fleet are alike. A tenth has patches, another tenth raw manifests, and
some use the fleet's own tasks; every disruption budget comes from a template that replaces gen's.
"""

from draw import Draw, digest, dump

ENVIRONMENTS = {
    "dev": {"deploy": "git", "run": "webhook", "apis": ["triggers", "prometheus"]},
    "staging": {
        "promotesFrom": "dev",
        "pipeline": ["integration-test", "load-test", "scan-image", "smoke-test"],
        "apis": ["prometheus"],
    },
    "prod": {"deploy": "git", "run": "none", "apis": ["prometheus"]},
}

TEMPLATES = {
    "tasks/sign.yaml": """\
# Signs the image that was built.
about: Signs the image.
settings:
  key: {type: name, doc: The Secret with the key.}
  level: {type: int, doc: How many signatures., default: 1, max: 5}
permissions:
  - {apiGroups: [""], resources: [configmaps], resourceNames: ["{{ app.name }}"], verbs: [get], in: pipeline}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: "{{ task.object }}", namespace: "{{ app.pipelineNamespace }}"}
spec:
  steps:
    - name: sign
      image: registry.example/tools/sign@sha256:DIGEST
      args: ["--level={{ task.settings.level }}", "{{ app.image.name }}"]
      env:
        - name: KEY
          valueFrom: {secretKeyRef: {name: "{{ task.settings.key }}", key: key}}
""",
    "tasks/publish-docs.yaml": """\
# Publishes the documentation that stands beside the source.
about: Publishes the documentation.
source: true
settings:
  folder: {type: name, doc: The folder with the pages., default: docs}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: "{{ task.object }}", namespace: "{{ app.pipelineNamespace }}"}
spec:
  workspaces: [{name: source}]
  steps:
    - name: publish
      image: registry.example/tools/docs@sha256:DIGEST
      workingDir: "$(workspaces.source.path)/{{ app.source.path }}"
      args: ["{{ task.settings.folder }}", "https://docs.example.test/{{ app.name }}"]
""",
    "workload/disruption.yaml": """\
# The PodDisruptionBudget of this fleet: a quarter of the pods may go at a time.
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ app.name }}
  namespace: {{ app.namespace }}
  annotations: {example.test/policy: quarter}
spec:
  maxUnavailable: 25%
  selector:
    matchLabels: {{ selector }}
""",
}

TEAMS = ["orders", "search", "media", "billing", "identity", "logistics", "reports", "platform"]
WORDS = ["alpha", "bravo", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "kayak", "larch"]
HOSTS = ["database.data.svc", "cache.data.svc", "queue.data.svc", "search.data.svc", "auth.identity.svc"]
FIELDS = ["metadata.name", "metadata.namespace", "status.podIP", "spec.nodeName"]
SIZES = ["1Gi", "5Gi", "20Gi"]

# By language: the image's name and what its scripts are made of.
LANGUAGES = {
    "python": [
        "pip install --user --requirement requirements.txt",
        "python -m pytest -q tests/unit",
        "python -m compileall -q src",
        "ruff check .",
        "mypy src",
        "python -m build --wheel",
    ],
    "go": [
        "go vet ./...",
        "go test -count=1 ./...",
        "go build -o /tmp/out ./cmd/...",
        "golangci-lint run",
        "go mod verify",
    ],
    "node": ["npm ci", "npm test", "npm run lint", "npm run build", "npm audit --omit=dev", "npx tsc --noEmit"],
    "rust": ["cargo fetch --locked", "cargo test --offline", "cargo clippy --offline", "cargo doc --no-deps --offline"],
    "java": ["mvn -q -o verify", "mvn -q dependency:analyze", "mvn -q checkstyle:check", "mvn -q javadoc:javadoc"],
}

BLOCKS = [
    'for part in {a} {b}; do\n  echo "checking $part"\n  test -d "$part" || continue\n  make -C "$part" check\ndone',
    'if [ -f {a}.lock ]; then\n  echo "{a} is locked"\nelse\n  make {a}\nfi',
    'cat >/tmp/{a}.toml <<END\n[{a}]\nmode = "{b}"\nEND\nmake verify CONFIG=/tmp/{a}.toml',
    'case "$APP_NAME" in\n  *-{a}) make {a} ;;\n  *) make {b} ;;\nesac',
    "make {a}\nmake {b}",
]

KUBECTL = [
    'kubectl get configmap {a}-settings --namespace "$NAMESPACE"',
    'kubectl get pods --namespace "$NAMESPACE"',
    'kubectl get service {name} --namespace "$NAMESPACE"',
    'kubectl delete job {a} --namespace "$NAMESPACE"',
    'kubectl get deployment {name} --namespace "$NAMESPACE"',
]

OWN_TASKS = ["unit-test", "lint", "type-check", "audit", "docs", "package", "contract", "bench", "licences", "assets"]


def tool(name):
    return f"registry.example/tools/{name}@sha256:{digest('tool ' + name)}"


# ------------------------------------------------------------------------------------------------------------ the tasks


def script(draw, language):
    text = draw.some(LANGUAGES[language], 1, 4)
    for block in draw.some(BLOCKS, 0, 2):
        a, b = draw.some(WORDS, 2, 2)
        text.append(block.format(a=a, b=b))
    return "\n".join(text) + "\n"


def variable(draw, name):
    """The value of an environment variable: a text, or where it comes from."""
    kind = draw.below(6)
    if kind == 0:
        return {"secret": f"{name}-{draw.pick(WORDS)}", "key": draw.pick(["url", "token", "password"])}
    if kind == 1:
        return {"configMap": f"{name}-settings", "key": draw.pick(WORDS), "optional": True}
    if kind == 2:
        return {"field": draw.pick(FIELDS)}
    return f"{draw.pick(WORDS)} {draw.below(1000)}"


def task_variables(draw, name):
    words = draw.some(WORDS, 1, 3)
    values = [variable(draw, name) for _ in words]
    return {
        f"{word.upper()}_INPUT": "plain" if "field" in value else value for word, value in zip(words, values, strict=True)
    }


def service(draw):
    if draw.chance(50):
        return {"name": "cache", "image": tool("redis"), "port": 6379}
    password = {"value": "test", "notSecret": "throw-away database of the test"}
    return {"name": "database", "image": tool("postgres"), "port": 5432, "env": {"POSTGRES_PASSWORD": password}}


def condition(draw):
    return draw.pick(
        [
            {"branch": "main"},
            {"changed": ["src/**", f"{draw.pick(WORDS)}.toml"]},
            {"event": ["push", "tag"]},
            {"not": {"event": "pull-request"}},
            {"environment": ["dev"]},
        ]
    )


def own_task(draw, name, language):
    task = {"image": tool(language), "script": script(draw, language)}
    options = {
        "env": lambda: task_variables(draw, name),
        "timeout": lambda: f"{draw.between(5, 55)}m",
        "retries": lambda: draw.between(1, 3),
        "when": lambda: condition(draw),
        "matrix": lambda: {"VARIANT": draw.some(WORDS, 2, 4)},
        "services": lambda: [service(draw)],
        "cache": lambda: [f"/cache/{draw.pick(WORDS)}"],
        "resources": lambda: {"cpu": f"{draw.between(1, 8) * 100}m", "memory": draw.pick(["512Mi", "1Gi", "2Gi"])},
        "onError": lambda: "continue",
        "user": lambda: 1000 + draw.below(100),
        "readOnlyRoot": lambda: False,
    }
    for option in draw.some(options, 0, 4):
        task[option] = options[option]()
    if "retries" in task:
        task.pop("onError", None)  # Tekton has one or the other
    return task


def cluster_task(draw, name):
    """A task that asks the API server: by commands that gen reads, or by a script that declares what it needs."""
    if draw.chance(40):
        resources = draw.some(["configmaps", "services", "pods"], 1, 2)
        grant = {"resources": resources, "verbs": draw.some(["get", "list", "watch"], 1, 3)}
        return {"image": tool("python"), "script": f"python tools/{draw.pick(WORDS)}.py\n", "permissions": [grant]}
    commands = draw.some(KUBECTL, 1, 2)
    text = [line.format(a=draw.pick(WORDS), name=name) for line in commands]
    return {"image": tool("kubectl"), "script": "\n".join(text) + "\n"}


def task(name, settings):
    return {name: settings} if settings else name


def optional(draw, percent, value):
    return value if draw.chance(percent) else {}


def tests(draw, name, language):
    """Own tasks, one after the other or side by side."""
    found = [task(each, own_task(draw, name, language)) for each in draw.some(OWN_TASKS, 1, 3)]
    if len(found) > 1 and draw.chance(50):
        return [found]
    if len(found) > 2 and draw.chance(50):
        return [found[0], found[1:]]
    return found


def build(draw):
    builder = draw.pick(["kaniko", "kaniko", "buildkit", "buildah"])
    settings = optional(draw, 60, {"builder": builder}) | optional(draw, 30, {"layerCache": True})
    if settings.get("builder") == "buildkit":
        settings |= optional(draw, 50, {"platforms": ["linux/amd64", "linux/arm64"]})
    return settings


def after_deployment(draw, name, port):
    steps = []
    if port and draw.chance(35):
        steps.append(task("integration-test", optional(draw, 60, {"paths": ["/", f"/{draw.pick(WORDS)}"]})))
    if port and draw.chance(20):
        steps.append(task("load-test", optional(draw, 70, {"vus": draw.between(2, 20), "p95": draw.between(1, 9) * 100})))
    if port and draw.chance(15):
        text = f'curl -fsS "$APP_URL/{draw.pick(WORDS)}"\n'
        steps.append(task("smoke-test", {"use": "integration-test", "image": tool("curl"), "script": text}))
    if draw.chance(20):
        steps.append(task("check-cluster", cluster_task(draw, name)))
    return steps


def report(draw):
    command = f'make {draw.pick(WORDS)} STATUS="$STATUS"\n'
    settings = {"image": tool("make"), "script": command, "env": {"STATUS": {"status": "all"}}}
    return settings | optional(draw, 50, {"when": {"status": draw.pick(["failed", "succeeded"])}})


def pipeline(draw, name, kind, port):
    language = draw.pick(list(LANGUAGES))
    steps = [task("fetch-source", optional(draw, 25, {"depth": draw.between(2, 50)}))]
    steps += optional(draw, 25, ["scan-source"]) or []
    steps += tests(draw, name, language)
    steps.append(task("build-image", build(draw)))
    if draw.chance(30):
        steps.append(task("scan-image", optional(draw, 50, {"severity": ["CRITICAL"]})))
    if draw.chance(8):
        steps.append(task("sign", {"key": f"{draw.pick(WORDS)}-key"} | optional(draw, 50, {"level": 2})))
    if draw.chance(5):
        steps.append("publish-docs")
    deploys = kind != "none"
    if deploys:
        steps.append(task("deploy-app", optional(draw, 30, {"wait": f"{draw.between(2, 15)}m"})))
        steps += after_deployment(draw, name, port)
    spec = {"pipeline": steps}
    ends = ["rollback"] if deploys and draw.chance(30) else []
    ends += [{"report": report(draw)}] if draw.chance(15) else []
    return spec | ({"finally": ends} if ends else {})


# --------------------------------------------------------------------------------------------------------- the workload


def workload(draw):
    roll = draw.below(100)
    if roll < 72:
        return "deployment"
    if roll < 84:
        return "statefulset"
    return "cronjob" if roll < 96 else "none"


def cronjob(draw):
    settings = {"schedule": f"{draw.below(60)} {draw.below(24)} * * *"}
    options = {"timeZone": "Europe/Paris", "concurrency": "Replace", "deadline": f"{draw.between(5, 50)}m", "retries": 1}
    return {"workload": {"cronjob": settings | {key: options[key] for key in draw.some(options, 0, 3)}}}


def variables(draw, name, number):
    found = {"LOG_LEVEL": "info", "GREETING": f"hello from number {number}"}
    for word in draw.some(WORDS, 1, 8):
        found[f"{word.upper()}_{draw.pick(['URL', 'MODE', 'NAME'])}"] = variable(draw, name)
    return found


def text_file(draw):
    return "".join(f"{word} = {draw.below(1000)}\n" for word in draw.some(WORDS, 1, 6))


def egress(draw):
    rules = [{"host": host, "port": draw.between(3000, 9000)} for host in draw.some(HOSTS, 0, 3)]
    return rules + [{"cidr": f"203.0.113.{draw.below(8) * 32}/27"} for _ in range(draw.below(2))]


def network(draw):
    """What an app that listens may say of it."""
    spec = {"port": draw.between(3000, 9999)}
    spec |= optional(draw, 80, {"health": draw.pick(["/health", "/healthz", "/live"])})
    spec |= optional(draw, 60, {"ready": draw.pick(["/ready", "/readyz"])})
    spec |= optional(draw, 70, {"metrics": "/metrics"})
    if "metrics" in spec and draw.chance(20):
        spec["metrics"] = {"path": "/metrics", "requests": "requests_total"}
    if draw.chance(75):
        spec["host"] = "{{ app }}.{{ env }}.example.test"
        spec |= optional(draw, 30, {"tls": {"issuer": "letsencrypt"}})
    return spec


def volumes(draw, name):
    kinds = [
        {"mount": "/etc/certificates", "secret": f"{name}-tls"},
        {"mount": "/etc/settings", "configMap": f"{name}-settings"},
        {"mount": "/scratch", "empty": draw.pick(SIZES)},
    ]
    return draw.some(kinds, 1, 2)


def pods(draw, kind):
    """How many pods there are, and what they keep."""
    storage = draw.chance(80 if kind == "statefulset" else 8)
    spec = {"workload": "statefulset"} if kind == "statefulset" else {}
    if storage:
        sizes = draw.some(["data", "state", "index"], 1, 2)
        spec["storage"] = [{"name": each, "size": draw.pick(SIZES), "mount": f"/{each}"} for each in sizes]
        spec |= optional(draw, 30, {"onRemove": "delete"})
    if kind == "statefulset" or not storage:
        scale = {"min": 2, "max": draw.between(3, 12)} | optional(draw, 60, {"cpu": 70}) | optional(draw, 20, {"memory": 80})
        spec |= {"scale": scale} if draw.chance(70) else {"replicas": draw.between(1, 4)}
    return spec


def running(draw, name, number, kind):
    """What only an app with pods can say."""
    spec = {"env": variables(draw, name, number)}
    options = {
        "envFrom": lambda: [{draw.pick(["secret", "configMap"]): f"{name}-{draw.pick(WORDS)}"}],
        "files": lambda: {f"/etc/app/{each}.conf": text_file(draw) for each in draw.some(WORDS, 1, 3)},
        "egress": lambda: egress(draw),
        "volumes": lambda: volumes(draw, name),
        "resources": lambda: {"cpu": f"{draw.between(1, 10) * 50}m", "memory": draw.pick(["128Mi", "256Mi", "1Gi"])},
        "writable": lambda: [f"/var/{each}" for each in draw.some(WORDS, 1, 2)],
        "command": lambda: ["/app/serve"],
        "args": lambda: [f"--{each}" for each in draw.some(WORDS, 1, 3)],
        "grace": lambda: draw.between(5, 90),
        "user": lambda: 1000 + draw.below(1000),
        "annotations": lambda: {f"example.test/{each}": draw.pick(WORDS) for each in draw.some(WORDS, 1, 2)},
        "security": lambda: {"level": "baseline", "reason": "the image runs as root"},
        "permissions": lambda: [{"resources": ["configmaps"], "verbs": draw.some(["get", "list", "watch"], 1, 3)}],
        "tracing": lambda: "http://otel-collector.observability.svc:4318",
        "alerts": lambda: {"restarts": draw.between(1, 9)},
    }
    for option in draw.some(options, 2, 6):
        spec[option] = options[option]()
    if kind == "cronjob":
        return spec | cronjob(draw)
    return spec | pods(draw, kind)


# -------------------------------------------------------------------------------------------------------------- the app


def trigger(draw):
    settings = {}
    settings |= optional(draw, 30, {"branches": ["main", "release"]})
    settings |= optional(draw, 20, {"tags": ["v*"]})
    settings |= optional(draw, 20, {"pullRequests": True})
    settings |= optional(draw, 20, {"paths": ["src/**"]})
    host = draw.pick(["github", "github", "gitlab", "gitea"])
    return {host: settings} if settings else host


def notify(draw):
    targets = {
        "slack": {"channel": f"#{draw.pick(TEAMS)}", "secret": "slack-token", "on": "failure"},
        "email": {"to": [f"{draw.pick(TEAMS)}@example.test"], "secret": "smtp"},
        "teams": {"secret": "teams-address"},
        "webhook": {"secret": "hook-address"},
    }
    return {each: targets[each] for each in draw.some(targets, 1, 2)}


def app(draw, name, number):
    kind = workload(draw)
    port = kind in ("deployment", "statefulset") and draw.chance(90)
    source = f"https://git.example/fleet/{name}.git"
    if draw.chance(20):
        source = {"url": source, "branch": "main", "path": f"services/{draw.pick(WORDS)}"}
    spec = {"source": source, "image": f"registry.example/fleet/{name}"}
    spec |= optional(draw, 20, {"build": {"dockerfile": "Dockerfile.prod", "args": {"VERSION": str(draw.below(90))}}})
    spec |= optional(draw, 50, {"labels": {"team": draw.pick(TEAMS)} | optional(draw, 40, {"tier": draw.pick(WORDS)})})
    spec |= network(draw) if port else {}
    spec |= {"workload": "none"} if kind == "none" else running(draw, name, number, kind)
    spec |= pipeline(draw, name, kind, port)
    spec |= optional(draw, 20, {"workspace": {"size": draw.pick(SIZES)}})
    spec |= optional(draw, 20, {"runs": {"timeout": f"{draw.between(2, 6)}h"}})
    spec |= {"notify": notify(draw)} if draw.chance(25) else {}
    return spec | {"trigger": trigger(draw)}


FREE_NAMES = {"env", "files", "labels", "annotations", "args"}


def shape(value, free=False):
    """Keys, kinds of values and how many there are, without names that the spec leaves open."""
    if isinstance(value, dict):
        items = (f"{'' if free else key}:{shape(item, key in FREE_NAMES)}" for key, item in value.items())
        return "{" + ",".join(sorted(items)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(shape, value)) + "]"
    return type(value).__name__


def apps(names):
    """All apps by name, no two of one shape."""
    found, shapes = {}, set()
    for number, name in enumerate(names, 1):
        attempt = 0
        while (made := shape(spec := app(Draw(f"{name} {attempt}"), name, number))) in shapes:
            attempt += 1
        shapes.add(made)
        found[name] = spec
    return found


# --------------------------------------------------------------------------------------------- manifests, environments


def manifest(draw, name):
    """A raw manifest: a ConfigMap, or a policy for pods that are not gen's."""
    word = draw.pick(WORDS)
    if draw.chance(50):
        data = {each: f"{each} {draw.below(1000)}" for each in draw.some(WORDS, 1, 6)}
        return word, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{name}-{word}"}, "data": data}
    types = draw.some(["Ingress", "Egress"], 1, 2)
    spec = {"podSelector": {"matchLabels": {"example.test/part": word}}, "policyTypes": types}
    header = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": f"{name}-{word}"}}
    return word, header | {"spec": spec}


def has_manifests(number):
    return number % 10 == 3


def has_patches(number, spec):
    return number % 10 == 7 and spec.get("workload") != "none"


def object_kind(spec):
    workload = spec.get("workload", "deployment")
    if isinstance(workload, dict):
        return "CronJob"
    return {"deployment": "Deployment", "statefulset": "StatefulSet"}[workload]


def patch(draw, spec, name, environment):
    """What the spec has no key for, in the app's workload."""
    kind = object_kind(spec)
    target = {"kind": kind, "name": name, "namespace": f"{name}-{environment}"}
    if draw.chance(30):
        path = f"/metadata/labels/{draw.pick(WORDS)}"
        return {"target": target, "json": [{"op": "add", "path": path, "value": draw.pick(WORDS)}]}
    notes = {"metadata": {"annotations": {f"example.test/{draw.pick(WORDS)}": draw.pick(WORDS)}}}
    if kind == "CronJob":
        return {"target": target, "merge": {"spec": {"failedJobsHistoryLimit": draw.between(1, 9)}} | notes}
    merges = [
        {"spec": {"minReadySeconds": draw.between(1, 30)}},
        {"spec": {"template": {"spec": {"priorityClassName": draw.pick(WORDS)}}}},
        {"spec": {"revisionHistoryLimit": draw.between(1, 9)}} | notes,
    ]
    return {"target": target, "merge": draw.pick(merges)}


def override(draw, spec):
    """What an environment says of one app."""
    options = [{"labels": {"stage": draw.pick(WORDS)}}]
    if "env" in spec:
        options.append({"env": {"LOG_LEVEL": draw.pick(["debug", "warn"])}})
        options.append({"resources": {"cpu": f"{draw.between(2, 9) * 100}m", "memory": "512Mi"}})
    if "replicas" in spec:
        options.append({"replicas": draw.between(2, 5)})
    if "scale" in spec:
        options.append({"scale": {"max": draw.between(13, 30)}})
    return draw.pick(options)


def environment_file(environment, specs):
    """An environment with overrides for a fifth of the apps, and patches for a tenth."""
    overrides, patches = {}, []
    for number, (name, spec) in enumerate(specs.items(), 1):
        draw = Draw(f"{environment} {name}")
        if draw.chance(20):
            overrides[name] = override(draw, spec)
        if has_patches(number, spec):
            patches.append(patch(draw, spec, name, environment))
    header = {"cluster": f"fleet-{environment}", "context": f"fleet-{environment}"}
    header |= {"namespace": "{{ app }}-" + environment} | ENVIRONMENTS[environment]
    default = {"labels": {"stage": environment}}
    return dump(header | {"apps": {"*": default} | overrides} | ({"patches": patches} if patches else {}))


def files(names):
    """All files of the spec but gen.yaml and the pins, by path."""
    specs = apps(names)
    found = {f"templates/{path}": text.replace("DIGEST", digest(path)) for path, text in TEMPLATES.items()}
    for number, (name, spec) in enumerate(specs.items(), 1):
        if has_manifests(number):
            spec = spec | {"extra": f"manifests/{name}"}
            draw = Draw(f"manifests of {name}")
            for word, content in (manifest(draw, name) for _ in range(draw.between(1, 3))):
                found[f"manifests/{name}/{word}.yaml"] = dump(content)
        found[f"apps/{name}.yaml"] = dump({"apps": {name: spec}})
    for environment in ENVIRONMENTS:
        found[f"environments/{environment}.yaml"] = environment_file(environment, specs)
    return found
