//! Keys by which the tasks of a run hang together: what passes between them, on what they depend, where their pods run.

use std::sync::Arc;

use super::shared::reference_object;
use crate::name::Check;
use crate::spec::table::{Object, Shape, key};

/// One text or several.
fn texts(check: Check) -> Shape {
    Shape::Either(
        Box::new(Shape::Text(check).list()),
        Box::new(Shape::Text(check)),
    )
}

/// One scalar or several.
fn literals() -> Shape {
    Shape::Either(Box::new(Shape::Literal.list()), Box::new(Shape::Literal))
}

/// Where a value of a run comes from.
fn sources() -> Vec<crate::spec::table::Field> {
    vec![
        key(
            "result",
            Shape::Text(Check::NotEmpty),
            "The result of another task of the pipeline: `TASK.RESULT`. The task then runs after that one.",
        )
        .example("build-image.IMAGE_DIGEST"),
        key(
            "param",
            Shape::Text(Check::NotEmpty),
            "A parameter of the run: `revision`, or one that `params` of the app declares; a key of an object as `NAME.KEY`.",
        )
        .example("log-level"),
        key(
            "status",
            Shape::Text(Check::NotEmpty),
            "In `finally` only: how a task ended (Succeeded, Failed or None), or with `all` the whole run (Succeeded, Completed, Failed or None).",
        )
        .example("all"),
    ]
}

/// Variables of a task: as a container's, and what the run knows.
pub(super) fn task_env() -> Shape {
    let mut object = (*reference_object()).clone();
    object.fields.extend(sources());
    Shape::Map(Check::EnvName, Box::new(Shape::Reference(Arc::new(object))))
}

/// Parameters that a referenced Task is given.
pub(super) fn task_params() -> Shape {
    let mut fields = vec![key("value", Shape::Literal, "A text.")];
    fields.extend(sources());
    let one = Object::new("What a parameter is given.", fields);
    Shape::Map(
        Check::ParamName,
        Box::new(Shape::Either(
            Box::new(Shape::Literal.list()),
            Box::new(Shape::Reference(one)),
        )),
    )
}

/// The values of which a task is run with each.
pub(super) fn matrix() -> Shape {
    let one = Object::new(
        "Where the values come from.",
        vec![
            key(
                "result",
                Shape::Text(Check::NotEmpty),
                "An array that a task before gives: `TASK.RESULT`.",
            )
            .example("list-services.names"),
            key(
                "param",
                Shape::Text(Check::NotEmpty),
                "An array among the parameters of the run.",
            )
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
        Box::new(Shape::Either(
            Box::new(item.list()),
            Box::new(Shape::Object(one)),
        )),
    )
}

/// The events that start runs.
pub(super) const EVENTS: [(&str, &str); 4] = [
    ("push", "a push to a branch"),
    ("tag", "a new tag"),
    ("pull-request", "a pull request that is opened or changed"),
    ("manual", "a person, by `gen run`, or a run in Git"),
];

/// When a task runs.
pub(super) fn when() -> Arc<Object> {
    let values = || {
        vec![
            key(
                "branch",
                texts(Check::GitRef),
                "The branch that the run builds.",
            )
            .example("[main]"),
            key(
                "event",
                Shape::Either(
                    Box::new(Shape::Word(EVENTS.to_vec()).list()),
                    Box::new(Shape::Word(EVENTS.to_vec())),
                ),
                "What started the run.",
            )
            .example("[push, tag]"),
            key(
                "param",
                Shape::Map(Check::NotEmpty, Box::new(literals())),
                "Values of parameters of the run.",
            )
            .example("{mode: [full]}"),
            key(
                "result",
                Shape::Map(Check::NotEmpty, Box::new(literals())),
                "Values of results of other tasks, by `TASK.RESULT`.",
            )
            .example("{plan.needed: \"true\"}"),
        ]
    };
    let mut fields = values();
    fields.extend([
        key(
            "environment",
            texts(Check::Label),
            "Environments; elsewhere the task is not rendered at all.",
        )
        .example("[dev]"),
        key(
            "changed",
            texts(Check::NotEmpty),
            "Paths of which one must have changed since the commit before: in the app's folder, or from the repository's root with a leading `/`. `*` and `**` as in .gitignore. A task that fetches the source says so.",
        )
        .example("[\"src/**\", go.mod]"),
        key(
            "status",
            Shape::Word(vec![
                ("succeeded", "no task failed"),
                ("failed", "a task failed"),
            ]),
            "In `finally` only: how the tasks before ended.",
        ),
        key(
            "not",
            Shape::Object(Object::new(
                "What must not be so.",
                values(),
            )),
            "What must not be so.",
        )
        .example("{event: pull-request}"),
    ]);
    Object::new(
        "When the task runs: everything that is named must hold. Tasks that take its results are skipped with it.",
        fields,
    )
}

/// Where pods of a pipeline run.
pub(super) fn placement() -> Arc<Object> {
    let toleration = Object::new(
        "A taint that the pods bear.",
        vec![
            key(
                "key",
                Shape::Text(Check::LabelKey),
                "The taint's key; every taint where not set.",
            )
            .example("dedicated"),
            key(
                "value",
                Shape::Text(Check::LabelValue),
                "The taint's value; any where not set.",
            )
            .example("builds"),
            key(
                "effect",
                Shape::Word(vec![
                    ("NoSchedule", "no new pods"),
                    ("PreferNoSchedule", "rather no new pods"),
                    ("NoExecute", "no pods"),
                ]),
                "The taint's effect; any where not set.",
            ),
            key(
                "seconds",
                Shape::Int(0, 1_000_000),
                "How long NoExecute is borne; for ever where not set.",
            ),
        ],
    );
    Object::new(
        "On which nodes the pods run.",
        vec![
            key(
                "nodeSelector",
                Shape::Map(Check::LabelKey, Box::new(Shape::Literal)),
                "Labels that the node has.",
            )
            .example("{kubernetes.io/arch: arm64}"),
            key(
                "tolerations",
                Shape::Object(toleration).list(),
                "Taints that they bear.",
            )
            .example("[{key: dedicated, value: builds, effect: NoSchedule}]"),
            key(
                "affinity",
                Shape::Free,
                "As in a Pod's `spec.affinity`, for what the two cannot say.",
            ),
        ],
    )
}

/// What the workspaces of a referenced Task are.
pub(super) fn workspaces() -> Shape {
    let one = Object::new(
        "What a workspace of a referenced Task is.",
        vec![
            key(
                "volume",
                Shape::Word(vec![
                    ("source", "the volume that the tasks of a run share"),
                    ("empty", "an empty folder that ends with the task"),
                ]),
                "A volume of the run.",
            ),
            key("secret", Shape::Text(Check::Name), "A Secret.").example("registry-push"),
            key("configMap", Shape::Text(Check::Name), "A ConfigMap."),
        ],
    );
    Shape::Map(Check::ParamName, Box::new(Shape::Short(one)))
}

/// Results that an own task gives.
pub(super) fn results() -> Shape {
    Shape::Either(
        Box::new(Shape::Text(Check::ParamName).list()),
        Box::new(Shape::Map(
            Check::ParamName,
            Box::new(Shape::Word(vec![
                ("string", "a text"),
                ("array", "a JSON list of texts"),
            ])),
        )),
    )
}

/// Tools whose downloads can be kept from run to run.
pub(super) const CACHES: [(&str, &str); 4] = [
    ("pip", "Python's packages (PIP_CACHE_DIR)"),
    ("npm", "Node's packages (npm_config_cache)"),
    (
        "cargo",
        "Rust's crates and toolchains' registry (CARGO_HOME)",
    ),
    ("go", "Go's modules and build results (GOMODCACHE, GOCACHE)"),
];

/// Parameters of a run.
pub(super) fn params() -> Shape {
    let one = Object::new(
        "A parameter of the run.",
        vec![
            key(
                "default",
                Shape::Free,
                "Its value where a run names none: a text, a list or a mapping of texts, by its type. Without one, every run must name it.",
            )
            .example("info"),
            key(
                "type",
                Shape::Word(vec![
                    ("string", "a text"),
                    ("array", "a list of texts"),
                    ("object", "texts by key"),
                ]),
                "Its type.",
            )
            .default("that of its default, else string"),
            key(
                "keys",
                Shape::Text(Check::ParamName).list(),
                "The keys of an object.",
            )
            .default("those of its default"),
            key("doc", Shape::Text(Check::NotEmpty), "What it is for."),
        ],
    );
    Shape::Map(
        Check::ParamName,
        Box::new(Shape::Either(
            Box::new(Shape::Object(one)),
            Box::new(Shape::Either(
                Box::new(Shape::Literal.list()),
                Box::new(Shape::Literal),
            )),
        )),
    )
}

/// How runs are made.
pub(super) fn runs() -> Arc<Object> {
    Object::new(
        "How runs of the pipeline are made.",
        vec![
            key(
                "placement",
                Shape::Object(placement()),
                "On which nodes the pods of its tasks run.",
            ),
            key(
                "timeout",
                Shape::Text(Check::Duration),
                "How long a whole run may take.",
            )
            .default("what its tasks may take together, from 1h to 24h")
            .example("2h"),
        ],
    )
}
