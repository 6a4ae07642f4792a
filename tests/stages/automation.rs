//! `deploy-app` with `deploy: image-automation`: the tag that the policy takes, and the wait until Flux has rolled it out.

use crate::support::Repo;
use crate::support::play::{Play, Shell};
use crate::task;

const IMAGE: &str = "registry.example/team/shop@sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// The task, with a registry and a cluster that note what they are asked. `running` is what the cluster says at the second question.
fn play(shell: Shell, running: &str) -> Play {
    let repo = Repo::empty();
    repo.write(
        "gen.yaml",
        "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: registry.example/team/shop\n    registry: {insecure: true, secret: push}\n    pipeline: [fetch-source, build-image, deploy-app]\n",
    );
    repo.write("environments/dev.yaml", "deploy: image-automation\napis: [image-automation]\n");
    repo.render();
    let objects = repo.objects();
    let play = Play::new(task(&objects, "shop-deploy-app")).param("image", IMAGE).shell(shell);
    let notes = play.place("/notes");
    std::fs::create_dir_all(&notes).expect("a folder");
    let kubectl = format!(
        "printf '%s\\n' \"$*\" >>\"$NOTES/kubectl\"\ncase $* in\n  get*)\n    if [ -e \"$NOTES/asked\" ]; then printf '%s\\n' 'sidecar=other' '{running}'; fi\n    touch \"$NOTES/asked\" ;;\nesac"
    );
    play.variable("NOTES", notes.to_str().expect("UTF-8"))
        .variable("PAUSE", "0")
        .program("skopeo", "printf '%s\\n' \"$*\" >>\"$NOTES/skopeo\"")
        .program("date", "echo 1764210016")
        .program("kubectl", &kubectl)
}

fn notes(play: &Play, name: &str) -> String {
    std::fs::read_to_string(play.place("/notes").join(name)).unwrap_or_default()
}

#[test]
fn the_image_gets_a_tag_and_is_waited_for() {
    for shell in Shell::all() {
        let play =
            play(shell, &format!("shop={}", IMAGE.replace('@', ":dev-1764210016-001122334455@")));
        let played = play.run().succeeds();
        assert_eq!(played.results["PREVIOUS"], "none");
        assert_eq!(
            notes(&play, "skopeo"),
            format!(
                "copy --all --preserve-digests --retry-times=3 --src-tls-verify=false --dest-tls-verify=false docker://{IMAGE} docker://registry.example/team/shop:dev-1764210016-001122334455\n"
            )
        );
        let asked = notes(&play, "kubectl");
        assert_eq!(
            asked.matches("get deployments.apps shop --namespace=shop-dev").count(),
            2,
            "{asked}"
        );
        assert!(
            asked.ends_with(
                "rollout status deployments.apps/shop --namespace=shop-dev --timeout=5m\n"
            ),
            "{asked}"
        );
    }
}

#[test]
fn an_image_that_was_tagged_later_ends_the_wait() {
    for shell in Shell::all() {
        let later = format!(
            "shop=registry.example/team/shop:dev-1764210017-ffffffffffff@sha256:{}",
            "f".repeat(64)
        );
        play(shell, &later).run().fails("wait", "which was tagged later, was rolled out instead");
        // One of before is waited out, and so is what has no such tag; in the end it is told what runs.
        for earlier in [
            format!(
                "shop=registry.example/team/shop:dev-1764210015-ffffffffffff@sha256:{}",
                "f".repeat(64)
            ),
            format!(
                "shop=registry.example/team/shop:prod-1999999999-ffffffffffff@sha256:{}",
                "f".repeat(64)
            ),
            "shop=registry.example/team/shop:1.4".to_owned(),
        ] {
            play(shell, &earlier)
                .variable("WAIT_SECONDS", "0")
                .run()
                .fails("wait", "and not registry.example/team/shop@sha256:0011");
        }
    }
}

#[test]
fn only_a_digest_is_published() {
    for shell in Shell::all() {
        for image in ["registry.example/team/shop:1.4", "x@sha256:", "x@sha256:$(touch x)", ""] {
            let play = play(shell, "").param("image", image);
            play.run().fails("publish", "is no image with a digest");
            assert_eq!(notes(&play, "skopeo"), "");
        }
    }
}
