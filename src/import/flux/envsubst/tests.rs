use std::collections::BTreeMap;

use super::*;

/// Values, and what the evaluation told.
struct Table {
    values: BTreeMap<&'static str, &'static str>,
    unknown: &'static [&'static str],
    told: Vec<String>,
}

impl Lookup for Table {
    fn find(&self, name: &str) -> Known<'_> {
        match self.values.get(name) {
            Some(value) => Known::Value(value),
            None if self.unknown.contains(&name) => Known::Unknown,
            None => Known::Unset,
        }
    }

    fn kept(&mut self, name: &str) {
        self.told.push(format!("kept {name}"));
    }

    fn emptied(&mut self, name: &str) {
        self.told.push(format!("emptied {name}"));
    }
}

fn table() -> Table {
    let values = BTreeMap::from([
        ("host", "app.Example.org"),
        ("path", "/srv/data/app.tar.gz"),
        ("empty", ""),
        ("n", "3"),
        ("word", "çedilla"),
        ("star", "*."),
    ]);
    Table { values, unknown: &["SECRET"], told: Vec::new() }
}

fn run(text: &str, is_strict: bool) -> (Result<String, Refusal>, Vec<String>) {
    let mut table = table();
    let mut work = 1 << 20;
    let result = substituted(text, &mut table, is_strict, &mut work);
    (result, table.told)
}

/// What fluxcd/pkg/envsubst makes of each.
#[test]
fn expressions_are_those_of_flux() {
    for (text, expected) in [
        ("", ""),
        ("plain $text and ${host}", "plain $text and app.Example.org"),
        ("${host}${n}", "app.Example.org3"),
        // Two `$` are one, with braces or without, also in a row.
        ("$${host} a$$b $$$$", "${host} a$b $$"),
        ("$$${n}", "$3"),
        // Defaults: also where the value is empty, also for `:?` and `:+`.
        ("${host:=x} ${none:=x} ${none:-y} ${none=z} ${empty:-e}", "app.Example.org x y z e"),
        ("${none:+plus} ${n:+plus} ${none:?why}", "plus 3 why"),
        ("${none:=} ${none:-a b: c}", " a b: c"),
        ("${none:=${n}-${host}} ${none:=a${none:=b}c}", "3-app.Example.org abc"),
        ("${none:=$$x}", "$$x"),
        // Length in bytes.
        ("${#host} ${#none} ${#word}", "15 0 8"),
        (
            "${host^} ${host^^} ${host,,} ${word^}",
            "App.Example.org APP.EXAMPLE.ORG app.example.org Çedilla",
        ),
        ("${host,^}", "app.Example.org"),
        (
            "${host:4} ${host:4:7} ${host:0:3} ${host:99} ${host:x}",
            "Example.org Example app  app.Example.org",
        ),
        ("${host:-4} ${host: -3}", "app.Example.org app.Example.org"),
        (
            "${host/e/E} ${host//e/E} ${host/./} ${host/zz/y}",
            "app.ExamplE.org app.ExamplE.org appExample.org app.Example.org",
        ),
        (
            "${host/#app/www} ${host/%org/net} ${host/#x/y}",
            "www.Example.org app.Example.net app.Example.org",
        ),
        ("${path/\\/srv/} ${path//\\//-}", "/data/app.tar.gz -srv-data-app.tar.gz"),
        (
            "${path#*/} ${path##*/} ${path%.*} ${path%%.*}",
            "srv/data/app.tar.gz app.tar.gz /srv/data/app.tar /srv/data/app",
        ),
        ("${host#[a-z]pp?} ${host#[^a]*} ${host#x}", "Example.org app.Example.org app.Example.org"),
        ("${host#${star}} ${host/${n}/${n}}", "Example.org app.Example.org"),
        ("${path#[} ${path#\\/}", "/srv/data/app.tar.gz srv/data/app.tar.gz"),
    ] {
        assert_eq!(run(text, false).0.as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_flux_refuses_is_refused() {
    for text in [
        "${",
        "${}",
        "${host",
        "${.Values.x}",
        "${{ github.sha }}",
        "${host-default}",
        "${host+x}",
        "${host:}",
        "${host:1:}",
        "${host#}",
        "${host/a}",
        "${host//}",
        "${host:=x",
        "${#}",
        "${##host}",
        "${host.name}",
        "${host:2:-1}",
        "${word:1}",
    ] {
        let found = run(text, false).0;
        assert!(matches!(found, Err(Refusal::Malformed(_))), "{text}: {found:?}");
    }
}

#[test]
fn a_strict_flux_wants_a_value_unless_there_is_a_default() {
    for text in [
        "${none}",
        "${#none}",
        "${none^}",
        "${none:1}",
        "${none/a/b}",
        "${none%x}",
        "${empty:=${none}}",
    ] {
        assert_eq!(run(text, true).0, Err(Refusal::Unset("none".to_owned())), "{text}");
    }
    assert_eq!(run("${none:=a}${none=b}${empty}", true).0.as_deref(), Ok("ab"));
    let (found, told) = run("x${none}", false);
    assert_eq!((found.as_deref(), told), (Ok("x"), vec!["emptied none".to_owned()]));
}

#[test]
fn what_nobody_knows_stays_as_it_was_written() {
    for (text, expected) in [
        ("${SECRET} $${x} ${n}", "${SECRET} ${x} 3"),
        ("${SECRET:=a/${n}} ${SECRET/x/\\/}", "${SECRET:=a/${n}} ${SECRET/x/\\/}"),
        // A default that is not needed does not matter; one that is needed stays open.
        ("${n:=${SECRET}} ${none:=a-${SECRET}}", "3 a-${SECRET}"),
        // An operation on what is unknown is unknown.
        ("${host/app/${SECRET}}", "${host/app/${SECRET}}"),
    ] {
        let (found, told) = run(text, false);
        assert_eq!(found.as_deref(), Ok(expected), "{text}");
        assert!(told.contains(&"kept SECRET".to_owned()), "{text}");
    }
}

#[test]
fn work_is_bounded() {
    let long: &'static str = Box::leak("a".repeat(100_000).into_boxed_str());
    let mut table =
        Table { values: BTreeMap::from([("long", long)]), unknown: &[], told: Vec::new() };
    for text in [
        "${long}".repeat(1000),
        format!("${{long//a/{}}}", "b".repeat(1000)),
        "${long##*a*a*a*b}".to_owned(),
        "${long%%*a*a*a*b}".to_owned(),
        format!("{}{}", "${none:=".repeat(100_000), "}".repeat(100_000)),
    ] {
        let mut work = 10 << 20;
        let found = substituted(&text, &mut table, false, &mut work);
        assert_eq!(found, Err(Refusal::TooLarge), "{}", &text[..20]);
    }
    let mut work = 10 << 20;
    let plain = "$$".repeat(1 << 20);
    assert_eq!(
        substituted(&plain, &mut table, false, &mut work).map(|text| text.len()),
        Ok(1 << 20)
    );
}
