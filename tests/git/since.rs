//! `gen check --since` tells what is new, and of the rest only that it is there.

use super::repositories::Place;

const HEAD: &str = "version: 1
repository: https://git.example/team/gitops.git
check:
  rules:
    team-label:
      holds: \"Every Deployment names its team.\"
      kinds: [Deployment]
      expression: \"'team' in object.metadata.labels\"
apps:
";

#[test]
fn only_what_is_new_is_told() {
    let place = Place::new();
    let checkout = place.init("one");
    let app = |name: &str| {
        format!(
            "  {name}: {{source: https://git.example/team/{name}.git, image: registry.example/team/{name}:1}}\n"
        )
    };
    checkout.write("environments/dev.yaml", "cluster: home\npipeline: none\n");
    checkout.write("gen.yaml", format!("{HEAD}{}", app("cart")));
    checkout.gen_(&["commit", "-q"]).done();
    let check = |arguments: &[&str]| checkout.gen_(&[&["check"], arguments].concat());

    let all = check(&[]);
    assert_eq!(all.status, 1, "{}", all.stdout);
    assert!(
        all.stdout.contains("home/cart") || all.stdout.contains("cart-dev/cart"),
        "{}",
        all.stdout
    );
    let clean = check(&["--since", "HEAD"]);
    assert_eq!(clean.status, 0, "{}", clean.stdout);
    assert!(clean.stdout.starts_with("clean: "), "{}", clean.stdout);
    assert!(clean.stdout.contains("; 1 finding already in HEAD\n"), "{}", clean.stdout);

    // Lines move, and what is new is told.
    checkout.write("gen.yaml", format!("{HEAD}{}{}", app("basket"), app("cart")));
    let new = check(&["--since", "HEAD"]);
    assert_eq!(new.status, 1, "{}", new.stdout);
    assert!(new.stdout.contains("basket") && !new.stdout.contains("/cart:"), "{}", new.stdout);
    let json = check(&["--since", "HEAD", "-o", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["since"]["revision"], "HEAD");
    assert_eq!(json["since"]["known"], 1);
    assert_eq!(json["since"]["unreadable"], serde_json::Value::Null);

    // A spec that was wrong is no excuse for what stands there now.
    checkout.write("gen.yaml", format!("{HEAD}{}    wrong: true\n", app("cart")));
    checkout.git(&["commit", "-qam", "wrong"]);
    checkout.write("gen.yaml", format!("{HEAD}{}", app("cart")));
    let all = check(&["--since", "HEAD"]);
    assert_eq!(all.status, 1, "{}", all.stdout);
    assert!(
        all.stdout.contains("cannot be rendered, so all findings count as new"),
        "{}",
        all.stdout
    );
    assert!(check(&["--since", "HEAD~1"]).stdout.starts_with("clean: "));
    let unknown = check(&["--since", "nowhere"]);
    assert_eq!(unknown.status, 64, "{}", unknown.stderr);
}

#[test]
fn what_moves_to_another_kustomization_is_told() {
    let place = Place::new();
    let checkout = place.init("one");
    let app = |name: &str, extra: &str| {
        format!(
            "  {name}: {{source: https://git.example/team/{name}.git, image: registry.example/team/{name}:1{extra}}}\n"
        )
    };
    let spec = |cart: &str, shop: &str| {
        format!(
            "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n{}{}",
            app("cart", cart),
            app("shop", shop)
        )
    };
    checkout.write(
        "environments/dev.yaml",
        "cluster: home\npipeline: none\nnamespace: {name: team, create: true}\n",
    );
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: prices}\ndata: {a: b}\n";
    checkout.write("manifests/prices.yaml", map);
    checkout.write("gen.yaml", spec(", extra: manifests", ""));
    checkout.gen_(&["commit", "-q"]).done();
    let check = || checkout.gen_(&["check", "--since", "HEAD", "--rule", "flux-moved"]);
    assert_eq!(check().status, 0);

    checkout.write("gen.yaml", spec("", ", extra: manifests"));
    let moved = check();
    assert_eq!(moved.status, 1, "{}{}", moved.stdout, moved.stderr);
    let said = "warning[CHK5020]: clusters/home/dev/shop/app/extra.yaml:";
    assert!(moved.stdout.contains(said), "{}", moved.stdout);
    assert!(
        moved.stdout.contains("ConfigMap team/prices: moves from Kustomization"),
        "{}",
        moved.stdout
    );
}
