//! Captured text: what may be done with it, what may not, and that nothing slips through silently.

use minijinja::{Value, context};

use super::{Fixture, json};
use crate::diagnostics::Diagnostics;

/// A macro `m`, and captured text in `c` that holds a value and in `d` that holds none.
const HEAD: &str = "{% macro m(x) %}<{{ x }}>{% endmacro %}\n{% set c %}[{{ v }}]{% endset %}\n{% set d %}text{% endset %}\n";

fn context() -> Value {
    context! { v => "x\n- y: 'z", w => "a\n- b", l => vec![1], t => true, o => context!{ k => 1 } }
}

fn try_render(body: &str) -> Result<String, Diagnostics> {
    let text = format!("{HEAD}{body}\n");
    let documents = Fixture::new(&[("t.yaml", &text), ("u.yaml", "")]).render(&context())?;
    Ok(documents[0].to_string())
}

#[test]
fn what_is_right() {
    let v = r"x\n- y: 'z";
    let w = r"a\n- b";
    for (body, expected) in [
        ("a: {{ c }}", format!(r#"{{"a":["{v}"]}}"#)),
        ("a: '{{ c }}'", format!(r#"{{"a":"[{v}]"}}"#)),
        ("a: {{ m(v) }}", format!(r#"{{"a":"<{v}>"}}"#)),
        ("a: {{ m(x=v) }}", format!(r#"{{"a":"<{v}>"}}"#)),
        ("a: {{ m(c) }}", format!(r#"{{"a":"<[{v}]>"}}"#)),
        ("a: {{ m(m(m(v))) }}", format!(r#"{{"a":"<<<{v}>>>"}}"#)),
        ("a: x{{ c ~ w ~ c }}", format!(r#"{{"a":"x[{v}]{w}[{v}]"}}"#)),
        ("a: x{{ w ~ c }}", format!(r#"{{"a":"x{w}[{v}]"}}"#)),
        // Of one side of a sum it must be seen that it is not a list.
        ("a: x{{ c + 'w' }}", format!(r#"{{"a":"x[{v}]w"}}"#)),
        ("a: x{{ c ~ t ~ 1.5 }}", format!(r#"{{"a":"x[{v}]true1.5"}}"#)),
        ("a: {{ c if t else d }}", format!(r#"{{"a":["{v}"]}}"#)),
        ("{% set e = c %}{% set f = e %}a: {{ f }}", format!(r#"{{"a":["{v}"]}}"#)),
        ("{% with e = c %}a: {{ e }}{% endwith %}", format!(r#"{{"a":["{v}"]}}"#)),
        (
            "{% set e | indent(2) %}\na: 1\nb: {{ v }}\n{% endset %}\nk:\n  {{ e }}",
            format!(r#"{{"k":{{"a":1,"b":"{v}"}}}}"#),
        ),
        ("{% filter trim %}  a: {{ v }}  {% endfilter %}", format!(r#"{{"a":"{v}"}}"#)),
        ("a: x{{ (c ~ '')|trim }}", format!(r#"{{"a":"x[{v}]"}}"#)),
        (
            "{% macro k() %}k: {{ caller() }}{% endmacro %}{% call k() %}{{ v }}{% endcall %}",
            format!(r#"{{"k":"{v}"}}"#),
        ),
        (
            "{% macro k() %}k: {{ caller(v) }}{% endmacro %}{% call(y) k() %}{{ y }}{% endcall %}",
            format!(r#"{{"k":"{v}"}}"#),
        ),
        ("a: {{ 'yes' if c is defined }}", r#"{"a":"yes"}"#.to_owned()),
        (
            "{% set n = namespace(s=v) %}{% set n.s = n.s ~ w %}a: {{ n.s }}",
            format!(r#"{{"a":"{v}{w}"}}"#),
        ),
        ("{% set f = m %}a: {{ f(v) }}", format!(r#"{{"a":"<{v}>"}}"#)),
        ("{% set range = m %}a: {{ range(v) }}", format!(r#"{{"a":"<{v}>"}}"#)),
        (
            "k:{% for x in [[1, [[v, []]]]] recursive %} {{ x[0] }}{{ loop(x[1]) if x[1] }}{% endfor %}",
            format!(r#"{{"k":"1 {v}"}}"#),
        ),
    ] {
        match try_render(body) {
            Ok(found) => assert_eq!(found, expected, "{body}"),
            Err(problems) => panic!("{body}: {problems}"),
        }
    }
}

/// What would look at the markers, and the error that says so.
const OPERATORS: &[(&str, &str)] = &[
    ("a: {{ c == 'x' }}", "GEN0519"),
    ("a: {{ 'x' != m(v) }}", "GEN0519"),
    ("a: {{ 'a' < c < 'b' }}", "GEN0519"),
    ("a: {{ 'x' in c }}", "GEN0519"),
    ("a: {{ c in ['x'] }}", "GEN0519"),
    ("a: {{ c not in ['x'] }}", "GEN0519"),
    ("a: {{ c * 2 }}", "GEN0519"),
    ("a: {{ c % 2 }}", "GEN0519"),
    ("a: {{ -c }}", "GEN0519"),
    ("a: {{ not c }}", "GEN0519"),
    ("a: {{ c or 'x' }}", "GEN0519"),
    ("a: {{ c and 'x' }}", "GEN0519"),
    ("a: {{ (v or c) == 'x' }}", "GEN0519"),
    ("a: {{ (c ~ 'x') == 'x' }}", "GEN0519"),
    ("a: {{ (c if t else v) == 'x' }}", "GEN0519"),
    ("a: {{ 1 if c }}", "GEN0519"),
    ("{% if c %}a: 1{% endif %}", "GEN0519"),
    ("{% if t and m(v) == 'x' %}a: 1{% endif %}", "GEN0519"),
];

const PLACES: &[(&str, &str)] = &[
    ("a: {{ c[0] }}", "GEN0519"),
    ("a: {{ c[1:] }}", "GEN0519"),
    ("a: {{ v[c:] }}", "GEN0519"),
    ("a: {{ o[c] }}", "GEN0519"),
    ("a: {{ c.k }}", "GEN0519"),
    ("a: {{ m(v).k }}", "GEN0519"),
    ("a: {{ [c] }}", "GEN0519"),
    ("a: {{ (c, 1) }}", "GEN0519"),
    ("a: {{ {c: 1} }}", "GEN0519"),
    ("a: {{ {'k': c} }}", "GEN0519"),
    ("a: {{ [c] ~ '' }}", "GEN0519"),
    ("a: {{ dict(k=c) }}", "GEN0519"),
    ("a: {{ range(c) }}", "GEN0519"),
    ("a: {{ fail(c) }}", "GEN0519"),
    ("{% for x in c %}{{ x }}{% endfor %}", "GEN0519"),
    ("{% for x in l if c %}{{ x }}{% endfor %}", "GEN0519"),
    ("{% set a, b = c %}", "GEN0519"),
    ("{% set n = namespace() %}{% set n.x = c %}", "GEN0519"),
    ("{% set n = namespace(x=c) %}", "GEN0519"),
    ("{% set n = namespace() %}{% set n.x %}{{ v }}{% endset %}", "GEN0519"),
    ("{% include c %}", "GEN0519"),
    ("{% extends c %}", "GEN0519"),
    ("{% import c as x %}", "GEN0519"),
    ("{% from c import x %}", "GEN0519"),
    ("a: {{ c() }}", "GEN0513"),
    ("{% for x in l %}{{ loop.changed(c) }}{% endfor %}", "GEN0519"),
    ("{% for x in l recursive %}{{ loop(c) }}{% endfor %}", "GEN0519"),
];

const NAMES: &[(&str, &str)] = &[
    ("{% set e = c %}{% set f = e %}{% if f == 1 %}{% endif %}", "GEN0519"),
    ("{% if late == 1 %}{% endif %}{% set late = m(v) %}", "GEN0519"),
    ("{% with e = c %}{{ e == 1 }}{% endwith %}", "GEN0519"),
    ("{% macro k(x, y=c) %}{{ y == 1 }}{% endmacro %}", "GEN0519"),
    ("{% macro k(x, y) %}{{ y == 1 }}{% endmacro %}{{ k(1, c) }}", "GEN0519"),
    ("{% macro k(x, y) %}{{ y == 1 }}{% endmacro %}{{ k(1, y=c) }}", "GEN0519"),
    ("{% macro k(x, y) %}{{ y == 1 }}{% endmacro %}{{ k(*l, c) }}", "GEN0519"),
    ("{% macro k(y) %}{{ y == 1 }}{% endmacro %}{% set f = k %}{{ f(c) }}", "GEN0519"),
    ("{% macro k(y) %}{{ y == 1 }}{% endmacro %}{{ [k][0](c) }}", "GEN0519"),
    ("{% macro k() %}{{ caller() == 1 }}{% endmacro %}{% call k() %}{% endcall %}", "GEN0519"),
    (
        "{% macro k() %}{{ caller(c) }}{% endmacro %}{% call(y) k() %}{{ y == 1 }}{% endcall %}",
        "GEN0519",
    ),
    ("{% block b %}{% endblock %}{{ self.b() == 1 }}", "GEN0519"),
    ("{% block b %}{{ super() == 1 }}{% endblock %}", "GEN0519"),
];

const FILTERS: &[(&str, &str)] = &[
    ("a: {{ c is eq('x') }}", "GEN0519"),
    ("a: {{ v is eq(c) }}", "GEN0519"),
    ("a: {{ c is string }}", "GEN0519"),
    ("a: {{ c|upper }}", "GEN0509"),
    ("a: {{ c|replace('x', 'y') }}", "GEN0509"),
    ("a: {{ v|replace('x', c) }}", "GEN0509"),
    ("a: {{ c|split }}", "GEN0509"),
    ("a: {{ c|length }}", "GEN0509"),
    ("a: {{ c|string }}", "GEN0509"),
    ("a: {{ c|tojson }}", "GEN0509"),
    ("a: {{ c|sha256 }}", "GEN0509"),
    ("a: {{ c|default('x') }}", "GEN0509"),
    ("a: {{ v|default(c) }}", "GEN0509"),
    ("a: {{ l|join(c) }}", "GEN0509"),
    ("a: {{ c|format(1) }}", "GEN0509"),
    ("a: {{ '%s'|format(c) }}", "GEN0509"),
    ("a: {{ c|trim('0') }}", "GEN0509"),
    ("a: {{ c|indent(c) }}", "GEN0509"),
    ("a: {{ c|indent|upper }}", "GEN0509"),
    ("a: {{ c|list }}", "GEN0509"),
    ("a: {{ c|first }}", "GEN0509"),
    ("a: {{ o|attr(c) }}", "GEN0509"),
    ("{% filter upper %}{{ v }}{% endfilter %}", "GEN0509"),
    ("{% filter indent|upper %}{{ v }}{% endfilter %}", "GEN0509"),
    ("{% set e|upper %}{{ v }}{% endset %}", "GEN0509"),
];

const WAYS_AROUND: &[(&str, &str)] = &[
    ("a: {{ v|safe }}", "GEN0524"),
    ("a: {{ v|escape }}", "GEN0524"),
    ("a: {{ v|e }}", "GEN0524"),
    ("a: {{ c is safe }}", "GEN0524"),
    ("a: {{ c.upper() }}", "GEN0525"),
    ("a: {{ v.upper() }}", "GEN0525"),
    (
        "{% autoescape false %}{% set e %}{% include 'u.yaml' %}{% endset %}{% endautoescape %}",
        "GEN0522",
    ),
    ("{% import 'u.yaml' as u %}{{ u }}", "GEN0526"),
    ("{% import 'u.yaml' as u %}{% set x = u %}", "GEN0526"),
    ("{{ debug() }}", "GEN0502"),
];

#[test]
fn what_would_look_at_the_markers_is_an_error() {
    let tables = [OPERATORS, PLACES, NAMES, FILTERS, WAYS_AROUND];
    for (body, code) in tables.into_iter().flatten() {
        match try_render(body) {
            Ok(found) => panic!("{body} rendered {found}"),
            Err(problems) => assert!(problems.to_string().contains(code), "{body}: {problems}"),
        }
    }
}

#[test]
fn names_are_followed_through_files() {
    let compare = "{% if c == 1 %}a: 1{% endif %}\n";
    let capture = "{% set c %}{{ v }}{% endset %}\n";
    let groups: &[&[(&str, &str)]] = &[
        &[("t", &format!("{capture}{{% include 'u' %}}")), ("u", compare)],
        &[("t", &format!("{{% include 'u' %}}{compare}")), ("u", capture)],
        &[("t", &format!("{{% include v %}}{compare}")), ("u", capture)],
        &[("t", "{% from 'u' import c as d %}{{ d == 1 }}"), ("u", capture)],
        &[("t", "{% import 'u' as u %}{{ u.c == 1 }}"), ("u", capture)],
        &[("t", "{% import 'u' as u %}{{ u.m(1) == 1 }}"), ("u", "{% macro m(x) %}{% endmacro %}")],
        &[
            ("t", &format!("{capture}{{% import 'u' as u %}}{{{{ u.m(c) }}}}")),
            ("u", "{% macro m(x) %}{{ x == 1 }}{% endmacro %}"),
        ],
        &[
            ("t", &format!("{{% extends 'u' %}}{{% block b %}}{compare}{{% endblock %}}")),
            ("u", capture),
        ],
    ];
    for files in groups {
        let problems = Fixture::new(files).engine().err().unwrap_or_default();
        assert!(problems.to_string().contains("GEN0519"), "{files:?}");
    }
    // Files that do not see each other do not disturb each other.
    let apart = [("t", compare), ("u", capture)];
    assert!(Fixture::new(&apart).engine().is_ok());
}

/// If the walk over the tree ever misses a way, captured text still cannot come out as a value silently.
#[test]
fn the_second_line_of_defence_finds_leaks() {
    for body in [
        "a: {{ c[1] }}",
        "a: {{ c[1:] }}",
        "a: {{ [c] }}",
        "a: {{ [c] ~ '' }}",
        "a: {{ {'k': c} }}",
        "a: {{ c|list }}",
        "{{ {c: 1} }}",
        "{% autoescape false %}{% set e %}{% include 'u' %}{% endset %}{% endautoescape %}a: {{ e }}",
    ] {
        let text = format!("{HEAD}{body}\n");
        let fixture = Fixture::new(&[("t.yaml", &text), ("u", "{{ v }}")]);
        let engine = super::Engine::without_capture_check(fixture.templates);
        let problems = engine.render("t.yaml", &context()).expect_err(body);
        assert!(problems.to_string().contains("GEN0519"), "{body}: {problems}");
    }
}

#[test]
fn reserved_characters_of_a_template_or_a_context_are_no_leak() {
    let forged = "\u{E000}0\u{E001}";
    let text = "a: {{ v }}\nb: {{ '\\ue0000\\ue001' }}\nc: x{{ v }}{{ v }}\n";
    assert_eq!(
        json(text, &context! { v => forged }),
        format!(r#"{{"a":"{forged}","b":"{forged}","c":"x{forged}{forged}"}}"#)
    );
}
