//! What accounts need, and for what.

use std::collections::{BTreeMap, BTreeSet};

use super::super::objects::Item;
use super::account::Account;
use crate::permissions::Rule;

/// One action that something asks the API server for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    /// The namespace; none for what is not in one, or for all of them.
    pub namespace: Option<String>,
    /// The API group; the core group is an empty text.
    pub group: String,
    /// The plural of the kind, with a subresource as in `pods/log`.
    pub resource: String,
    /// The verb.
    pub verb: String,
    /// The object; none for any. [`crate::permissions::SOME`] for a name that only the run knows.
    pub name: Option<String>,
}

/// An action, and what asks for it.
#[derive(Debug, Clone)]
pub struct Need<'a> {
    /// What is asked.
    pub action: Action,
    /// What asks: a Task, a listener, a Kustomization.
    pub by: &'a Item,
    /// The field that makes it ask.
    pub field: String,
    /// The same in words: `step apply of task deploy-app runs kubectl`.
    pub because: String,
}

/// What is known of an account's needs.
#[derive(Debug, Default)]
pub struct Needs<'a> {
    /// All of them.
    pub list: Vec<Need<'a>>,
    /// What uses the account.
    pub users: BTreeSet<String>,
    /// What it is used for and cannot be read, so that it may need more.
    pub unread: Vec<(String, String)>,
}

/// The needs of all accounts.
pub type AllNeeds<'a> = BTreeMap<Account, Needs<'a>>;

impl<'a> Needs<'a> {
    /// Adds the actions of a rule in a namespace.
    pub(super) fn add(
        &mut self,
        rule: &Rule,
        namespace: Option<&str>,
        (by, field, because): (&'a Item, &str, &str),
    ) {
        let names: Vec<Option<&String>> = if rule.resource_names.is_empty() {
            vec![None]
        } else {
            rule.resource_names.iter().map(Some).collect()
        };
        for group in &rule.api_groups {
            for resource in &rule.resources {
                for verb in &rule.verbs {
                    for name in &names {
                        self.list.push(Need {
                            action: Action {
                                namespace: namespace.map(str::to_owned),
                                group: group.clone(),
                                resource: resource.clone(),
                                verb: verb.clone(),
                                name: name.cloned(),
                            },
                            by,
                            field: field.to_owned(),
                            because: because.to_owned(),
                        });
                    }
                }
            }
        }
    }
}
