//! What people wrote is not overwritten, and not deleted.

use std::fs;

use gitops_gen::diagnostics::Exit;
use gitops_gen::workspace::Publication;

use crate::support::{Checkout, FORCE, PLAIN, add_one, app, codes, publish, shown};

/// What is refused, and what somebody does meanwhile.
type During = (&'static str, fn(&Checkout));

const ONE: &str = "clusters/homelab/dev/a/one.yaml";

#[test]
fn a_hand_edit_refuses_the_whole_render_and_is_shown() {
    let checkout =
        Checkout::with(&[app("a", &[("one.yaml", "1\n")]), app("b", &[("one.yaml", "1\n")])]);
    checkout.write(ONE, "edited\n");
    let before = checkout.tree();
    let tree = [app("a", &[("one.yaml", "2\n")]), app("b", &[("one.yaml", "2\n")])];
    let problems = publish(&checkout.root(), &tree, PLAIN).unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r#"
    error[GEN0801]: `clusters/homelab/dev/a/one.yaml` was edited by hand
      help: move the change to the spec, a patch or a template, or overwrite it with `--force`
    "#);
    assert_eq!(problems.exit(), Exit::Spec);
    assert_eq!(checkout.tree(), before);

    let outcome = add_one(&checkout.root(), &tree[0], PLAIN).unwrap();
    insta::assert_debug_snapshot!(outcome.changes, @r#"
    [
        FileDiff {
            path: "clusters/homelab/dev/a/one.yaml",
            before: Some(
                "edited\n",
            ),
            after: Some(
                "2\n",
            ),
        },
    ]
    "#);

    publish(&checkout.root(), &tree, FORCE).unwrap();
    assert_eq!(checkout.read(ONE), "2\n");
}

#[test]
fn an_edit_that_gen_would_make_too_is_none() {
    let checkout = Checkout::with(&[app("a", &[("one.yaml", "1")])]);
    checkout.write(ONE, "2");
    let summary = publish(&checkout.root(), &[app("a", &[("one.yaml", "2")])], PLAIN).unwrap();
    assert_eq!((summary.written, summary.unchanged), (1, 1), "only the record changes");
}

#[test]
fn an_edited_file_is_never_deleted_even_by_force() {
    let checkout = Checkout::with(&[app("a", &[("one.yaml", "1"), ("two.yaml", "2")])]);
    checkout.write(ONE, "edited");
    let smaller = [app("a", &[("two.yaml", "2")])];
    let problems = publish(&checkout.root(), &smaller, PLAIN).unwrap_err();
    assert_eq!(codes(&problems), ["GEN0801"]);
    let problems = publish(&checkout.root(), &[], PLAIN).unwrap_err();
    assert_eq!(codes(&problems), ["GEN0801"]);

    let summary = publish(&checkout.root(), &smaller, FORCE).unwrap();
    assert_eq!((summary.removed, summary.kept), (0, 1));
    assert_eq!(checkout.read(ONE), "edited");
    let summary = publish(&checkout.root(), &[], PLAIN).unwrap();
    assert_eq!((summary.removed, summary.kept), (2, 1));
    assert_eq!(checkout.read(ONE), "edited");
}

#[test]
fn a_foreign_file_stays_and_is_not_overwritten() {
    let checkout = Checkout::with(&[app("a", &[("one.yaml", "1")])]);
    checkout.write("clusters/homelab/dev/a/notes.md", "mine");
    checkout.write("clusters/homelab/dev/a/x/two.yaml", "mine");
    let folder = app("a", &[("one.yaml", "1"), ("x/two.yaml", "2")]);
    let before = checkout.tree();
    let problems = publish(&checkout.root(), std::slice::from_ref(&folder), PLAIN).unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r#"
    error[GEN0802]: `clusters/homelab/dev/a/x/two.yaml` is in the way, and gen did not write it
      help: move it away, or overwrite it with `--force`
    "#);
    assert_eq!(checkout.tree(), before);

    checkout.write("clusters/homelab/dev/a/x/two.yaml", "2");
    let summary = publish(&checkout.root(), std::slice::from_ref(&folder), PLAIN).unwrap();
    assert_eq!(
        (summary.written, summary.unchanged, summary.kept),
        (1, 2, 1),
        "the same content is adopted"
    );
}

#[test]
fn without_a_record_nothing_is_gens() {
    let folder = app("a", &[("one.yaml", "1"), ("two.yaml", "2")]);
    let checkout = Checkout::with(std::slice::from_ref(&folder));
    fs::remove_file(checkout.path("clusters/homelab/dev/a/gen.lock.json")).unwrap();
    let summary = publish(&checkout.root(), std::slice::from_ref(&folder), PLAIN).unwrap();
    assert_eq!((summary.written, summary.unchanged), (1, 2), "a lost record comes back");

    fs::remove_file(checkout.path("clusters/homelab/dev/a/gen.lock.json")).unwrap();
    let other = [app("a", &[("one.yaml", "other")])];
    assert_eq!(codes(&publish(&checkout.root(), &other, PLAIN).unwrap_err()), ["GEN0802"]);
    publish(&checkout.root(), &other, FORCE).unwrap();
    assert_eq!(checkout.read("clusters/homelab/dev/a/two.yaml"), "2");
}

#[test]
fn a_folder_in_the_way_of_a_file_and_the_other_way_round() {
    let checkout = Checkout::new();
    checkout.write("clusters/homelab/dev/a/one.yaml/x", "mine");
    let problems = publish(&checkout.root(), &[app("a", &[("one.yaml", "1")])], FORCE).unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r#"
    error[GEN0811]: `clusters/homelab/dev/a/one.yaml` is not a regular file
    "#);
    checkout.write("clusters/homelab/dev/b/x", "mine");
    let problems =
        publish(&checkout.root(), &[app("b", &[("x/one.yaml", "1")])], PLAIN).unwrap_err();
    assert_eq!(codes(&problems), ["GEN0802"]);
}

#[test]
fn what_changes_while_gen_renders_is_noticed_before_anything_happens() {
    let checkout = Checkout::with(&[app("a", &[("one.yaml", "1"), ("two.yaml", "2")])]);
    let folder = app("a", &[("one.yaml", "changed"), ("new.yaml", "3")]);
    let during: [During; 4] = [
        ("GEN0801", |checkout| {
            checkout.write(ONE, "edited meanwhile");
        }),
        ("GEN0801", |checkout| {
            fs::remove_file(checkout.path(ONE)).unwrap();
        }),
        ("GEN0801", |checkout| {
            checkout.write("clusters/homelab/dev/a/two.yaml", "edited");
        }),
        ("GEN0802", |checkout| {
            checkout.write("clusters/homelab/dev/a/new.yaml", "mine");
        }),
    ];
    let clean = checkout.tree();
    for (code, change) in during {
        let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
        publication.add(&folder, None).unwrap();
        change(&checkout);
        let before = checkout.tree();
        let problems = publication.publish().unwrap_err();
        assert_eq!(codes(&problems), [code]);
        assert_eq!(checkout.tree(), before);
        assert!(!checkout.path(".gen/journal").exists());
        fs::remove_dir_all(checkout.path("clusters")).unwrap();
        for (path, text) in clean.iter().filter(|(path, _)| !path.ends_with('/')) {
            checkout.write(path, text);
        }
    }
}

#[test]
fn a_file_that_is_not_text_is_an_edit_like_any_other() {
    let checkout = Checkout::with(&[app("a", &[("one.yaml", "1")])]);
    fs::write(checkout.path(ONE), [0xff, 0xfe]).unwrap();
    let outcome = add_one(&checkout.root(), &app("a", &[("one.yaml", "1")]), PLAIN).unwrap();
    assert_eq!(codes(&outcome.refused), ["GEN0801"]);
    assert_eq!(outcome.changes[0].before.as_deref(), Some("\u{fffd}\u{fffd}"));
}
