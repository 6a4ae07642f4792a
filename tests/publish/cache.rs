//! The statistics cache saves rendering, and never a difference.

use std::fs;
use std::time::Duration;

use gitops_gen::tree::Folder;
use gitops_gen::workspace::{Options, Publication, Remember};

use crate::support::{CHECK, Checkout, PLAIN, app, entry};
use crate::wait::until_older;

const A: &str = "clusters/homelab/dev/a";
const RECORD: &str = "gen.lock.json";

fn folder() -> Folder {
    app("a", &[("one.yaml", "1"), ("x/two.yaml", "2")])
}

fn remember(digest: &str) -> Remember {
    let (input_digest, facts) = (digest.to_owned(), "{\"objects\": 2,\n\"ü\": 1}".to_owned());
    Remember { input_digest, facts }
}

/// Publishes twice: what was only just written is too young to be remembered.
fn settled() -> Checkout {
    let checkout = Checkout::new();
    for _ in 0..2 {
        let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
        publication.add(&folder(), Some(remember("d1"))).unwrap();
        publication.add(&entry("dev", "1"), Some(remember("d2"))).unwrap();
        publication.publish().unwrap();
        until_older(&checkout.root(), Duration::from_millis(60));
    }
    checkout
}

fn fresh(checkout: &Checkout, options: Options) -> Option<String> {
    Publication::begin(&checkout.root(), options).unwrap().fresh(A, RECORD, "d1")
}

#[test]
fn untouched_files_of_the_same_input_are_fresh() {
    let checkout = settled();
    let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
    assert_eq!(publication.fresh(A, RECORD, "d1").as_deref(), Some("{\"objects\": 2,\n\"ü\": 1}"));
    assert!(publication.fresh("clusters/homelab/flux", "gen-dev.lock.json", "d2").is_some());
    let summary = publication.publish().unwrap();
    assert_eq!((summary.written, summary.unchanged), (0, 5));
    assert!(fresh(&checkout, PLAIN).is_some(), "and stays so");

    let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
    assert_eq!(publication.fresh(A, RECORD, "other"), None);
    assert_eq!(publication.fresh("clusters/homelab/dev/b", RECORD, "d1"), None);
    assert_eq!(publication.fresh(A, "gen-dev.lock.json", "d1"), None);
    drop(publication);
    assert_eq!(fresh(&checkout, CHECK), None);
}

#[test]
fn every_touch_is_noticed() {
    let touches: [fn(&Checkout); 9] = [
        |checkout| checkout.write(&format!("{A}/one.yaml"), "2"),
        |checkout| checkout.write(&format!("{A}/one.yaml"), "1"),
        |checkout| fs::remove_file(checkout.path(&format!("{A}/x/two.yaml"))).unwrap(),
        |checkout| {
            let path = checkout.path(&format!("{A}/one.yaml"));
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            fs::write(&path, "2").unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        },
        |checkout| {
            let (from, to) =
                (checkout.path(&format!("{A}/one.yaml")), checkout.path(&format!("{A}/other")));
            fs::copy(&from, &to).unwrap();
            fs::rename(to, from).unwrap();
        },
        |checkout| checkout.write(&format!("{A}/gen.lock.json"), "{}"),
        |checkout| fs::remove_dir_all(checkout.path(A)).unwrap(),
        |checkout| {
            let outside = checkout.outside().join("x");
            fs::rename(checkout.path("clusters/homelab/dev"), &outside).unwrap();
            checkout.link("clusters/homelab/dev", outside);
        },
        |checkout| {
            let (one, other) =
                (checkout.path(&format!("{A}/one.yaml")), checkout.outside().join("x"));
            fs::rename(&one, &other).unwrap();
            std::os::unix::fs::symlink(other, one).unwrap();
        },
    ];
    for (number, touch) in touches.iter().enumerate() {
        let checkout = settled();
        assert!(fresh(&checkout, PLAIN).is_some());
        touch(&checkout);
        assert_eq!(fresh(&checkout, PLAIN), None, "{number}");
    }
}

#[test]
fn a_damaged_cache_is_none() {
    let good = settled();
    let text = good.read(".gen/stat");
    let damaged = [
        String::new(),
        "x".to_owned(),
        text[..text.len() / 2].to_owned(),
        text.replacen("gen-stat 1", "gen-stat 2", 1),
        text.replace("one.yaml", "two.yaml"),
        text.replace("\td1\t", "\td1\t99999999999999999999"),
    ];
    for text in damaged {
        good.write(".gen/stat", &text);
        assert_eq!(fresh(&good, PLAIN), None);
    }
    good.write(".gen/stat", &text);
    assert!(fresh(&good, PLAIN).is_some());
    fs::write(good.path(".gen/stat"), [0xff]).unwrap();
    assert_eq!(fresh(&good, PLAIN), None);
}

#[test]
fn only_what_was_published_is_remembered() {
    let checkout = settled();
    let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
    publication.add(&folder(), Some(remember("d3"))).unwrap();
    drop(publication);
    assert!(fresh(&checkout, PLAIN).is_some(), "the old entry stays while nothing was published");

    let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
    publication.add(&folder(), None).unwrap();
    publication.publish().unwrap();
    assert_eq!(fresh(&checkout, PLAIN), None, "added without a memory");
    let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
    let kept = publication.fresh("clusters/homelab/flux", "gen-dev.lock.json", "d2");
    assert!(kept.is_some(), "others stay remembered");
    drop(publication);
    let publication = Publication::begin(&checkout.root(), PLAIN).unwrap();
    publication.remove("clusters/homelab/flux", "gen-dev.lock.json").unwrap();
    publication.publish().unwrap();
    assert!(!checkout.read(".gen/stat").contains("gen-dev"));
}
