//! What the message of a commit tells.

use super::repositories::Place;

/// A list of changes that is cut says so, in each environment.
#[test]
fn a_cut_body_counts_the_rest() {
    let place = Place::new();
    let checkout = place.init("one");
    checkout.write_fleet(12);
    checkout.gen_(&["commit", "-q"]).done();
    let message = checkout.git(&["log", "-1", "--format=%b"]);
    let named = message.lines().filter(|line| line.starts_with("  created ")).count();
    assert_eq!(named, 30, "{message}");
    let (dev, staging) = message.split_once("staging:").expect("two environments");
    let count = |text: &str, before: &str| -> usize {
        let line = text.lines().find_map(|line| line.strip_prefix(before));
        let line = line.unwrap_or_else(|| panic!("no `{before}` in {text}"));
        line.split(' ').next().unwrap_or_default().parse().expect("a number")
    };
    let rest = count(dev, "  and ") + count(staging, "  objects: ");
    let all = message.split_once("below clusters/: ").expect("the counts").1;
    assert_eq!(named + rest, count(all, ""), "{message}");
    assert!(dev.lines().any(|line| line.starts_with("  and ") && line.ends_with(" more")), "{dev}");

    // Many pins too.
    let pins = |count: usize| {
        let pin = |number: usize| format!("  app-{number}: {{revision: r{number}}}\n");
        format!("apps:\n{}", (0..count).map(pin).collect::<String>())
    };
    checkout.write_fleet(103);
    checkout.gen_(&["commit", "-q"]).done();
    checkout.write("environments/dev.pins.yaml", pins(103));
    checkout.gen_(&["commit", "-q"]).done();
    let message = checkout.git(&["log", "-1", "--format=%b"]);
    assert_eq!(message.matches(": revision\n").count(), 100, "{message}");
    assert!(message.contains("\nand 3 more\n"), "{message}");
}
