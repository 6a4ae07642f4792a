//! GEN06xx: the command line.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors on the command line.
    UsageError {
        /// `--env` matches no file in environments/.
        601 Usage UnknownEnvironment { name: String, hint: String } "unknown environment `{name}`", "{hint}";
        /// `--app` matches no app of the spec.
        602 Usage UnknownApp { name: String, hint: String } "unknown app `{name}`", "{hint}";
        /// No gen.yaml here or in a parent folder, up to the root of the git repository.
        603 Usage NoRepository { start: String, hint: &'static str } "no gen.yaml in `{start}` or its parent folders", "{hint}";
        /// `gen template show` and `eject` need the name of a template.
        604 Usage UnknownTemplate { name: String, hint: String } "unknown template `{name}`", "{hint}";
        /// `gen explain` takes a key path or an error code.
        605 Usage UnknownKeyPath { path: String, hint: String } "unknown key `{path}`", "{hint}";
        /// `--param` takes KEY=VALUE, with a parameter of the pipeline.
        606 Usage BadParam { text: String, hint: String } "invalid `--param {text}` for this pipeline", "{hint}";
        /// No webhook starts the app's pipeline in that environment.
        621 Usage NoTrigger { app: String, env: String } "no webhook starts `{app}` in `{env}`", "set the app's `trigger:`, and the environment's `run: webhook` and `apis: [triggers]`";
        /// The file of `--event` must be a webhook payload: a JSON object.
        622 Usage BadEvent { path: String, problem: String } "`{path}` is not a valid event: {problem}", "save the body of a delivery as shown by the git host";
        /// A parameter without a default must be set for every run.
        620 Usage ParamNotSet { name: String, kind: String } "the parameter `{name}` has no default", "set it: `--param {name}=VALUE` (type: {kind})";
        /// The app has no pipeline in that environment.
        607 Usage NoPipeline { app: String, env: String } "`{app}` has no pipeline in `{env}`", "check `pipeline:` of the app and of the environment";
        /// Only a job can be started by hand.
        612 Usage NoJob { name: String, app: String, env: String, hint: String } "`{app}` has no job `{name}` in `{env}`", "{hint}";
        /// A job runs the pinned image.
        613 Usage NoImageYet { app: String, env: String } "`{app}` has no image in `{env}` yet, so there is nothing to run", "let its pipeline build one, or pin one: `gen set {app} --env {env} --image REF@sha256:…`";
        /// `gen init` never overwrites.
        608 Usage WouldOverwrite { path: String } "`{path}` already exists, and init does not overwrite", "choose an empty folder, or remove the file";
        /// `--forget` requires a retired app.
        609 Usage NotRetired { name: String, hint: String } "`{name}` is not a retired app", "{hint}";
        /// A template of your own is not overwritten, unless `--force` says so.
        610 Usage TemplateExists { path: String, name: String } "`{path}` already exists", "edit it there; `gen template eject {name} --force` overwrites it with the built-in template, and its changes are lost";
        /// `gen check --rule` takes the id or the name of a rule.
        614 Usage UnknownRule { name: String, hint: String } "unknown rule `{name}`", "{hint}";
        /// A file or folder to judge is not there, or has no name by which it could be read.
        615 Usage NoSuchPath { path: String } "there is no file or folder `{path}`", "";
        /// `gen explain -s` finds keys, tasks, rules, failures and errors by a part of their name or description.
        617 Usage NothingAbout { word: String } "nothing is named `{word}` or described with it", "try a shorter or another word; `gen explain` lists all keys";
        /// A page for a browser is made once, and `gen status --watch` shows changes as they happen.
        618 Usage WatchedPage {} "`--watch` has no page for a browser", "leave out `-o html`, or use `--wait` for a page when nothing is in progress any more";
        /// `gen check --rbac` takes an account that is used, or has rights.
        616 Usage UnknownAccount { name: String, hint: String } "unknown account `{name}`", "{hint}";
        /// Flux would never read files for a cluster that no environment is on.
        611 Usage UnusedCluster { cluster: String, known: String } "no environment is on the cluster `{cluster}`", "clusters in environments/: {known}; set one with `--with-tekton=CLUSTER`, or change `cluster:` of an environment first";
    }
}
