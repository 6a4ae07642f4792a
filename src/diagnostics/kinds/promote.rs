//! GEN11xx: pins and promotion.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors between an image and its target environment.
    PromoteError {
        /// `gen set` needs something to set.
        1101 Usage NothingToSet { app: String } "nothing to set for `{app}`", "add `--image REF@sha256:…`, `--tag TAG`, `--revision SHA` or `--rerun`, or for a chart `--version VERSION`";
        /// A chart decides about its images itself.
        1120 Usage IsChart { app: String, option: String } "`{app}` is a chart, and `{option}` is for images", "pin its version: `--version VERSION`";
        /// Nothing of the app is live.
        1122 Spec NothingToAdopt { app: String, env: String } "nothing to adopt: no workload of `{app}` is in the cluster of `{env}`", "the live object needs the name and namespace that gen gives it: rename the app, or set `namespace`";
        /// A selector that the spec cannot say.
        1123 Spec CannotAdopt { object: String, problem: String } "cannot adopt {object}: {problem}", "delete it and let Flux recreate it, or leave it out of the spec";
        /// The place in the environment's file is not clear.
        1124 Spec AdoptByHand { env: String, line: String } "no place for the selector in environments/{env}.yaml", "write it there: `{line}`";
        /// Only charts have versions.
        1121 Usage NoChart { app: String } "`{app}` is no chart, so it has no version", "pin its image: `--image REF@sha256:…`";
        /// If the deploy task applies the workload, Flux does not roll out pins, and a pin would not show what runs.
        1102 Usage NoPinHere { env: String } "`{env}` has `deploy: kubectl`, and so no image pins", "to let Flux roll out pins, set `deploy: git` in environments/{env}.yaml";
        /// Only a committed run can be restarted by a commit.
        1103 Usage NoCommittedRun { app: String, env: String } "no committed run of `{app}` in `{env}` to restart", "start one with `gen run {app} --env {env} | kubectl create -f -`; `run: commit` keeps it in Git";
        /// A pins file is machine-written: comments are lost with the next change.
        1104 Done CommentsLost { path: String } "the comments in `{path}` were removed: only machines write that file", "move them to the environment's own file";
        /// The digest belongs to another image than the spec's.
        1105 Done OtherImage { app: String, image: String, name: String } "`{image}` is not `{name}`, the image of `{app}` in the spec", "correct one of the two, unless it is a copy in another registry";
        /// An environment without `promotesFrom` gets its images from its own pipeline.
        1106 Usage FirstStage { env: String } "`{env}` is the first stage: nothing is promoted to it", "set the source: `--from ENV`, or `promotesFrom: ENV` in environments/{env}.yaml";
        /// Images pass every stage, because each verifies something else.
        1107 Usage SkipsStage { env: String, from: String, before: String, chain: String } "`{env}` gets its images from `{before}`, not from `{from}`", "promote along {chain}, or skip a stage with `--force`";
        /// Neither environment promotes from the other.
        1108 Usage NotInChain { env: String, from: String } "nothing is promoted from `{from}` to `{env}`", "set `promotesFrom: {from}` in environments/{env}.yaml, or use `--force`";
        /// `--from` and `--to` are the same environment.
        1109 Usage SameStage { env: String } "`{env}` cannot be promoted to itself", "use two environments, as in `gen promote --from dev --to staging`";
        /// The stage before has no digest to promote.
        1110 Spec NothingPinned { app: String, env: String } "nothing to promote: `{app}` has no pinned image in `{env}`", "let its pipeline pin one, or run `gen set {app} --env {env} --image REF@sha256:…`";
        /// A tag can move: the image tested in one stage need not be the one in the next.
        1111 Spec PinnedByTag { app: String, env: String, tag: String } "`{app}` is pinned by the tag `{tag}` in `{env}`, and only digests are promoted", "pin the current digest: `gen set {app} --env {env} --image REF@sha256:…`";
        /// Only what runs is promoted, and what runs is what is committed.
        1112 Spec NotCommitted { app: String, env: String, what: String } "`{app}` in `{env}` is not fully committed: {what}", "run `gen commit --env {env} --app {app}`, and check it there first";
        /// Another version of gen renders differently, so the commit would change more than requested.
        1113 Spec OtherVersion { app: String, env: String, theirs: String, ours: String } "`{app}` in `{env}` was rendered by gen {theirs}, this is gen {ours}", "use that version, or first render and commit with this one";
        /// The deploy task of that stage applies what it built, so no file records the image.
        1114 Usage ImageNotKnown { env: String } "`{env}` has `deploy: kubectl`, so its pins do not show the running images", "name one app with `--image REF@sha256:…`, or query the cluster with `--context NAME`";
        /// An image belongs to one app.
        1115 Usage ImageOfOne {} "`--image` requires an app", "add it: `gen promote APP --to ENV --image REF@sha256:…`";
        /// Flux or the workload's controller gave up, or failed twice for the same reason.
        1116 Remote RolloutFailed { what: String, why: String } "{what} failed: {why}", "see `flux get kustomizations` and `kubectl get events` in its namespace; undo with `git revert` of the commit";
        /// Flux did not apply the commit, or the rollout did not finish, in time.
        1117 Remote TooLate { what: String, why: String, seconds: u64 } "{what} is not ready after {seconds} s: {why}", "check `flux get kustomizations`; set the rollout's time limit with `--timeout`";
        /// The cluster runs no image of the app.
        1118 Spec NotRunning { app: String, env: String } "nothing to promote: `{app}` does not run in `{env}`", "run its pipeline there first, or use `--image REF@sha256:…`";
        /// The environment's gate does not let the image in yet.
        1125 Remote Held { app: String, env: String, why: String } "`{app}` may not go on to `{env}` yet: {why}", "wait, mend what is wrong there, or pass the gate: `--force --reason TEXT`";
        /// The run that built the image failed or goes on. The cluster of the stage that builds it is asked where the environment names its
        /// `context`.
        1126 Remote NotWell { app: String, env: String, from: String, why: String } "`{app}` should not go on to `{env}`: {why}", "`gen why {app} --env {from}` says what is wrong; `--force` promotes it all the same";
        /// No git server gives a commit by its first digits, so the run would fail to fetch it.
        1119 Usage ShortCommit { text: String } "`{text}` looks like an abbreviated commit, which cannot be fetched", "write all its digits, as `git rev-parse {text}` prints them; for a branch or tag of that name: `refs/heads/{text}` or `refs/tags/{text}`";
    }
}
