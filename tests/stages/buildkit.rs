//! `builder: buildkit` with BuildKit itself, which tests/tools/setup builds in the version of gen's image, against a registry on this
//! machine. `GEN_TEST_BUILDCTL` and `GEN_TEST_BUILDKITD` name the programs.

use std::path::PathBuf;
use std::process::Command;

use crate::dockerfile::{NAME, build, named, push_base, was_pushed};
use crate::registry::{Access, CA, LOGIN, Registry, can_serve, login};
use crate::support::needs::{skip, tool};
use crate::support::play::{Play, Shell, has};

/// What the image's `buildctl-daemonless.sh` does: a daemon for one build, as the root of a user namespace. It is in namespaces of
/// mounts and processes too, so that all of it ends with the build.
const DAEMONLESS: &str = r#"set -eu
mkdir -p "$HOME" "$XDG_RUNTIME_DIR/buildkit"
rm -f "$HOME/mapped"
mkfifo "$HOME/mapped"
unshare --user sh -c 'read -r _ <"$HOME/mapped"; exec unshare --mount --pid --fork --kill-child --mount-proc sh "$0" "$@"' "$INSIDE" "$@" &
process=$!
# Opened when the other is in its namespace and waits.
exec 3>"$HOME/mapped"
echo 0 0 65536 >"/proc/$process/uid_map"
echo 0 0 65536 >"/proc/$process/gid_map"
echo go >&3
wait "$process"
"#;

const INSIDE: &str = r#"set -eu
mount --bind "$HOSTS" /etc/hosts
address="unix://$XDG_RUNTIME_DIR/buildkit/buildkitd.sock"
# Words are the variable's.
"$BUILDKITD" $BUILDKITD_FLAGS --addr="$address" >"$HOME/log" 2>&1 &
tries=0
until "$BUILDCTL" --addr="$address" debug workers >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 $!; then
        cat "$HOME/log" >&2
        exit 70
    fi
    sleep 0.1
done
"$BUILDCTL" --addr="$address" "$@"
"#;

struct BuildKit {
    buildctl: PathBuf,
    buildkitd: PathBuf,
}

/// What tests here need; skips where something is missing.
fn buildkit() -> Option<BuildKit> {
    let found = BuildKit {
        buildctl: tool("GEN_TEST_BUILDCTL", "buildctl")?,
        buildkitd: tool("GEN_TEST_BUILDKITD", "buildkitd")?,
    };
    if !rustix::process::geteuid().is_root() {
        skip("this maps users into a namespace, for which it has to be root");
        return None;
    }
    let namespace = Command::new("unshare").args(["--user", "true"]).status();
    if !namespace.is_ok_and(|status| status.success()) {
        skip("this machine makes no user namespaces (unshare --user)");
        return None;
    }
    (can_serve() && ["runc", "unshare", "mount"].into_iter().all(has)).then_some(found)
}

impl BuildKit {
    fn play(&self, registry: &Registry, app: &str, target: &str, settings: &str) -> Play {
        let settings = format!("{{builder: buildkit{settings}}}");
        let play = build(&named(registry), app, target, &settings, Shell::Dash);
        let at = |path: &str| play.place(path).to_str().expect("UTF-8").to_owned();
        let (home, runtime) = (at("/home/user"), at("/run/user/1000"));
        let (inside, hosts) = (at("/programs/inside"), at("/etc/hosts"));
        let text = |program: &PathBuf| program.to_str().expect("UTF-8").to_owned();
        // As in the image.
        play.variable("HOME", home)
            .variable("USER", "user")
            .variable("XDG_RUNTIME_DIR", runtime)
            .variable("INSIDE", inside)
            .variable("HOSTS", hosts)
            .variable("BUILDCTL", text(&self.buildctl))
            .variable("BUILDKITD", text(&self.buildkitd))
            .file("/etc/hosts", format!("127.0.0.1 localhost {NAME}\n"))
            .program("inside", INSIDE)
            .program("buildctl-daemonless.sh", DAEMONLESS)
    }
}

const INSECURE: &str = "{insecure: true}";

#[test]
fn the_dockerfile_is_built_and_its_digest_is_the_registrys() {
    let Some(buildkit) = buildkit() else { return };
    let registry = Registry::start(Access::Open);
    push_base(&registry);
    let play = buildkit.play(&registry, INSECURE, "wanted", ", layerCache: true");
    let played = play.run().succeeds();
    was_pushed(&registry, &played, "wanted");
    // Where the pod has the volume for it.
    let layers = play.place("/home/user/.local/share/buildkit");
    assert!(layers.join("runc-overlayfs").exists() || layers.join("runc-native").exists());
    assert!(!play.place("/workspace/source/x").exists() && !play.place("/x").exists());

    // A daemon that has never built it finds its layers in the registry.
    let again = buildkit.play(&registry, INSECURE, "wanted", ", layerCache: true");
    let again = again.run().succeeds();
    assert!(
        played.step("build").stderr.contains("RUN [")
            && !played.step("build").stderr.contains("CACHED")
    );
    assert!(again.step("build").stderr.contains("CACHED"), "{again:?}");
    was_pushed(&registry, &again, "wanted");
}

#[test]
fn images_of_several_platforms_are_one_index() {
    let Some(buildkit) = buildkit() else { return };
    let registry = Registry::start(Access::Open);
    let settings = ", platforms: [linux/amd64, linux/arm64]";
    let play = buildkit.play(&registry, INSECURE, "anywhere", settings);
    let played = play.run().succeeds();
    let index = was_pushed(&registry, &played, "anywhere");
    let platforms = index["manifests"].as_array().expect("an index").iter();
    let platforms: Vec<_> =
        platforms.map(|image| image["platform"]["architecture"].as_str()).collect();
    assert_eq!(platforms, [Some("amd64"), Some("arm64")]);
}

#[test]
fn credentials_are_used_and_their_lack_is_said() {
    let Some(buildkit) = buildkit() else { return };
    let registry = Registry::start(Access::Password);
    let secret = "{insecure: true, secret: push}";
    for (user, lets_in) in [(LOGIN, true), ("push:wrong", false)] {
        let play = buildkit.play(&registry, secret, "anywhere", "");
        let config = login(&named(&registry), user);
        let played = play.file("/var/run/secrets/registry/config.json", config).run();
        if lets_in {
            was_pushed(&registry, &played.succeeds(), "anywhere");
        } else {
            let played = played.fails("build", "401 Unauthorized");
            assert!(played.results.is_empty(), "{played:?}");
        }
    }
}

/// Without `insecure` nothing goes over plain HTTP; a build that fails ends the task, with no result and nothing pushed.
#[test]
fn what_fails_is_said_and_has_no_result() {
    let Some(buildkit) = buildkit() else { return };
    let registry = Registry::start(Access::Open);
    push_base(&registry);
    for (app, target, says) in [
        ("{}", "anywhere", "server gave HTTP response to HTTPS client"),
        (INSECURE, "unwanted", "exit code: 7"),
        (INSECURE, "missing", "target stage \"missing\" could not be found"),
    ] {
        let played = buildkit.play(&registry, app, target, "").run();
        let played = played.fails("build", says);
        assert_eq!(played.step("build").status, Some(1), "{played:?}");
        assert!(played.results.is_empty(), "{played:?}");
        assert!(registry.manifest("team/shop", "main").is_none());
    }
}

/// Base image, layers and image: all by TLS, with a certificate that only the Secret vouches for.
#[test]
fn a_ca_of_the_registrys_own_is_trusted() {
    let Some(buildkit) = buildkit() else { return };
    let registry = Registry::start(Access::Tls);
    push_base(&registry);
    let without = buildkit.play(&registry, "{}", "wanted", "").run();
    assert!(without.fails("build", "x509").results.is_empty());
    let play = buildkit.play(&registry, "{ca: registry-ca}", "wanted", ", layerCache: true");
    let played = play.file(CA, registry.authority()).run().succeeds();
    was_pushed(&registry, &played, "wanted");
}
