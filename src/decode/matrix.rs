//! The matrix of a task: lists that Tekton combines, with one run per combination, and further combinations (`include`).
//!
//! Tekton's expansion is computed here, so that a combination that never runs or lacks a value is found when the spec is read,
//! not when a run fails.

use std::collections::{BTreeMap, BTreeSet};

use super::decoder::Decoder;
use super::flow::{param_of, through_param};
use super::link::{Goes, Link, Origin};
use super::tekton::tekton_variable;
use crate::diagnostics::{Span, SpecError};
use crate::name::Check;
use crate::spec::View;
use crate::yaml::{Entry, Node, Value};

/// Tekton's limit on the combinations of a task (`default-max-matrix-combinations-count`).
const COMBINATIONS: usize = 256;

/// The key for combinations beyond those of the lists.
const INCLUDE: &str = "include";

/// A matrix, and the variables that carry its values into a task rendered by gen.
#[derive(Default)]
pub(super) struct Matrix {
    /// Name of the parameter and its values.
    pub(super) lists: Vec<(String, Value)>,
    /// Combinations beyond those of the lists, or further values for some of them.
    pub(super) include: Vec<Vec<(String, Value)>>,
    /// Names of the parameters, in order.
    pub(super) names: Vec<String>,
    /// Variables for a Task rendered by gen.
    pub(super) variables: Vec<Value>,
    /// Some values are known only at run time.
    has_links: bool,
}

impl Matrix {
    /// `matrix` of a task. `rendered`: gen renders the task, so its values come as variables.
    pub(super) fn read(
        d: &mut Decoder<'_>,
        view: &View<'_>,
        name: &str,
        rendered: bool,
        links: &mut Vec<Link>,
    ) -> Self {
        let mut reader = Reader { name, view, rendered, matrix: Self::default() };
        for entry in view.entries("matrix") {
            if entry.key != INCLUDE {
                reader.list(d, entry, links);
            }
        }
        if let Some(include) = reader.written_include() {
            reader.include(d, include);
        }
        reader.count(d);
        reader.matrix
    }
}

/// A matrix that is being read.
struct Reader<'a> {
    name: &'a str,
    view: &'a View<'a>,
    rendered: bool,
    matrix: Matrix,
}

/// The values for a run of the task, by parameter.
type Combination = BTreeMap<String, String>;

impl<'a> Reader<'a> {
    fn written_include(&self) -> Option<&'a Node> {
        self.view.get("matrix")?.get(INCLUDE)
    }

    fn bad(&self, d: &mut Decoder<'_>, span: Span, problem: String) {
        let name = self.name.to_owned();
        d.error(span, SpecError::BadMatrix { name, problem });
    }

    /// The parameter for a key. Each is declared once, and has no other source.
    fn declare(&mut self, d: &mut Decoder<'_>, entry: &Entry) -> String {
        if self.rendered {
            Check::EnvName.check(&entry.key, entry.key_span, d.problems);
        }
        let name = if self.rendered { param_of(&entry.key) } else { entry.key.clone() };
        if self.matrix.names.contains(&name) {
            return name;
        }
        for other in ["env", "params"] {
            let there = self.view.get(other).and_then(|there| there.get(&entry.key));
            if there.is_some() {
                let problem = format!("has `{}`, and so does `{other}`", entry.key);
                self.bad(d, entry.key_span, problem);
            }
        }
        if self.rendered {
            self.matrix.variables.push(through_param(&entry.key));
        }
        self.matrix.names.push(name.clone());
        name
    }

    fn list(&mut self, d: &mut Decoder<'_>, entry: &Entry, links: &mut Vec<Link>) {
        let name = self.declare(d, entry);
        let node = &entry.value;
        if let Some((origin, span)) = Origin::read(d, node) {
            let goes = Goes::Matrix(name);
            links.push(Link { origin, goes, span });
            self.matrix.has_links = true;
            return;
        }
        let items = node.items().unwrap_or_default();
        if let Some(mapping) = items.iter().find(|item| item.scalar().is_none()) {
            let problem = format!(
                "has a mapping among the values of `{}`; combinations belong in `{INCLUDE}`",
                entry.key
            );
            self.bad(d, mapping.span, problem);
            return;
        }
        if items.is_empty() {
            self.bad(d, node.span, format!("has no values for `{}`", entry.key));
        }
        let values = items.iter().filter_map(|item| self.value(d, item));
        let values = Value::Seq(values.map(Value::from).collect());
        self.matrix.lists.push((name, values));
    }

    /// A string without Tekton variables.
    fn value<'n>(&self, d: &mut Decoder<'_>, node: &'n Node) -> Option<&'n str> {
        let text = node.as_str()?;
        if let Some(found) = tekton_variable(text) {
            let problem = format!("contains `{found}`, which Tekton would replace");
            self.bad(d, node.span, problem);
        }
        Some(text)
    }

    fn include(&mut self, d: &mut Decoder<'_>, include: &Node) {
        let Some(items) = include.items().filter(|items| !items.is_empty()) else {
            let problem = format!("has an empty `{INCLUDE}`");
            self.bad(d, include.span, problem);
            return;
        };
        for item in items {
            let Some(entries) = item.entries().filter(|entries| !entries.is_empty()) else {
                let problem = format!(
                    "has an invalid combination in `{INCLUDE}`: expected one such as `{{PYTHON: \"3.14\"}}`"
                );
                self.bad(d, item.span, problem);
                continue;
            };
            let mut values = Vec::new();
            for entry in entries {
                let name = self.declare(d, entry);
                let text = self.value(d, &entry.value).unwrap_or_default();
                values.push((name, Value::from(text)));
            }
            self.matrix.include.push(values);
        }
    }

    /// Checks the number of runs, and that each has all values.
    fn count(&self, d: &mut Decoder<'_>) {
        let lists = self.matrix.lists.iter();
        let lists = lists.map(|(_, values)| values.as_seq().map_or(0, <[Value]>::len));
        let of_lists = lists.fold(1, usize::saturating_mul);
        let span = self.view.span_of("matrix");
        let too_many = |count: usize| {
            format!("has {count} combinations, but Tekton runs at most {COMBINATIONS}")
        };
        if of_lists > COMBINATIONS {
            self.bad(d, span, too_many(of_lists));
            return;
        }
        if self.matrix.include.is_empty() {
            return;
        }
        if self.matrix.has_links {
            let problem = format!(
                "has `{INCLUDE}` next to values known only at run time, so the combinations cannot be determined"
            );
            self.bad(d, span, problem);
            return;
        }
        let (runs, idle) = self.runs();
        if let Some(place) = idle {
            let items = self.written_include().and_then(Node::items);
            let item = items.and_then(|items| items.get(place));
            let problem = "has a combination that never runs: it shares a value with another, so that Tekton makes no new one, but matches none of them".to_owned();
            self.bad(d, item.map_or(span, |item| item.span), problem);
        }
        if runs.len() > COMBINATIONS {
            self.bad(d, span, too_many(runs.len()));
        }
        let all: BTreeSet<&String> = self.matrix.names.iter().collect();
        for run in runs {
            if let Some(missing) = all.iter().find(|name| !run.contains_key(**name)) {
                let shown: Vec<String> = run
                    .iter()
                    .map(|(name, value)| format!("{}: {value}", self.key(name)))
                    .collect();
                let problem = format!(
                    "has the combination {{{}}} without a value for `{}`",
                    shown.join(", "),
                    self.key(missing)
                );
                self.bad(d, span, problem);
                return;
            }
        }
    }

    /// The key of a parameter, as written in the spec.
    fn key<'n>(&self, name: &'n str) -> &'n str {
        let prefix = param_of("");
        let own = name.strip_prefix(prefix.as_str());
        own.filter(|_| self.rendered).unwrap_or(name)
    }

    /// The runs that Tekton creates (its pkg/apis/pipeline/v1/matrix_types.go, `FanOut`), and the first combination of `include`
    /// that has no effect. Each of `include` adds its values to the combinations of the lists that agree with it on all common keys;
    /// if it has no value in common with any combination, it becomes a run of its own.
    fn runs(&self) -> (Vec<Combination>, Option<usize>) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let pair = |(name, value): &(String, Value)| (name.clone(), text(value));
        let include = self.matrix.include.iter();
        let include: Vec<Combination> =
            include.map(|values| values.iter().map(pair).collect()).collect();
        if self.matrix.lists.is_empty() {
            return (include, None);
        }
        let mut runs = vec![Combination::new()];
        for (name, values) in &self.matrix.lists {
            let values = values.as_seq().unwrap_or_default();
            runs = values
                .iter()
                .flat_map(|value| {
                    runs.iter().map(move |run| {
                        let mut run = run.clone();
                        run.insert(name.clone(), text(value));
                        run
                    })
                })
                .collect();
        }
        let mut idle = None;
        let mut used = vec![false; include.len()];
        for run in &mut runs {
            for (values, used) in include.iter().zip(&mut used) {
                let agrees =
                    values.iter().all(|(name, value)| run.get(name).is_none_or(|own| own == value));
                if agrees {
                    run.extend(values.clone());
                    *used = true;
                }
            }
        }
        for (place, values) in include.iter().enumerate() {
            let meets = runs
                .iter()
                .any(|run| values.iter().any(|(name, value)| run.get(name) == Some(value)));
            if !meets {
                runs.push(values.clone());
            } else if !used[place] && idle.is_none() {
                idle = Some(place);
            }
        }
        (runs, idle)
    }
}
