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

/// A commit renders as `gen render` does: the rights to prune what is gone stay, and it says so.
#[test]
fn the_rights_to_prune_stay() {
    let place = Place::new();
    let checkout = place.init("one");
    let write = |host: &str| {
        let app = "source: https://git.example/team/shop.git, image: registry.example/team/shop:1, port: 8080";
        let head = "version: 1\nrepository: https://git.example/team/gitops.git\n";
        checkout.write("gen.yaml", format!("{head}apps:\n  shop: {{{app}{host}}}\n"));
    };
    checkout.write("environments/dev.yaml", "cluster: home\npipeline: none\n");
    write(", host: shop.example.com");
    checkout.gen_(&["commit", "-q"]).done();
    write("");
    let told = checkout.gen_(&["commit"]).done().stdout;
    assert!(
        told.contains(
            "note: the rights to prune what shop had in `dev` stay: `gen render --forget shop`"
        ),
        "{told}"
    );
    let rights = checkout.git(&["show", "HEAD:clusters/home/dev/shop/access/retired.yaml"]);
    assert!(rights.contains("ingresses"), "{rights}");
    // What a render leaves is what was committed.
    checkout.gen_(&["render", "--verify", "-q"]).done();
    assert_eq!(checkout.git(&["status", "--short"]), "");
}

/// `app-10` comes after `app-2` wherever names are listed for people; JSON keeps the order of bytes.
#[test]
fn names_are_told_in_their_natural_order() {
    let place = Place::new();
    let checkout = place.init("one");
    for app in ["svc2", "svc10"] {
        checkout.write_app(app, "");
    }
    checkout.write(
        "gen.yaml",
        "version: 1\nrepository: https://git.example/team/gitops.git\ninclude: [apps/*.yaml]\n",
    );
    checkout.write("environments/dev.yaml", "cluster: home\npipeline: none\n");
    checkout.gen_(&["commit", "-q"]).done();
    let ordered = |text: &str| {
        let at = |name: &str| text.find(name).unwrap_or_else(|| panic!("no {name} in {text}"));
        assert!(at("svc2") < at("svc10"), "{text}");
    };
    ordered(checkout.gen_(&["render"]).done().stdout.split_once("left out").expect("a list").1);
    for app in ["svc2", "svc10"] {
        checkout.write_app(app, "    labels: {team: a}\n");
        let digest = format!("sha256:{}", "1".repeat(64));
        checkout.gen_(&["set", app, "--env", "dev", "--image", &digest, "-q"]).done();
    }
    let diff =
        |format| checkout.gen_(&["diff", "--against", "HEAD", "-o", format]).status(1).stdout;
    let of_kind = |text: &str| -> String {
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("Deployment")).collect();
        lines.join("\n")
    };
    ordered(&of_kind(&diff("text")));
    ordered(&of_kind(&diff("markdown")));
    let json: serde_json::Value = serde_json::from_str(&diff("json")).expect("JSON");
    let names = json["changes"].as_array().expect("changes").iter();
    let names: Vec<&str> = names
        .filter(|change| change["kind"] == "Deployment")
        .filter_map(|change| change["name"].as_str())
        .collect();
    assert_eq!(names, ["svc10", "svc2"]);
    checkout.gen_(&["commit", "-q"]).done();
    let message = checkout.git(&["log", "-1", "--format=%B"]);
    ordered(message.lines().next().expect("a subject"));
    assert!(message.contains("\ndev: svc2, svc10\n"), "{message}");
    assert!(message.contains("\nGen-App: svc10, svc2\n"), "{message}");
    ordered(&checkout.gen_(&["log"]).done().stdout);
}
