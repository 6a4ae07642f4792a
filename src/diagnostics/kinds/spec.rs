//! GEN03xx: gen.yaml and apps; GEN04xx: environments, pins and how they come together.

use crate::diagnostics::catalogue::errors;

errors! {
    /// A spec that cannot be what it says.
    SpecError {
        /// Unknown keys are errors, because a misspelt key that is ignored is found in production.
        312 Spec UnknownKey { key: String, place: String, hint: String } "unknown key `{key}` in {place}", "{hint}";
        /// The value has another type than its key wants.
        313 Spec WrongType { path: String, want: String, found: String } "`{path}` must be {want}, this is {found}", "`gen explain {path}` says more";
        /// A key that must be there is not.
        314 Spec Missing { path: String, place: String } "`{path}` is missing in {place}", "`gen explain {path}` says what it is";
        /// One of a closed set of words is wanted.
        315 Spec NotOneOf { path: String, text: String, hint: String } "`{text}` is nothing that `{path}` can be", "{hint}";
        /// A number outside its bounds.
        316 Spec OutOfRange { path: String, number: String, min: i64, max: i64 } "`{path}` is {number}, and must be between {min} and {max}", "";
        /// Two apps of one name, in one file or in two.
        317 Spec DuplicateApp { name: String } "the app `{name}` is defined twice", "rename one of the two";
        /// An include must match something, or a moved folder would silently empty the tree.
        318 Spec IncludeMatchesNothing { pattern: String } "`{pattern}` matches no file", "correct the pattern, or remove it; `--allow-removals` takes away what was rendered from it";
        /// The spec's format version.
        319 Spec Version { found: String } "version {found} of the spec is not known to this gen", "write `version: 1`, or use a newer gen";
        /// Neither gen.yaml nor an included file names an app.
        320 Spec NoApps {} "there are no apps", "name one under `apps:`: a name, its source and its image";
        /// environments/ is missing or empty.
        321 Spec NoEnvironments {} "there are no environments", "write environments/dev.yaml; an empty mapping, `{{}}`, is enough";
        /// A pipeline entry that is neither a name, nor a task with settings, nor a list.
        322 Spec BadTask { found: String } "a task of the pipeline is a name, a name with settings, or a list of tasks that run in parallel; this is {found}", "`gen explain apps.NAME.pipeline` shows the forms";
        /// No catalogue task, no file in templates/tasks/ and no settings of its own.
        323 Spec UnknownTask { name: String, hint: String } "there is no task `{name}`", "{hint}";
        /// Two tasks of one name in a pipeline.
        324 Spec DuplicateTask { name: String } "the task `{name}` is in the pipeline twice", "give one of the two another name: `NAME: {{use: {name}}}`";
        /// `after:` names a task that is not in the pipeline, or comes to depend on itself.
        325 Spec BadAfter { name: String, problem: String } "`after: {name}` {problem}", "name tasks of this pipeline that do not wait for this one";
        /// A text that looks like a password or key stands in the spec, where everyone who can read Git sees it.
        326 Spec LiteralSecret { name: String } "the value of `{name}` looks like a secret", "name a Secret instead: `{name}: {{secret: NAME, key: KEY}}`; if it is none: `{{value: …, notSecret: why}}`";
        /// Two keys that exclude each other.
        327 Spec Excludes { first: String, second: String, why: String } "`{first}` and `{second}` exclude each other: {why}", "remove one of the two";
        /// A key that is of no use without another.
        328 Spec Needs { key: String, other: String, why: String } "`{key}` needs `{other}`: {why}", "add it, or remove `{key}`";
        /// An own task calls the API, and gen cannot read how.
        329 Spec UnreadableCommand { command: String, problem: String } "gen cannot read which permissions `{command}` needs: {problem}", "declare them under the task: `permissions: [{{apiGroups: [apps], resources: [deployments], verbs: [get]}}]`";
        /// A permission that gen never grants, because it leads to all others.
        330 Spec ForbiddenPermission { what: String } "gen grants no {what}", "name exact groups, resources and verbs that the task needs";
        /// A value that has its meaning changed by YAML 1.1 readers where a truth value is meant.
        331 Spec NotBool { path: String, text: String } "`{path}` must be true or false, this is the text `{text}`", "write true or false";
        /// `{{ app }}` and `{{ env }}` are all that `namespace` and `host` may print.
        332 Spec BadPattern { path: String, problem: String } "`{path}`: {problem}", "only `{{{{ app }}}}` and `{{{{ env }}}}` may stand in it";
        /// Raw manifests of `extra` that cannot be passed through.
        333 Spec BadManifest { path: String, problem: String } "`{path}` cannot be passed through: {problem}", "";
        /// Two objects of one identity in a unit.
        334 Spec DuplicateObject { object: String } "{object} is rendered twice", "rename one of the two; a raw manifest cannot replace what gen renders: use a patch";
        /// An own task needs an image and a script, or a reference.
        335 Spec OwnTask { name: String, problem: String } "the task `{name}` {problem}", "an own task has `image` and `script`, a referenced one has `ref`";
        /// An egress host that a NetworkPolicy cannot express.
        336 Spec EgressHost { host: String } "a NetworkPolicy cannot name the host `{host}`", "name a service of the cluster, as in `db.NAMESPACE.svc`, or an address range: `cidr: 203.0.113.0/24`";
        /// A secret's value that would be copied into Git.
        337 Spec SecretManifest { path: String } "`{path}` is a Secret in clear text, which would stand in Git", "encrypt it with SOPS, or create it in the cluster and name it";
        /// Tekton replaces `$(params.x)` and the like in every text of a Task, and refuses the Task where it does not know the name.
        338 Spec TektonVariable { name: String, variable: String } "`{name}` holds `{variable}`, which Tekton would replace", "in `env` of a task, write what the run knows as `{{param: NAME}}` or `{{result: TASK.RESULT}}`; Tekton has no way to mean the characters themselves: take such a text from a ConfigMap, `{{configMap: NAME, key: KEY}}`";
        /// A name that the tree itself uses: a folder of that name would mix with what gen keeps there.
        339 Spec ReservedName { name: String, what: String } "`{name}` cannot be the name of {what}", "clusters/CLUSTER/flux/ and clusters/CLUSTER/ENV/shared/ are gen's own folders: choose another name";
        /// Flux objects of all apps and environments of a cluster share one namespace, where a name exists once.
        340 Spec SameFluxName { name: String, first: String, second: String } "{first} and {second} would both be the Kustomization `{name}`", "rename one of the two: the name is APP-ENVIRONMENT";
        /// A namespace that belongs to Kubernetes or to Flux.
        341 Spec ReservedNamespace { namespace: String } "the namespace `{namespace}` belongs to the cluster", "choose another: gen sets Pod Security labels and a default-deny policy on the namespaces of apps";
        /// Settings of a task that its template cannot make a Task of.
        342 Spec TaskSettings { name: String, problem: String } "the task `{name}` cannot be as it is written: {problem}", "";
        /// A value that passes between tasks comes from nowhere, or cannot go where it is wanted.
        360 Spec BadLink { path: String, problem: String } "`{path}` {problem}", "`gen explain apps.NAME.pipeline.TASK` says what passes between tasks";
        /// A parameter of a run that is declared wrongly.
        361 Spec BadRunParam { name: String, problem: String } "the parameter `{name}` {problem}", "`gen explain apps.NAME.params` shows the forms";
        /// A matrix that Tekton would refuse.
        362 Spec BadMatrix { name: String, problem: String } "the matrix of `{name}` {problem}", "write lists of values, as in `{{PYTHON: [\"3.12\", \"3.13\"]}}`, of at most 256 combinations";
        /// A condition that can never hold, or that nothing can tell.
        363 Spec BadWhen { path: String, problem: String } "`when.{path}` {problem}", "`gen explain apps.NAME.pipeline.TASK.when` says what can be asked";
        /// A resolver that is asked without what it needs.
        364 Spec BadResolver { name: String, problem: String } "the `ref` of `{name}` {problem}", "the parameters are those of Tekton's resolver: https://tekton.dev/docs/pipelines/resolution/";
        /// Two results of a task would be the same variable.
        365 Spec ResultVariable { result: String, variable: String } "the result `{result}` needs the variable `{variable}`, which is taken", "rename the result or the variable";
        /// A task at the end has no place in the order of the others.
        366 Spec NotAtEnd { name: String, key: String } "`{name}` is in `finally`, where `{key}` has no meaning", "remove it: tasks of `finally` run beside each other, after all others";
        /// How a run ended is known only when it has.
        367 Spec OnlyAtEnd { name: String } "`{name}` is in `pipeline`, and whether the run fails is known only at its end", "write it there: `finally: [{name}]`";
        /// With `deploy: git` the deploy task commits to this repository, which needs an image that holds gen and git.
        345 Spec NoGenImage { task: String } "the task `{task}` commits the digest to this repository, and no image with gen in it is named", "build one with the Dockerfile of gen's own repository, push it, and name it: `images: {{gen: \"registry.example/tools/gen@sha256:…\"}}`; or let the task apply the workload itself: `deploy: kubectl`";
        /// An override names an app that does not exist.
        401 Spec UnknownAppOverride { name: String, hint: String } "there is no app `{name}` to override", "{hint}";
        /// promotesFrom names an environment that does not exist.
        402 Spec UnknownPromotesFrom { name: String, hint: String } "there is no environment `{name}` to promote from", "{hint}";
        /// The chain of promotesFrom leads back to itself.
        403 Spec PromotionCycle { chain: String } "promotesFrom goes in a circle: {chain}", "one environment must be the first, without promotesFrom";
        /// A pins file that cannot be read.
        404 Spec BadPins { problem: String } "the pins cannot be read: {problem}", "a pins file holds `apps: {{NAME: {{image: REF@sha256:…, revision: SHA, nonce: 1}}}}`, or `tag` instead of `image`, and nothing else";
        /// Pins of an app that does not exist any more.
        405 Spec PinOfNoApp { name: String, hint: String } "the pin of `{name}` belongs to no app", "{hint}";
        /// A digest in an overlay beside a pin: which of the two is meant cannot be known.
        406 Spec DigestBesidePin { name: String } "`{name}` has a digest here and a pin", "remove one of the two; promotion moves pins";
        /// Two environments render into the same folder or namespace.
        407 Spec SameNamespace { namespace: String, other: String } "the namespace `{namespace}` is that of `{other}` too", "give each environment on a cluster its own: `namespace: \"{{{{ app }}}}-ENV\"`";
        /// A pipeline's namespace is also an app's.
        408 Spec PipelineNamespace { namespace: String } "`{namespace}` would hold pipelines and workloads", "choose another `namespace`: pipelines run in `<namespace>-ci`";
        /// A pins file without its environment.
        409 Spec PinsWithoutEnvironment { name: String } "there is no environment `{name}` for these pins", "rename the file, or remove it";
        /// In kubectl mode the deploy task sets the image, so a pin would have no effect.
        410 Spec PinWithKubectl { name: String } "`{name}` has a pin, but `deploy: kubectl` takes none", "use `deploy: git`, or remove the pin";
        /// The deploy task of this mode runs kubectl under an account that cannot.
        451 Spec MissingPermissions { account: String, task: String, missing: String } "the task `{task}` runs under the account `{account}`, which may not {missing}", "remove `serviceAccount` and gen renders an account with just these rights; or bind them to `{account}` yourself";
        /// An image by tag can change under the same name.
        452 Spec ImageByTag { image: String } "`{image}` is named by tag", "a digest never changes: `{image}@sha256:…`";
        /// A task that is fetched at run time by a name that can come to mean something else.
        455 Spec UnpinnedReference { name: String, what: String, pin: String } "`{name}` is fetched by {what}, which can change under the same name", "{pin}";
        /// The tasks of a run share one volume, which is on one node, so their pods have to be there too.
        456 Spec PlacedApart { name: String } "`{name}` shares a volume with other tasks, and asks for a node of its own", "where no node fits both, its pod waits until the run times out: place all tasks alike, by `runs.placement`";
        /// Flux creates a committed run again when something removes it, and it runs again.
        457 Spec PrunedRun { name: String } "runs stand in Git here, and `{name}` may remove them", "keep pruners away from the namespaces of these pipelines: a committed run that is removed is created again, and runs again; gen renders no limits here";
        /// Flux's image automation sets values that are there, and finds them by a comment behind them.
        458 Spec NoPlaceToPin { app: String, env: String } "Flux finds no place for the image of `{app}` in environments/{env}.pins.yaml", "`gen set {app} --env {env}` writes it; then `gen commit`";
        /// Something of the spec has no effect here, because the environment lacks what it needs.
        453 Spec Unmet { what: String, why: String } "{what} is left out: {why}", "";
    }
}
