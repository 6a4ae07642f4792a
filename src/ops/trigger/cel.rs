//! Tekton Triggers' CEL interceptor: the variables `body`, `header`, `extensions` and `requestURL`, CEL's string functions, and those
//! of its own functions that need no cluster (triggers v0.37, pkg/interceptors/cel).

use std::sync::Arc;

use cel::extractors::This;
use cel::{Context, Env, Program, Value as CelValue};
use serde_json::{Map, Value as Json, json};

use super::Event;
use super::interceptor::param;
use crate::yaml::Value;

/// The parser is recursive and asks for much stack; so that success depends neither on the caller's nor on the build, it gets its own.
const STACK: usize = 64 << 20;

/// Evaluates an interceptor: its filter must hold, its overlays become extensions.
pub(super) fn intercept(
    interceptor: &Value,
    event: &Event,
    extensions: &mut Map<String, Json>,
) -> Result<(), String> {
    let filter = param(interceptor, "filter").and_then(Value::as_str).map(str::to_owned);
    let overlays: Vec<(String, String)> = param(interceptor, "overlays")
        .and_then(Value::as_seq)
        .unwrap_or_default()
        .iter()
        .filter_map(|overlay| {
            let text = |key: &str| overlay.str_at(&[key]).map(str::to_owned);
            Some((text("key")?, text("expression")?))
        })
        .collect();
    let before = Json::Object(extensions.clone());
    let found = std::thread::scope(|scope| {
        let work = || evaluate_all(filter.as_deref(), &overlays, event, &before);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("cannot be evaluated: {error}"))?;
        thread.join().map_err(|_| "cannot be evaluated: the evaluator failed".to_owned())?
    })?;
    extensions.extend(found);
    Ok(())
}

fn evaluate_all(
    filter: Option<&str>,
    overlays: &[(String, String)],
    event: &Event,
    extensions: &Json,
) -> Result<Map<String, Json>, String> {
    if let Some(filter) = filter {
        // The whole decides; its parts only say why.
        match evaluate(filter, event, extensions) {
            Ok(Json::Bool(true)) => {}
            Ok(_) => return Err(why_not(filter, event, extensions)),
            Err(problem) => return Err(format!("the filter failed: {problem}")),
        }
    }
    let mut found = Map::new();
    for (key, expression) in overlays {
        let value = evaluate(expression, event, extensions)
            .map_err(|problem| format!("cannot take `{key}` from the event: {problem}"))?;
        found.insert(key.clone(), value);
    }
    Ok(found)
}

/// The first part of a filter that does not hold.
fn why_not(filter: &str, event: &Event, extensions: &Json) -> String {
    let parts = filter.split("\n&& ");
    let holds = |part: &&str| evaluate(part, event, extensions) == Ok(Json::Bool(true));
    match parts.into_iter().find(|part| !holds(part)) {
        Some(part) => format!("the filter rejects it: `{part}` is not true"),
        None => "the filter rejects it".to_owned(),
    }
}

fn evaluate(expression: &str, event: &Event, extensions: &Json) -> Result<Json, String> {
    let mut env = Env::stdlib();
    for extend in [cel::extensions::strings, cel::extensions::lists, cel::extensions::math] {
        extend(&mut env).map_err(|error| error.to_string())?;
    }
    let env = Arc::new(env);
    let program: Program = env.compile(expression).map_err(|error| error.to_string())?;
    let mut context = Context::with_env(env);
    let mut headers = Map::new();
    for (name, value) in &event.headers {
        let list = headers.entry(canonical(name)).or_insert_with(|| json!([]));
        if let Json::Array(list) = list {
            list.push(json!(value));
        }
    }
    let variables = [
        ("body", event.body.clone()),
        ("header", Json::Object(headers)),
        ("extensions", extensions.clone()),
        ("requestURL", json!("")),
    ];
    for (name, value) in variables {
        let value = cel::to_value(doubles(value)).map_err(|error| error.to_string())?;
        context.add_variable_from_value(name, value);
    }
    functions(&mut context).map_err(|error| error.to_string())?;
    let value = program.execute(&context).map_err(|error| error.to_string())?;
    value.json().map_err(|error| error.to_string())
}

/// Go decodes every number of JSON as a double.
fn doubles(value: Json) -> Json {
    match value {
        Json::Number(number) => number.as_f64().map_or(Json::Null, |number| json!(number)),
        Json::Array(items) => Json::Array(items.into_iter().map(doubles).collect()),
        Json::Object(map) => map.into_iter().map(|(key, value)| (key, doubles(value))).collect(),
        other => other,
    }
}

/// Triggers' own functions, but for `compareSecret`, which asks the cluster.
fn functions(context: &mut Context<'_, '_>) -> Result<(), cel::DeclarationError> {
    context.add_function("truncate", |This(text): This<Arc<String>>, length: i64| -> String {
        let length = usize::try_from(length).unwrap_or(0);
        text.chars().take(length).collect()
    })?;
    context.add_function(
        "canonical",
        |This(headers): This<CelValue>, name: Arc<String>| -> String { first(&headers, &name) },
    )?;
    context.add_function(
        "match",
        |This(headers): This<CelValue>, name: Arc<String>, value: Arc<String>| -> bool {
            first(&headers, &name) == *value
        },
    )
}

/// The first value of a header.
fn first(headers: &CelValue, name: &str) -> String {
    let headers = headers.json().unwrap_or(Json::Null);
    let found = headers.get(canonical(name)).and_then(|list| list.get(0)).and_then(Json::as_str);
    found.unwrap_or_default().to_owned()
}

/// A header's name as Go's textproto writes it: `X-Github-Event`.
fn canonical(name: &str) -> String {
    let part = |part: &str| -> String {
        let mut letters = part.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect()
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}
