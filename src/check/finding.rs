//! A rule, and what it found.

use std::sync::Arc;

use crate::kubernetes::Identity;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Info,
    /// It works, and somebody should look.
    Warning,
    /// It is refused, or fails.
    Error,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Error].into_iter().find(|level| level.word() == word)
    }
}

/// What a rule is about. The first digit of a rule's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// What Tekton's and Triggers' webhooks refuse, and what fails in a run.
    Tekton,
    /// What the API server refuses.
    Kubernetes,
    /// Who needs which rights, and has them or not.
    Rbac,
    /// Pods that their namespace refuses.
    PodSecurity,
    /// What Flux cannot apply, or applies otherwise than meant.
    Flux,
    /// Promotion, triggers, Secrets.
    Delivery,
    /// Good practice that no admission demands.
    Hardening,
    /// Shell in Tasks.
    Scripts,
    /// The spec and its templates.
    Spec,
    /// What the tree takes for granted and the cluster does not have.
    Live,
}

impl Family {
    /// All of them, in the order of their digits, from 1 to 0.
    pub const ALL: [Self; 10] = [
        Self::Tekton,
        Self::Kubernetes,
        Self::Rbac,
        Self::PodSecurity,
        Self::Flux,
        Self::Delivery,
        Self::Hardening,
        Self::Scripts,
        Self::Spec,
        Self::Live,
    ];

    /// Its title in the documentation.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Tekton => "Tekton",
            Self::Kubernetes => "Kubernetes",
            Self::Rbac => "RBAC",
            Self::PodSecurity => "Pod Security",
            Self::Flux => "Flux",
            Self::Delivery => "Delivery",
            Self::Hardening => "Hardening",
            Self::Scripts => "Scripts",
            Self::Spec => "Spec",
            Self::Live => "Live",
        }
    }
}

/// One rule. Rules are data: the table of each family makes `gen explain` and docs/checks.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable: `CHK` and four digits, of which the first is that of the family.
    pub id: &'static str,
    /// Stable, in words: `rbac-missing`.
    pub name: &'static str,
    /// How grave.
    pub level: Level,
    /// What must hold, as a sentence.
    pub holds: &'static str,
    /// What happens if it does not.
    pub otherwise: &'static str,
    /// How to mend it.
    pub cure: &'static str,
    /// Where it is written: a page, or a file of the project that enforces it.
    pub source: &'static str,
}

impl Rule {
    /// Its family.
    #[must_use]
    pub fn family(&self) -> Family {
        let digit = self.id.as_bytes().get(3).copied().unwrap_or(b'9');
        let place = (usize::from(digit.saturating_sub(b'0')) + 9) % 10;
        Family::ALL.get(place).copied().unwrap_or(Family::Spec)
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The path, with `/`.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

/// Where an object is in its file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Within {
    /// The document, from 0.
    pub document: usize,
    /// Its path in the document: `items[2]` of a list, empty otherwise.
    pub path: String,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How grave here: a team may have changed it.
    pub level: Level,
    /// The object; none for what is wrong with a file.
    pub object: Option<Identity>,
    /// The field, as in `spec.steps[0].image`; empty for the whole object.
    pub field: String,
    /// What is wrong, lower case, without a full stop.
    pub what: String,
    /// What the controller says, where it says anything.
    pub said: Option<String>,
    /// How to mend it here, where the rule's own words are less than what is known.
    pub cure: Option<String>,
    /// Where it is written in what was judged. The line is 0 until the file is read again for it ([`super::locate`]).
    pub place: Place,
    /// Which document of the file, and the path of the object in it.
    pub within: Within,
    /// Where the spec makes it, if it does.
    pub spec: Option<Place>,
}

impl Finding {
    /// How to mend it.
    #[must_use]
    pub fn cure(&self) -> &str {
        self.cure.as_deref().unwrap_or(self.rule.cure)
    }
}
