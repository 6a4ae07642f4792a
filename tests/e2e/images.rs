//! The images that the node has before anything is pulled: stand-ins of the tools' own, under their names, out of the layers that
//! tests/tools/node-images makes of Debian's packages.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::GEN;
use crate::tekton;

/// The demo application's base, by the name that its pipeline and its Dockerfile have for it.
pub const PYTHON: &str = "docker.io/library/python:3.12-slim";
/// What holds a pod's namespaces.
pub const PAUSE: &str = "gen.test/pause:1";
/// Where the Dockerfile gets it from here.
pub const BASE: &str = "registry.gen.test:5000/library/python:3.12-slim";

/// A path that `make e2e` names.
pub fn named(variable: &str) -> PathBuf {
    std::env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} is set by tests/tools/e2e"))
        .into()
}

/// The folder of this run.
pub fn folder() -> PathBuf {
    named("GEN_E2E_FOLDER")
}

fn run(command: &mut Command) {
    let status = command.status().expect("it starts");
    assert!(status.success(), "{command:?}: {status}");
}

fn layer(name: &str) -> PathBuf {
    named(&format!("GEN_E2E_LAYER_{name}"))
}

fn image(names: &[&str], layers: &[&Path], config: &Value) -> Value {
    json!({"names": names, "layers": layers, "config": config})
}

/// Tekton's program that does nothing, since it ends when it is told to.
fn pause(folder: &Path) -> Value {
    let (program, waits) = tekton::nop();
    let layer = layer_of(folder, &program, "pause");
    image(&[PAUSE], &[&layer], &json!({"Entrypoint": ["/pause", waits]}))
}

/// The images without which there is no pod.
pub fn fewest() -> Vec<Value> {
    vec![pause(&folder())]
}

/// The images of the whole story.
pub fn all() -> Vec<Value> {
    let folder = folder();
    let (python, tools, programs) = (layer("PYTHON"), layer("TOOLS"), layer("PROGRAMS"));
    // Without what a debugger reads, which is the most of it.
    let stripped = folder.join("gen");
    run(Command::new("strip").arg("-o").args([&stripped, Path::new(GEN)]));
    let gen_layer = layer_of(&folder, &stripped, "usr/local/bin/gen");
    let no_index =
        ["PATH=/usr/local/bin:/usr/bin:/bin", "PIP_NO_INDEX=1", "PIP_FIND_LINKS=/usr/share/wheels"];
    let path = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp"];
    let builder = json!({"Env": ["PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin", "HOME=/home/build", "_BUILDAH_STARTED_IN_USERNS=", "BUILDAH_ISOLATION=chroot"], "User": "build"});
    let mut images = vec![
        pause(&folder),
        image(&[PYTHON], &[&python], &json!({"Env": no_index, "Cmd": ["python3"]})),
        image(
            &[
                "docker.io/alpine/git:v2.49.1",
                "docker.io/curlimages/curl:8.16.0",
                "docker.io/library/busybox:1.37.0",
            ],
            &[&tools],
            &json!({"Env": path}),
        ),
        image(
            &["docker.io/alpine/k8s:1.34.1", "docker.io/grafana/k6:1.8.0"],
            &[&tools, &programs],
            &json!({"Env": path}),
        ),
        image(&["quay.io/buildah/stable:v1.43.0"], &[&tools], &builder),
        image(&["gen.test/gen:1"], &[&tools, &gen_layer], &json!({"Env": path})),
    ];
    for (name, program, called) in tekton::programs() {
        let at = format!("ko-app/{name}");
        let layer = layer_of(&folder, &program, &at);
        images.push(image(&[&called], &[&layer], &json!({"Entrypoint": [format!("/{at}")]})));
    }
    images
}

/// Writes the archive that the node imports when it starts.
pub fn write(images: Vec<Value>) {
    let images = Value::Array(images);
    let mut writer = Command::new("python3")
        .arg(named("GEN_E2E_OCI"))
        .arg("write")
        .arg(folder().join("images.tar"))
        .stdin(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut stdin = writer.stdin.take().expect("a pipe");
    write!(stdin, "{images}").expect("it reads");
    drop(stdin);
    assert!(writer.wait().expect("it ends").success());
}

/// A program, as a layer that holds it at a path.
fn layer_of(folder: &Path, program: &Path, at: &str) -> PathBuf {
    // Programs of one name come from several folders, and one program goes to several places.
    let from = format!("{}-{at}.tar", program.display());
    let tar = folder.join(from.trim_start_matches('/').replace('/', "-"));
    run(Command::new("tar")
        .arg(format!("--transform=s,.*,{at},"))
        .args(["--owner=0", "--group=0", "--mode=755", "-P", "-cf"])
        .args([&tar, program]));
    tar
}

/// Pushes the base of the demo's Dockerfile to the registry beside the cluster.
pub fn push_base() {
    let (host, path) = BASE.split_once('/').expect("a host");
    assert_eq!(host, "registry.gen.test:5000");
    run(Command::new("python3")
        .arg(named("GEN_E2E_OCI"))
        .arg("push")
        .arg(folder().join("images.tar"))
        .arg(PYTHON)
        .arg(format!("http://10.88.0.1:5000/{path}")));
}
