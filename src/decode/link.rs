//! Values that a task uses from the run: results, parameters, the status of a task. The spec refers to them by name, and they reach
//! a task as parameters, never as text inside a script.

use super::decoder::Decoder;
use crate::diagnostics::Span;
use crate::yaml::Node;

/// The source of a run's value.
pub(super) enum Origin {
    /// The result of a task: `TASK.RESULT`.
    Result { task: String, result: String },
    /// A parameter of the run, or a key of one that is an object.
    Param { name: String, key: Option<String> },
    /// The status of a task; `all` is the whole run.
    Status(String),
}

/// The destination of a value.
pub(super) enum Goes {
    /// A parameter of the Task.
    Param(String),
    /// A variable, through the parameter of that name.
    Variable(String),
    /// The matrix, under that name.
    Matrix(String),
    /// A condition: whether the values must match or must not, and the values.
    When(bool, Vec<String>),
}

/// A name without the index of an item behind it, `NAME[0]`, and the index.
pub(super) fn indexed(text: &str) -> (&str, Option<usize>) {
    let parts = text.strip_suffix(']').and_then(|text| text.rsplit_once('['));
    match parts.and_then(|(name, index)| Some((name, index.parse().ok()?))) {
        Some((name, index)) => (name, Some(index)),
        None => (text, None),
    }
}

/// A value that a task uses from the run.
pub(super) struct Link {
    pub(super) origin: Origin,
    pub(super) goes: Goes,
    /// Its location in the spec.
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

    /// From a mapping with one of `result`, `param` and `status`; nothing if it has none.
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

    /// As written in the spec.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Result { task, result } => format!("{task}.{result}"),
            Self::Param { name, key: None } => name.clone(),
            Self::Param { name, key: Some(key) } => format!("{name}.{key}"),
            Self::Status(task) => task.clone(),
        }
    }

    /// As a Tekton expression.
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
