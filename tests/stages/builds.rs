//! `build-image`: what each builder is called with, and that only the digest of what was pushed becomes the result.

use std::path::PathBuf;

use crate::support::play::{Play, Shell};
use crate::{rendered, task};

/// Notes its arguments, one on a line behind `=`, in a file of its name; then does what else it is told.
fn noting(name: &str, also: &str) -> String {
    format!("for argument; do printf '=%s\\n' \"$argument\"; done >>\"$NOTES/{name}\"\n{also}")
}

const DIGEST: &str = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const COMMIT: &str = "0f1b7a5cbb2d2cc0b8a6a6e6b0f43bb08c6d9f6d";

/// A value with everything that a shell or the kubelet would read otherwise.
pub const ODD: &str = "it's \"$(touch x)\" `touch x` $HOME; * \\ $$ $(TMPDIR) $(HOME)";

struct Built {
    notes: PathBuf,
    play: Play,
}

impl Built {
    fn new(builder: &str, settings: &str, shell: Shell) -> Self {
        let odd = serde_json::to_string(ODD).expect("JSON");
        let objects = rendered(
            &format!("[fetch-source, build-image: {{builder: {builder}{settings}}}]"),
            &format!(
                "    registry: {{insecure: true, secret: push}}\n    build: {{context: src, dockerfile: docker/Dockerfile, target: {odd}, args: {{ODD: {odd}}}}}\n"
            ),
        );
        let play =
            Play::new(task(&objects, "shop-build-image")).param("commit", COMMIT).shell(shell);
        let notes = play.place("/notes");
        std::fs::create_dir_all(&notes).expect("a folder");
        let metadata = format!(
            "{{\n  \"containerimage.config.digest\": \"sha256:{}\",\n  \"containerimage.digest\": \"{DIGEST}\",\n  \"image.name\": \"x\"\n}}",
            "9".repeat(64)
        );
        let build = play.place("/build");
        let write_metadata =
            format!("cat >'{}' <<'END'\n{metadata}\nEND", build.join("metadata.json").display());
        let write_digest = format!("printf %s {DIGEST} >'{}'", build.join("digest").display());
        let buildah = format!("case $* in *push*) {write_digest} ;; esac");
        let play = play
            .variable("NOTES", notes.to_str().expect("UTF-8"))
            .program("executor", &noting("executor", &write_digest))
            .program("buildctl-daemonless.sh", &noting("buildkit", &write_metadata))
            .program("docker", &noting("docker", &write_metadata))
            .program("buildah", &noting("buildah", &buildah))
            .program("skopeo", &noting("skopeo", &format!("echo {DIGEST}")));
        Self { notes, play }
    }

    fn arguments(&self, name: &str) -> String {
        let said = std::fs::read_to_string(self.notes.join(name)).unwrap_or_default();
        // What is on this machine is in the container in a folder of the same name.
        said.replace(self.play.place("/").to_str().expect("UTF-8"), "/")
    }
}

#[test]
fn every_builder_gives_the_digest_that_was_pushed() {
    for shell in Shell::all() {
        for (builder, program, wanted) in [
            (
                "kaniko",
                "executor",
                vec![
                    "--destination=registry.example/team/shop:COMMIT",
                    "--build-arg=ODD={odd}",
                    "--target={odd}",
                    "--insecure-registry=registry.example",
                    "--insecure-registry=mirror.lan:5000",
                    "--digest-file=/build/digest",
                    "--force",
                ],
            ),
            (
                "buildkit",
                "buildkit",
                vec![
                    "--output=type=image,name=registry.example/team/shop:COMMIT,push=true,registry.insecure=true",
                    "--opt=build-arg:ODD={odd}",
                    "--opt=target={odd}",
                    "--opt=filename=docker/Dockerfile",
                ],
            ),
            (
                "docker",
                "docker",
                vec![
                    "--tag=registry.example/team/shop:COMMIT",
                    "--build-arg=ODD={odd}",
                    "--target={odd}",
                    "--push",
                ],
            ),
            (
                "buildah",
                "buildah",
                vec![
                    "--tag=registry.example/team/shop:COMMIT",
                    "--build-arg=ODD={odd}",
                    "--target={odd}",
                    "docker://registry.example/team/shop:COMMIT",
                    "--digestfile=/build/digest",
                ],
            ),
        ] {
            let built = Built::new(builder, ", insecureRegistries: [\"mirror.lan:5000\"]", shell);
            let played = built.play.run().succeeds();
            assert_eq!(played.results["IMAGE_URL"], "registry.example/team/shop");
            assert_eq!(played.results["IMAGE_DIGEST"], DIGEST, "{builder}");
            let arguments = built.arguments(program);
            for wanted in wanted {
                let wanted = wanted.replace("COMMIT", COMMIT).replace("{odd}", ODD);
                assert!(
                    arguments.contains(&format!("={wanted}\n")),
                    "no {wanted} in:\n{arguments}"
                );
            }
            assert!(!built.play.place("/x").exists());
        }
    }
}

#[test]
fn registries_without_tls_are_told_in_each_builders_words() {
    for shell in Shell::all() {
        let read = |builder: &str, file: &str| {
            let built = Built::new(builder, ", insecureRegistries: [\"mirror.lan:5000\"]", shell);
            built.play.run().succeeds();
            std::fs::read_to_string(built.play.place("/build").join(file)).expect("it is there")
        };
        assert_eq!(
            read("buildkit", "buildkitd.toml"),
            "[registry.\"registry.example\"]\n  http = true\n  insecure = true\n[registry.\"mirror.lan:5000\"]\n  http = true\n  insecure = true\n"
        );
        assert_eq!(
            read("buildah", "registries.conf"),
            "[[registry]]\nlocation = \"registry.example\"\ninsecure = true\n[[registry]]\nlocation = \"mirror.lan:5000\"\ninsecure = true\n"
        );
        let odd = Built::new("buildah", ", insecureRegistries: ['x\"] $(touch x)']", shell);
        odd.play.run().fails("configure", "is no registry");
    }
}

#[test]
fn nothing_is_built_by_none_and_mock() {
    for shell in Shell::all() {
        let none = Built::new("none", ", tag: stable", shell);
        let played = none.play.run().succeeds();
        assert_eq!(played.results["IMAGE_DIGEST"], DIGEST);
        let said = none.arguments("skopeo");
        assert!(said.contains("=--tls-verify=false\n=docker://registry.example/team/shop:stable\n=manifest-digest\n"), "{said}");

        let mock = Built::new("mock", "", shell).play.run().succeeds();
        let again = Built::new("mock", "", shell).play.run().succeeds();
        assert_eq!(mock.results, again.results);
        assert!(mock.results["IMAGE_DIGEST"].starts_with("sha256:"));
        assert_eq!(mock.results["IMAGE_DIGEST"].len(), 71);
        let other = Built::new("mock", "", shell).play.param("commit", "main").run().succeeds();
        assert_ne!(mock.results["IMAGE_DIGEST"], other.results["IMAGE_DIGEST"]);

        let named = format!(", mockImage: \"docker.io/library/nginx@{DIGEST}\"");
        let named = Built::new("mock", &named, shell).play.run().succeeds();
        assert_eq!(named.results["IMAGE_URL"], "docker.io/library/nginx");
        assert_eq!(named.results["IMAGE_DIGEST"], DIGEST);
    }
}

/// What is no digest becomes no result, whoever wrote it: it would be part of what is deployed.
#[test]
fn what_is_no_digest_stops_the_run() {
    for shell in Shell::all() {
        for bad in [
            "",
            "latest",
            "sha256:",
            "sha256:0011",
            "sha256:zz",
            "sha256:$(touch x)",
            &format!("{DIGEST}0"),
            &DIGEST.to_uppercase(),
        ] {
            let built = Built::new("kaniko", "", shell);
            let file = built.play.place("/build/digest");
            let play =
                built.play.program("executor", &format!("printf %s '{bad}' >'{}'", file.display()));
            let played = play.run().fails("results", "the builder gave no digest");
            assert!(played.results.is_empty(), "{played:?}");
            let built = Built::new("docker", "", shell);
            let file = built.play.place("/build/metadata.json");
            let play = built.play.program(
                "docker",
                &format!(
                    "printf '{{\"containerimage.digest\": \"%s\"}}' '{bad}' >'{}'",
                    file.display()
                ),
            );
            let played = play.run();
            assert_ne!(played.step("results").status, Some(0), "{bad}: {played:?}");
            assert!(played.results.is_empty(), "{played:?}");
        }
        let broken = Built::new("buildkit", "", shell).play;
        let broken =
            broken.program("buildctl-daemonless.sh", "echo 'exit code: 1' >&2; exit 1").run();
        let broken = broken.fails("build", "exit code");
        assert!(broken.results.is_empty());
    }
}
