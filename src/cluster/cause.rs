//! What a failure of the client comes from, in words.

use std::error::Error;

use kube::client::AuthError;

/// The innermost cause, without the words of the layers around it.
pub(super) fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// What a credential program said may hold a token, so only its name and its status are told.
pub(super) fn credential_problem(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecRun { cmd, out } => {
            format!("`{}` ended with {}", program(cmd), out.status)
        }
        AuthError::AuthExecStart(error) => {
            format!("the program that gives them cannot be started: {error}")
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            "the program that gives them answered nothing that can be understood".to_owned()
        }
        other => other.to_string(),
    }
}

/// The program without its arguments.
fn program(command: &str) -> &str {
    command
        .trim_matches('"')
        .split(['"', ' '])
        .next()
        .unwrap_or(command)
}
