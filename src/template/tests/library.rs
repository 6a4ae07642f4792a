//! Which file wins, and what is said about the others.

use std::sync::Arc;

use minijinja::context;

use crate::diagnostics::Sources;
use crate::diagnostics::{Diagnostics, Look, render};
use crate::template::{BUILT_IN, INIT, Library, Origin};

const BASE: &[(&str, &str)] = &[
    ("tasks/build-image.yaml", "{# Builds the image. #}\ntask: build\n"),
    ("workload/deployment.yaml", "# The workload.\nkind: {{ kind }}\n"),
    ("workload/service.yaml", "service: 1\n"),
];

fn library(user: &[(&str, &str)]) -> (Library, Diagnostics, Sources) {
    let mut sources = Sources::default();
    let user = user.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(*text)));
    let (library, problems) = Library::over(BASE, user.collect(), &mut sources);
    (library, problems, sources)
}

fn origins(library: &Library) -> Vec<(&str, Origin)> {
    let rows = library.list().iter();
    rows.map(|entry| (entry.name.as_str(), entry.origin)).collect()
}

#[test]
fn a_users_file_replaces_and_adds() {
    let user = [
        ("workload/deployment.yaml", "{#- Mine. -#}\nkind: mine\n"),
        ("tasks/my-task.yaml", "task: mine\n"),
    ];
    let (library, problems, _) = library(&user);
    assert!(problems.is_empty(), "{problems}");
    assert_eq!(
        origins(&library),
        [
            ("tasks/build-image.yaml", Origin::BuiltIn),
            ("tasks/my-task.yaml", Origin::Added),
            ("workload/deployment.yaml", Origin::Override),
            ("workload/service.yaml", Origin::BuiltIn),
        ]
    );
    let described: Vec<_> = library.list().iter().map(|e| e.description.as_deref()).collect();
    assert_eq!(described, [Some("Builds the image."), None, Some("Mine."), None]);
    assert_eq!(library.get("tasks/my-task.yaml").map(|e| &*e.text), Some("task: mine\n"));
    let engine = library.into_engine().expect("parses");
    assert_eq!(engine.names().len(), 4);
    let documents = engine.render("workload/deployment.yaml", &context! {}).expect("renders");
    assert_eq!(documents[0].to_string(), r#"{"kind":"mine"}"#);
}

#[test]
fn the_same_text_is_no_override() {
    let ejected = library(&[]).0.eject("workload/deployment.yaml").expect("built in");
    let crlf = ejected.replace('\n', "\r\n");
    for text in [BASE[1].1, &ejected, &crlf, BASE[1].1.trim_end()] {
        let (library, problems, _) = library(&[("workload/deployment.yaml", text)]);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(
            library.get("workload/deployment.yaml").map(|e| e.origin),
            Some(Origin::BuiltIn)
        );
    }
}

#[test]
fn an_ejected_file_names_its_base() {
    let (plain, _, _) = library(&[]);
    let ejected = plain.eject("workload/deployment.yaml").expect("built in");
    insta::assert_snapshot!(ejected);
    assert_eq!(plain.eject("nothing.yaml"), None);

    let changed = ejected.replace("kind:", "sort:");
    let (library_, problems, _) = library(&[("workload/deployment.yaml", &changed)]);
    assert!(problems.is_empty(), "the base has not moved: {problems}");
    let entry = library_.get("workload/deployment.yaml").expect("there");
    assert_eq!(entry.origin, Origin::Override);
    assert_eq!(entry.description.as_deref(), Some("The workload."));
    // Of an override, the base is ejected again.
    assert_eq!(library_.eject("workload/deployment.yaml"), Some(ejected));
    assert_eq!(library_.eject("tasks/mine.yaml"), None);
}

#[test]
fn what_is_said_about_files_that_do_not_fit() {
    let user = [
        ("workload/deploymnet.yaml", "a: 1\n"),
        ("workload/something-else.yaml", "a: 1\n"),
        ("tasks/Not_A_Name.yaml", "a: 1\n"),
        ("tasks/sub/task.yaml", "a: 1\n"),
        ("init/gen.yaml", "a: 1\n"),
        ("../outside.yaml", "a: 1\n"),
        ("workload/service.yaml", "# gen: base sha256:0000\nservice: 2\n"),
    ];
    let (library, problems, sources) = library(&user);
    assert_eq!(library.list().len(), BASE.len());
    let shown: String = problems.iter().map(|d| render(d, &sources, Look::Plain)).collect();
    insta::assert_snapshot!(shown);
}

#[test]
fn a_broken_override_is_an_error_at_its_place() {
    let (library, problems, sources) = library(&[("workload/service.yaml", "service: {{ 1\n")]);
    assert!(problems.is_empty(), "{problems}");
    let problems = library.into_engine().err().unwrap_or_default();
    let shown: String = problems.iter().map(|d| render(d, &sources, Look::Plain)).collect();
    insta::assert_snapshot!(shown);
}

#[test]
fn the_built_in_templates_parse() {
    assert!(BUILT_IN.is_sorted_by_key(|(name, _)| *name));
    assert!(INIT.is_sorted_by_key(|(path, _)| *path));
    assert!(BUILT_IN.iter().all(|(name, _)| !name.starts_with("init/")));
    let mut sources = Sources::default();
    let (library, problems) = Library::new(Vec::new(), &mut sources);
    assert!(problems.is_empty());
    assert_eq!(library.list().len(), BUILT_IN.len());
    let problems = library.into_engine().err().unwrap_or_default();
    let shown: String = problems.iter().map(|d| render(d, &sources, Look::Plain)).collect();
    assert!(problems.is_empty(), "{shown}");
}
