//! Which Secrets are there: asks each cluster for their metadata, one after the other.

use std::time::Duration;

use crate::cli::args::Secrets;
use crate::cluster::{Connection, ObjectRef, Target};
use crate::diagnostics::{ClusterError, Diagnostic};
use crate::report::SecretsReport;
use crate::secrets::{Expected, State, role, state};

/// How long one question may take, with what is repeated of it.
const QUESTION: Duration = Duration::from_secs(20);

/// The state of each Secret, in their order; what failed goes to the report, with the Roles that would help.
pub(super) fn ask(args: &Secrets, all: &[Expected], report: &mut SecretsReport) -> Vec<State> {
    let mut states: Vec<Option<State>> = vec![None; all.len()];
    let mut forbidden: Vec<&Expected> = Vec::new();
    while let Some(first) = states.iter().position(Option::is_none) {
        // All that are asked for by the same way.
        let context = context(args, &all[first]);
        let target = Target {
            kubeconfig: args.kubeconfig.clone(),
            context: context.clone(),
        };
        let mut connection = Connection::open(&target);
        let mut told = false;
        for (secret, place) in all.iter().zip(&mut states) {
            if self::context(args, secret) != context {
                continue;
            }
            let answer = match &connection {
                Ok(connection) => connection.metadata(&object(secret), QUESTION),
                Err(error) => Err(error.clone()),
            };
            *place = Some(match answer {
                Ok(live) => state(secret, live.as_ref()),
                Err(ClusterError::Forbidden { .. }) => {
                    forbidden.push(secret);
                    State::Unknown("the account may not ask about it".to_owned())
                }
                Err(error) => {
                    let why = error.to_string();
                    if !told {
                        told = true;
                        report.problems.push(Diagnostic::error(error.clone()));
                    }
                    // Whoever does not answer one question does not answer the next.
                    connection = Err(error);
                    State::Unknown(why)
                }
            });
        }
    }
    if !forbidden.is_empty() {
        let names = forbidden
            .iter()
            .map(|secret| (secret.namespace.as_str(), secret.name.as_str()));
        report.role = Some(role(names));
        let count = forbidden.len();
        report
            .problems
            .push(Diagnostic::error(ClusterError::SecretsForbidden { count }));
    }
    states.into_iter().flatten().collect()
}

fn context(args: &Secrets, secret: &Expected) -> Option<String> {
    args.context.clone().or_else(|| secret.context.clone())
}

fn object(secret: &Expected) -> ObjectRef {
    ObjectRef {
        group: String::new(),
        version: "v1".to_owned(),
        plural: "secrets".to_owned(),
        namespace: secret.namespace.clone(),
        name: secret.name.clone(),
    }
}
