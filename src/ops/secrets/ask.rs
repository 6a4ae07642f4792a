//! Checks which Secrets exist: asks each cluster for their metadata, one after the other.

use std::time::Duration;

use crate::cluster::{Connection, ObjectRef};
use crate::diagnostics::{ClusterError, Diagnostic};

use super::state::{role, state};
use super::{Expected, SecretsReport, State};

/// The time limit of one request, including retries.
const QUESTION: Duration = Duration::from_secs(20);

/// The state of each Secret, in their order. Failures go to the report, with the Roles that grant missing permissions.
pub(super) fn ask(all: &[Expected], report: &mut SecretsReport) -> Vec<State> {
    let mut states: Vec<Option<State>> = vec![None; all.len()];
    let mut forbidden: Vec<&Expected> = Vec::new();
    while let Some(first) = states.iter().position(Option::is_none) {
        // All Secrets of the same cluster.
        let target = &all[first].target;
        let mut connection = Connection::open(target);
        let mut told = false;
        for (secret, place) in all.iter().zip(&mut states) {
            if secret.target != *target {
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
                    State::Unknown("the account is not allowed to get it".to_owned())
                }
                Err(error) => {
                    let why = error.to_string();
                    if !told {
                        told = true;
                        report.problems.push(Diagnostic::error(error.clone()));
                    }
                    // A cluster that does not answer one request does not answer the next.
                    connection = Err(error);
                    State::Unknown(why)
                }
            });
        }
    }
    if !forbidden.is_empty() {
        report.role =
            Some(role(forbidden.iter().map(|one| (one.namespace.as_str(), one.name.as_str()))));
        let count = forbidden.len();
        report.problems.push(Diagnostic::error(ClusterError::SecretsForbidden { count }));
    }
    states.into_iter().flatten().collect()
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
