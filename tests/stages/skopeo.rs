//! What works with images that are there already, with skopeo itself against a registry on this machine: `builder: none`, and the tag
//! that `deploy: image-automation` gives.

use crate::registry::{Access, CA, LOGIN, Registry, can_serve, login};
use crate::support::Repo;
use crate::support::play::{Play, Played, Shell};
use crate::task;

const BOTH: &[&str] = &["linux/amd64", "linux/arm64"];

/// How the spec has the registry.
#[derive(Clone, Copy)]
struct Spec<'a> {
    host: &'a str,
    registry: &'a str,
}

impl Spec<'_> {
    fn play(self, name: &str, shell: Shell) -> Play {
        let repo = Repo::empty();
        let Self { host, registry } = self;
        repo.write(
            "gen.yaml",
            format!("version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: {host}/team/shop\n    registry: {registry}\n    pipeline: [fetch-source, build-image: {{builder: none, tag: stable}}, deploy-app]\n"),
        );
        repo.write("environments/dev.yaml", "deploy: image-automation\napis: [image-automation]\n");
        repo.render();
        Play::new(task(&repo.objects(), name)).shell(shell)
    }

    /// `builder: none`.
    fn resolve(self, shell: Shell) -> Play {
        self.play("shop-build-image", shell).param("commit", "main")
    }

    /// `deploy: image-automation`, where the cluster runs the image at once.
    fn publish(self, digest: &str, shell: Shell) -> Play {
        let image = format!("{}/team/shop@{digest}", self.host);
        self.play("shop-deploy-app", shell)
            .program("kubectl", &format!("case $* in get*) echo 'shop={image}' ;; esac"))
            .param("image", &image)
    }
}

fn credentials(play: Play, host: &str, user: &str) -> Play {
    play.file("/var/run/secrets/registry/config.json", login(host, user))
}

#[track_caller]
fn has_no_result(played: &Played) {
    assert!(played.results.is_empty(), "{played:?}");
}

/// The one tag of the policy's that the registry has.
fn given(registry: &Registry) -> Vec<String> {
    let tags = registry.tags("team/shop").into_iter();
    tags.filter(|tag| tag.starts_with("dev-")).collect()
}

/// The digest of an index is the index's own, and what is under the new tag is the same to the byte, with all its images.
#[test]
fn an_image_or_an_index_is_found_and_tagged_as_it_is() {
    if !can_serve() {
        return;
    }
    for (shell, platforms) in Shell::all().into_iter().zip([BOTH, &BOTH[..1]]) {
        let registry = Registry::start(Access::Open);
        let digest = registry.push("team/shop:stable", platforms);
        let spec = Spec { host: &registry.host, registry: "{insecure: true}" };
        let played = spec.resolve(shell).run().succeeds();
        assert_eq!(played.results["IMAGE_DIGEST"], digest);
        assert_eq!(played.results["IMAGE_URL"], format!("{}/team/shop", registry.host));

        let played = spec.publish(&digest, shell).run().succeeds();
        let tags = given(&registry);
        let [tag] = tags.as_slice() else { panic!("{tags:?}: {played:?}") };
        assert!(tag.ends_with(&digest[7..19]), "{tag}");
        let (manifest, found) = registry.manifest("team/shop", tag).expect("it is there");
        assert_eq!(found, digest);
        let images = manifest["manifests"].as_array().map_or(1, Vec::len);
        assert_eq!(images, platforms.len(), "{manifest}");
        for image in manifest["manifests"].as_array().into_iter().flatten() {
            let each = image["digest"].as_str().expect("a text");
            let (_, found) = registry.manifest("team/shop", each).expect("it is there");
            assert_eq!(found, each);
        }
    }
}

#[test]
fn credentials_are_read_from_the_secret() {
    if !can_serve() {
        return;
    }
    let registry = Registry::start(Access::Password);
    let digest = registry.push("team/shop:stable", BOTH);
    let spec = Spec { host: &registry.host, registry: "{insecure: true, secret: push}" };
    for shell in Shell::all() {
        let wrong = || credentials(spec.resolve(shell), &registry.host, "push:wrong");
        let played = wrong().run().fails("resolve", "authentication required");
        assert_eq!(played.step("resolve").status, Some(1));
        has_no_result(&played);
        let played = credentials(spec.resolve(shell), &registry.host, LOGIN);
        assert_eq!(played.run().succeeds().results["IMAGE_DIGEST"], digest);

        let before = given(&registry);
        let wrong = credentials(spec.publish(&digest, shell), &registry.host, "push:wrong");
        let played = wrong.run().fails("publish", "authentication required");
        assert_eq!(played.step("publish").status, Some(1));
        assert_eq!(given(&registry), before);
        // A shell's tag of the same second would be the other's.
        let play = credentials(spec.publish(&digest, shell), &registry.host, LOGIN);
        let play = play.program("date", &format!("echo 17642100{:02}", before.len()));
        play.run().succeeds();
        assert_eq!(given(&registry).len(), before.len() + 1);
    }
}

#[test]
fn certificates_are_checked_unless_the_spec_says_otherwise() {
    if !can_serve() {
        return;
    }
    let registry = Registry::start(Access::Tls);
    let digest = registry.push("team/shop:stable", BOTH);
    let spec = |registry_setting| Spec { host: &registry.host, registry: registry_setting };
    for shell in Shell::all() {
        let strict = spec("{}");
        let played = strict.resolve(shell).run();
        let played = played.fails("resolve", "x509: certificate signed by unknown authority");
        has_no_result(&played);
        strict
            .publish(&digest, shell)
            .run()
            .fails("publish", "x509: certificate signed by unknown authority");
        // With the authority known, and with `insecure` without it.
        let known = |play: Play| play.variable("SSL_CERT_FILE", registry.certificate());
        let insecure = spec("{insecure: true}").resolve(shell);
        for play in [known(strict.resolve(shell)), insecure] {
            assert_eq!(play.run().succeeds().results["IMAGE_DIGEST"], digest);
        }
        known(strict.publish(&digest, shell)).run().succeeds();
        // So is a Secret with it, by both steps.
        let own = spec("{ca: registry-ca}");
        let given = |play: Play| play.file(CA, registry.authority());
        let played = given(own.resolve(shell)).run().succeeds();
        assert_eq!(played.results["IMAGE_DIGEST"], digest);
        given(own.publish(&digest, shell)).run().succeeds();
    }
    assert!(!given(&registry).is_empty());
}

#[test]
fn what_is_not_there_is_neither_found_nor_tagged() {
    if !can_serve() {
        return;
    }
    let registry = Registry::start(Access::Open);
    registry.push("team/shop:other", BOTH);
    let spec = Spec { host: &registry.host, registry: "{insecure: true}" };
    let digest = format!("sha256:{}", "0".repeat(64));
    for shell in Shell::all() {
        let played = spec.resolve(shell).run();
        let played = played.fails("resolve", "manifest unknown");
        assert_eq!(played.step("resolve").status, Some(1));
        has_no_result(&played);
        let played = spec.publish(&digest, shell).run();
        let played = played.fails("publish", "manifest unknown");
        assert_eq!(played.step("publish").status, Some(1));
        assert!(given(&registry).is_empty());
    }
}

/// Apps may be built for other nodes than those that pipelines run on.
#[test]
fn an_index_for_other_machines_is_found_too() {
    if !can_serve() {
        return;
    }
    let registry = Registry::start(Access::Open);
    let digest = registry.push("team/shop:stable", &["linux/s390x", "linux/ppc64le"]);
    let spec = Spec { host: &registry.host, registry: "{insecure: true}" };
    for shell in Shell::all() {
        let played = spec.resolve(shell).run().succeeds();
        assert_eq!(played.results["IMAGE_DIGEST"], digest);
    }
    spec.publish(&digest, Shell::Dash).run().succeeds();
    assert_eq!(given(&registry).len(), 1);
}

/// Tried three times more before it is given up; all at once here, since that takes seconds.
#[test]
fn a_registry_that_is_down_is_said() {
    if !can_serve() {
        return;
    }
    let down = {
        let registry = Registry::start(Access::Open);
        registry.host.clone()
    };
    let spec = Spec { host: &down, registry: "{insecure: true}" };
    let digest = format!("sha256:{}", "0".repeat(64));
    std::thread::scope(|scope| {
        for shell in Shell::all() {
            for (step, play) in
                [("resolve", spec.resolve(shell)), ("publish", spec.publish(&digest, shell))]
            {
                scope.spawn(move || {
                    let played = play.run().fails(step, "connect: connection refused");
                    let said = &played.step(step).stderr;
                    assert_eq!(said.matches("Failed, retrying in").count(), 3, "{said}");
                    assert_eq!(played.step(step).status, Some(1));
                    has_no_result(&played);
                });
            }
        }
    });
}
