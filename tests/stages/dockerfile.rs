//! An app whose Dockerfile uses all that `build:` can say, and what has become of it in the registry: for builders that are run
//! for real.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::builds::ODD;
use crate::registry::Registry;
use crate::support::Repo;
use crate::support::play::{Play, Played, Shell};
use crate::task;

/// The name that registries have here. Builders take plain HTTP for granted with a loopback address, but not with this.
pub const NAME: &str = "registry.gen.test";

/// What is only in `wanted` may be built: the last stage fails.
const DOCKERFILE: &str = r#"FROM BASE AS made
ARG ODD
RUN ["/bin/sh", "-c", "printf %s \"$ODD\" >/odd"]

FROM scratch AS wanted
ARG ODD
LABEL odd="${ODD}"
COPY --from=made /odd /odd
COPY file /folder/file

FROM scratch AS files
COPY file /from/file

FROM scratch AS anywhere
ARG ODD
LABEL odd="${ODD}"
COPY --from=files /from /folder

FROM made AS unwanted
RUN ["/bin/sh", "-c", "exit 7"]
"#;

/// `NAME` with the registry's port.
pub fn named(registry: &Registry) -> String {
    let (_, port) = registry.host.rsplit_once(':').expect("a port");
    format!("{NAME}:{port}")
}

/// The rendered `build-image`, with the source in its workspace. `registry` is the app's, `settings` are the stage's.
pub fn build(host: &str, registry: &str, target: &str, settings: &str, shell: Shell) -> Play {
    let repo = Repo::empty();
    let odd = serde_json::to_string(ODD).expect("JSON");
    repo.write(
        "gen.yaml",
        format!("version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: {host}/team/shop\n    registry: {registry}\n    build: {{context: src, dockerfile: docker/Dockerfile, target: {target}, args: {{ODD: {odd}}}}}\n    pipeline: [fetch-source, build-image: {settings}]\n"),
    );
    repo.write("environments/dev.yaml", "deploy: kubectl\n");
    repo.render();
    let dockerfile = DOCKERFILE.replace("BASE", &format!("{host}/base:1"));
    Play::new(task(&repo.objects(), "shop-build-image"))
        .shell(shell)
        .param("commit", "main")
        .file("/workspace/source/src/docker/Dockerfile", dockerfile)
        .file("/workspace/source/src/file", "a file of the source\n")
}

/// Puts what the Dockerfile begins with into the registry: this machine's shell, with what it is linked to.
pub fn push_base(registry: &Registry) {
    let shell = std::fs::canonicalize("/bin/sh").expect("a shell");
    let linked = Command::new("ldd").arg(&shell).output().expect("ldd runs");
    let linked = String::from_utf8(linked.stdout).expect("UTF-8");
    let libraries = linked.split_whitespace().filter(|word| word.starts_with('/'));
    let root = tempfile::tempdir().expect("a temporary folder");
    let copy = |from: &Path, to: &str| {
        let to = root.path().join(to.trim_start_matches('/'));
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("its folder");
        std::fs::copy(from, to).expect("a copy");
    };
    copy(&shell, "/bin/sh");
    for library in libraries {
        copy(Path::new(library), library);
    }
    let tar = Command::new("tar")
        .args(["--numeric-owner", "--owner=0", "--group=0", "-c", "."])
        .current_dir(root.path())
        .output()
        .expect("tar runs");
    registry.push_layer("base:1", &["linux/amd64"], &tar.stdout);
}

/// That the results name what the registry has, and that it is what the Dockerfile says; gives its manifest.
#[track_caller]
pub fn was_pushed(registry: &Registry, played: &Played, target: &str) -> Value {
    let digest = &played.results["IMAGE_DIGEST"];
    assert_eq!(played.results["IMAGE_URL"], format!("{}/team/shop", named(registry)));
    let (manifest, found) = registry.manifest("team/shop", "main").expect("a manifest");
    assert_eq!(&found, digest);
    let image = match manifest.pointer("/manifests/0/digest") {
        Some(first) => {
            let first = first.as_str().expect("a text");
            registry.manifest("team/shop", first).expect("it is there").0
        }
        None => manifest.clone(),
    };
    let blob = |described: &Value| {
        let digest = described["digest"].as_str().expect("a text");
        let blob = registry.get(&format!("team/shop/blobs/{digest}"));
        blob.expect("it is there")
    };
    let config: Value = serde_json::from_slice(&blob(&image["config"])).expect("JSON");
    assert_eq!(config["config"]["Labels"]["odd"], ODD, "{config}");
    let layers = image["layers"].as_array().expect("layers");
    let files: Vec<_> = layers.iter().map(|layer| unpack(&blob(layer))).collect();
    let read = |path: &str| {
        let mut file = files.iter().map(|folder| folder.path().join(path));
        file.find_map(|file| std::fs::read_to_string(file).ok())
    };
    assert_eq!(read("folder/file").as_deref(), Some("a file of the source\n"));
    if target == "wanted" {
        assert_eq!(read("odd").as_deref(), Some(ODD));
    }
    manifest
}

fn unpack(layer: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("layer.tar.gz");
    std::fs::write(&file, layer).expect("a file");
    let status = Command::new("tar")
        .args(["--no-same-owner", "-xzf"])
        .arg(&file)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .status()
        .expect("tar runs");
    assert!(status.success());
    folder
}
