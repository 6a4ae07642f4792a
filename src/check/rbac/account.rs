//! Service accounts.

use std::fmt;

use crate::kubernetes::Object;

/// A service account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// Its namespace; empty where nobody wrote one.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Account {
    /// `shop/pipeline`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => f.write_str(&self.name),
            namespace => write!(f, "{namespace}/{}", self.name),
        }
    }
}

impl Account {
    /// An account of a namespace; the one that pods get where nothing else is said.
    #[must_use]
    pub fn new(namespace: Option<&str>, name: Option<&str>) -> Self {
        let name = name.filter(|name| !name.is_empty()).unwrap_or("default");
        Self { namespace: namespace.unwrap_or_default().to_owned(), name: name.to_owned() }
    }

    /// The groups that every service account of its namespace is in, and the account's own name as a user
    /// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects>).
    pub(super) fn groups(&self) -> [String; 4] {
        let Self { namespace, name } = self;
        [
            format!("system:serviceaccount:{namespace}:{name}"),
            format!("system:serviceaccounts:{namespace}"),
            "system:serviceaccounts".to_owned(),
            "system:authenticated".to_owned(),
        ]
    }

    /// The accounts that a binding names.
    pub(super) fn subjects(binding: &Object) -> Vec<Self> {
        let subjects = binding.value().list_at(&["subjects"]);
        let accounts =
            subjects.iter().filter(|subject| subject.str_at(&["kind"]) == Some("ServiceAccount"));
        accounts
            .map(|subject| {
                let namespace = subject.str_at(&["namespace"]).or(binding.namespace());
                Self::new(namespace, subject.str_at(&["name"]))
            })
            .collect()
    }
}
