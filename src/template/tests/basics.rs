//! The rules of values beside text, one test each.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::{Fixture, json, one};
use crate::diagnostics::Span;
use crate::yaml;

#[test]
fn a_plain_scalar_takes_the_value_with_its_type() {
    let context = context! { n => 3, f => 1.5, t => true, s => "3", l => vec![1, 2], z => (), m => context!{ b => 1, a => 2 } };
    let template =
        "n: {{ n }}\nf: {{ f }}\nt: {{ t }}\ns: {{ s }}\nl: {{ l }}\nz: {{ z }}\nm: {{ m }}\n";
    assert_eq!(
        json(template, &context),
        r#"{"n":3,"f":1.5,"t":true,"s":"3","l":[1,2],"z":null,"m":{"b":1,"a":2}}"#
    );
}

#[test]
fn a_quoted_scalar_is_always_a_text() {
    let context = context! { n => 3, t => true, f => 2.0 };
    let template = "n: '{{ n }}'\nt: \"{{ t }}\"\nf: '{{ f }}'\n";
    assert_eq!(json(template, &context), r#"{"n":"3","t":"true","f":"2.0"}"#);
}

#[test]
fn among_text_values_are_joined() {
    let context = context! { host => "db", port => 5432, tls => false };
    let template = "url: pg://{{ host }}:{{ port }}?tls={{ tls }}\ntwo: {{ host }}{{ port }}\n";
    assert_eq!(json(template, &context), r#"{"url":"pg://db:5432?tls=false","two":"db5432"}"#);
}

#[test]
fn a_joined_text_stays_a_text_where_it_looks_like_a_number() {
    assert_eq!(json("a: {{ x }}{{ y }}\n", &context! { x => 1, y => 2 }), r#"{"a":"12"}"#);
    assert_eq!(json("a: {{ x }}\n", &context! { x => "null" }), r#"{"a":"null"}"#);
}

#[test]
fn a_block_scalar_decides_its_final_line_break() {
    for (indicator, value, expected) in [
        ("|", "a\nb", "a\nb\n"),
        ("|", "a\nb\n", "a\nb\n"),
        ("|", "a\n\n\n", "a\n"),
        ("|", "", ""),
        ("|-", "a\nb\n\n", "a\nb"),
        ("|+", "a\n", "a\n\n"),
        ("|+ # | comment", "a\n", "a\n\n"),
        ("| # |+ comment", "a\n", "a\n"),
        ("|2+\n\n", "a", "\n\na\n"),
        ("|2-", "a\n", "a"),
        ("|-2", "a\n", "a"),
        (">", "a\nb\n", "a\nb\n"),
        (">-", "a\nb\n", "a\nb"),
    ] {
        let value = context! { v => value };
        let template = format!("k: {indicator}\n  {{{{ v }}}}\nnext: 1\n");
        assert_eq!(
            one(&template, &value).get("k"),
            Some(&yaml::Value::from(expected)),
            "{indicator} {value:?}"
        );
    }
}

#[test]
fn a_block_scalar_keeps_the_lines_and_the_margin_of_a_value() {
    let context = context! { v => "if x:\n    y\n\n  # z\n" };
    let template = "k: |\n  begin\n  {{ v }}\n  end {{ v }}\n";
    assert_eq!(
        one(template, &context).str_at(&["k"]),
        Some("begin\nif x:\n    y\n\n  # z\n\nend if x:\n    y\n\n  # z\n")
    );
}

#[test]
fn keys_are_texts() {
    let context = context! { k => "a: b", n => 80 };
    let template = "{{ k }}: 1\nport-{{ n }}: 2\n\"{{ n }}\": 3\n? {{ k }}x\n: 4\n";
    assert_eq!(json(template, &context), r#"{"a: b":1,"port-80":2,"80":3,"a: bx":4}"#);
}

#[test]
fn comments_are_dropped_with_their_values() {
    let context = context! { x => "\n- injected", y => 1 };
    let template = "# {{ x }}\na: 1 # {{ x }}\nb: '#'' {{ y }}' # {{ x }}\nc: |\n  # {{ x }}\n";
    let expected = r##"{"a":1,"b":"#' 1","c":"# \n- injected\n"}"##;
    assert_eq!(json(template, &context), expected);
}

#[test]
fn flow_collections_and_anchors_take_values() {
    let context = context! { a => "x, y", b => vec![1] };
    let template = "l: [{{ a }}, {{ b }}]\nm: {k: {{ a }}}\nn: &n {v: {{ a }}}\no: *n\n";
    assert_eq!(
        json(template, &context),
        r#"{"l":["x, y",[1]],"m":{"k":"x, y"},"n":{"v":"x, y"},"o":{"v":"x, y"}}"#
    );
}

#[test]
fn a_stream_gives_its_documents_without_the_empty_ones() {
    let template =
        "---\n{% for n in l %}\n---\nn: {{ n }}\n{% endfor %}\n---\n# nothing\n---\n{{ none_ }}\n";
    let fixture = Fixture::new(&[("t.yaml", template)]);
    let context = context! { l => vec![1, 2], none_ => () };
    let documents = fixture.render(&context).expect("renders");
    let shown: Vec<String> = documents.iter().map(ToString::to_string).collect();
    assert_eq!(shown, [r#"{"n":1}"#, r#"{"n":2}"#]);
    let nothing = Fixture::new(&[("t.yaml", "{% if false %}a: 1{% endif %}\n")]);
    assert_eq!(nothing.render(&context), Ok(vec![]));
}

#[test]
fn statements_on_their_own_lines_leave_no_trace() {
    let template = "a:\n  {% for x in l %}\n  - {{ x }}\n  {% endfor %}\n{% if l %}\nb: 1\n{% endif %}\nc: 2\n";
    assert_eq!(json(template, &context! { l => vec!["x"] }), r#"{"a":["x"],"b":1,"c":2}"#);
}

#[test]
fn a_choice_without_else_prints_nothing() {
    let template = "a: x{{ '-y' if no }}\nb: '{{ 1 if no }}'\nc: {{ 1 if no }}\n";
    assert_eq!(json(template, &context! { no => false }), r#"{"a":"x","b":"","c":null}"#);
}

#[test]
fn undefined_is_fine_only_where_it_is_asked_for() {
    let template = "a: {{ x|default('d') }}\n{% if x is defined %}\nb: 1\n{% endif %}\n{% if m.y is undefined %}\nc: 1\n{% endif %}\n";
    assert_eq!(json(template, &context! { m => context!{} }), r#"{"a":"d","c":1}"#);
}

#[test]
fn macros_includes_and_inheritance_work() {
    let files = [
        (
            "t.yaml",
            "{% extends 'base.yaml' %}\n{% from 'lib.yaml' import labels %}\n{% import 'lib.yaml' as lib %}\n{% block body %}\n{{ super() }}\nlabels:\n  {{ labels(app)|indent(2) }}\nport: {{ lib.port(8080) }}\n{% endblock %}\n",
        ),
        (
            "base.yaml",
            "kind: {{ kind }}\n{% block body %}\nbase: {{ app }}\n{% endblock %}\n{% include 'tail.yaml' %}\nlast: 1\n",
        ),
        ("tail.yaml", "tail: {{ app }}"),
        (
            "lib.yaml",
            "{% macro labels(name) %}\napp: {{ name }}\nn: '{{ name }}'\n{% endmacro %}\n{% macro port(p) %}{{ p }}{% endmacro %}\n",
        ),
    ];
    let mut files = files;
    files[2].1 = "tail: {{ app }}\n";
    let documents =
        Fixture::new(&files).render(&context! { app => "a: b", kind => "K" }).expect("renders");
    assert_eq!(
        documents[0].to_string(),
        r#"{"kind":"K","base":"a: b","labels":{"app":"a: b","n":"a: b"},"port":8080,"tail":"a: b","last":1}"#
    );
}

#[test]
fn gen_adds_a_few_filters() {
    let context = context! { m => context!{ b => true, a => vec![1.0] }, t => true, s => "x", l => vec![Value::from(true), Value::from(2)] };
    let template = "j: {{ m|tojson }}\nh: {{ s|sha256 }}\ns: {{ t|string }}\nl: {{ l|join(',') }}\nf: --x={{ t }}\n";
    assert_eq!(
        json(template, &context),
        r#"{"j":"{\"a\":[1.0],\"b\":true}","h":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","s":"true","l":"true,2","f":"--x=true"}"#
    );
}

#[test]
fn indent_keeps_the_last_line_break() {
    let template = "spec:\n{% filter indent(2, first=true) %}\na: {{ x }}\nb:\n  - 1\n{% endfilter %}\nnext: 1\n";
    assert_eq!(
        json(template, &context! { x => "1\n2" }),
        r#"{"spec":{"a":"1\n2","b":[1]},"next":1}"#
    );
}

#[test]
fn maps_keep_the_order_in_which_they_were_made() {
    #[derive(serde::Serialize)]
    struct Spec {
        zeta: u8,
        alpha: BTreeMap<&'static str, u8>,
    }
    let spec = Spec { zeta: 1, alpha: BTreeMap::from([("b", 1), ("a", 2)]) };
    let context = context! { spec => Value::from(Serde(&spec)) };
    let template = "a: {{ spec }}\nb: {{ {'z': 1, 'a': 2} }}\nc:\n{% for k, v in spec|items %}\n  - {{ k }}\n{% endfor %}\n";
    assert_eq!(
        json(template, &context),
        r#"{"a":{"zeta":1,"alpha":{"a":2,"b":1}},"b":{"z":1,"a":2},"c":["zeta","alpha"]}"#
    );
}

#[test]
fn plain_values_go_there_and_back() {
    let text = r#"{"z":[null,true,-1,1.5,"x",{"b":{},"a":[]}],"a":9223372036854775807}"#;
    let value = yaml::Value::from(serde_json::from_str::<serde_json::Value>(text).expect("JSON"));
    let there = Value::from(&value);
    assert_eq!(json("{{ v }}\n", &context! { v => there }), text);
}

#[test]
fn patterns_are_small_texts() {
    let engine = Fixture::new(&[]).engine().expect("no templates");
    let context = context! { app => "shop", n => 2, list => vec![1] };
    let pattern = |text| engine.pattern(text, Span::BUILT_IN, &context);
    assert_eq!(pattern("{{ app }}-dev"), Ok("shop-dev".to_owned()));
    assert_eq!(pattern("plain: # text\n"), Ok("plain: # text\n".to_owned()));
    assert_eq!(pattern("{{ app|upper }}{{ n }}{{ n == 2 }}"), Ok("SHOP2true".to_owned()));
    for wrong in [
        "{{ other }}",
        "{{ app",
        "{{ list }}",
        "{% include 't.yaml' %}",
        "\u{E000}0\u{E001}",
        "{{ 1|safe }}",
    ] {
        assert!(pattern(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_engine_is_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let fixture = Fixture::new(&[("t.yaml", "a: {{ n }}\nb: {{ n }}x\n")]);
    let engine = fixture.engine().expect("parses");
    shared(&engine);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let engine = &engine;
            scope.spawn(move || {
                for n in 0..200 {
                    let n = n * 4 + thread;
                    let documents = engine.render("t.yaml", &context! { n }).expect("renders");
                    let expected = format!(r#"{{"a":{n},"b":"{n}x"}}"#);
                    assert_eq!(documents[0].to_string(), expected);
                }
            });
        }
    });
}
