use std::collections::BTreeMap;

use super::*;
use crate::import::flux::envsubst::Known;

struct Table(BTreeMap<&'static str, &'static str>);

impl Lookup for Table {
    fn find(&self, name: &str) -> Known<'_> {
        match self.0.get(name) {
            Some(value) => Known::Value(value),
            None if name == "SECRET" => Known::Unknown,
            None => Known::Unset,
        }
    }

    fn kept(&mut self, _: &str) {}

    fn emptied(&mut self, _: &str) {}
}

fn object(text: &str) -> Object {
    let value = documents(text).expect("it is YAML").pop().expect("one");
    Object::new(value).expect("an object")
}

fn run(text: &str) -> (Object, Result<Told, String>) {
    let values = [
        ("n", "3"),
        ("yes", "yes"),
        ("text", "a b"),
        ("quote", "\""),
        ("map", "{a: 1}"),
        ("list", "[1, 2]"),
        ("colon", "a: b"),
        ("apostrophe", "it's"),
        ("key", "name"),
    ];
    let mut object = object(text);
    let mut work = 1 << 20;
    let told = substitute(&mut object, &mut Table(BTreeMap::from(values)), false, &mut work);
    (object, told)
}

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n";

#[test]
fn a_text_becomes_what_its_yaml_says() {
    for (before, after) in [
        ("${n}", "3"),
        // Quotes in the file are lost before variables are substituted.
        ("\"${n}\"", "3"),
        ("${yes}", "true"),
        ("${quote}${n}${quote}", "\"3\""),
        ("v${n}", "v3"),
        ("${text}", "a b"),
        ("${map}", "{\"a\":1}"),
        ("${list}", "[1,2]"),
        ("${none}", "null"),
        ("x${none}", "x"),
        ("${none:=8080}", "8080"),
        // A text that needs quotes keeps them.
        ("\"${n}:\"", "\"3:\""),
        ("\"true ${n} \"", "\"true 3 \""),
        ("\"*.${text}\"", "\"*.a b\""),
        ("\"a: ${n}\"", "\"a: 3\""),
        ("$$${n}", "\"$3\""),
        ("$${n}", "\"${n}\""),
        ("plain", "plain"),
    ] {
        let (object, told) = run(&format!("{HEAD}  key: {before}\n"));
        assert!(told.is_ok(), "{before}: {told:?}");
        let expected = documents(&format!("x: {after}\n")).expect("YAML").pop().expect("one");
        assert_eq!(object.at(&["data", "key"]), expected.get("x"), "{before}");
    }
}

#[test]
fn blocks_keys_and_items_are_substituted_too() {
    let (object, told) = run(&format!(
        "{HEAD}  ${{key}}: |\n    n=${{n}}\n    $${{n}} ${{colon}}\n  list: [\"${{n}}\", a]\n"
    ));
    assert_eq!(told, Ok(Told::default()));
    assert_eq!(object.value().str_at(&["data", "name"]), Some("n=3\n${n} a: b\n"));
    assert_eq!(
        object.at(&["data", "list",]).and_then(Value::as_seq),
        Some(&[Value::Int(3), "a".into()][..])
    );
}

#[test]
fn what_is_no_yaml_any_more_is_refused_and_left() {
    for before in ["${colon}", "\"- ${apostrophe}\"", "${quote}x", "\"'${n}\" ", "${{ x }}"] {
        let text = format!("{HEAD}  key: {before}\n");
        let (found, told) = run(&text);
        let is_fine = before == "\"'${n}\" ";
        assert_eq!(told.is_ok(), is_fine, "{before}: {told:?}");
        if !is_fine {
            assert!(told.is_err_and(|why| why.starts_with("`data.key`: ")), "{before}");
            assert_eq!(found, object(&text), "{before}");
        }
    }
}

#[test]
fn the_switch_and_encryption_turn_it_off() {
    for head in [
        "metadata: {name: a, labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}}",
        "metadata: {name: a, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}",
        "metadata: {name: a}\nsops: {mac: x}",
    ] {
        let (object, _) =
            run(&format!("apiVersion: v1\nkind: ConfigMap\n{head}\ndata: {{a: \"${{n}}\"}}\n"));
        assert_eq!(object.value().str_at(&["data", "a"]), Some("${n}"), "{head}");
    }
}

#[test]
fn fields_are_told() {
    let (object, told) = run(&format!("{HEAD}  a: x ${{SECRET}}\n  b: [\"${{gone}}.x\"]\n"));
    let pair = |name: &str, field: &str| BTreeSet::from([(name.to_owned(), field.to_owned())]);
    let expected = Told { kept: pair("SECRET", "data.a"), emptied: pair("gone", "data.b.0") };
    assert_eq!(told, Ok(expected));
    assert_eq!(object.value().str_at(&["data", "a"]), Some("x ${SECRET}"));
}
