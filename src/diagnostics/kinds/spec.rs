//! GEN03xx: gen.yaml and apps; GEN04xx: environments, pins and how they come together.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors in the spec.
    SpecError {
        /// Unknown keys are errors: an ignored typo would show up in production.
        312 Spec UnknownKey { key: String, place: String, hint: String } "unknown key `{key}` in {place}", "{hint}";
        /// The value has the wrong type.
        313 Spec WrongType { path: String, want: String, found: String } "`{path}` must be {want}, not {found}", "see `gen explain {path}`";
        /// A required key is missing.
        314 Spec Missing { path: String, place: String } "`{path}` is missing in {place}", "see `gen explain {path}`";
        /// The value is not one of the allowed words.
        315 Spec NotOneOf { path: String, text: String, hint: String } "invalid value `{text}` for `{path}`", "{hint}";
        /// A number out of range.
        316 Spec OutOfRange { path: String, number: String, min: i64, max: i64 } "`{path}` is {number}, but must be between {min} and {max}", "";
        /// Two apps with the same name, in one file or in two.
        317 Spec DuplicateApp { name: String } "the app `{name}` is defined twice", "rename one of the two";
        /// An include must match something: otherwise a moved folder would silently empty the tree.
        318 Spec IncludeMatchesNothing { pattern: String } "`{pattern}` matches no file", "fix the pattern, or remove it; to remove what was rendered from it, use `--allow-removals`";
        /// The spec's format version is unknown.
        319 Spec Version { found: String } "unsupported spec version {found}", "use `version: 1`, or a newer gen";
        /// Neither gen.yaml nor an included file defines an app.
        320 Spec NoApps {} "no apps", "add one under `apps:` with a name, a source and an image";
        /// environments/ is missing or empty.
        321 Spec NoEnvironments {} "no environments", "create environments/dev.yaml; an empty mapping, `{{}}`, is enough";
        /// A pipeline entry that is not a name, a task with settings, or a list.
        322 Spec BadTask { found: String } "a pipeline entry must be a name, a name with settings, or a list of parallel tasks, not {found}", "see `gen explain apps.NAME.pipeline`";
        /// Not a catalogue task, not a file in templates/tasks/, and without settings of its own.
        323 Spec UnknownTask { name: String, hint: String } "unknown task `{name}`", "{hint}";
        /// Two tasks with the same name in a pipeline.
        324 Spec DuplicateTask { name: String } "the task `{name}` is in the pipeline twice", "rename one of the two: `NAME: {{use: {name}}}`";
        /// `after:` names a task outside the pipeline, or makes a cycle.
        325 Spec BadAfter { name: String, problem: String } "`after: {name}` {problem}", "use tasks of this pipeline that do not wait for this one";
        /// A value looks like a password or key, and everyone with access to Git would see it.
        326 Spec LiteralSecret { name: String } "the value of `{name}` looks like a secret", "use a Secret: `{name}: {{secret: NAME, key: KEY}}`; if it is not one: `{{value: …, notSecret: why}}`";
        /// Flux would wait for what never comes.
        380 Spec BadDependsOn { name: String, problem: String } "`dependsOn: {name}` {problem}", "name other apps of this repository, none of which waits for this one";
        /// `environments` of an app names the only ones that have it.
        343 Spec BadEnvironments { problem: String } "`environments`: {problem}", "name environments of this repository where the app is defined: `environments: [dev, staging]`";
        /// Kubernetes or Tekton would refuse the object, or a run would fail for a missing right. `gen check` tells more, and of more.
        397 Spec Refused { object: String, problem: String, rule: &'static str, cure: String } "{object}: {problem}", "{cure} (`gen explain {rule}`)";
        /// A time at which promotions are let in, or not, that cannot be read.
        398 Spec BadGate { path: String, problem: String } "`{path}`: {problem}", "as in `window: Mon-Fri 09:00-16:00 Europe/Paris` and `freeze: [2026-12-20/2027-01-03]`";
        /// A permission that allows nothing: the API has no such verb or resource.
        396 Spec IdlePermission { what: String, hint: String } "a permission without effect: {what}", "{hint}";
        /// An exception or a rule of `check` that cannot work.
        395 Spec BadCheck { path: String, problem: String } "`{path}` {problem}", "`gen explain checks` lists the rules; `gen explain check` the keys";
        /// Two mutually exclusive keys.
        327 Spec Excludes { first: String, second: String, why: String } "`{first}` and `{second}` are mutually exclusive: {why}", "remove one of the two";
        /// A key that requires another.
        328 Spec Needs { key: String, other: String, why: String } "`{key}` requires `{other}`: {why}", "add it, or remove `{key}`";
        /// An inline task calls the API in a way that gen cannot read.
        329 Spec UnreadableCommand { command: String, problem: String } "cannot read which permissions `{command}` needs: {problem}", "declare them on the task: `permissions: [{{apiGroups: [apps], resources: [deployments], verbs: [get]}}]`, or `permissions: []` if it needs none";
        /// A permission that gen never grants, because it leads to all others.
        330 Spec ForbiddenPermission { what: String } "gen grants no {what}", "list the exact groups, resources and verbs that the task needs";
        /// YAML 1.1 reads this string as a boolean.
        331 Spec NotBool { path: String, text: String } "`{path}` must be true or false, not the string `{text}`", "use true or false";
        /// `namespace` and `host` can contain `{{ app }}` and `{{ env }}` only.
        332 Spec BadPattern { path: String, problem: String } "`{path}`: {problem}", "use only `{{{{ app }}}}` and `{{{{ env }}}}` in it";
        /// A raw manifest of `extra` that gen cannot pass through.
        333 Spec BadManifest { path: String, problem: String } "cannot pass through `{path}`: {problem}", "";
        /// An object of a template, a raw manifest or a patch that Kubernetes does not have, that nothing is known of, or that names something
        /// which is not there.
        369 Spec BadObject { object: String, problem: String } "{object}: {problem}", "";
        /// Kubernetes takes a Deployment whose pods its namespace refuses, and the pods never come. The level is that of the app's own
        /// needs; raw manifests and patches have to keep to it.
        370 Spec PodsRefused { object: String, namespace: String, level: &'static str, what: String, hint: &'static str } "the namespace `{namespace}` enforces `{level}` and refuses the pods of {object}: {what}", "{hint}";
        /// A file whose name ends with `.yml`, where gen reads `.yaml` only.
        371 Spec Misnamed { name: String } "gen does not read this file", "rename it to `{name}`";
        /// A file in `crds/`, which holds the definitions of custom kinds that gen does not have.
        368 Spec BadDefinition { problem: String } "{problem}", "save a CustomResourceDefinition as `kubectl get crd NAME -o yaml` prints it";
        /// Two objects with the same identity in a unit.
        334 Spec DuplicateObject { object: String } "{object} is rendered twice", "rename one of the two; to change a rendered object, use a patch instead of a raw manifest";
        /// An inline task needs an image and a script, or a reference.
        335 Spec OwnTask { name: String, problem: String } "the task `{name}` {problem}", "set `image` and `script` for an inline task, or `ref` for a referenced one";
        /// A NetworkPolicy cannot express this egress host.
        336 Spec EgressHost { host: String } "a NetworkPolicy cannot use the host `{host}`", "use a service of the cluster, as in `db.NAMESPACE.svc`, or an address range: `cidr: 203.0.113.0/24`";
        /// The Secret's values would be copied to Git.
        337 Spec SecretManifest { path: String } "`{path}` is a plain-text Secret and would be committed to Git", "encrypt it with SOPS, or create it in the cluster and reference it";
        /// Tekton replaces `$(params.x)` and the like in every string of a Task, and rejects unknown names.
        338 Spec TektonVariable { name: String, variable: String } "`{name}` contains `{variable}`, which Tekton takes for a variable of its own", "in a task's `env`, use `{{param: NAME}}` or `{{result: TASK.RESULT}}`; Tekton cannot escape it: for the literal string, use a ConfigMap, `{{configMap: NAME, key: KEY}}`";
        /// The name is reserved: its folder would collide with gen's own.
        339 Spec ReservedName { name: String, what: String } "`{name}` is reserved and cannot name {what}", "choose another name: clusters/CLUSTER/flux/ and clusters/CLUSTER/ENV/shared/ are gen's own folders";
        /// The Flux objects of all apps and environments of a cluster share one namespace.
        340 Spec SameFluxName { name: String, first: String, second: String } "{first} and {second} would both be the Kustomization `{name}`", "rename one of the two: the name is APP-ENVIRONMENT";
        /// The namespace belongs to Kubernetes or Flux.
        341 Spec ReservedNamespace { namespace: String } "the namespace `{namespace}` is reserved by the cluster", "choose another: gen sets Pod Security labels and a default-deny policy on app namespaces";
        /// The task's template cannot make a Task of these settings.
        342 Spec TaskSettings { name: String, problem: String } "invalid settings for the task `{name}`: {problem}", "";
        /// A value passed between tasks has no source, or cannot be used there.
        360 Spec BadLink { path: String, problem: String } "`{path}` {problem}", "see `gen explain apps.NAME.pipeline.TASK`";
        /// An invalid declaration of a run parameter.
        361 Spec BadRunParam { name: String, problem: String } "the parameter `{name}` {problem}", "see `gen explain apps.NAME.params`";
        /// A matrix that Tekton would reject.
        362 Spec BadMatrix { name: String, problem: String } "the matrix of `{name}` {problem}", "use lists of values, as in `{{PYTHON: [\"3.12\", \"3.13\"]}}`, with at most 256 combinations";
        /// A condition that never holds, or that cannot be evaluated.
        363 Spec BadWhen { path: String, problem: String } "`when.{path}` {problem}", "see `gen explain apps.NAME.pipeline.TASK.when`";
        /// A resolver without a required parameter, or with an unknown one.
        364 Spec BadResolver { name: String, problem: String } "the `ref` of `{name}` {problem}", "see the resolver's parameters: https://tekton.dev/docs/pipelines/resolution/";
        /// Two results of a task map to the same variable.
        365 Spec ResultVariable { result: String, variable: String } "the variable `{variable}` of the result `{result}` is taken", "rename the result or the variable";
        /// Tasks in `finally` have no order.
        366 Spec NotAtEnd { name: String, key: String } "`{key}` has no effect on `{name}`, which is in `finally`", "remove it: tasks in `finally` run in parallel, after all others";
        /// The outcome of a run is known only at its end.
        367 Spec OnlyAtEnd { name: String } "`{name}` must be in `finally`: it depends on the outcome of the run", "move it there: `finally: [{name}]`";
        /// With `deploy: git`, the deploy task commits to this repository, and needs an image with gen and git.
        345 Spec NoGenImage { task: String } "the task `{task}` commits the digest to this repository, but no image with gen is set", "build one with the Dockerfile of gen's own repository, push it and set `images: {{gen: \"registry.example/tools/gen@sha256:…\"}}`; or use `deploy: kubectl`, which applies the workload directly";
        /// Kubernetes rejects a container whose limit is below its request.
        346 Spec LimitBelowRequest { key: String, limit: String, request: String } "the limit `{limit}` for `{key}` is below the request `{request}`", "raise `resources.limits.{key}`, or lower `resources.{key}`";
        /// Two apps, or one app in two environments of one cluster, take one path of one host.
        411 Spec SameHost { host: String, first: String, second: String } "{first} and {second} both serve `{host}` in one cluster", "give each a host of its own, as in `{{{{ app }}}}.{{{{ env }}}}.example.org`, or paths of its own: `routes: [{{host: HOST, path: /PATH}}]`";
        /// Two programs of one cluster take one port of the nodes, or one address of a load balancer.
        412 Spec SameDoor { door: String, first: String, second: String } "{first} and {second} both take {door} in one cluster", "give each its own; without `nodePort` and without an annotation for the address, the cluster chooses";
        /// What a Pod's `spec.affinity` cannot be.
        347 Spec BadAffinity { problem: String } "invalid `affinity`: {problem}", "see the fields of a Pod's affinity: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#scheduling";
        /// The image's tag or digest says that it is there already; a build would push another one over it.
        348 Spec ReadyImageBuilt { image: String, task: String, name: String } "`image: {image}` names an image that is ready, but the task `{task}` would build it and push over it", "to build it, drop the tag or digest: `image: {name}`; to run it as it is, remove `{task}` from the pipeline";
        /// A file of the repository that an app mounts.
        349 Spec BadFile { path: String, problem: String } "cannot mount `{path}`: {problem}", "name a file of this repository by its path from gen.yaml; what is larger belongs in the image or in a volume";
        /// An override names an app that does not exist.
        401 Spec UnknownAppOverride { name: String, hint: String } "unknown app `{name}` in overrides", "{hint}";
        /// promotesFrom names an environment that does not exist.
        402 Spec UnknownPromotesFrom { name: String, hint: String } "unknown environment `{name}` in promotesFrom", "{hint}";
        /// The promotesFrom chain is a cycle.
        403 Spec PromotionCycle { chain: String } "cycle in promotesFrom: {chain}", "remove promotesFrom from the first stage";
        /// The pins file is invalid.
        404 Spec BadPins { problem: String } "cannot read the pins: {problem}", "use only `apps: {{NAME: {{image: REF@sha256:…, revision: SHA, nonce: 1}}}}`, or `tag` instead of `image`";
        /// A pin for an app that no longer exists.
        405 Done PinOfNoApp { name: String, hint: String } "pin for an unknown app `{name}`", "{hint}";
        /// A digest in an override conflicts with the pin.
        406 Spec DigestBesidePin { name: String } "`{name}` has both a digest here and a pin", "remove one of the two; promotion moves pins";
        /// A chart's version in an override conflicts with the pin.
        413 Spec VersionBesidePin { name: String } "`{name}` has both a chart version here and a pin", "remove one of the two; promotion moves pins";
        /// Two environments render into the same folder or namespace.
        407 Spec SameNamespace { namespace: String, other: String } "the namespace `{namespace}` is also used by `{other}`", "give each environment of a cluster its own: `namespace: \"{{{{ app }}}}-ENV\"`";
        /// A pipeline namespace is also an app namespace.
        408 Spec PipelineNamespace { namespace: String } "`{namespace}` would contain both pipelines and workloads", "choose another `namespace`: pipelines run in `<namespace>-ci`";
        /// A pins file without its environment.
        409 Spec PinsWithoutEnvironment { name: String } "pins for an unknown environment `{name}`", "rename the file, or remove it";
        /// In kubectl mode, the deploy task sets the image, so a pin has no effect.
        410 Spec PinWithKubectl { name: String } "`{name}` has a pin, but `deploy: kubectl` does not use pins", "use `deploy: git`, or remove the pin";
        /// The deploy task runs kubectl with an account that lacks permissions.
        451 Done MissingPermissions { account: String, task: String, missing: String } "the account `{account}` of the task `{task}` is not allowed to {missing}", "remove `serviceAccount` to use a derived account with exactly these permissions, or grant them to `{account}`";
        /// The image behind a tag can change.
        452 Done ImageByTag { image: String } "`{image}` is referenced by tag", "use a digest, which never changes: `{image}@sha256:…`";
        /// A task fetched at run time by a mutable reference.
        455 Done UnpinnedReference { name: String, what: String, pin: String } "`{name}` is fetched by {what}, which can change", "{pin}";
        /// The tasks of a run share a volume on one node, so their pods must run there too.
        456 Done PlacedApart { name: String } "`{name}` shares a volume with other tasks, but has its own placement", "if no node fits both, its pod waits until the run times out: use `runs.placement` for all tasks";
        /// If a committed run is removed, Flux recreates it, and it runs again.
        457 Done PrunedRun { name: String } "runs are committed to Git, but `{name}` may remove them", "keep pruners away from these pipeline namespaces: Flux recreates a removed run, which then runs again; gen renders no limits here";
        /// Flux's image automation updates existing values, marked by a comment.
        458 Done NoPlaceToPin { app: String, env: String } "no marker for the image of `{app}` in environments/{env}.pins.yaml", "run `gen set {app} --env {env}`, then `gen commit`";
        /// The same of what is written with `--no-check`.
        459 Done Doomed { object: String, problem: String, rule: &'static str, cure: String } "{object}: {problem}", "{cure} (`gen explain {rule}`)";
        /// Part of the spec has no effect, because the environment lacks a requirement.
        453 Done Unmet { what: String, why: String } "{what} is left out: {why}", "";
    }
}
