//! What each error says, as a person reads it.

use std::fmt::Write as _;

use minijinja::{Value, context};

use super::Fixture;
use crate::diagnostics::{Position, Span};

fn context() -> Value {
    context! {
        s => "text", n => 3, l => vec![1], z => (), m => context!{ a => 1 },
        big => u64::MAX, nan => f64::NAN, inf => f64::INFINITY, bytes => Value::from_bytes(vec![1, 2]),
        keys => Value::from_pairs([(Value::from(1), Value::from(2))]),
    }
}

/// Each case under a heading, in one snapshot an area.
fn show(cases: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (heading, template) in cases {
        let found = Fixture::new(&[("t.yaml", template), ("lib.yaml", LIB)]).error(&context());
        let _ = writeln!(out, "## {heading}\n{found}");
    }
    out
}

const LIB: &str = "{% macro bad(x) %}\na: {{ x.y.z }}\n{% endmacro %}\n{% macro list(x) %}\nk: \"{{ x }}\"\n{% endmacro %}\n";

#[test]
fn the_language() {
    let shown = show(&[
        ("0501 syntax", "a: 1\nb: {{ x\nc: 2\n"),
        ("0501 an end without a beginning", "a: 1\n{% endif %}\n"),
        ("0502 undefined", "a: 1\nb: {{ nothing }}\n"),
        ("0502 undefined inside", "{% if m.nothing %}\na: 1\n{% endif %}\n"),
        ("0502 undefined function", "a: {{ env('HOME') }}\n"),
        (
            "0502 undefined in a macro of another file",
            "{% from 'lib.yaml' import bad %}\n{{ bad(m) }}\n",
        ),
        (
            "0503 fuel",
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        ),
        ("0513 fail", "a: {{ fail('the port is missing') }}\n"),
        ("0513 an operation", "a: {{ s - 1 }}\n"),
        ("0513 an include", "a: 1\n{% include 'missing.yaml' %}\n"),
        ("0524 a filter", "a: {{ s|uper }}\n"),
        ("0524 safe", "a: {{ s|safe }}\n"),
        ("0524 a test", "{% if s is strng %}a: 1{% endif %}\n"),
        ("0525 a method", "{% for k, v in m.items() %}{{ k }}: 1\n{% endfor %}"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn the_yaml() {
    let shown = show(&[
        ("0504 not YAML", "a: 1\n{% if n %}\n  b: {{ s }}\n{% endif %}\n"),
        ("0504 not YAML in an include", "k: 1\n{% include 'lib.yaml' %}\n  x: {{ s }}\n"),
        ("0504 a key twice", "a: 1\na: 2\n"),
        ("0505 a tag", "a: !{{ s }} x\n"),
        ("0505 an anchor", "a: &{{ s }} x\n"),
        ("0505 an alias", "a: &x 1\nb: *{{ s }}\n"),
        ("0505 half an anchor", "a: [1, &x{{ s }} y]\n"),
        ("0505 a directive", "%FOO {{ s }}\n---\na: 1\n"),
        ("0506 a key twice", "{{ s }}: 1\ntext: 2\n"),
        ("0506 a key twice, the other way", "text: 1\nte{{ 'xt' }}: 2\n"),
        ("0507 a key that is a number", "a: 1\n{{ n }}: 2\n"),
        ("0507 a key in a value", "a: {{ keys }}\n"),
        ("0508 a list in a text", "a: x\nb: port-{{ l }}\n"),
        ("0508 null in quotes", "a: '{{ z }}'\n"),
        ("0508 a mapping in a block", "a: |\n  {{ m }}\n"),
        ("0508 a list from a macro", "{% from 'lib.yaml' import list %}\n{{ list(l) }}\n"),
        ("0517 too many bits", "a: {{ big }}\n"),
        ("0517 NaN", "a: {{ nan }}\n"),
        ("0517 infinity in a list", "a: {{ [inf] }}\n"),
        ("0518 too large", "a: {{ [s * 4200000] }}\n"),
        ("0520 an escape of YAML", "a: \"{{ s }}\\ue0000\\ue001\"\n"),
        ("0521 bytes", "a: {{ bytes }}\n"),
        ("0521 a macro", "{% macro m(x) %}{% endmacro %}\na: {{ m }}\n"),
        ("0521 a function", "a: {{ range }}\n"),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn captured_text() {
    let shown = show(&[
        ("0509 a filter", "{% set c %}{{ s }}{% endset %}\na: {{ c|upper }}\n"),
        ("0519 compared", "{% macro m() %}x{% endmacro %}\n{% if m() == 'x' %}a: 1{% endif %}\n"),
        ("0519 a list", "{% set c %}{{ s }}{% endset %}\na: {{ [c] }}\n"),
        ("0520 reserved", "a: \u{E000}0\u{E001}\n"),
        ("0522 autoescape", "{% autoescape false %}a: 1{% endautoescape %}\n"),
        ("0523 too long", &format!("a: {{{{ s{} }}}}\n", "~s".repeat(600))),
        ("0526 a module", "{% import 'lib.yaml' as lib %}\na: {{ lib }}\n"),
        (
            "0528 without end",
            "{% set ns = namespace(l=[]) %}{% for x in l %}{% set ns.l = [ns.l, x] %}{% endfor %}\n",
        ),
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn a_template_that_is_not_there() {
    let fixture = Fixture::new(&[("workload/deployment.yaml", "a: 1\n")]);
    let engine = fixture.engine().expect("parses");
    let problems =
        engine.render("workload/deploment.yaml", &context()).expect_err("no such template");
    let shown = fixture.show(&problems);
    insta::assert_snapshot!(shown);
}

#[test]
fn all_syntax_errors_come_at_once() {
    let fixture = Fixture::new(&[
        ("b.yaml", "{{ x\n"),
        ("a.yaml", "{% if %}\n"),
        ("c.yaml", "{{ x|safe }}{{ y|e }}\n"),
    ]);
    let problems = fixture.engine().err().unwrap_or_default();
    let shown = fixture.show(&problems);
    insta::assert_snapshot!(shown);
}

#[test]
fn a_pattern_fails_at_its_place_in_the_spec() {
    let mut fixture = Fixture::new(&[]);
    let file = fixture
        .sources
        .add("environments/dev.yaml", "cluster: home\nnamespace: \"{{ ap }}-dev\"\n");
    let at = Span {
        file,
        start: Position { line: 2, column: 12 },
        end: Position { line: 2, column: 26 },
    };
    let engine = fixture.engine().expect("no templates");
    let problems = ["{{ ap }}-dev", "{{ l }}-dev", "{{ s|uper }}"]
        .map(|pattern| engine.pattern(pattern, at, &context()).expect_err(pattern));
    let shown: String = problems.iter().map(|p| fixture.show(p)).collect();
    insta::assert_snapshot!(shown);
}
