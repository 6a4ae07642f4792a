use super::*;

/// What stands behind `k: ` for a text, without the last line break.
fn written(text: &str) -> String {
    let document = emit_document(&Value::from([("k", Value::from(text))]));
    let value = document.strip_prefix("k: ").expect("the key stands first");
    value.strip_suffix('\n').expect("a line break ends it").to_owned()
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(written(text), *expected, "{text:?}");
    }
}

#[test]
fn ordinary_texts_stay_plain() {
    for text in [
        "nginx",
        "registry.example/team/app:1.2.3",
        "registry.example/app@sha256:0a1b",
        "https://git.example/a.git#main",
        "--flag=value",
        "-c",
        "-f",
        "/bin/sh",
        "./run.sh",
        "../x",
        "100m",
        "1Gi",
        "10.0.0.0/8",
        "v1.2.3",
        "$(params.revision)",
        "a, b [c] {d} & e * f ! g | h > i % j @ k ` l",
        "it's",
        "say \"hi\"",
        "back\\slash",
        "a  b",
        "<none>",
        "grüße, 世界 👋🏽",
        "yesterday",
        "nothing",
        "(x)",
        "^a$",
        "_",
    ] {
        assert_eq!(written(text), text);
    }
}

#[test]
fn what_a_reader_could_take_for_something_else_is_quoted() {
    for text in [
        "",
        "y",
        "Y",
        "n",
        "yes",
        "No",
        "on",
        "OFF",
        "true",
        "False",
        "null",
        "NULL",
        "~",
        "=",
        "<<",
        "NaN",
        ".nan",
        ".inf",
        "+.inf",
        "-.INF",
        "inf",
        "0",
        "1",
        "-1",
        "+1",
        "012",
        "0o7",
        "0x1F",
        "0b11",
        "1_000",
        "1,000",
        "-__1",
        ".5",
        "1.",
        "1.0",
        "1e3",
        "1E+3",
        "12e03",
        "12:30",
        "12:30:45",
        "190:20:30.15",
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "2001-12-14 21:59:43.10 -5",
        "10.0.0.1",
        "-",
        "--",
        ".",
        "..",
        "+",
        "123456789012345678901234567890",
        "0123456789abcdef0123456789abcdef01234567",
    ] {
        assert_eq!(written(text), format!("\"{text}\""));
        let document = emit_document(&Value::from([(text, Value::Null)]));
        assert_eq!(document, format!("\"{text}\": null\n"));
    }
}

#[test]
fn indicators_and_spaces_are_quoted_where_they_mean_something() {
    check(&[
        (" a", r#"" a""#),
        ("a ", r#""a ""#),
        (" ", r#"" ""#),
        ("\u{a0}a", "\"\u{a0}a\""),
        ("a\u{a0}b", "a\u{a0}b"),
        ("a: b", r#""a: b""#),
        ("a:", r#""a:""#),
        ("a:b", "a:b"),
        (":a", r#"":a""#),
        ("a #b", r#""a #b""#),
        ("a#b", "a#b"),
        ("#a", r##""#a""##),
        ("- a", r#""- a""#),
        ("-a", "-a"),
        ("---", r#""---""#),
        ("--- a", r#""--- a""#),
        ("...", r#""...""#),
        ("?", r#""?""#),
        ("{{ app }}", r#""{{ app }}""#),
        ("[a]", r#""[a]""#),
        ("*a", r#""*a""#),
        ("&a", r#""&a""#),
        ("!a", r#""!a""#),
        ("|", r#""|""#),
        (">", r#"">""#),
        ("%a", r#""%a""#),
        ("@a", r#""@a""#),
        ("`a`", r#""`a`""#),
        ("'a'", r#""'a'""#),
        (",", r#"",""#),
    ]);
}

#[test]
fn json_and_expressions_are_in_single_quotes_where_that_needs_no_escapes() {
    check(&[
        (r#"{"a": "b"}"#, r#"'{"a": "b"}'"#),
        (r"[a-z]+\.py: \d", r"'[a-z]+\.py: \d'"),
        (r#""it's""#, r#""\"it's\"""#),
        ("{\"a\":\t1}", r#""{\"a\":\t1}""#),
    ]);
}

#[test]
fn what_nobody_sees_is_escaped() {
    check(&[
        ("a\tb", r#""a\tb""#),
        ("a\rb", r#""a\rb""#),
        ("a\r\nb", r#""a\r\nb""#),
        ("\0", r#""\x00""#),
        ("\u{7}\u{1b}[31m\u{7f}", r#""\x07\x1b[31m\x7f""#),
        ("\u{80}\u{85}\u{9f}", r#""\x80\x85\x9f""#),
        ("a\u{2028}b\u{2029}", r#""a\u2028b\u2029""#),
        ("\u{feff}a", r#""\ufeffa""#),
        (
            "\u{d7ff}\u{e000}\u{f8ff}\u{fdd0}\u{fffd}\u{fffe}",
            "\"\u{d7ff}\\ue000\\uf8ff\\ufdd0\u{fffd}\\ufffe\"",
        ),
        ("\u{1ffff}\u{f0000}\u{10ffff}", r#""\U0001ffff\U000f0000\U0010ffff""#),
        ("a\u{202e}b\u{2066}", r#""a\u202eb\u2066""#),
        ("line\nby\u{200b}line", r#""line\nby\u200bline""#),
    ]);
}

#[test]
fn texts_of_several_lines_are_literal_blocks() {
    check(&[
        ("a\nb", "|-\n  a\n  b"),
        ("a\n", "|\n  a"),
        (
            "#!/bin/sh\nset -e\n\n# x: y\n\techo 'a'  \n",
            "|\n  #!/bin/sh\n  set -e\n\n  # x: y\n  \techo 'a'  ",
        ),
        ("---\na\n---\n", "|\n  ---\n  a\n  ---"),
        ("\n\na", "|-\n\n\n  a"),
        (" a\nb\n", "|2\n   a\n  b"),
        ("\ta\nb", r#""\ta\nb""#),
        ("\n\ta\n", r#""\n\ta\n""#),
        (" \ta\n\tb\n", "|2\n   \ta\n  \tb"),
        ("\n a", "|2-\n\n   a"),
        ("  \na", "|2-\n    \n  a"),
        ("a\n  ", "|-\n  a\n    "),
        ("a\n \n", "|\n  a\n   "),
        ("\n", r#""\n""#),
        ("\n\n", r#""\n\n""#),
        (" \n\t\n", r#"" \n\t\n""#),
    ]);
}

#[test]
fn line_breaks_at_the_end_are_kept_but_not_as_blank_lines_at_the_end_of_a_file() {
    let value = Value::from([("a", Value::from("x\n\n")), ("b", Value::from("y\n\n\n"))]);
    assert_eq!(emit_document(&value), "a: |+\n  x\n\nb: \"y\\n\\n\\n\"\n");
}

#[test]
fn a_block_is_one_level_below_what_holds_it() {
    let text = || Value::from(" x\ny");
    let value = Value::from([
        ("a", Value::from(vec![text(), Value::from(vec![text()])])),
        ("b", Value::from(vec![Value::from([("c", text())])])),
    ]);
    let expected = "a:\n- |2-\n   x\n  y\n- - |2-\n     x\n    y\nb:\n- c: |2-\n     x\n    y\n";
    assert_eq!(emit_document(&value), expected);
}

#[test]
fn lists_stand_in_the_column_of_their_key() {
    let empty = || Value::Map(Map::default());
    let container = Value::from([
        ("name", Value::from("app")),
        ("args", Value::from(vec![Value::from("-c"), Value::from("on")])),
        ("env", Value::from(Vec::new())),
        ("resources", Value::from([("limits", empty())])),
    ]);
    let value = Value::from([
        ("kind", Value::from("Pod")),
        ("containers", Value::from(vec![container, empty(), Value::from(Vec::new()), Value::Null])),
        ("nested", Value::from(vec![Value::from(vec![Value::from(1_i64), Value::from(true)])])),
    ]);
    let expected = "\
kind: Pod
containers:
- name: app
  args:
  - -c
  - \"on\"
  env: []
  resources:
    limits: {}
- {}
- []
- null
nested:
- - 1
  - true
";
    assert_eq!(emit_document(&value), expected);
}

#[test]
fn numbers_are_read_as_the_same_numbers_by_every_version() {
    let cases = [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (1e16, "1.0e+16"),
        (1e21, "1.0e+21"),
        (1.5e-7, "1.5e-7"),
        (1e-7, "1.0e-7"),
        (f64::MAX, "1.7976931348623157e+308"),
        (5e-324, "5.0e-324"),
        (f64::NAN, "null"),
        (f64::NEG_INFINITY, "null"),
    ];
    for (number, expected) in cases {
        assert_eq!(emit_document(&Value::Float(number)), format!("{expected}\n"));
    }
    assert_eq!(emit_document(&Value::Int(i64::MIN)), "-9223372036854775808\n");
}

#[test]
fn a_key_too_long_for_a_simple_one_is_written_explicitly() {
    let long = "k".repeat(1_001);
    let map = |value: Value| Value::from([(long.as_str(), value)]);
    let inner = Value::from([("a", Value::from(1_i64))]);
    let value = Value::from(vec![
        map(inner),
        map(Value::from(vec![Value::from("x")])),
        map(Value::from("y\nz")),
    ]);
    let expected = format!(
        "- ? {long}\n  :\n    a: 1\n- ? {long}\n  :\n  - x\n- ? {long}\n  : |-\n    y\n    z\n"
    );
    assert_eq!(emit_document(&value), expected);
    let just = "k".repeat(1_000);
    let document = emit_document(&Value::from([(just.as_str(), Value::Null)]));
    assert_eq!(document, format!("{just}: null\n"));
}

#[test]
fn keys_of_several_lines_are_quoted() {
    let value = Value::from([("a\nb", Value::from(1_i64)), ("", Value::from(2_i64))]);
    assert_eq!(emit_document(&value), "\"a\\nb\": 1\n\"\": 2\n");
}

#[test]
fn a_document_may_be_a_single_value() {
    assert_eq!(emit_document(&Value::Null), "null\n");
    assert_eq!(emit_document(&Value::from(" a\nb")), "\" a\\nb\"\n");
    assert_eq!(emit_document(&Value::from("--- a")), "\"--- a\"\n");
    assert_eq!(emit_document(&Value::Map(Map::default())), "{}\n");
}

#[test]
fn a_document_is_written_behind_what_is_there() {
    let mut out = "# x\n---\n".to_owned();
    emit_into(&mut out, &Value::from([("a", Value::from("b\n\n"))]));
    assert_eq!(out, "# x\n---\na: \"b\\n\\n\"\n");
}

#[test]
fn deep_indentation_is_not_cut() {
    let deep = (0..60).fold(Value::from("x"), |value, _| Value::from([("k", value)]));
    let document = emit_document(&deep);
    let last = document.lines().last().expect("there are lines");
    assert_eq!(last, format!("{}k: x", " ".repeat(118)));
}
