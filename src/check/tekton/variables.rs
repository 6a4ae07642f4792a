//! How Tekton reads `$(…)` (pkg/substitution, pkg/internal/resultref and internal/artifactref of pipeline v1.15). Its regular expressions
//! are followed to the letter: what they do not match is no variable, however much it looks like one.

use std::collections::BTreeSet;

/// What is wrong with the variables of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misuse {
    /// No such variable.
    Unknown(String),
    /// More than two parts behind the prefix.
    Deep,
    /// A list or object where a string must be.
    Type(String),
    /// A list with other text around it.
    Surrounded(String),
}

impl Misuse {
    /// Tekton's own words.
    pub(super) fn said(&self, text: &str, prefix: &str) -> String {
        match self {
            Self::Unknown(_) => format!("non-existent variable in {text:?}"),
            Self::Deep => format!(
                "Invalid referencing of parameters in \"{text}\"! Only two dot-separated components after the prefix \"{prefix}\" are allowed."
            ),
            Self::Type(_) => format!("variable type invalid in {text:?}"),
            Self::Surrounded(_) => format!("variable is not properly isolated in {text:?}"),
        }
    }
}

/// A variable as `$(PREFIX.NAME)`, `$(PREFIX["NAME"])` or `$(PREFIX['NAME'])`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Variable<'t> {
    /// All of it.
    pub(super) whole: &'t str,
    /// What is behind the prefix, with an index.
    pub(super) inner: &'t str,
    /// Whether it is written with a dot.
    pub(super) dotted: bool,
}

impl<'t> Variable<'t> {
    /// The first part of the name; nothing if there are more than two.
    pub(super) fn name(&self) -> Option<&'t str> {
        if !self.dotted {
            return Some(self.inner);
        }
        let mut parts = self.inner.split('.');
        let name = parts.next().unwrap_or_default();
        (parts.count() <= 1).then_some(name)
    }
}

/// The variables of a prefix.
pub(super) fn variables<'t>(text: &'t str, prefix: &str) -> Vec<Variable<'t>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("$(").map(|at| at + from) {
        from = at + 2;
        let Some(rest) = text[from..].strip_prefix(prefix) else { continue };
        let begin = text.len() - rest.len();
        let line = rest.split('\n').next().unwrap_or_default();
        let of = |open: &str, close: &str| {
            let inner = line.strip_prefix(open)?;
            inner.find(close).map(|end| (begin + open.len(), end, close.len()))
        };
        let (hit, dotted) = match of(".", ")") {
            Some(hit) => (Some(hit), true),
            None => (of("[\"", "\"])").or_else(|| of("['", "'])")), false),
        };
        if let Some((start, length, close)) = hit {
            let (inner, end) = (&text[start..start + length], start + length + close);
            found.push(Variable { whole: &text[at..end], inner, dotted });
            from = end;
        }
    }
    found
}

/// A name without `[0]` and `[*]`.
pub(super) fn without_index(name: &str) -> String {
    let mut rest = name;
    let mut kept = String::new();
    while let Some(at) = rest.find('[') {
        let inner = rest[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit());
        let inner = inner.strip_prefix('*').unwrap_or(inner);
        if let Some(after) = inner.strip_prefix(']') {
            kept.push_str(&rest[..at]);
            rest = after;
        } else {
            kept.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
        }
    }
    kept.push_str(rest);
    kept
}

/// A variable that is none of these.
pub(super) fn unknown(text: &str, prefix: &str, known: &BTreeSet<&str>) -> Option<Misuse> {
    let all = variables(text, prefix);
    if all.iter().any(|variable| variable.name().is_none()) {
        return Some(Misuse::Deep);
    }
    let names = all.iter().filter_map(Variable::name).map(without_index);
    names.into_iter().find(|name| !known.contains(name.as_str())).map(Misuse::Unknown)
}

/// A variable that may not stand here: one of these, but for an item of it.
pub(super) fn prohibited(text: &str, prefix: &str, not: &BTreeSet<&str>) -> Option<Misuse> {
    let all = variables(text, prefix);
    if all.iter().any(|variable| variable.name().is_none()) {
        return Some(Misuse::Deep);
    }
    let mut names = all.iter().filter_map(Variable::name).map(star_less);
    names.find(|name| not.contains(name)).map(|name| Misuse::Type(name.to_owned()))
}

/// A variable that may not stand here as a whole; its keys may.
pub(super) fn prohibited_whole(text: &str, prefix: &str, not: &BTreeSet<&str>) -> Option<Misuse> {
    let all = variables(text, prefix);
    let mut names = all.iter().map(|variable| star_less(variable.inner));
    names.find(|name| not.contains(name)).map(|name| Misuse::Type(name.to_owned()))
}

/// A variable of these that has other text around it.
pub(super) fn surrounded(text: &str, prefix: &str, lists: &BTreeSet<&str>) -> Option<Misuse> {
    let all = variables(text, prefix);
    if all.iter().any(|variable| variable.name().is_none()) {
        return Some(Misuse::Deep);
    }
    let first = all.first()?.whole.len();
    let mut names = all.iter().filter_map(Variable::name).map(star_less);
    let name = names.find(|name| lists.contains(name))?;
    (first != text.len()).then(|| Misuse::Surrounded(name.to_owned()))
}

/// The name of a list or object that a text consists of: `$(params.NAME[*])`.
pub(super) fn whole_reference<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let rest = text.strip_prefix("$(")?.strip_prefix(prefix)?;
    let inner = None
        .or_else(|| rest.strip_prefix('.')?.strip_suffix(')'))
        .or_else(|| rest.strip_prefix("[\"")?.strip_suffix("\"])"))
        .or_else(|| rest.strip_prefix("['")?.strip_suffix("'])"))?;
    let name = inner.strip_suffix("[*]")?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

fn star_less(name: &str) -> &str {
    name.strip_suffix("[*]").unwrap_or(name)
}

/// What stands in `$(…)`, where it has the form of a variable.
pub(super) fn expressions(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("$(") {
        let rest = &text[at + 2..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_.-".contains(c));
        let Some(end) = end.filter(|end| *end > 0) else { continue };
        let mut length = end;
        if let Some(index) = rest[end..].strip_prefix('[') {
            let Some((index, _)) = index.split_once(']') else { continue };
            let is_number = !index.is_empty() && index.chars().all(|c| c.is_ascii_digit());
            if index != "*" && !is_number {
                continue;
            }
            length += index.len() + 2;
        }
        if rest[length..].starts_with(')') {
            found.push(&rest[..length]);
        }
    }
    found
}

/// A reference to a result of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ResultRef<'t> {
    /// Of `finally` instead of `tasks`.
    pub(super) of_finally: bool,
    /// The task.
    pub(super) task: &'t str,
    /// The result.
    pub(super) result: &'t str,
    /// What is in its brackets, if it has any: a number or `*`.
    pub(super) index: Option<&'t str>,
    /// The key of an object.
    pub(super) key: Option<&'t str>,
}

/// Whether an expression begins like a reference to a result.
pub(super) fn looks_like_result(expression: &str) -> bool {
    let parts: Vec<&str> = expression.split('.').collect();
    parts.len() >= 4 && ["tasks", "finally"].contains(&parts[0]) && parts[2] == "results"
}

/// Reads a reference to a result.
pub(super) fn result_ref(expression: &str) -> Option<ResultRef<'_>> {
    if !looks_like_result(expression) {
        return None;
    }
    let parts: Vec<&str> = expression.split('.').collect();
    let (result, index) = match parts[3].split_once('[') {
        Some((result, index)) if parts.len() == 4 => (result, index.strip_suffix(']')),
        _ => (parts[3], None),
    };
    let of_finally = parts[0] == "finally";
    (parts.len() <= 5).then(|| ResultRef {
        of_finally,
        task: parts[1],
        result,
        index,
        key: parts.get(4).copied(),
    })
}

/// The step and the result of each `$(steps.STEP.results.RESULT)`.
pub(super) fn step_results(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for line in text.split('\n') {
        let mut rest = line;
        while let Some(at) = rest.find("$(steps.") {
            let inner = &rest[at + 8..];
            let Some((step, after)) = inner.split_once(".results.") else { break };
            let Some((result, after)) = after.split_once(')') else { break };
            found.push((step, result));
            rest = after;
        }
    }
    found
}

/// Whether a text refers to artifacts of a step, or of a task.
pub(super) fn has_artifact(text: &str, of: &str) -> bool {
    let path = if of == "steps" { "$(step.artifacts.path)" } else { "$(artifacts.path)" };
    text.contains(path) || has_artifact_value(text, of)
}

/// Whether a text refers to an input or output of a step or task.
pub(super) fn has_artifact_value(text: &str, of: &str) -> bool {
    text.match_indices(&format!("$({of}.")).any(|(at, found)| {
        let mut parts = text[at + found.len()..].splitn(3, '.');
        let (name, way, value) = (parts.next(), parts.next(), parts.next());
        let has_end = value.and_then(|value| value.find([')', '.']).map(|end| (value, end)));
        name.is_some_and(|name| !name.is_empty())
            && matches!(way, Some("inputs" | "outputs"))
            && has_end.is_some_and(|(value, end)| end > 0 && value[end..].starts_with(')'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_those_of_tekton() {
        let names = |text, prefix| -> Vec<String> {
            variables(text, prefix).iter().map(|one| one.inner.to_owned()).collect()
        };
        assert_eq!(
            names("a $(params.x) $(params['y.z']) $(params[\"w\"])", "params"),
            ["x", "y.z", "w"]
        );
        assert_eq!(names("$(params.a[*]) $(context.task.name)", "params"), ["a[*]"]);
        assert_eq!(names("$(context.taskRun.name)", "context.task"), [""; 0]);
        assert_eq!(names("$(params.x\n)", "params"), [""; 0]);
        assert_eq!(names("$(params.x $(params.y)", "params"), ["x $(params.y"]);
        let known = BTreeSet::from(["x"]);
        assert_eq!(unknown("$(params.x[0]) $(params.x.k)", "params", &known), None);
        assert_eq!(unknown("$(params.a.b.c)", "params", &known), Some(Misuse::Deep));
        assert_eq!(surrounded("$(params.x[*])", "params", &known), None);
        assert!(surrounded("-$(params.x[*])", "params", &known).is_some());
        assert_eq!(prohibited("$(params.x[0])", "params", &known), None);
        assert!(prohibited("$(params.x)", "params", &known).is_some());
        assert_eq!(whole_reference("$(params.x[*])", "params"), Some("x"));
        assert_eq!(without_index("a[0][*]b[x]"), "ab[x]");
    }

    #[test]
    fn expressions_are_those_of_tekton() {
        assert_eq!(
            expressions("$(a.b) $(c[0]) $(d[*]) $(e f) $(g[x]) $() ${h}"),
            ["a.b", "c[0]", "d[*]"]
        );
        let found = result_ref("tasks.a.results.r[1]").unwrap();
        assert_eq!((found.task, found.result, found.index), ("a", "r", Some("1")));
        assert_eq!(result_ref("tasks.a.results.o.k").unwrap().key, Some("k"));
        assert_eq!(result_ref("tasks.a.results.o.k.l"), None);
        assert_eq!(step_results("x $(steps.a.results.b) $(steps.c.outputs)"), [("a", "b")]);
        assert!(
            has_artifact("$(steps.a.outputs.b)", "steps")
                && !has_artifact("$(steps.a.outputs)", "steps")
        );
    }
}
