//! What the spec says of its stages. `ops/check` reads it there.

use super::finding::{Finding, Level, Place, Rule, Within};

/// The rules of this family.
pub static RULES: &[&Rule] = &[&STAGES_DIFFER, &UNTESTED, &NO_COMMIT, &OVERRIDE_UNCHANGED];

/// Two stages differ in what may not.
pub static STAGES_DIFFER: Rule = Rule {
    id: "CHK6003",
    name: "stages-differ",
    level: Level::Error,
    holds: "An app has the same settings in an environment and in the one that it is promoted from, except for the keys of `check.mayDiffer`.",
    otherwise: "What was tested is not what is promoted.",
    cure: "set it in the app for all environments, or add the key to `check.mayDiffer`",
    source: "docs/guides/check.md",
};

/// Nothing tests what is promoted.
pub static UNTESTED: Rule = Rule {
    id: "CHK6004",
    name: "stage-untested",
    level: Level::Info,
    holds: "An app that is promoted has been tested: by a task of a stage before, or by something that gen does not see.",
    otherwise: "The first to find a fault are the users.",
    cure: "add a test to its pipeline, such as `integration-test` after `deploy-app`",
    source: "docs/guides/check.md",
};

/// A pin without its commit.
pub static NO_COMMIT: Rule = Rule {
    id: "CHK6005",
    name: "pin-without-commit",
    level: Level::Info,
    holds: "A pinned image that gen's pipelines build names the commit that it was built from.",
    otherwise: "Nobody can tell which code runs, and a run in this environment builds and tests other code.",
    cure: "pin both: `gen set APP --image IMAGE@DIGEST --revision COMMIT`",
    source: "docs/guides/check.md",
};

/// An override without effect.
pub static OVERRIDE_UNCHANGED: Rule = Rule {
    id: "CHK9004",
    name: "override-unchanged",
    level: Level::Info,
    holds: "An environment's override for an app differs from the layers below it.",
    otherwise: "It looks like a difference and is none, until somebody changes the app and wonders why nothing happens here.",
    cure: "remove it",
    source: "docs/guides/check.md",
};

/// A finding about the spec itself: the field as in `replicas`, what is wrong, and where it is written.
#[must_use]
pub fn of_spec(rule: &'static Rule, field: &str, what: String, place: &Place) -> Finding {
    Finding {
        rule,
        level: rule.level,
        object: None,
        field: field.to_owned(),
        what,
        said: None,
        cure: None,
        place: place.clone(),
        within: Within::default(),
        spec: None,
    }
}
