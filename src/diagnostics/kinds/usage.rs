//! GEN06xx: the command line.

use crate::diagnostics::catalogue::errors;

errors! {
    /// A command line that asks for something that is not there.
    UsageError {
        /// `--env` names no file of environments/.
        601 Usage UnknownEnvironment { name: String, hint: String } "there is no environment `{name}`", "{hint}";
        /// `--app` names no app of the spec.
        602 Usage UnknownApp { name: String, hint: String } "there is no app `{name}`", "{hint}";
        /// No gen.yaml here or above, up to the root of the git repository.
        603 Usage NoRepository { start: String } "no gen.yaml in `{start}` or above it", "`gen init` makes a new repository; `-C DIR` names another folder";
        /// `gen template show` and `eject` take the name of a template.
        604 Usage UnknownTemplate { name: String, hint: String } "there is no template `{name}`", "{hint}";
        /// `gen explain` takes a key path or an error code.
        605 Usage UnknownKeyPath { path: String, hint: String } "there is no key `{path}`", "{hint}";
        /// `--param` takes KEY=VALUE with a parameter of the pipeline.
        606 Usage BadParam { text: String, hint: String } "`--param {text}` is nothing that this pipeline takes", "{hint}";
        /// No webhook starts the app's pipeline in that environment.
        621 Usage NoTrigger { app: String, env: String } "no webhook starts `{app}` in `{env}`", "`trigger:` of the app and `run: webhook` with `apis: [triggers]` of the environment make one";
        /// The file of `--event` holds what a git host sends: a JSON object.
        622 Usage BadEvent { path: String, problem: String } "`{path}` is no event: {problem}", "save the body of a delivery as the git host shows it";
        /// A parameter without a default must be named for every run.
        620 Usage ParamNotSet { name: String, kind: String } "the parameter `{name}` has no default", "name it: `--param {name}=VALUE` (its type is {kind})";
        /// The app has no pipeline in that environment.
        607 Usage NoPipeline { app: String, env: String } "`{app}` has no pipeline in `{env}`", "`pipeline:` of the app and of the environment say which tasks run";
        /// `gen init` never overwrites.
        608 Usage WouldOverwrite { path: String } "`{path}` is there already, and init overwrites nothing", "choose an empty folder, or remove the file";
        /// `--forget` names an app that is not retired.
        609 Usage NotRetired { name: String, hint: String } "`{name}` is not a retired app", "{hint}";
    }
}
