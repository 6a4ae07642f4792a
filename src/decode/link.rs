//! What a task takes from the run: results, parameters, how a task ended. Each is written by name in the spec and reaches a task
//! as a parameter, never as text inside a script.

use super::decoder::Decoder;
use crate::diagnostics::Span;
use crate::yaml::Node;

/// The source of a run's value.
pub(super) enum Origin {
    /// The result of a task: `TASK.RESULT`.
    Result { task: String, result: String },
    /// A parameter of the run, or a key of one that is an object.
    Param { name: String, key: Option<String> },
    /// How a task ended; `all` is the whole run.
    Status(String),
}

/// Where it goes.
pub(super) enum Goes {
    /// Into a parameter of the Task.
    Param(String),
    /// Into a variable, by the parameter of that name.
    Variable(String),
    /// Into the matrix, under that name.
    Matrix(String),
    /// Into a condition: whether the values are meant to be met, and the values.
    When(bool, Vec<String>),
}

/// A value that a task takes from the run.
pub(super) struct Link {
    pub(super) origin: Origin,
    pub(super) goes: Goes,
    /// Where the spec says so.
    pub(super) span: Span,
}

impl Origin {
    /// `TASK.RESULT`; the task's name has no dot.
    pub(super) fn result(d: &mut Decoder<'_>, span: Span, text: &str) -> Option<Self> {
        let Some((task, result)) = text.split_once('.') else {
            d.bad_link(span, text, "must have the form `TASK.RESULT`");
            return None;
        };
        let (task, result) = (task.to_owned(), result.to_owned());
        Some(Self::Result { task, result })
    }

    /// `NAME`, or `NAME.KEY`.
    pub(super) fn param(text: &str) -> Self {
        let (name, key) = match text.split_once('.') {
            Some((name, key)) => (name, Some(key.to_owned())),
            None => (text, None),
        };
        let name = name.to_owned();
        Self::Param { name, key }
    }

    /// From a mapping that has one of `result`, `param` and `status`; nothing where it has none.
    pub(super) fn read(d: &mut Decoder<'_>, node: &Node) -> Option<(Self, Span)> {
        let kinds = ["result", "param", "status"];
        let others = ["secret", "configMap", "field", "value"];
        let mut written =
            kinds.into_iter().chain(others).filter_map(|key| Some((key, node.written(key)?)));
        let (key, value) = written.next().filter(|(key, _)| kinds.contains(key))?;
        if let Some((second, _)) = written.next() {
            d.excludes(node.span, key, second, "a value has only one source");
        }
        let text = value.as_str()?;
        let origin = match key {
            "result" => Self::result(d, value.span, text)?,
            "param" => Self::param(text),
            _ => Self::Status(text.to_owned()),
        };
        Some((origin, value.span))
    }

    /// As the spec writes it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Result { task, result } => format!("{task}.{result}"),
            Self::Param { name, key: None } => name.clone(),
            Self::Param { name, key: Some(key) } => format!("{name}.{key}"),
            Self::Status(task) => task.clone(),
        }
    }

    /// As Tekton writes it.
    pub(super) fn expression(&self, whole: bool) -> String {
        let inner = match self {
            Self::Result { task, result } => format!("tasks.{task}.results.{result}"),
            Self::Param { .. } => format!("params.{}", self.text()),
            Self::Status(task) if task == "all" => "tasks.status".to_owned(),
            Self::Status(task) => format!("tasks.{task}.status"),
        };
        let rest = if whole { "[*]" } else { "" };
        format!("$({inner}{rest})")
    }
}
