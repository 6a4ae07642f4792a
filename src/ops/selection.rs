//! The environments and apps that a command is for.

use crate::diagnostics::{Diagnostic, Diagnostics, UsageError};
use crate::fleet::{Fleet, Prepared};
use crate::model::App;
use crate::name::naturally;
use crate::tree::Owner;

/// Environments and apps by name; all if none is given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The environments.
    pub environments: &'a [String],
    /// The apps.
    pub apps: &'a [String],
}

impl Selection<'_> {
    /// Whether everything is selected.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.environments.is_empty() && self.apps.is_empty()
    }

    /// Whether a folder of that owner is selected. Shared objects are selected with any app of the environment.
    #[must_use]
    pub fn has(&self, owner: &Owner) -> bool {
        let among = |list: &[String], name: &str| list.is_empty() || list.iter().any(|n| n == name);
        among(self.environments, &owner.environment)
            && owner.app.as_ref().is_none_or(|app| among(self.apps, app))
    }

    /// The selected environments.
    ///
    /// # Errors
    /// An unknown environment or app; GEN0602 for an app that is in none of them.
    pub fn of<'f>(&self, fleet: &'f Fleet) -> Result<Vec<&'f Prepared>, Diagnostics> {
        let environments = fleet.select_environments(self.environments)?;
        fleet.check_apps(self.apps)?;
        let is_there = |name: &String| {
            environments.iter().any(|one| one.apps.iter().any(|app| app.name == *name))
        };
        if let Some(name) = self.apps.iter().find(|name| !is_there(name)) {
            let places = naturally(environments.iter().map(|one| one.environment.name.as_str()));
            return Err(elsewhere(name, &format!("it is not in {}", places.join(", "))));
        }
        Ok(environments)
    }
}

/// An app in an environment.
///
/// # Errors
/// An unknown environment or app; GEN0602 for an app of other environments.
pub fn app_in<'f>(
    fleet: &'f Fleet,
    app: &str,
    environment: &str,
) -> Result<(&'f Prepared, &'f App), Diagnostics> {
    fleet.check_apps(&[app.to_owned()])?;
    let prepared = fleet.select_environments(&[environment.to_owned()])?[0];
    let found = prepared.apps.iter().find(|one| one.name == app);
    Ok((prepared, found.ok_or_else(|| elsewhere(app, &format!("it is not in `{environment}`")))?))
}

/// An app that is in other environments than those that are meant.
pub(super) fn elsewhere(app: &str, hint: &str) -> Diagnostics {
    let (name, hint) = (app.to_owned(), hint.to_owned());
    Diagnostic::error(UsageError::UnknownApp { name, hint }).into()
}
