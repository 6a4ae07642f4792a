//! GEN11xx: pins and promotion.

use crate::diagnostics::catalogue::errors;

errors! {
    /// What stands between an image and the environment that it shall run in.
    PromoteError {
        /// `gen set` was not told what to set.
        1101 Usage NothingToSet { app: String } "there is nothing to set for `{app}`", "give `--image REF@sha256:…`, `--tag TAG`, `--revision SHA` or `--rerun`";
        /// Where the deploy task applies the workload itself, Flux rolls out no pin, and one would only pretend to say what runs.
        1102 Usage NoPinHere { env: String } "`{env}` has `deploy: kubectl`, and so no pins of images", "its pipeline applies what it has built; `deploy: git` in environments/{env}.yaml lets Flux roll out what is pinned";
        /// Only a run that stands in Git can be started again by a commit.
        1103 Usage NoCommittedRun { app: String, env: String } "no run of `{app}` stands in Git for `{env}`, so there is none to start again", "`gen run {app} --env {env} | kubectl create -f -` starts one by hand; `run: commit` puts it into Git";
        /// A pins file is data of machines: what people write into it is gone after the next change.
        1104 Spec CommentsLost { path: String } "the comments in `{path}` are gone, because only machines write that file", "write them into the environment's own file";
        /// A digest of an image with another name than the spec's.
        1105 Spec OtherImage { app: String, image: String, name: String } "`{image}` is not the `{name}` that the spec names for `{app}`", "correct one of the two, unless a copy in another registry is meant";
        /// An environment without `promotesFrom` gets its images from its own pipeline.
        1106 Usage FirstStage { env: String } "`{env}` is the first stage: nothing is promoted there", "say from where: `--from ENV`, or `promotesFrom: ENV` in environments/{env}.yaml";
        /// An image goes through every stage, because each proves something else of it.
        1107 Usage SkipsStage { env: String, from: String, before: String, chain: String } "`{env}` gets its images from `{before}`, not from `{from}`", "promote along {chain}; `--force` skips a stage";
        /// Two environments of which neither promotes from the other.
        1108 Usage NotInChain { env: String, from: String } "nothing is promoted from `{from}` to `{env}`", "`promotesFrom: {from}` in environments/{env}.yaml makes it the stage before; `--force` promotes all the same";
        /// `--from` and `--to` name one environment.
        1109 Usage SameStage { env: String } "`{env}` cannot be promoted to itself", "name two environments, as in `gen promote --from dev --to staging`";
        /// What shall be promoted has no digest in the stage before.
        1110 Spec NothingPinned { app: String, env: String } "`{app}` has no pinned image in `{env}`, so there is nothing to promote", "its pipeline pins what it deploys; by hand: `gen set {app} --env {env} --image REF@sha256:…`";
        /// A tag may name another image tomorrow: what was proven in one stage need not be what runs in the next.
        1111 Spec PinnedByTag { app: String, env: String, tag: String } "`{app}` is pinned by the tag `{tag}` in `{env}`, and only digests are promoted", "pin the digest that the tag means now: `gen set {app} --env {env} --image REF@sha256:…`";
        /// What is promoted is what runs, and what runs is what is committed.
        1112 Spec NotCommitted { app: String, env: String, what: String } "`{app}` in `{env}` is not what is committed: {what}", "`gen commit --env {env} --app {app}` first, and see it run there";
        /// Another gen renders otherwise, so that committing would change more than what was asked for.
        1113 Spec OtherVersion { app: String, env: String, theirs: String, ours: String } "`{app}` in `{env}` was rendered by gen {theirs}, this is gen {ours}", "use that version, or render and commit with this one first";
        /// The deploy task of that stage applies what it built, so no file says which image that was.
        1114 Usage ImageNotKnown { env: String } "`{env}` has `deploy: kubectl`, so its pins do not say which images it runs", "name one app and its image, `--image REF@sha256:…`; or let gen ask the cluster, `--context NAME`";
        /// One image is for one app.
        1115 Usage ImageOfOne {} "`--image` is for one app", "name the app: `gen promote APP --to ENV --image REF@sha256:…`";
        /// Flux or the workload's controller gave up, or failed twice in the same way.
        1116 Remote RolloutFailed { what: String, why: String } "{what} failed: {why}", "`flux get kustomizations` and `kubectl get events` in its namespace say more; `git revert` of the commit goes back";
        /// What Flux needs to see and apply a commit, and the rollout, did not come to their end in time.
        1117 Remote TooLate { what: String, why: String, seconds: u64 } "{what} is not there after {seconds} s: {why}", "look with `flux get kustomizations`; `--timeout` says how long the rollout itself may take";
        /// The cluster was asked which image runs, and none does.
        1118 Spec NotRunning { app: String, env: String } "`{app}` does not run in `{env}`, so there is nothing to promote", "run its pipeline there first, or give `--image REF@sha256:…`";
    }
}
