//! Keys that connect the tasks of a run: values between them, conditions, and node selection.

use std::sync::Arc;

use super::shared::reference_object;
use crate::name::Check;
use crate::spec::table::{Object, Shape, key};

/// One string or several.
fn texts(check: Check) -> Shape {
    Shape::Either(Box::new(Shape::Text(check).list()), Box::new(Shape::Text(check)))
}

/// One scalar or several.
fn literals() -> Shape {
    Shape::Either(Box::new(Shape::Literal.list()), Box::new(Shape::Literal))
}

/// The source of a run's value.
fn sources() -> Vec<crate::spec::table::Field> {
    vec![
        key(
            "result",
            Shape::Text(Check::NotEmpty),
            "A result of another task: `TASK.RESULT`. This task then runs after it.",
        )
        .example("build-image.IMAGE_DIGEST"),
        key(
            "param",
            Shape::Text(Check::NotEmpty),
            "A parameter of the run: `revision`, or one from the app's `params`; for an object's key, `NAME.KEY`.",
        )
        .example("log-level"),
        key(
            "status",
            Shape::Text(Check::NotEmpty),
            "In `finally` only: a task's status (Succeeded, Failed or None), or with `all` the status of the run (Succeeded, Completed, Failed or None).",
        )
        .example("all"),
    ]
}

/// Variables of a task: as for a container, plus values of the run.
pub(super) fn task_env() -> Shape {
    let mut object = (*reference_object()).clone();
    object.fields.extend(sources());
    Shape::Map(Check::EnvName, Box::new(Shape::Reference(Arc::new(object))))
}

/// Parameters for a referenced Task.
pub(super) fn task_params() -> Shape {
    let mut fields = vec![key("value", Shape::Literal, "A string.")];
    fields.extend(sources());
    let one = Object::new("The value of a parameter.", fields);
    Shape::Map(
        Check::ParamName,
        Box::new(Shape::Either(Box::new(Shape::Literal.list()), Box::new(Shape::Reference(one)))),
    )
}

/// The values of a matrix.
pub(super) fn matrix() -> Shape {
    let one = Object::new(
        "The source of the values.",
        vec![
            key(
                "result",
                Shape::Text(Check::NotEmpty),
                "An array result of an earlier task: `TASK.RESULT`.",
            )
            .example("list-services.names"),
            key("param", Shape::Text(Check::NotEmpty), "An array parameter of the run.")
                .example("platforms"),
        ],
    );
    // Under `include`, the items are mappings.
    let item = Shape::Either(
        Box::new(Shape::Map(Check::ParamName, Box::new(Shape::Literal))),
        Box::new(Shape::Literal),
    );
    Shape::Map(
        Check::ParamName,
        Box::new(Shape::Either(Box::new(item.list()), Box::new(Shape::Object(one)))),
    )
}

/// The events that start runs.
pub(super) const EVENTS: [(&str, &str); 4] = [
    ("push", "a push to a branch"),
    ("tag", "a new tag"),
    ("pull-request", "a pull request is opened or updated"),
    ("manual", "a person with `gen run`, or a committed run"),
];

/// Conditions of a task.
pub(super) fn when() -> Arc<Object> {
    let values = || {
        vec![
            key("branch", texts(Check::GitRef), "The branch to build.").example("[main]"),
            key(
                "event",
                Shape::Either(
                    Box::new(Shape::Word(EVENTS.to_vec()).list()),
                    Box::new(Shape::Word(EVENTS.to_vec())),
                ),
                "The trigger of the run.",
            )
            .example("[push, tag]"),
            key(
                "param",
                Shape::Map(Check::NotEmpty, Box::new(literals())),
                "Values of run parameters.",
            )
            .example("{mode: [full]}"),
            key(
                "result",
                Shape::Map(Check::NotEmpty, Box::new(literals())),
                "Values of other tasks' results, by `TASK.RESULT`.",
            )
            .example("{plan.needed: \"true\"}"),
        ]
    };
    let mut fields = values();
    fields.extend([
        key(
            "environment",
            texts(Check::Label),
            "Environments; in others the task is not rendered.",
        )
        .example("[dev]"),
        key(
            "changed",
            texts(Check::NotEmpty),
            "Paths, one of which must have changed since the previous commit: relative to the app's folder, or to the repository's root with a leading `/`. `*` and `**` as in .gitignore. Needs a task that fetches the source.",
        )
        .example("[\"src/**\", go.mod]"),
        key(
            "status",
            Shape::Word(vec![
                ("succeeded", "no task failed"),
                ("failed", "a task failed"),
            ]),
            "In `finally` only: the outcome of the earlier tasks.",
        ),
        key(
            "not",
            Shape::Object(Object::new(
                "Conditions that must not hold.",
                values(),
            )),
            "Conditions that must not hold.",
        )
        .example("{event: pull-request}"),
    ]);
    Object::new(
        "Conditions of the task: all must hold. Tasks that use its results are skipped with it.",
        fields,
    )
}

/// Node selection for a pipeline's pods.
pub(super) fn placement() -> Arc<Object> {
    let toleration = Object::new(
        "A tolerated taint.",
        vec![
            key("key", Shape::Text(Check::LabelKey), "The taint's key; any if not set.")
                .example("dedicated"),
            key("value", Shape::Text(Check::LabelValue), "The taint's value; any if not set.")
                .example("builds"),
            key(
                "effect",
                Shape::Word(vec![
                    ("NoSchedule", "no new pods"),
                    ("PreferNoSchedule", "preferably no new pods"),
                    ("NoExecute", "no pods"),
                ]),
                "The taint's effect; any if not set.",
            ),
            key(
                "seconds",
                Shape::Int(0, 1_000_000),
                "The toleration time for NoExecute; unlimited if not set.",
            ),
        ],
    );
    Object::new(
        "Node selection for the pods.",
        vec![
            key(
                "nodeSelector",
                Shape::Map(Check::LabelKey, Box::new(Shape::Literal)),
                "Required node labels.",
            )
            .example("{kubernetes.io/arch: arm64}"),
            key("tolerations", Shape::Object(toleration).list(), "Tolerated taints.")
                .example("[{key: dedicated, value: builds, effect: NoSchedule}]"),
            key(
                "affinity",
                Shape::Free,
                "As in a Pod's `spec.affinity`, for anything beyond labels and taints.",
            ),
        ],
    )
}

/// The workspaces of a referenced Task.
pub(super) fn workspaces() -> Shape {
    let one = Object::new(
        "A workspace of a referenced Task.",
        vec![
            key(
                "volume",
                Shape::Word(vec![
                    ("source", "the volume shared by the tasks of a run"),
                    ("empty", "an empty folder, removed after the task"),
                ]),
                "A volume of the run.",
            ),
            key("secret", Shape::Text(Check::Name), "A Secret.").example("registry-push"),
            key("configMap", Shape::Text(Check::Name), "A ConfigMap."),
        ],
    );
    Shape::Map(Check::ParamName, Box::new(Shape::Short(one)))
}

/// Results of an inline task.
pub(super) fn results() -> Shape {
    Shape::Either(
        Box::new(Shape::Text(Check::ParamName).list()),
        Box::new(Shape::Map(
            Check::ParamName,
            Box::new(Shape::Word(vec![
                ("string", "a string"),
                ("array", "a JSON list of strings"),
            ])),
        )),
    )
}

/// Tools whose downloads can be kept between runs.
pub(super) const CACHES: [(&str, &str); 4] = [
    ("pip", "Python's packages (PIP_CACHE_DIR)"),
    ("npm", "Node's packages (npm_config_cache)"),
    ("cargo", "Rust's crates and registry (CARGO_HOME)"),
    ("go", "Go's modules and build cache (GOMODCACHE, GOCACHE)"),
];

/// Parameters of a run.
pub(super) fn params() -> Shape {
    let one = Object::new(
        "A parameter of the run.",
        vec![
            key(
                "default",
                Shape::Free,
                "The default: a string, a list of strings or a mapping of strings, depending on the type. Without one, every run must set it.",
            )
            .example("info"),
            key(
                "type",
                Shape::Word(vec![
                    ("string", "a string"),
                    ("array", "a list of strings"),
                    ("object", "strings by key"),
                ]),
                "The type.",
            )
            .default("the type of the default, else string"),
            key(
                "keys",
                Shape::Text(Check::ParamName).list(),
                "The keys of an object.",
            )
            .default("the keys of the default"),
            key("doc", Shape::Text(Check::NotEmpty), "A description."),
        ],
    );
    Shape::Map(
        Check::ParamName,
        Box::new(Shape::Either(
            Box::new(Shape::Object(one)),
            Box::new(Shape::Either(Box::new(Shape::Literal.list()), Box::new(Shape::Literal))),
        )),
    )
}

/// Settings of runs.
pub(super) fn runs() -> Arc<Object> {
    Object::new(
        "Settings of pipeline runs.",
        vec![
            key("placement", Shape::Object(placement()), "Node selection for the tasks' pods."),
            key("timeout", Shape::Text(Check::Duration), "The time limit of a run.")
                .default("the sum of its tasks' timeouts, from 1h to 24h")
                .example("2h"),
        ],
    )
}
