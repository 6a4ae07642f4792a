//! What is written is read back as the same value, by gen's own reader and by libyaml.

mod hostile;

use gitops_gen::diagnostics::FileId;
use gitops_gen::yaml::{Limits, Map, Value, emit_document, emit_into, read_documents};
use proptest::prelude::*;

/// What libyaml's parser and serde's rules make of a text.
fn by_libyaml(text: &str) -> Result<Value, String> {
    fn plain(value: serde_yaml::Value) -> Result<Value, String> {
        Ok(match value {
            serde_yaml::Value::Null => Value::Null,
            serde_yaml::Value::Bool(value) => Value::Bool(value),
            serde_yaml::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Value::Int(whole),
                (None, Some(float)) => Value::Float(float),
                (None, None) => return Err(format!("the number {number}")),
            },
            serde_yaml::Value::String(text) => Value::Str(text),
            serde_yaml::Value::Sequence(items) => {
                Value::Seq(items.into_iter().map(plain).collect::<Result<_, _>>()?)
            }
            serde_yaml::Value::Mapping(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for (key, value) in entries {
                    let serde_yaml::Value::String(key) = key else {
                        return Err(format!("the key {key:?}"));
                    };
                    map.push(key, plain(value)?);
                }
                Value::Map(map)
            }
            serde_yaml::Value::Tagged(tagged) => return Err(format!("the tag {}", tagged.tag)),
        })
    }
    plain(serde_yaml::from_str(text).map_err(|error| error.to_string())?)
}

fn by_gen(text: &str) -> Result<Vec<Value>, String> {
    let nodes = read_documents(FileId::BUILT_IN, text, Limits::default())
        .map_err(|problems| problems.to_string())?;
    Ok(nodes.iter().map(gitops_gen::yaml::Node::to_value).collect())
}

fn keys(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Seq(items) => items.iter().for_each(|item| keys(item, out)),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                out.push(key.to_owned());
                keys(value, out);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_reader_here_reads_what_was_written(value in hostile::value()) {
        let text = emit_document(&value);
        let read = by_libyaml(&text);
        prop_assert_eq!(read.as_ref(), Ok(&value), "libyaml\n{}", text);
        let read = by_gen(&text);
        prop_assert_eq!(read.as_deref(), Ok(std::slice::from_ref(&value)), "gen\n{}", text);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        keys(&value, &mut before);
        keys(&read.unwrap_or_default()[0], &mut after);
        prop_assert_eq!(before, after, "the order of keys");
    }

    #[test]
    fn writing_again_changes_nothing(value in hostile::object()) {
        let text = emit_document(&value);
        let again = by_gen(&text).map(|read| read.iter().map(emit_document).collect::<String>());
        prop_assert_eq!(again, Ok(text));
    }

    #[test]
    fn a_stream_is_read_as_its_documents(values in prop::collection::vec(hostile::object(), 1..4)) {
        let mut text = String::new();
        for value in &values {
            text.push_str("---\n");
            emit_into(&mut text, value);
        }
        prop_assert_eq!(by_gen(&text), Ok(values), "{}", text);
    }

    #[test]
    fn a_file_shows_everything_that_it_says(value in hostile::value()) {
        let text = emit_document(&value);
        prop_assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
        let hidden = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c,
            '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{202e}' | '\u{2066}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}');
        prop_assert!(!text.contains(hidden), "{:?}", text);
    }
}

#[test]
fn every_ambiguous_text_is_read_back_as_key_and_value() {
    for text in hostile::AMBIGUOUS {
        let value = Value::from([(*text, Value::from(vec![Value::from(*text)]))]);
        let document = emit_document(&value);
        assert_eq!(by_libyaml(&document).as_ref(), Ok(&value), "{document}");
        assert_eq!(by_gen(&document), Ok(vec![value]), "{document}");
    }
}

/// The length at which readers stop to look for a colon, from both sides, in every position and width of characters.
#[test]
fn keys_of_any_length_are_read_back() {
    for piece in ["k", "é", "世", "👋", "\u{1}", "\"", "k: "] {
        for length in (240..=345).chain(495..=515).chain(985..=1_030) {
            let key = piece.repeat(length);
            let inner = || Value::from([(key.as_str(), Value::from(1_i64))]);
            let list = Value::from(vec![inner(), Value::from(vec![inner()])]);
            for value in [inner(), list.clone(), Value::from([(key.as_str(), inner())])] {
                let document = emit_document(&value);
                assert_eq!(by_libyaml(&document).as_ref(), Ok(&value), "{length} {piece}");
                assert_eq!(by_gen(&document), Ok(vec![value]), "{length} {piece}");
            }
            let value = Value::from([(key.as_str(), list)]);
            let document = emit_document(&value);
            assert_eq!(by_libyaml(&document).as_ref(), Ok(&value), "{length} {piece}");
            assert_eq!(by_gen(&document), Ok(vec![value]), "{length} {piece}");
        }
    }
}
