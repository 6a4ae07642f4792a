//! What ends up on disk when nothing is in the way.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use gitops_gen::workspace::{Publication, records};

use crate::support::{CHECK, Checkout, PLAIN, add_one, app, codes, entry, publish};

#[test]
fn a_new_tree_is_written_whole_and_then_left_alone() {
    let tree = [
        app("a", &[("access/role.yaml", "role"), ("kustomization.yaml", "k")]),
        app("b", &[("x.yaml", "x")]),
        entry("dev", "dev"),
        entry("staging", "staging"),
    ];
    let checkout = Checkout::new();
    let summary = publish(&checkout.root(), &tree, PLAIN).unwrap();
    assert_eq!((summary.written, summary.unchanged), (9, 0));
    insta::assert_debug_snapshot!(checkout.tree().keys().collect::<Vec<_>>(), @r#"
    [
        "clusters/homelab/",
        "clusters/homelab/dev/",
        "clusters/homelab/dev/a/",
        "clusters/homelab/dev/a/access/",
        "clusters/homelab/dev/a/access/role.yaml",
        "clusters/homelab/dev/a/gen.lock.json",
        "clusters/homelab/dev/a/kustomization.yaml",
        "clusters/homelab/dev/b/",
        "clusters/homelab/dev/b/gen.lock.json",
        "clusters/homelab/dev/b/x.yaml",
        "clusters/homelab/flux/",
        "clusters/homelab/flux/gen-dev.lock.json",
        "clusters/homelab/flux/gen-dev.yaml",
        "clusters/homelab/flux/gen-staging.lock.json",
        "clusters/homelab/flux/gen-staging.yaml",
    ]
    "#);
    assert_eq!(checkout.read("clusters/homelab/dev/a/access/role.yaml"), "role");
    assert_eq!(checkout.read(".gen/.gitignore"), "*\n");
    assert!(!checkout.path(".gen/stage").exists());
    assert!(!checkout.path(".gen/journal").exists());

    let before = checkout.tree();
    let summary = publish(&checkout.root(), &tree, PLAIN).unwrap();
    assert_eq!((summary.written, summary.unchanged, summary.removed, summary.kept), (0, 9, 0, 0));
    let summary = publish(&checkout.root(), &tree, CHECK).unwrap();
    assert_eq!((summary.written, summary.unchanged), (0, 9));
    assert_eq!(checkout.tree(), before);
}

#[test]
fn files_are_readable_and_never_executable() {
    let checkout = Checkout::with(&[app("a", &[("access/role.yaml", "role")])]);
    let mode = |path: &str| fs::metadata(checkout.path(path)).unwrap().permissions().mode() & 0o777;
    checkout.write("probe", "");
    let umask = 0o666 & !mode("probe");
    let folder = "clusters/homelab/dev/a";
    assert_eq!(mode(&format!("{folder}/access/role.yaml")), 0o644 & !umask);
    assert_eq!(mode(&format!("{folder}/gen.lock.json")), 0o644 & !umask);
    assert_eq!(mode(&format!("{folder}/access")), 0o755 & !umask);
    assert_eq!(mode("clusters"), 0o755 & !umask);
}

#[test]
fn changes_reach_their_files_and_only_those() {
    let checkout = Checkout::with(&[app(
        "a",
        &[("one.yaml", "1"), ("x/two.yaml", "2"), ("y/three.yaml", "3")],
    )]);
    let folder = app("a", &[("one.yaml", "1"), ("x/two.yaml", "two"), ("z/four.yaml", "4")]);
    let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
    let outcome = publication.add(&folder, None).unwrap();
    assert_eq!(
        checkout.read("clusters/homelab/dev/a/x/two.yaml"),
        "2",
        "nothing happens before publish"
    );
    publication.publish().unwrap();
    insta::assert_debug_snapshot!((outcome.written, outcome.unchanged, outcome.removed), @r#"
    (
        [
            "clusters/homelab/dev/a/gen.lock.json",
            "clusters/homelab/dev/a/x/two.yaml",
            "clusters/homelab/dev/a/z/four.yaml",
        ],
        1,
        [
            "clusters/homelab/dev/a/y/three.yaml",
        ],
    )
    "#);
    assert!(!checkout.path("clusters/homelab/dev/a/y").exists(), "an empty folder was left");
    assert_eq!(checkout.read("clusters/homelab/dev/a/z/four.yaml"), "4");
    let found = records(&checkout.root()).unwrap();
    assert_eq!(found[0].record.files.len(), 3);
}

#[test]
fn a_missing_file_is_written_again() {
    let folder = app("a", &[("one.yaml", "1"), ("two.yaml", "2")]);
    let checkout = Checkout::with(std::slice::from_ref(&folder));
    fs::remove_file(checkout.path("clusters/homelab/dev/a/one.yaml")).unwrap();
    let summary = publish(&checkout.root(), &[folder], PLAIN).unwrap();
    assert_eq!((summary.written, summary.unchanged), (1, 2));
    assert_eq!(checkout.read("clusters/homelab/dev/a/one.yaml"), "1");
}

#[test]
fn a_file_that_becomes_a_folder() {
    let checkout = Checkout::with(&[app("a", &[("x", "1")])]);
    publish(&checkout.root(), &[app("a", &[("y/z", "2")])], PLAIN).unwrap();
    publish(&checkout.root(), &[app("a", &[("y/z", "2"), ("x/z", "3")])], PLAIN).unwrap();
    assert_eq!(checkout.read("clusters/homelab/dev/a/x/z"), "3");
}

#[test]
fn a_removed_app_leaves_nothing_but_foreign_files() {
    let checkout =
        Checkout::with(&[app("a", &[("x/one.yaml", "1")]), app("b", &[("x/one.yaml", "1")])]);
    checkout.write("clusters/homelab/dev/b/x/notes.md", "mine");
    let summary = publish(&checkout.root(), &[], PLAIN).unwrap();
    assert_eq!((summary.removed, summary.kept), (4, 1));
    insta::assert_debug_snapshot!(checkout.tree(), @r#"
    {
        "clusters/homelab/": "",
        "clusters/homelab/dev/": "",
        "clusters/homelab/dev/b/": "",
        "clusters/homelab/dev/b/x/": "",
        "clusters/homelab/dev/b/x/notes.md": "mine",
    }
    "#);
    publish(&checkout.root(), &[], PLAIN).unwrap();
}

#[test]
fn the_last_app_takes_its_folders_with_it_but_not_clusters() {
    let checkout = Checkout::with(&[app("a", &[("x/one.yaml", "1")])]);
    publish(&checkout.root(), &[], PLAIN).unwrap();
    assert_eq!(checkout.tree().len(), 0);
    assert!(checkout.path("clusters").is_dir());
}

#[test]
fn a_retired_app_keeps_what_is_still_rendered() {
    let checkout =
        Checkout::with(&[app("a", &[("access/role.yaml", "r"), ("app/workload.yaml", "w")])]);
    let mut retired = app("a", &[("access/role.yaml", "r")]);
    retired.owner.retired = true;
    let summary = publish(&checkout.root(), &[retired], PLAIN).unwrap();
    assert_eq!((summary.written, summary.unchanged, summary.removed), (1, 1, 1));
    let found = records(&checkout.root()).unwrap();
    assert!(found[0].record.retired);
    assert!(!checkout.path("clusters/homelab/dev/a/app").exists());
}

#[test]
fn environments_share_the_folder_of_entries() {
    let checkout = Checkout::with(&[entry("dev", "1"), entry("staging", "1")]);
    checkout.write("clusters/homelab/flux/flux-system/gotk-sync.yaml", "bootstrap's");
    let summary = publish(&checkout.root(), &[entry("dev", "2")], PLAIN).unwrap();
    assert_eq!((summary.written, summary.removed), (2, 2));
    let names: Vec<String> = checkout.tree().into_keys().collect();
    insta::assert_debug_snapshot!(names, @r#"
    [
        "clusters/homelab/",
        "clusters/homelab/flux/",
        "clusters/homelab/flux/flux-system/",
        "clusters/homelab/flux/flux-system/gotk-sync.yaml",
        "clusters/homelab/flux/gen-dev.lock.json",
        "clusters/homelab/flux/gen-dev.yaml",
    ]
    "#);
    let outcome = add_one(&checkout.root(), &entry("staging", "1"), PLAIN).unwrap();
    assert_eq!(outcome.kept, 1, "the other environment's files are not foreign");
}

#[test]
fn check_writes_nothing_and_shows_everything() {
    let checkout = Checkout::with(&[app("a", &[("one.yaml", "1"), ("two.yaml", "2")])]);
    checkout.write("clusters/homelab/dev/a/one.yaml", "edited");
    fs::remove_dir_all(checkout.path(".gen")).unwrap();
    let before = checkout.tree();
    let outcome =
        add_one(&checkout.root(), &app("a", &[("one.yaml", "1"), ("three.yaml", "3")]), CHECK)
            .unwrap();
    let shown: Vec<_> =
        outcome.changes.iter().filter(|change| !change.path.contains(".lock.json")).collect();
    insta::assert_debug_snapshot!(shown, @r#"
    [
        FileDiff {
            path: "clusters/homelab/dev/a/one.yaml",
            before: Some(
                "edited",
            ),
            after: Some(
                "1",
            ),
        },
        FileDiff {
            path: "clusters/homelab/dev/a/three.yaml",
            before: None,
            after: Some(
                "3",
            ),
        },
        FileDiff {
            path: "clusters/homelab/dev/a/two.yaml",
            before: Some(
                "2",
            ),
            after: None,
        },
    ]
    "#);
    assert!(outcome.refused.is_empty());
    assert!(!checkout.path(".gen").exists());
    assert_eq!(checkout.tree(), before);
}

#[test]
fn dropping_a_publication_changes_nothing() {
    let checkout = Checkout::with(&[app("a", &[("one.yaml", "1")])]);
    let before = checkout.tree();
    add_one(&checkout.root(), &app("a", &[("one.yaml", "2")]), PLAIN).unwrap();
    assert_eq!(checkout.tree(), before);
    assert!(!checkout.path(".gen/stage").exists());
}

#[test]
fn two_parts_of_the_tree_cannot_write_one_file() {
    let root = Checkout::new();
    let mut inner = app("a", &[("x", "1")]);
    inner.path.push_str("/inner");
    let mut other = entry("staging", "1");
    other.files = entry("dev", "1").files;
    let pairs = [
        [app("a", &[("x", "1")]), app("a", &[("x", "1")])],
        [app("a", &[("x", "1")]), inner],
        [entry("dev", "1"), other],
    ];
    for pair in pairs {
        let problems = publish(&root.root(), &pair, PLAIN).unwrap_err();
        assert_eq!(codes(&problems), ["GEN0810"]);
        assert_eq!(problems.exit(), gitops_gen::diagnostics::Exit::Bug);
    }
    assert!(root.tree().is_empty());
    let one = app("a", &[("x", "1")]);
    publish(&root.root(), std::slice::from_ref(&one), PLAIN).unwrap();
    let publication = Publication::begin(&root.root(), PLAIN).unwrap();
    publication.remove(&one.path, &one.record).unwrap();
    assert_eq!(codes(&publication.add(&one, None).unwrap_err()), ["GEN0810"]);
    assert!(publication.publish().is_err());
}

#[test]
fn eight_threads_publish_what_one_does() {
    let text = |app: usize| format!("content {app}\n").repeat(app + 1);
    let tree: Vec<_> = (0..80)
        .map(|number| {
            app(
                &format!("app-{number}"),
                &[("a/x.yaml", &text(number)), ("b/y.yaml", "y"), ("z.yaml", "z")],
            )
        })
        .collect();
    let alone = Checkout::with(&tree);
    let together = Checkout::new();
    let publication = Publication::begin(&together.root(), PLAIN).unwrap();
    std::thread::scope(|scope| {
        for part in tree.chunks(10) {
            let publication = &publication;
            scope.spawn(move || {
                for folder in part {
                    publication.add(folder, None).unwrap();
                }
            });
        }
    });
    let summary = publication.publish().unwrap();
    assert_eq!(summary.written, 80 * 4);
    assert_eq!(together.tree(), alone.tree());
}
