//! Keys that are fields of an object as they are.

use super::decoder::Decoder;
use crate::diagnostics::{Span, SpecError};
use crate::kubernetes::definitions::{Definitions, Misfit, check};
use crate::yaml::Value;

/// Refuses the value of a field of an object's `spec` that the API server would.
pub(super) fn refuse_misfits(
    d: &mut Decoder<'_>,
    span: Span,
    (api, kind): (&str, &str),
    key: &str,
    value: &Value,
) {
    let Some(known) = Definitions::built_in().kind(api, kind) else { return };
    let spec = Value::from([(key, value.clone())]);
    let whole = Value::from([("apiVersion", api.into()), ("kind", kind.into()), ("spec", spec)]);
    let place = format!("spec.{key}");
    for Misfit { path, what } in check(known, &whole) {
        if path.starts_with(&place) {
            let (object, problem) = (format!("{kind} `{}`", d.name), format!("`{path}` {what}"));
            d.error(span, SpecError::BadObject { object, problem });
        }
    }
}
