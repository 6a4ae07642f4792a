//! A row of a table: the sign by which a failure is known, its cause and its cure.
//!
//! Texts may hold groups of the pattern as `{group}`, `{group|what to say without it}`, and `{kind}`, `{namespace}`, `{name}`,
//! `{container}`, `{pod}`, `{reason}` of where it was found.

use regex::Regex;
use serde::{Deserialize, Deserializer};

use super::super::certainty::Certainty;
use super::super::place::Place;

/// The table that a signature is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[allow(missing_docs, reason = "the field's own terms")]
pub enum Component {
    PipelineRun,
    TaskRun,
    #[serde(rename = "log")]
    Log,
    Kustomization,
    #[serde(rename = "source")]
    Source,
    #[serde(rename = "trigger")]
    Trigger,
    #[serde(rename = "workload")]
    Workload,
}

impl Component {
    /// A title for its table.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::PipelineRun => "PipelineRuns",
            Self::TaskRun => "TaskRuns",
            Self::Log => "Lines in logs",
            Self::Kustomization => "Kustomizations of Flux",
            Self::Source => "Sources, images and charts of Flux",
            Self::Trigger => "Webhooks and triggers",
            Self::Workload => "Workloads, pods and volumes",
        }
    }
}

/// What a sign says about causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It is what everything else follows from.
    Cause,
    /// It follows from something below it, which is looked for; where nothing is found, it is the best that is known.
    Symptom,
    /// Nothing is wrong yet, unless it lasts.
    Waiting,
    /// It only follows from something else.
    Consequence,
    /// Nothing is wrong; worth a sentence.
    Note,
}

/// What is made out of the groups of a pattern, besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offer {
    /// A Role and its binding, from the message of the API server.
    Rights,
}

/// A closer look at a message that matched.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the message has.
    #[serde(deserialize_with = "regex")]
    pub pattern: Regex,
    /// The cause in this case.
    pub cause: String,
    /// The cure in this case.
    pub cure: String,
}

/// A table as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    component: Component,
    kinds: Vec<String>,
    #[serde(default)]
    places: Option<Vec<Place>>,
    docs: String,
    signatures: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    title: String,
    #[serde(default = "cause")]
    role: Role,
    kinds: Option<Vec<String>>,
    places: Option<Vec<Place>>,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    alone: Vec<String>,
    status: Option<String>,
    #[serde(default, deserialize_with = "some_regex")]
    pattern: Option<Regex>,
    #[serde(default, deserialize_with = "some_regex")]
    unless: Option<Regex>,
    inner: Option<String>,
    #[serde(default = "yes")]
    text: bool,
    patience: Option<i64>,
    cause: String,
    cure: String,
    #[serde(default)]
    commands: Vec<String>,
    #[serde(default)]
    cases: Vec<Case>,
    #[serde(default = "sure")]
    certainty: Certainty,
    offers: Option<Offer>,
    source: String,
    docs: Option<String>,
}

/// A sign of a failure, with its cause and cure.
#[derive(Debug, Clone)]
pub struct Signature {
    /// Letter of the table and number, as in `C1`.
    pub id: String,
    /// The table.
    pub component: Component,
    /// One line for people.
    pub title: String,
    /// What it says about causes.
    pub role: Role,
    /// Kinds of objects that show it; empty for texts only.
    pub kinds: Vec<String>,
    /// Where it is seen.
    pub places: Vec<Place>,
    /// The reasons it has; any if empty.
    pub reasons: Vec<String>,
    /// Reasons that suffice without the pattern.
    pub alone: Vec<String>,
    /// The status of the condition; any if none.
    pub status: Option<String>,
    /// What the message has; anything if none.
    pub pattern: Option<Regex>,
    /// What the message must not have.
    pub unless: Option<Regex>,
    /// The group, or `message`, that holds another failure's message.
    pub inner: Option<String>,
    /// Whether the pattern is telling enough for any text.
    pub text: bool,
    /// After so many seconds, waiting is a failure.
    pub patience: Option<i64>,
    /// Why it happened.
    pub cause: String,
    /// What to do.
    pub cure: String,
    /// Commands that help.
    pub commands: Vec<String>,
    /// Closer looks, the first that fits.
    pub cases: Vec<Case>,
    /// How sure the cause is.
    pub certainty: Certainty,
    /// What is made out of its groups.
    pub offers: Option<Offer>,
    /// The program and file that the message comes from.
    pub source: String,
    /// A page about it.
    pub docs: String,
}

impl Table {
    /// Its signatures, with what the table sets for all.
    pub(super) fn signatures(self) -> Vec<Signature> {
        let Self { component, kinds, places, docs, signatures } = self;
        let places = places.unwrap_or_else(|| vec![Place::Condition, Place::Event]);
        let one = |row: Row| Signature {
            component,
            kinds: row.kinds.unwrap_or_else(|| kinds.clone()),
            places: row.places.unwrap_or_else(|| places.clone()),
            docs: row.docs.unwrap_or_else(|| docs.clone()),
            id: row.id,
            title: row.title,
            role: row.role,
            reasons: row.reasons,
            alone: row.alone,
            status: row.status,
            pattern: row.pattern,
            unless: row.unless,
            inner: row.inner,
            text: row.text,
            patience: row.patience,
            cause: row.cause,
            cure: row.cure,
            commands: row.commands,
            cases: row.cases,
            certainty: row.certainty,
            offers: row.offers,
            source: row.source,
        };
        signatures.into_iter().map(one).collect()
    }
}

fn cause() -> Role {
    Role::Cause
}

fn sure() -> Certainty {
    Certainty::Sure
}

fn yes() -> bool {
    true
}

fn regex<'de, D: Deserializer<'de>>(from: D) -> Result<Regex, D::Error> {
    let text = String::deserialize(from)?;
    Regex::new(&text).map_err(serde::de::Error::custom)
}

fn some_regex<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Regex>, D::Error> {
    regex(from).map(Some)
}
