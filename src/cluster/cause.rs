//! The cause of a failure of the client, in words.

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

/// The output of a credential plugin can contain a token, so only its name and its status are shown.
pub(super) fn credential_problem(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecRun { cmd, out } => {
            let program = cmd.trim_matches('"').split(['"', ' ']).next().unwrap_or(cmd);
            format!("`{program}` ended with {}", out.status)
        }
        AuthError::AuthExecStart(error) => {
            format!("cannot start the credential plugin: {error}")
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            "invalid output from the credential plugin".to_owned()
        }
        other => other.to_string(),
    }
}
