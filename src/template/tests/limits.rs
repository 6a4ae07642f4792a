//! No template exhausts time, memory or the stack.

use minijinja::{Value, context};

use super::{Fixture, error, one};

fn fails(template: &str, code: &str) {
    let context = context! { v => "x", big => "x".repeat(1 << 20), deep => deep(200) };
    // The stack of a thread is a quarter of the main thread's: where this holds, it holds everywhere.
    let found = std::thread::scope(|scope| {
        let run = scope.spawn(|| error(template, &context));
        run.join().expect("no panic")
    });
    assert!(found.contains(code), "{} {found}", &template[..template.len().min(80)]);
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(Value::from(1), |inner, _| Value::from(vec![inner]))
}

#[test]
fn loops_run_out_of_fuel() {
    fails(
        "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}",
        "GEN0503",
    );
    fails("{{ ('x' * 90000000)|length }}", "GEN0503");
    fails("{{ (range(100000)|list * 1000)|list|length }}", "GEN0503");
    fails("{{ (range(100000)|list * 1000)|join }}", "GEN0503");
    fails("{{ v|indent(90000000, true) }}", "GEN0503");
    fails(
        "{% set ns = namespace(s='xxxxxxxx') %}{% for a in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "GEN0503",
    );
}

#[test]
fn results_have_a_limit() {
    fails(
        "{% for a in range(50000) %}- xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n{% endfor %}",
        "GEN0518",
    );
    fails("{% for a in range(10) %}- {{ big }}\n{% endfor %}", "GEN0518");
    fails("a: '{{ big }}{{ big }}{{ big }}{{ big }}{{ big }}'", "GEN0518");
    fails("a: {{ [big, big, big, big, big] }}", "GEN0518");
    fails("a: {{ range(100000)|list * 10 }}", "GEN0518");
    fails("a: {{ [big]|tojson }}", "GEN0518");
    fails("a: &a {{ big }}\nb: [*a, *a, *a, *a, *a]", "GEN0518");
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a,".repeat(1000));
    fails(&text, "GEN0504");
}

#[test]
fn nesting_has_a_limit() {
    fails("{% include 't.yaml' %}", "GEN0513");
    fails("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "GEN0513");
    fails("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", "GEN0513");
    fails("{% extends 't.yaml' %}", "GEN0513");
    fails("a: {{ deep }}", "GEN0521");
    fails("a: {{ deep|tojson }}", "GEN0521");
    fails(&format!("a: {}", "[".repeat(1000)), "GEN0504");
    fails(&"{% if v %}".repeat(1000), "GEN0501");
    fails(&format!("{{{{ {}1{} }}}}", "[".repeat(200), "]".repeat(200)), "GEN0501");
}

#[test]
fn sources_have_a_limit() {
    fails(&"#".repeat((256 << 10) + 1), "GEN0523");
    fails(&format!("{{{{ v{} }}}}", "~v".repeat(600)), "GEN0523");
    fails(&format!("{{{{ v{} }}}}", "|d(v)".repeat(600)), "GEN0523");
    fails(&format!("{{% if v %}}{}{{% endif %}}", "{% elif v %}".repeat(9000)), "GEN0523");
    let backwards: String =
        (0..1000).map(|n| format!("{{% set a{n} = a{} %}}", n + 1)).collect::<Vec<_>>().concat();
    fails(&format!("{backwards}{{% set a1000 %}}{{% endset %}}"), "GEN0523");
    // What is just below the limits does not exhaust the stack.
    one(&format!("a: {{{{ v{} }}}}", "~v".repeat(240)), &context! { v => "x" });
}

/// Each level of a value is a level of the stack when it goes, and minijinja's own.
#[test]
fn values_cannot_be_nested_without_end() {
    fails(
        "{% set ns = namespace(x=1) %}{% for a in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}a: {{ ns.x }}",
        "GEN0528",
    );
    fails("{% set n = namespace() %}{% set n.n = n %}a: {{ '' ~ n }}", "GEN0528");
    fails(
        "{% set n = namespace(x=[]) %}{% for a in v %}{% set n.x = n.x|batch(1) %}{% endfor %}",
        "GEN0528",
    );
    fails(
        "{% set n = namespace(x=[]) %}{% for a in v %}{% set n.x = n.x[:] %}{% endfor %}",
        "GEN0528",
    );
    fails(
        "{% set n = namespace(x=[], y=[]) %}{% for a in v %}{% set n.x = [n.y] %}{% set n.y = n.x %}{% endfor %}",
        "GEN0528",
    );
    fails(
        "{% set n = namespace(x=[]) %}{% macro m(p) %}{% set n.x = {'k': p} %}{% endmacro %}{% for a in v %}{{ m(n.x) }}{% endfor %}",
        "GEN0528",
    );
    fails("{% set n = namespace() %}{% set o = n %}{% set n.n = o %}a: {{ '' ~ n }}", "GEN0528");
    let chain: String = std::iter::repeat_n("{%set x=[x]%}", 19_000).collect();
    fails(&format!("{{% set x=1 %}}{chain}a: {{{{ x }}}}"), "GEN0528");
}

#[test]
fn values_that_only_grow_longer_are_fine() {
    let template = "{% set n = namespace(l=[], m={}, s='', c=0) %}{% for x in v %}{% set n.l = n.l | chain([{'k': [x, n.c]}]) %}{% set n.m = dict(n.m, k=x) %}{% set n.s = (n.s ~ x)|upper %}{% set n.c = n.c + 1 %}{% set n.l = n.l | chain([v[0]]) %}{% endfor %}{% macro m() %}{% set n = namespace(c=0) %}{% set n.c = n.c + 1 %}{% endmacro %}{{ m() }}{% set y = n.l|list %}{% set y = y|list %}a: {{ y|length }}{{ n.s }}{{ n.m.k }}";
    let value = one(template, &context! { v => vec!["p", "q"] });
    assert_eq!(value.str_at(&["a"]), Some("4PQq"));
}

#[test]
fn aliases_and_anchors_of_a_template_are_bounded() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    fails(bomb, "GEN0504");
    let _ = Fixture::new(&[("t", bomb)]);
}
