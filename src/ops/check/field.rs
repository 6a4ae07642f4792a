//! The field that a finding is about, as `ops::blame` traces fields.

use crate::change::{FieldPath, Step};
use crate::yaml::Value;

/// The path of a field as findings write it, `spec.containers[0].image`, with the name in place of a number where the item has one; and its
/// value, if it is no list or mapping.
pub(super) fn field(object: &Value, field: &str) -> Option<(FieldPath, serde_json::Value)> {
    let (mut value, mut steps) = (object, Vec::new());
    for part in field.split('.') {
        let (key, rest) =
            part.split_once('[').map_or((part, None), |(key, rest)| (key, Some(rest)));
        value = value.get(key)?;
        steps.push(Step::Key(key.to_owned()));
        for index in rest.into_iter().flat_map(|rest| rest.split('[')) {
            value = value.as_seq()?.get(index.strip_suffix(']')?.parse::<usize>().ok()?)?;
            if let Some(name) = value.str_at(&["name"]) {
                steps.push(Step::Item { key: "name", value: name.to_owned() });
            }
        }
    }
    let value = match value {
        Value::Str(text) => serde_json::Value::from(text.as_str()),
        Value::Int(_) => serde_json::Value::from(value.as_int()?),
        Value::Bool(value) => serde_json::Value::from(*value),
        _ => return None,
    };
    Some((FieldPath(steps), value))
}

#[cfg(test)]
mod tests {
    use super::field;
    use crate::kubernetes::documents;

    #[test]
    fn names_stand_for_numbers() {
        let text =
            "spec: {containers: [{name: web, image: nginx}, {env: [{name: LEVEL, value: debug}]}]}";
        let object = documents(text).expect("it is YAML").remove(0);
        let read = |path: &str| {
            field(&object, path).map(|(path, value)| (path.to_string(), value.to_string()))
        };
        let is = |path: &str, value: &str| Some((path.to_owned(), value.to_owned()));
        assert_eq!(read("spec.containers[0].image"), is("spec.containers[web].image", "\"nginx\""));
        assert_eq!(
            read("spec.containers[1].env[0].value"),
            is("spec.containers.env[LEVEL].value", "\"debug\"")
        );
        for none in ["", "spec.containers", "spec.containers[2].image", "spec.containers[x]", "a.b"]
        {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
