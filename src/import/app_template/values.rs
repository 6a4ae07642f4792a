//! The values of a release, of which nothing is passed over: what nobody takes is told.

use crate::yaml::{Map, Value};

/// A mapping of which keys are taken one by one.
#[derive(Debug, Clone)]
pub(super) struct Values {
    map: Map,
    path: String,
}

/// Why a release cannot be said as objects.
pub(super) type Problem = String;

impl Values {
    /// The values of a release of this name and namespace, where they are free of templates but for those two.
    pub(super) fn of(values: &Value, release: &str, namespace: &str) -> Result<Self, Problem> {
        let mut values = values.clone();
        fill(&mut values, "", &[(".Release.Name", release), (".Release.Namespace", namespace)])?;
        Self::new(Some(values), String::new())
    }

    fn new(value: Option<Value>, path: String) -> Result<Self, Problem> {
        match value {
            None => Ok(Self { map: Map::default(), path }),
            Some(Value::Map(map)) => Ok(Self { map, path }),
            Some(_) => Err(format!("`{path}` is no mapping")),
        }
    }

    fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Where these values stand.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Takes a value. The chart makes no difference between none and an empty one.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.map.remove(key).filter(|value| match value {
            Value::Null => false,
            Value::Str(text) => !text.is_empty(),
            Value::Seq(items) => !items.is_empty(),
            Value::Map(map) => !map.is_empty(),
            _ => true,
        })
    }

    /// Takes a mapping.
    pub(super) fn map(&mut self, key: &str) -> Result<Self, Problem> {
        let value = self.take(key);
        Self::new(value, self.at(key))
    }

    /// Takes a text, or a number or truth as one.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, Problem> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text)),
            Some(value @ (Value::Bool(_) | Value::Int(_) | Value::Float(_))) => {
                Ok(Some(value.to_string()))
            }
            Some(_) => Err(format!("`{}` is no text", self.at(key))),
        }
    }

    /// Takes a text that has to be there.
    pub(super) fn needs(&mut self, key: &str) -> Result<String, Problem> {
        self.text(key)?.ok_or_else(|| format!("`{}` is missing", self.at(key)))
    }

    /// Takes a switch.
    pub(super) fn flag(&mut self, key: &str, default: bool) -> Result<bool, Problem> {
        match self.map.remove(key) {
            None | Some(Value::Null) => Ok(default),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(format!("`{}` is neither `true` nor `false`", self.at(key))),
        }
    }

    /// Takes a list.
    pub(super) fn list(&mut self, key: &str) -> Result<Vec<Self>, Problem> {
        let path = self.at(key);
        match self.take(key) {
            None => Ok(Vec::new()),
            Some(Value::Seq(items)) => {
                let items = items.into_iter().enumerate();
                items.map(|(at, item)| Self::new(Some(item), format!("{path}[{at}]"))).collect()
            }
            Some(_) => Err(format!("`{path}` is no list")),
        }
    }

    /// Takes a mapping of mappings, in the order of their names, which is the chart's; without those that are not enabled.
    pub(super) fn enabled(&mut self, key: &str) -> Result<Vec<(String, Self)>, Problem> {
        let path = self.at(key);
        let Self { map, .. } = self.map(key)?;
        let mut all = Vec::new();
        for (name, value) in map.iter() {
            if *value == Value::Null {
                continue;
            }
            let mut one = Self::new(Some(value.clone()), format!("{path}.{name}"))?;
            if one.flag("enabled", true)? {
                all.push((name.to_owned(), one));
            }
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(all)
    }

    /// Adds what is not there or empty.
    pub(super) fn default(&mut self, defaults: &[(String, Value)]) {
        for (key, value) in defaults {
            let given = self.take(key);
            self.map.insert(key.clone(), given.unwrap_or_else(|| value.clone()));
        }
    }

    /// Takes everything that is left.
    pub(super) fn rest(self) -> Map {
        self.map
    }

    /// What is left is nothing that gen reads.
    pub(super) fn end(self) -> Result<(), Problem> {
        match self.map.keys().next() {
            None => Ok(()),
            Some(key) => Err(format!("gen does not read `{}`", self.at(key))),
        }
    }
}

/// Writes what a template stands for, where that is plain.
fn fill(value: &mut Value, path: &str, known: &[(&str, &str)]) -> Result<(), Problem> {
    match value {
        Value::Str(text) if text.contains("{{") => {
            *text = filled(text, known).ok_or_else(|| format!("`{path}` is a template"))?;
            Ok(())
        }
        Value::Seq(items) => {
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(at, item)| fill(item, &format!("{path}[{at}]"), known))
        }
        Value::Map(map) => map.iter_mut().try_for_each(|(key, value)| {
            let here = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            if key.contains("{{") {
                return Err(format!("`{here}` is a template"));
            }
            fill(value, &here, known)
        }),
        _ => Ok(()),
    }
}

fn filled(text: &str, known: &[(&str, &str)]) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}")?;
        let (_, value) = known.iter().find(|(name, _)| *name == inside.trim())?;
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_templates_are_filled() {
        let known = [(".Release.Name", "web")];
        assert_eq!(filled("a-{{ .Release.Name }}.x", &known).as_deref(), Some("a-web.x"));
        assert_eq!(
            filled("{{.Release.Name}}{{ .Release.Name }}", &known).as_deref(),
            Some("webweb")
        );
        for text in ["{{ .Values.x }}", "{{ .Release.Name", "{{- .Release.Name }}"] {
            assert_eq!(filled(text, &known), None, "{text}");
        }
    }

    #[test]
    fn what_nobody_takes_is_told() {
        let map = Value::from([("a", Value::from([("b", "x".into()), ("c", "y".into())]))]);
        let mut values = Values::of(&map, "web", "apps").unwrap();
        let mut inner = values.map("a").unwrap();
        assert_eq!(inner.text("b"), Ok(Some("x".to_owned())));
        assert_eq!(inner.end(), Err("gen does not read `a.c`".to_owned()));
        assert_eq!(values.end(), Ok(()));
    }
}
