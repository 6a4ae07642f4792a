//! `builder: docker` with Docker itself: the client and the daemon of Debian's packages, and the buildx of today, against a registry
//! on this machine. `GEN_TEST_DOCKER` names a folder with them.
//!
//! The daemon changes a machine's network, mounts and folders, so each test runs in namespaces of its own: it starts itself once
//! more in there, and all of it ends with that.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::dockerfile::{NAME, build, named, was_pushed};
use crate::registry::{Access, CA, LOGIN, Registry, can_serve, login};
use crate::support::needs::{skip, tool};
use crate::support::play::{Play, Played, Shell, has};
use crate::support::wait::until;

const APART: &str = "GEN_TEST_APART";
/// Where registries are in there: with loopback addresses Docker takes plain HTTP for granted.
const ADDRESS: &str = "192.0.2.1";

/// The folder with the programs; skips where something is missing.
fn docker() -> Option<PathBuf> {
    let folder = tool("GEN_TEST_DOCKER", "docker")?;
    if !rustix::process::geteuid().is_root() {
        skip("Docker's daemon has to be root");
        return None;
    }
    let needed = ["containerd", "runc", "iptables", "ip", "unshare", "mount"];
    if !can_serve() || !needed.into_iter().all(has) {
        return None;
    }
    let probe = "mount -t tmpfs none /run; ip link add gen-probe type bridge; iptables -w -t nat -A POSTROUTING -j MASQUERADE";
    let probe = Command::new("unshare")
        .args(["--net", "--mount", "--pid", "--ipc", "--fork", "sh", "-ec", probe])
        .output()
        .expect("unshare runs");
    if !probe.status.success() {
        let said = String::from_utf8_lossy(&probe.stderr);
        skip(&format!("this machine allows no network of a test's own: {said}"));
        return None;
    }
    Some(folder)
}

/// Whether this is the test in its namespaces; if not, it has run there and passed.
#[track_caller]
fn is_apart(test: &str) -> bool {
    if std::env::var_os(APART).is_some() {
        return true;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new("unshare")
        .args(["--net", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"])
        .args([
            "sh",
            "-ec",
            r#"
            ip link set lo up
            ip address add "$ADDRESS/32" dev lo
            cp -a /etc "$FOLDER/etc"
            rm -rf "$FOLDER/etc/docker"
            printf "%s\n" "127.0.0.1 localhost" "$ADDRESS $NAME" >"$FOLDER/etc/hosts"
            mount --bind "$FOLDER/etc" /etc
            mount -t tmpfs none /run
            mount -t tmpfs none /var/lib
            exec "$@""#,
        ])
        .arg("sh")
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture"])
        .env(APART, "1")
        .env("NAME", NAME)
        .env("ADDRESS", ADDRESS)
        .env("FOLDER", folder.path())
        .output()
        .expect("unshare runs");
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    print!("{said}");
    false
}

/// The sidecar; ended with the test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // By a signal that it hears, so that it ends its containerd.
        let process = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        let _ = self.0.wait();
    }
}

struct Docker {
    play: Play,
    folder: PathBuf,
}

impl Docker {
    fn new(folder: &Path, registry: &Registry, app: &str, target: &str) -> Self {
        Self::with(folder, registry, app, target, "{builder: docker}")
    }

    fn with(folder: &Path, registry: &Registry, app: &str, target: &str, settings: &str) -> Self {
        let play = build(&named(registry), app, target, settings, Shell::Dash);
        let client = folder.join("root/usr/bin/docker");
        let play = play.program("docker", &format!("exec '{}' \"$@\"", client.display()));
        // Where the client looks for it beside the system's folders.
        for config in ["/tmp/.docker", "/var/run/secrets/registry"] {
            let plugins = play.place(config).join("cli-plugins");
            std::fs::create_dir_all(&plugins).expect("a folder");
            std::os::unix::fs::symlink(folder.join("docker-buildx"), plugins.join("docker-buildx"))
                .expect("a link");
        }
        Self { play, folder: folder.to_owned() }
    }

    /// With what is in the secret.
    fn login(mut self, registry: &Registry, user: &str) -> Self {
        let config = login(&named(registry), user);
        self.play = self.play.file("/var/run/secrets/registry/config.json", config);
        self
    }

    /// With the sidecar, as soon as that is ready.
    fn run(&self) -> Played {
        let _daemon = self.start();
        self.play.run()
    }

    fn start(&self) -> Daemon {
        let words = self.play.words_of_sidecar("dockerd", "/args");
        assert_eq!(words[0], "dockerd");
        let log = self.play.place("/dockerd.log");
        let root = self.folder.join("root");
        let libraries = format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        let libraries = root.join(libraries);
        let daemon = Command::new(root.join("usr/sbin/dockerd"))
            .args(&words[1..])
            .envs(self.play.environment_of_sidecar("dockerd"))
            .env("LD_LIBRARY_PATH", libraries)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).expect("a file"))
            .spawn()
            .expect("dockerd runs");
        let mut daemon = Daemon(daemon);
        let probe = self.play.words_of_sidecar("dockerd", "/readinessProbe/exec/command");
        let mut is_ready = false;
        let is_up = until(Duration::from_mins(1), || {
            let ready = Command::new(root.join("usr/bin").join(&probe[0]))
                .args(&probe[1..])
                .output()
                .expect("docker runs");
            is_ready = ready.status.success();
            is_ready || daemon.0.try_wait().expect("a child").is_some()
        });
        let said = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(is_up && is_ready, "{}", said());
        daemon
    }
}

#[test]
fn the_dockerfile_is_built_and_its_digest_is_the_registrys() {
    let Some(docker) = docker() else { return };
    if !is_apart("docker::the_dockerfile_is_built_and_its_digest_is_the_registrys") {
        return;
    }
    let registry = Registry::start_on(ADDRESS, Access::Open);
    let built = Docker::new(&docker, &registry, "{insecure: true}", "anywhere");
    let played = built.run().succeeds();
    was_pushed(&registry, &played, "anywhere");
    assert!(!built.play.place("/x").exists());
}

#[test]
fn credentials_are_used_and_their_lack_is_said() {
    let Some(docker) = docker() else { return };
    if !is_apart("docker::credentials_are_used_and_their_lack_is_said") {
        return;
    }
    let registry = Registry::start_on(ADDRESS, Access::Password);
    let secret = "{insecure: true, secret: push}";
    let built = Docker::new(&docker, &registry, secret, "anywhere").login(&registry, "push:wrong");
    let played = built.run().fails("build", "authentication required");
    assert!(played.results.is_empty(), "{played:?}");
    assert!(registry.manifest("team/shop", "main").is_none());
    let built = Docker::new(&docker, &registry, secret, "anywhere").login(&registry, LOGIN);
    was_pushed(&registry, &built.run().succeeds(), "anywhere");
}

#[test]
fn what_fails_is_said_and_has_no_result() {
    let Some(docker) = docker() else { return };
    if !is_apart("docker::what_fails_is_said_and_has_no_result") {
        return;
    }
    let registry = Registry::start_on(ADDRESS, Access::Open);
    for (app, target, says) in [
        ("{}", "anywhere", "server gave HTTP response to HTTPS client"),
        ("{insecure: true}", "missing", "target stage missing could not be found"),
    ] {
        let played = Docker::new(&docker, &registry, app, target).run();
        let played = played.fails("build", says);
        assert_eq!(played.step("build").status, Some(1), "{played:?}");
        assert!(played.results.is_empty(), "{played:?}");
        assert!(registry.manifest("team/shop", "main").is_none());
    }
}

/// The daemon trusts the Secret's certificate, and has the variables of the task, as the client does.
#[test]
fn a_ca_of_the_registrys_own_is_trusted() {
    let Some(docker) = docker() else { return };
    if !is_apart("docker::a_ca_of_the_registrys_own_is_trusted") {
        return;
    }
    let registry = Registry::start_on(ADDRESS, Access::Tls);
    let without = Docker::new(&docker, &registry, "{}", "anywhere").run();
    assert!(without.fails("build", "x509").results.is_empty());
    let mut built = Docker::new(&docker, &registry, "{ca: registry-ca}", "anywhere");
    built.play = built.play.file(CA, registry.authority());
    was_pushed(&registry, &built.run().succeeds(), "anywhere");
}

/// Images come and go by the daemon, so the proxy has to be its own.
#[test]
fn the_daemon_has_the_proxy_of_the_task() {
    let Some(docker) = docker() else { return };
    if !is_apart("docker::the_daemon_has_the_proxy_of_the_task") {
        return;
    }
    let registry = Registry::start_on(ADDRESS, Access::Open);
    let settings = "{builder: docker, env: {HTTPS_PROXY: \"http://127.0.0.1:9\"}}";
    let built = Docker::with(&docker, &registry, "{}", "anywhere", settings);
    let played = built.run().fails("build", "proxyconnect");
    assert!(played.results.is_empty(), "{played:?}");
}
