//! `deploy: image-automation`: Flux sets the image in the pins file, by the rules of its setters, and gen renders what follows from it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::git::{commit, git, init};
use crate::support::needs::tool;
use crate::support::{Repo, digest};

const PINS: &str = "environments/dev.pins.yaml";
const WORKLOAD: &str = "clusters/dev/dev/shop/app/workload.yaml";

fn repo() -> Repo {
    Repo::new()
        .file(
            "gen.yaml",
            "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop: {source: https://git.example/team/shop.git, image: registry.example/team/shop}\n  till: {source: https://git.example/team/till.git, image: registry.example/team/till}\n",
        )
        .file(
            "environments/dev.yaml",
            "deploy: image-automation\napis: [image-automation]\n",
        )
        .file("environments/staging.yaml", "promotesFrom: dev\n")
}

/// What policies chose: by the name that a marker has, the image.
type Chosen = BTreeMap<String, (String, String, String)>;

fn chosen(policy: &str, name: &str, tag: &str, digit: char) -> Chosen {
    let image = (name.to_owned(), tag.to_owned(), digest(digit));
    [(policy.to_owned(), image)].into()
}

/// What image-automation-controller does to a file (its internal/update/setters.go and filter.go): every scalar with a marker behind it
/// becomes what the policy of that name chose, whole or in part; only files that hold the marker are read, and only those that
/// change are written. Comments stay, and a value that has quotes keeps them.
fn set(text: &str, chosen: &Chosen) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let set = line.split_once(" # {\"$imagepolicy\": \"").and_then(|(value, rest)| {
            let (setter, _) = rest.split_once('"')?;
            let mut parts = setter.splitn(3, ':');
            let policy = format!("{}:{}", parts.next()?, parts.next()?);
            let (name, tag, digest) = chosen.get(&policy)?;
            let new = match parts.next() {
                None => format!("{name}:{tag}@{digest}"),
                Some("name") => name.clone(),
                Some("tag") => tag.clone(),
                Some("digest") => digest.clone(),
                Some(_) => return None,
            };
            let (key, old) = value.split_once(": ")?;
            let new = if old.starts_with('"') { format!("\"{new}\"") } else { new };
            Some(format!("{key}: {new} # {{\"$imagepolicy\": \"{rest}"))
        });
        out.push_str(set.as_deref().unwrap_or(line));
        out.push('\n');
    }
    out
}

#[test]
fn what_flux_pins_is_rendered_and_stays_its_to_set() {
    let repo = repo();
    // Before anybody wrote the place, render says what to do; and one call writes it for all apps.
    let said = repo.run(["render"]).status(0);
    assert_eq!(said.stderr.matches("warning[GEN0458]").count(), 2, "{}", said.stderr);
    let said = repo.run(["set", "shop", "--env", "dev"]).status(0);
    insta::assert_snapshot!(said.stdout, @"
    shop in dev
      policy    none → flux-system:shop-dev
    till in dev
      policy    none → flux-system:till-dev
    environments/dev.pins.yaml written
    next: run `gen commit --env dev --app shop`
    ");
    insta::assert_snapshot!(repo.read(PINS), @r#"
    apps:
      shop:
        image: "" # {"$imagepolicy": "flux-system:shop-dev"}
      till:
        image: "" # {"$imagepolicy": "flux-system:till-dev"}
    "#);
    let said = repo.run(["render"]).status(0);
    assert_eq!(said.stderr, "");
    repo.run(["set", "till", "--env", "dev"]).status(0).stdout("till in dev: no change");

    // Flux pins; gen reads it, and the workload has the image.
    let image = chosen(
        "flux-system:shop-dev",
        "registry.example/team/shop",
        "dev-1764210016-111111111111",
        '1',
    );
    let pinned = set(&repo.read(PINS), &image);
    assert_eq!(pinned.matches(&digest('1')).count(), 1);
    let repo = repo.file(PINS, &pinned);
    repo.run(["render"]).status(0);
    let whole = format!("registry.example/team/shop:dev-1764210016-111111111111@{}", digest('1'));
    assert!(repo.read(WORKLOAD).contains(&format!("image: {whole}\n")));
    assert!(!repo.read("clusters/dev/dev/till/app/kustomization.yaml").contains("workload.yaml"));

    // Whatever gen writes there later, Flux finds its place again.
    repo.run(["set", "shop", "--env", "dev", "--revision", &"a".repeat(40)]).status(0);
    let image = chosen(
        "flux-system:shop-dev",
        "registry.example/team/shop",
        "dev-1764210099-222222222222",
        '2',
    );
    let again = set(&repo.read(PINS), &image);
    assert!(again.contains(&format!("revision: {}", "a".repeat(40))), "{again}");
    let repo = repo.file(PINS, &again);
    repo.run(["render"]).status(0);
    assert!(repo.read(WORKLOAD).contains(&digest('2')));
    // A tag holds the app: there is nothing left for Flux to set. An image lets it go again.
    repo.run(["set", "shop", "--env", "dev", "--tag", "1.4"]).status(0);
    assert_eq!(set(&repo.read(PINS), &image), repo.read(PINS));
    repo.run(["set", "shop", "--env", "dev", "--image", &digest('3')])
        .status(0)
        .stdout("use `--tag` to hold the app");
    assert!(set(&repo.read(PINS), &image).contains(&digest('2')));
}

#[test]
fn the_controller_leaves_other_files_and_other_policies_alone() {
    let text = "a: old # {\"$imagepolicy\": \"flux-system:till-dev\"}\nb: \"old\" # {\"$imagepolicy\": \"flux-system:shop-dev:tag\"}\nc: old # {\"$imagepolicy\": \"flux-system:shop-dev:digest\"}\nd: old # {\"$imagepolicy\": \"flux-system:shop-dev:name\"}\ne: old # note\n";
    let image = chosen("flux-system:shop-dev", "r.example/shop", "dev-1-0", '1');
    let expected = format!(
        "a: old # {{\"$imagepolicy\": \"flux-system:till-dev\"}}\nb: \"dev-1-0\" # {{\"$imagepolicy\": \"flux-system:shop-dev:tag\"}}\nc: {} # {{\"$imagepolicy\": \"flux-system:shop-dev:digest\"}}\nd: r.example/shop # {{\"$imagepolicy\": \"flux-system:shop-dev:name\"}}\ne: old # note\n",
        digest('1')
    );
    assert_eq!(set(text, &image), expected);
    // A person who marks a part of a pin gets no pin, and is told so.
    let repo = repo();
    let part = format!(
        "apps:\n  shop:\n    image: registry.example/team/shop@{} # {{\"$imagepolicy\": \"flux-system:shop-dev:digest\"}}\n",
        digest('0')
    );
    let repo = repo.file(PINS, set(&part, &image));
    repo.run(["render"]).status(3).stderr("error[GEN0215]");
}

/// The same by the library that the controller uses, kyaml, in its version: it finds the marks, and what it writes back is what is
/// said here, down to the byte. Needs `GEN_TEST_SETTER` (tests/tools/setter).
#[test]
fn the_library_of_the_controller_agrees() {
    let Some(setter) = tool("GEN_TEST_SETTER", "setter") else {
        return;
    };
    let repo = repo();
    repo.run(["set", "shop", "--env", "dev", "--revision", "0123"]).status(0);
    let mut text = repo.read(PINS);
    let folder = repo.root().join("environments");
    for digit in ['1', '2'] {
        let mut chosen = Chosen::new();
        for app in ["shop", "till"] {
            let tag = format!("dev-176421001{digit}-{}", digit.to_string().repeat(12));
            chosen.extend(self::chosen(
                &format!("flux-system:{app}-dev"),
                &format!("registry.example/team/{app}"),
                &tag,
                digit,
            ));
        }
        let policies: BTreeMap<&String, serde_json::Value> = chosen
            .iter()
            .map(|(policy, (name, tag, digest))| {
                (policy, serde_json::json!({"name": name, "tag": tag, "digest": digest}))
            })
            .collect();
        let mut child = Command::new(&setter)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the setter runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        let policies = serde_json::to_vec(&policies).expect("JSON");
        stdin.write_all(&policies).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success());
        // People's own files beside it are not touched.
        assert_eq!(output.stdout, b"dev.pins.yaml\n");
        text = set(&text, &chosen);
        assert_eq!(repo.read(PINS), text);
        repo.run(["render"]).status(0);
        assert!(repo.read(WORKLOAD).contains(&digest(digit)));
        repo.run(["set", "till", "--env", "dev", "--revision", "v1"]).status(0);
        text = repo.read(PINS);
    }
}

/// The workflows of `gen init --ci` call `gen commit --push` for whatever comes to the branch: also where that touched only pins.
#[test]
fn a_push_of_flux_is_rendered_and_pushed_by_ci() {
    let repo = repo();
    init(&repo);
    repo.run(["set", "shop", "--env", "dev"]).status(0);
    commit(&repo, "Begin");
    let remote = repo.outside().join("remote.git");
    git(&repo, &["init", "--quiet", "--bare", remote.to_str().expect("UTF-8")]);
    git(&repo, &["remote", "add", "origin", remote.to_str().expect("UTF-8")]);
    git(&repo, &["push", "--quiet", "--set-upstream", "origin", "main"]);
    // As the controller commits: the pins, and nothing else, by the message that was rendered for it.
    let entry = repo.read("clusters/dev/flux/gen-dev.yaml");
    assert!(entry.contains("Gen-Pins: dev") && !entry.contains("Gen-Env:"), "{entry}");
    let image = chosen(
        "flux-system:shop-dev",
        "registry.example/team/shop",
        "dev-1764210016-111111111111",
        '1',
    );
    let pinned = set(&repo.read(PINS), &image);
    let repo = repo.file(PINS, pinned);
    git(
        &repo,
        &[
            "commit",
            "--quiet",
            "--all",
            "--message",
            "Pin what the image policies of dev chose\n\nGen-Pins: dev",
        ],
    );
    git(&repo, &["push", "--quiet"]);
    let said = repo.run(["commit", "--push"]).status(0);
    assert!(said.stdout.contains("committed"), "{}", said.stdout);
    let changed = git(&repo, &["diff", "--name-only", "HEAD~1", "origin/main"]);
    assert!(changed.contains(WORKLOAD) && !changed.contains(PINS), "{changed}");
    let there = git(&repo, &["show", &format!("origin/main:{WORKLOAD}")]);
    assert!(there.contains(&digest('1')));
    // Nothing is left to do, so CI does not start itself again and again.
    repo.run(["commit", "--push"]).status(0);
    assert_eq!(git(&repo, &["rev-list", "--count", "origin/main"]), "3");
    // To the next stage goes the image, and no place for Flux: nobody sets pins there.
    repo.run(["promote", "shop", "--to", "staging"]).status(0);
    insta::assert_snapshot!(repo.read("environments/staging.pins.yaml").replace(&digest('1'), "DIGEST"), @"
    apps:
      shop:
        image: registry.example/team/shop:dev-1764210016-111111111111@DIGEST
    ");
}
