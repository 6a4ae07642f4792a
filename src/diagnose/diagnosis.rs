//! What a diagnosis says.

use super::certainty::Certainty;
use super::place::Place;
use super::rights::Denied;
use super::signature::Signature;
use super::snapshot::{LeftOut, Time, Unseen};

/// An object, or a text, that a diagnosis is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref {
    /// Kind; empty for a text.
    pub kind: String,
    /// Namespace; may be empty.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl std::fmt::Display for Ref {
    /// `TaskRun ci/build-1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slash = if self.namespace.is_empty() { "" } else { "/" };
        let space = if self.kind.is_empty() { "" } else { " " };
        write!(f, "{}{space}{}{slash}{}", self.kind, self.namespace, self.name)
    }
}

/// Something that was seen, verbatim, with secrets hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where it was seen.
    pub place: Place,
    /// The object that it belongs to.
    pub of: Ref,
    /// The container, if it is of one.
    pub container: String,
    /// The reason, if it has one.
    pub reason: String,
    /// When.
    pub time: Option<Time>,
    /// The text.
    pub text: String,
}

/// A station on the way from the symptom to the cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The object.
    pub of: Ref,
    /// Its reason.
    pub reason: String,
    /// Its message, in one line.
    pub message: String,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// In words.
    Advice(String),
    /// A command.
    Command(String),
    /// Objects to apply, with what they do.
    Objects {
        /// What they do.
        title: String,
        /// The YAML.
        yaml: String,
    },
    /// A change of a file.
    Change {
        /// The file.
        file: String,
        /// The line that it begins at.
        line: usize,
        /// What it does.
        title: String,
        /// The change as a unified diff.
        diff: String,
    },
}

/// The answer to one failure.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// What failed, the symptom.
    pub what: Ref,
    /// How it stands: `failed`, `does not go on`, `waits`.
    pub stands: Weight,
    /// The signature of the cause; none if it is unknown.
    pub signature: Option<&'static Signature>,
    /// The cause in one line.
    pub title: String,
    /// Why it happened.
    pub cause: String,
    /// Proof.
    pub evidence: Vec<Evidence>,
    /// The way from the symptom to the cause.
    pub chain: Vec<Link>,
    /// What only follows from the cause.
    pub consequences: Vec<String>,
    /// What failed besides, and may have a cause of its own.
    pub besides: Vec<String>,
    /// What else it could be.
    pub alternatives: Vec<String>,
    /// What to do, the best first.
    pub cures: Vec<Cure>,
    /// Locations in the spec that it comes from, as in `gen.yaml:12`.
    pub places: Vec<String>,
    /// What the API server refused, if that is the cause.
    pub denied: Vec<Denied>,
    /// How sure it is.
    pub certainty: Certainty,
    /// What would have to be seen to say more.
    pub missing: Vec<String>,
    /// The page to read.
    pub docs: String,
    /// When it began.
    pub since: Option<Time>,
}

/// How grave a diagnosis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// It failed.
    Failed,
    /// It neither fails nor goes on.
    Stuck,
    /// It waits, which is no failure.
    Waits,
    /// It is well, and has something worth a sentence.
    Note,
}

/// What is well, or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Well {
    /// The object.
    pub of: Ref,
    /// How it stands, as in `succeeded`.
    pub stands: String,
}

/// How everything stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing is wrong.
    Well,
    /// Nothing is wrong, and something goes on.
    Busy,
    /// Something is wrong, and its cause is named.
    Found,
    /// Something is wrong, and the cause was not found.
    Unknown,
    /// There was nothing to look at.
    Nothing,
}

/// Everything that was found.
#[derive(Debug, Clone)]
pub struct Report {
    /// How everything stands.
    pub state: State,
    /// Failures by cause, the gravest and earliest first.
    pub diagnoses: Vec<Diagnosis>,
    /// What is well.
    pub well: Vec<Well>,
    /// What could not be seen.
    pub unseen: Vec<Unseen>,
    /// What was left out of the input.
    pub left_out: Option<LeftOut>,
    /// Number of objects, events and lines of logs that were read.
    pub read: (usize, usize, usize),
}

impl Report {
    /// Whether there was only text, which shows failures and never that all is well.
    #[must_use]
    pub fn is_text_alone(&self) -> bool {
        let (objects, events, lines) = self.read;
        objects == 0 && events == 0 && lines > 0 && self.well.is_empty()
    }
}
