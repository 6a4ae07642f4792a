//! The state while one app is read, and its errors.

use crate::diagnostics::{Diagnostic, Diagnostics, NameError, Span, SpecError};
use crate::environment::{Environment, Pattern};
use crate::model::Catalogue;
use crate::name::{Check, LABEL_LIMIT, image_parts};
use crate::spec::{Spec, View, nearest};

/// Whatever is the same for every app of an environment.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// All files.
    pub spec: &'a Spec,
    /// The environment.
    pub environment: &'a Environment,
    /// The catalogue of tasks.
    pub catalogue: &'a Catalogue,
}

/// The state while one app is read.
pub(super) struct Decoder<'a> {
    /// The name of its objects: the app's, or `<app>-<process>`.
    pub(super) name: &'a str,
    /// The app, and which of its processes is read.
    pub(super) owner: &'a str,
    pub(super) process: Option<&'a str>,
    pub(super) context: Context<'a>,
    pub(super) app: View<'a>,
    pub(super) problems: &'a mut Diagnostics,
}

impl Decoder<'_> {
    pub(super) fn error(&mut self, span: Span, error: SpecError) {
        self.problems.error(span, error);
    }

    pub(super) fn warn(&mut self, span: Span, error: SpecError) {
        self.problems.push(Diagnostic::warning(error).at(span));
    }

    /// `path` is missing in `place`.
    pub(super) fn missing(&mut self, span: Span, path: &str, place: &str) {
        let (path, place) = (path.to_owned(), place.to_owned());
        self.error(span, SpecError::Missing { path, place });
    }

    /// The string under a required key; `path` names the mapping.
    pub(super) fn required(&mut self, view: &View<'_>, path: &str, key: &str) -> Option<String> {
        view.required(path, key, self.problems)
    }

    /// Two keys exclude each other.
    pub(super) fn excludes(&mut self, span: Span, first: &str, second: &str, why: &str) {
        self.error(span, excludes(first, second, why));
    }

    /// The only key of several that is set, with its value; nothing, and an error, if none or several are. `path` and `place` tell
    /// where the first of them is missing.
    pub(super) fn one_of<'k, T>(
        &mut self,
        span: Span,
        keys: impl IntoIterator<Item = &'k str>,
        value: impl Fn(&str) -> Option<T>,
        (path, place): (&str, &str),
        why: &str,
    ) -> Option<(&'k str, T)> {
        let mut written = keys.into_iter().filter_map(|key| Some((key, value(key)?)));
        let Some((key, value)) = written.next() else {
            self.missing(span, path, place);
            return None;
        };
        if let Some((second, _)) = written.next() {
            self.excludes(span, key, second, why);
            return None;
        }
        Some((key, value))
    }

    /// A key requires another.
    pub(super) fn needs(&mut self, span: Span, key: &str, other: &str, why: &str) {
        self.error(span, needs(key, other, why));
    }

    /// Whether a key can be used. Where it cannot, it is an error if the app itself says it; a value for many apps is meant for those
    /// that can use it.
    pub(super) fn fits(
        &mut self,
        span: Span,
        fits: bool,
        error: impl FnOnce() -> SpecError,
    ) -> bool {
        if !fits && self.is_own(span) {
            self.error(span, error());
        }
        fits
    }

    /// A value that passes between tasks has no source, or is not allowed at its destination.
    pub(super) fn bad_link(&mut self, span: Span, path: &str, problem: impl Into<String>) {
        let (path, problem) = (path.to_owned(), problem.into());
        self.error(span, SpecError::BadLink { path, problem });
    }

    /// Warns that something is left out, and why.
    pub(super) fn unmet(&mut self, span: Span, what: &str, why: impl Into<String>) {
        let what = format!("{}: {what}", self.context.environment.name);
        let why = why.into();
        self.warn(span, SpecError::Unmet { what, why });
    }

    /// Warns if `image` has a tag instead of a digest.
    pub(super) fn check_image(&mut self, view: &View<'_>) {
        let image = view.string("image");
        let by_tag =
            |image: &String| image_parts(image).is_some_and(|parts| parts.digest.is_none());
        if let Some(image) = image.filter(by_tag) {
            self.warn(view.span_of("image"), SpecError::ImageByTag { image });
        }
    }

    /// The pattern filled in for this app; nothing, and an error at `path`, if that is impossible.
    pub(super) fn fill(&mut self, path: &str, pattern: &Pattern) -> Option<String> {
        let filled = pattern.fill(self.name, &self.context.environment.name);
        let error = |problem| SpecError::BadPattern { path: path.to_owned(), problem };
        filled.map_err(|problem| self.error(pattern.span, error(problem))).ok()
    }

    /// The pattern under `host`, filled in and checked; `path` names it in errors.
    pub(super) fn host(&mut self, view: &View<'_>, path: &str) -> Option<String> {
        let text = view.string("host")?;
        let span = view.span_of("host");
        let host = self.fill(path, &Pattern { text, span })?;
        Check::Host.check(&host, span, self.problems);
        Some(host)
    }

    /// The patterns under `host`, one or a list, filled in and checked; `path` names them in errors.
    pub(super) fn hosts(&mut self, view: &View<'_>, path: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let Some(node) = view.get("host") else { return all };
        for node in node.items().unwrap_or(std::slice::from_ref(node)) {
            let Some(text) = node.as_str().map(str::to_owned) else { continue };
            let Some(host) = self.fill(path, &Pattern { text, span: node.span }) else { continue };
            Check::Host.check(&host, node.span, self.problems);
            if all.contains(&host) {
                self.excludes(node.span, &host, &host, "each host can stand there once");
            } else {
                all.push(host);
            }
        }
        all
    }

    /// A derived name, checked against Kubernetes' limit.
    pub(super) fn derived(&mut self, span: Span, name: String) -> String {
        self.check_length(span, &name, LABEL_LIMIT);
        name
    }

    pub(super) fn check_length(&mut self, span: Span, name: &str, limit: usize) {
        if name.len() > limit {
            let derived = name.to_owned();
            let error = NameError::DerivedTooLong { derived, limit };
            self.problems.error(span, error);
        }
    }

    /// Whether the app (or the process) itself sets it, in its own keys or in an environment's override, and not a layer for several.
    pub(super) fn is_own(&self, span: Span) -> bool {
        let within = |outer: Span| {
            outer.file == span.file && outer.start <= span.start && span.end <= outer.end
        };
        let (spec, environment) = (self.context.spec, self.context.environment);
        let own = [Some(&spec.apps[self.owner].value), environment.override_of(self.owner)];
        let own = own.into_iter().flatten();
        match self.process {
            None => own.map(|node| node.span).any(within),
            Some(process) => own
                .filter_map(|node| node.get("processes")?.get(process))
                .any(|node| within(node.span)),
        }
    }
}

/// The error of two keys that exclude each other.
pub(super) fn excludes(first: &str, second: &str, why: &str) -> SpecError {
    SpecError::Excludes { first: first.to_owned(), second: second.to_owned(), why: why.to_owned() }
}

/// The error of a key that requires another.
pub(super) fn needs(key: &str, other: &str, why: &str) -> SpecError {
    SpecError::Needs { key: key.to_owned(), other: other.to_owned(), why: why.to_owned() }
}

/// A problem with a name, and the name that was probably meant.
pub(super) fn near<'a>(
    problem: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    match nearest(name, known) {
        Some(near) => format!("{problem}; did you mean `{near}`?"),
        None => problem.to_owned(),
    }
}
