//! No value changes the structure, whatever it holds.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use proptest::prelude::*;

use super::{Fixture, one};
use crate::yaml;

/// One value in every kind of place.
const EVERYWHERE: &str = "\
# {{ v }}
plain: {{ v }}
single: '{{ v }}'
double: \"{{ v }}\"
joined: a{{ v }}b
twice: {{ v }}{{ v }}
literal: |-
  a {{ v }} b
folded: >-
  a {{ v }} b
flow: [{{ v }}, '{{ v }}', {k: {{ v }}}]
k-{{ v }}: key
'q-{{ v }}': quoted key
list:
  - {{ v }}
  - - {{ v }}
{% macro m(x) %}{{ x }}{% endmacro %}
macro: {{ m(v) }}
{% set c %}
deep:
  deeper: {{ v }}
{% endset %}
captured:
  {{ c|indent(2) }}
{% for x in [v, v] %}
loop{{ loop.index }}: {{ x }}
{% endfor %}
concat: {{ '-' ~ v }}
beside: {{ m(v) ~ v }}
map: {{ {'k': v} }}
last: end
";

fn expected(v: &str) -> yaml::Value {
    let s = |text: &str| yaml::Value::from(text);
    let map = |entries: Vec<(&str, yaml::Value)>| {
        let mut map = yaml::Map::default();
        for (key, value) in entries {
            map.push(key, value);
        }
        yaml::Value::Map(map)
    };
    map(vec![
        ("plain", s(v)),
        ("single", s(v)),
        ("double", s(v)),
        ("joined", s(&format!("a{v}b"))),
        ("twice", s(&format!("{v}{v}"))),
        ("literal", s(&format!("a {v} b"))),
        ("folded", s(&format!("a {v} b"))),
        ("flow", yaml::Value::Seq(vec![s(v), s(v), map(vec![("k", s(v))])])),
        (&format!("k-{v}"), s("key")),
        (&format!("q-{v}"), s("quoted key")),
        ("list", yaml::Value::Seq(vec![s(v), yaml::Value::Seq(vec![s(v)])])),
        ("macro", s(v)),
        ("captured", map(vec![("deep", map(vec![("deeper", s(v))]))])),
        ("loop1", s(v)),
        ("loop2", s(v)),
        ("concat", s(&format!("-{v}"))),
        ("beside", s(&format!("{v}{v}"))),
        ("map", map(vec![("k", s(v))])),
        ("last", s("end")),
    ])
}

const HOSTILE: &[&str] = &[
    "",
    " ",
    "\n",
    "\n\n",
    "a\nb: c\n",
    "\n---\nkind: Secret\n",
    "---",
    "...",
    "{{ v }}",
    "}}",
    "{{",
    "{% raw %}",
    "#}",
    "\u{E000}0\u{E001}",
    "\u{E000}1\u{E001}\u{E000}99999999999999999999\u{E001}",
    "\u{E001}\u{E000}",
    "\u{E000}",
    "$(touch x)",
    "${HOME}",
    "'",
    "\"",
    "''\"\"",
    "\\",
    "\\ue000",
    "# no comment",
    "a # no comment",
    "&a",
    "*a",
    "!t",
    "!!binary x",
    "%YAML 1.1",
    "? x",
    "- x",
    "a: b",
    "[",
    "]",
    "{a: b}",
    "|",
    ">-",
    "@",
    "`",
    "null",
    "~",
    "true",
    "yes",
    "012",
    "1e3",
    "<<",
    "=",
    "\0",
    "a\0b",
    "\u{FEFF}",
    "\u{FEFF}a",
    "\u{85}",
    "\u{2028}",
    "\u{7f}",
    "\u{1b}[31m",
    "\t",
    "\ta: b",
    "a\r\nb",
    "\r",
    "<script>&amp;</script>",
    "é\u{301}\u{202e}",
    "\u{10FFFF}",
    "\u{FFFE}",
];

#[test]
fn hostile_values_stay_what_they_are() {
    for value in HOSTILE {
        assert_eq!(one(EVERYWHERE, &context! { v => *value }), expected(value), "{value:?}");
    }
    let long = "x: [\n".repeat(200_000);
    assert_eq!(
        one("a: {{ v }}\nb: |\n  {{ v }}\n", &context! { v => long.as_str() }).at(&["a"]),
        Some(&yaml::Value::Str(long))
    );
}

#[test]
fn hostile_keys_and_structures_stay_what_they_are() {
    for value in HOSTILE {
        let inner = BTreeMap::from([(*value, vec![*value])]);
        let context = context! { v => inner };
        let document = one("a: {{ v }}\nb: 1\n", &context);
        let found = document.at(&["a", value]);
        assert_eq!(found, Some(&yaml::Value::Seq(vec![yaml::Value::from(*value)])), "{value:?}");
        assert_eq!(document.as_map().map(yaml::Map::len), Some(2));
    }
}

proptest! {
    #[test]
    fn any_text_anywhere_comes_out_unchanged(v in any::<String>()) {
        prop_assert_eq!(one(EVERYWHERE, &context! { v => v.as_str() }), expected(&v));
    }

    #[test]
    fn texts_made_of_yaml_and_markers_come_out_unchanged(
        v in "([-:#&*!|>'\"%@`{}\\[\\], \n\t\\\\a0\u{E000}\u{E001}\u{85}]|---\n){0,12}"
    ) {
        prop_assert_eq!(one(EVERYWHERE, &context! { v => v.as_str() }), expected(&v));
    }

    #[test]
    fn block_scalars_hold_any_text_up_to_their_end(v in any::<String>()) {
        let document = one("clip: |\n  {{ v }}\nstrip: |-\n  {{ v }}\nkeep: |+\n  {{ v }}\nlast: 1\n", &context! { v => v.as_str() });
        let body = v.trim_end_matches('\n');
        let clipped = if body.is_empty() { String::new() } else { format!("{body}\n") };
        prop_assert_eq!(document.str_at(&["clip"]), Some(clipped.as_str()));
        prop_assert_eq!(document.str_at(&["strip"]), Some(body));
        let kept = format!("{v}\n");
        prop_assert_eq!(document.str_at(&["keep"]), Some(kept.as_str()));
    }

    /// A random tree as a value: only its own place holds it, and it is the same tree.
    #[test]
    fn any_tree_is_a_value(tree in tree()) {
        let context = context! { v => Value::from(&tree) };
        let document = one("a: {{ v }}\nb: [x, {{ v }}]\n", &context);
        prop_assert_eq!(document.get("a"), Some(&tree));
        prop_assert_eq!(document.get("b"), Some(&yaml::Value::Seq(vec![yaml::Value::from("x"), tree])));
    }

    /// Any text as a template: an error or documents, never a panic.
    #[test]
    fn any_template_ends(text in "(\\{\\{ ?v ?\\}\\}|\\{% ?(if|for x in|set x|endif|endfor|endset|macro m\\(\\)|endmacro) ?v? ?%\\}|[-:#&*!|>'\" \na%{}\\[\\]\u{E000}0\u{E001}]){0,24}") {
        let _ = Fixture::new(&[("t", &text)]).render(&context! { v => "x" });
    }
}

fn tree() -> impl Strategy<Value = yaml::Value> {
    let leaf = prop_oneof![
        Just(yaml::Value::Null),
        any::<bool>().prop_map(yaml::Value::Bool),
        any::<i64>().prop_map(yaml::Value::Int),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(yaml::Value::Float),
        any::<String>().prop_map(yaml::Value::Str),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(yaml::Value::Seq),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|entries| yaml::Value::Map(entries.into_iter().collect())),
        ]
    })
}

/// The positive control: the same templates with the values put into the text, as other generators do it. If this
/// passed, the tests above would prove nothing.
#[test]
fn the_tests_would_notice_values_in_the_text() {
    let raw = |v: &str| {
        let mut environment = minijinja::Environment::new();
        environment.set_syntax(super::super::syntax::syntax());
        let text = environment.render_str(EVERYWHERE, context! { v => v }).expect("renders");
        let file = crate::diagnostics::Sources::default().add("t", text.as_str());
        yaml::read_documents(file, &text, yaml::Limits::default())
    };
    let is_unchanged = |v: &str| match raw(v) {
        Ok(documents) => documents.len() == 1 && documents[0].to_value() == expected(v),
        Err(_) => false,
    };
    assert!(is_unchanged("harmless"));
    let changed = HOSTILE.iter().filter(|v| !is_unchanged(v)).count();
    assert!(changed * 2 > HOSTILE.len(), "{changed} of {}", HOSTILE.len());
    let document = raw("x\ninjected: true\nrest: y");
    assert!(document.is_err() || document.is_ok_and(|d| d[0].get("injected").is_some()));
}
