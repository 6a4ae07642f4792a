//! Environments with different apps. An app of a spec is in every environment, so either what all of them have is imported, or the one
//! environment that has most.

use std::collections::BTreeSet;

use super::Importing;

impl Importing<'_> {
    /// Leaves out what keeps the environments from having the same apps.
    pub(super) fn level(&mut self) {
        let names = |place: usize| -> BTreeSet<String> {
            self.environments[place].drafts.iter().map(|draft| draft.name.clone()).collect()
        };
        let all: Vec<(usize, BTreeSet<String>)> = (0..self.environments.len())
            .map(|place| (place, names(place)))
            .filter(|(_, names)| !names.is_empty())
            .collect();
        let Some(first) = all.first() else { return };
        let common = all.iter().fold(first.1.clone(), |common, (_, names)| &common & names);
        let most = all.iter().rev().max_by_key(|(_, names)| names.len()).unwrap_or(first);
        if common.len() * all.len() < most.1.len() {
            let name = self.environments[most.0].name.clone();
            for (place, _) in all.iter().filter(|(place, _)| *place != most.0) {
                let environment = &mut self.environments[*place];
                let why = format!(
                    "{name} has other apps, and every app of a spec is in every environment: import {} by itself",
                    environment.name
                );
                for draft in std::mem::take(&mut environment.drafts) {
                    let fates = draft.fates.into_iter();
                    environment.outside.extend(fates.map(|(at, _)| (at, why.clone())));
                }
            }
            return;
        }
        let union: BTreeSet<&String> = all.iter().flat_map(|(_, names)| names).collect();
        for name in union.into_iter().filter(|name| !common.contains(*name)) {
            let has_it = |(_, names): &&(usize, BTreeSet<String>)| names.contains(name);
            let own = all.iter().filter(has_it).map(|(place, _)| &*self.environments[*place].name);
            let own = own.collect::<Vec<_>>().join(", ");
            let why = format!(
                "it exists only in {own}, and every app of a spec is in every environment: import {own} by itself"
            );
            self.abandon(name, &why);
        }
    }
}
