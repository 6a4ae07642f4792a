//! GEN13xx and GEN15xx: asking why something fails, and mending it.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors in a question to `gen why`.
    WhyError {
        /// An object is named by kind, namespace and name.
        1301 Usage UnknownObject { text: String, hint: String } "`{text}` is not the name of an object", "{hint}";
        /// An app can be in several environments.
        1303 Usage WhichEnvironment { known: String } "which environment?", "add `--env ENV`: {known}";
        /// `gen why --fix` writes only what somebody has agreed to.
        1500 Usage NoAnswer {} "the change was not written: there is no terminal to ask on", "review the change, then run again with `--yes`";
        /// A change to the spec is written only if everything that it renders passes `gen check`, and the accounts then have the rights
        /// that they need.
        1501 Spec FixRefused { problem: String } "the change was not written: {problem}", "change the spec by hand; `gen why` shows where";
        /// Somebody else changed the file between reading and writing it.
        1502 Local FixMoved { path: String } "`{path}` was changed meanwhile, and stays as it is", "run it again";
        /// `gen status --wait` ends when nothing is in progress any more.
        1503 Remote StillBusy { what: String, seconds: u64 } "still in progress after {seconds} s: {what}", "ask `gen why` what it waits for, or set a longer `--timeout`";
        /// `gen rollback` pins again what the commits have of an app in an environment.
        1510 Usage NothingEarlier { app: String, env: String } "no earlier pin of `{app}` in {env}", "`gen log {app} --env {env}` shows what it had";
        /// A pin is named by a commit at which it stood, by its digest, or by how many pins it is back.
        1511 Usage NoSuchPin { app: String, env: String, to: String, known: String } "`{app}` in {env} never had the pin `{to}`", "earlier pins are by the commits {known}; `gen log {app} --env {env}` shows all";
    }
}
