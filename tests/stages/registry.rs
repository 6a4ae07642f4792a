//! A registry on this machine (Debian's docker-registry), and images of the test's own in it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::play::has;
use crate::support::wait::until_some;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// The one user that a registry with a password lets in.
pub const LOGIN: &str = "push:s3cret-pw";
/// The same as htpasswd has it: bcrypt, with the fewest rounds.
const HTPASSWD: &str = "push:$2b$05$gitopsgengitopsgengitemaCZtATOIlaqYQtBibM83aPDaJHLV9u\n";

/// Where a step has the certificate of `registry.ca`.
pub const CA: &str = "/var/run/secrets/registry-ca/ca.crt";

/// Who may come in, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone, by plain HTTP.
    Open,
    /// Who knows `LOGIN`, by plain HTTP.
    Password,
    /// Everyone, by HTTPS, with a certificate that only `Registry::certificate` vouches for.
    Tls,
}

/// What an image's parts say they are.
#[derive(Debug, Clone, Copy)]
pub struct Kinds {
    pub config: &'static str,
    pub layer: &'static str,
    /// The name of the layer as a file, where it is one.
    pub title: Option<&'static str>,
}

const IMAGE: Kinds = Kinds {
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar",
    title: None,
};

/// A registry; it ends with the test, and with the test program, however that ends.
pub struct Registry {
    server: Child,
    folder: tempfile::TempDir,
    access: Access,
    /// Address and port, as names of images begin.
    pub host: String,
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended; what it keeps goes with its folder.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Whether this machine has what tests with a registry run; says what is missing.
pub fn can_serve() -> bool {
    ["docker-registry", "skopeo", "curl", "openssl"].into_iter().all(has)
}

impl Registry {
    /// On this machine's own address.
    pub fn start(access: Access) -> Self {
        Self::start_on("127.0.0.1", access)
    }

    /// On another address that this machine has.
    pub fn start_on(address: &str, access: Access) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if access == Access::Tls {
            certify(folder.path());
        }
        std::fs::write(folder.path().join("htpasswd"), HTPASSWD).expect("a file");
        for _ in 0..10 {
            // Another program may take the port before the registry does; then it ends at once, and another port is tried.
            let free = TcpListener::bind((address, 0)).expect("a port");
            let host = free.local_addr().expect("an address").to_string();
            drop(free);
            let mut server = serve(folder.path(), &host, access);
            if answers(&mut server, &host) {
                return Self { server, folder, access, host };
            }
        }
        let said = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        panic!("the registry does not start: {said}");
    }

    /// What vouches for its certificate.
    pub fn certificate(&self) -> String {
        let file = self.folder.path().join("server.pem");
        file.to_str().expect("UTF-8").to_owned()
    }

    /// What is in the Secret of `registry.ca`.
    pub fn authority(&self) -> Vec<u8> {
        std::fs::read(self.certificate()).expect("a certificate")
    }

    /// Puts images without files into it, as an index of one for each platform, or one image by itself; gives the digest.
    pub fn push(&self, name: &str, platforms: &[&str]) -> String {
        // A tar ends after two empty blocks.
        self.push_layer(name, platforms, &[0; 1024])
    }

    /// The same with files: a tar.
    pub fn push_layer(&self, name: &str, platforms: &[&str], layer: &[u8]) -> String {
        self.push_artifact(name, platforms, IMAGE, layer)
    }

    /// The same with anything.
    pub fn push_artifact(
        &self,
        name: &str,
        platforms: &[&str],
        kinds: Kinds,
        layer: &[u8],
    ) -> String {
        let layout = tempfile::tempdir().expect("a temporary folder");
        let digest = write_layout(layout.path(), platforms, kinds, layer);
        let mut command = Command::new("skopeo");
        command
            .args(["copy", "--quiet", "--all", "--preserve-digests"])
            .args(["--dest-tls-verify=false", "--dest-creds", LOGIN])
            .arg(format!("oci:{}:latest", layout.path().display()))
            .arg(format!("docker://{}/{name}", self.host));
        let output = command.output().expect("skopeo runs");
        assert!(output.status.success(), "{output:?}");
        digest
    }

    /// The manifest or index that it has under a tag or digest, and the digest of that; nothing where it has none.
    pub fn manifest(&self, repository: &str, reference: &str) -> Option<(Value, String)> {
        let body = self.get(&format!("{repository}/manifests/{reference}"))?;
        let digest = digest_of(&body);
        Some((serde_json::from_slice(&body).expect("JSON"), digest))
    }

    /// The tags of a repository.
    pub fn tags(&self, repository: &str) -> Vec<String> {
        let Some(body) = self.get(&format!("{repository}/tags/list")) else {
            return Vec::new();
        };
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        let tags = body["tags"].as_array().into_iter().flatten();
        tags.map(|tag| tag.as_str().expect("a text").to_owned()).collect()
    }

    /// What it answers to a client that is none of the programs under test.
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        let scheme = if self.access == Access::Tls { "https" } else { "http" };
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--fail", "--location"])
            .args(["--noproxy", "*", "--user", LOGIN])
            .args(["--cacert", &self.certificate()])
            .args(["--header", &format!("Accept: {INDEX}")])
            .args(["--header", &format!("Accept: {MANIFEST}")])
            .args(["--header", &format!("Accept: {DOCKER_MANIFEST}")])
            .arg(format!("{scheme}://{}/v2/{path}", self.host))
            .output()
            .expect("curl runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || said.contains("404"), "{path}: {said}");
        output.status.success().then_some(output.stdout)
    }
}

/// A config.json with a user's password for a registry, as `docker login` writes it.
pub fn login(host: &str, login: &str) -> String {
    use base64::Engine as _;
    let auth = base64::engine::general_purpose::STANDARD.encode(login);
    json!({"auths": {host: {"auth": auth}}}).to_string()
}

pub fn digest_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hash: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{}", hash.concat())
}

/// An image as a folder (an OCI layout), or an index of several; gives the digest.
fn write_layout(folder: &Path, platforms: &[&str], kinds: Kinds, layer: &[u8]) -> String {
    std::fs::create_dir_all(folder.join("blobs/sha256")).expect("a folder");
    let blob = |kind: &str, bytes: &[u8]| {
        let digest = digest_of(bytes);
        std::fs::write(folder.join("blobs").join(digest.replace(':', "/")), bytes).expect("a file");
        json!({"mediaType": kind, "digest": digest, "size": bytes.len()})
    };
    let mut images = Vec::new();
    for platform in platforms {
        let (os, architecture) = platform.split_once('/').expect("OS/ARCHITECTURE");
        let config = json!({"os": os, "architecture": architecture, "config": {"Labels": {"test": folder}}, "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]}});
        let config = blob(kinds.config, config.to_string().as_bytes());
        let mut layer = blob(kinds.layer, layer);
        if let Some(title) = kinds.title {
            layer["annotations"] = json!({"org.opencontainers.image.title": title});
        }
        let manifest =
            json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]});
        let mut image = blob(MANIFEST, manifest.to_string().as_bytes());
        image["platform"] = json!({"os": os, "architecture": architecture});
        images.push(image);
    }
    let mut top = if images.len() == 1 {
        images.remove(0)
    } else {
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": images});
        blob(INDEX, index.to_string().as_bytes())
    };
    top["annotations"] = json!({"org.opencontainers.image.ref.name": "latest"});
    let index = json!({"schemaVersion": 2, "manifests": [top]});
    std::fs::write(folder.join("index.json"), index.to_string()).expect("a file");
    std::fs::write(folder.join("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}")
        .expect("a file");
    top["digest"].as_str().expect("a text").to_owned()
}

fn certify(folder: &Path) {
    let arguments = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=registry -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1,IP:127.0.0.2,IP:192.0.2.1,DNS:registry.gen.test -keyout server.key -out server.pem";
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("openssl runs");
    assert!(output.status.success(), "{output:?}");
}

fn serve(folder: &Path, host: &str, access: Access) -> Child {
    let mut http = json!({"addr": host});
    let mut config = json!({
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": folder.join("data")}},
    });
    match access {
        Access::Open => {}
        Access::Password => {
            config["auth"] =
                json!({"htpasswd": {"realm": "test", "path": folder.join("htpasswd")}});
        }
        Access::Tls => {
            http["tls"] =
                json!({"certificate": folder.join("server.pem"), "key": folder.join("server.key")});
        }
    }
    config["http"] = http;
    let file = folder.join("config.yml");
    std::fs::write(&file, config.to_string()).expect("a file");
    let log = std::fs::File::create(folder.join("log")).expect("a file");
    // The kernel ends it with the thread that started it.
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "docker-registry", "serve"])
        .arg(file)
        .env("OTEL_TRACES_EXPORTER", "none")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("setpriv runs")
}

/// Whether it came up, rather than ended.
fn answers(server: &mut Child, host: &str) -> bool {
    let up = until_some(Duration::from_mins(1), || {
        let has_ended = server.try_wait().expect("a child").is_some();
        (has_ended || listens(server.id(), host)).then_some(!has_ended)
    });
    up.expect("the registry starts")
}

/// Whether it is this process that listens there: what answers may be another that took the port.
fn listens(process: u32, host: &str) -> bool {
    let Some((_, port)) = host.rsplit_once(':') else {
        return false;
    };
    let port = format!(":{:04X}", port.parse::<u16>().expect("a port"));
    let sockets = ["tcp", "tcp6"].map(|table| {
        std::fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default()
    });
    // Columns: number, own address, other address, state (0A listens), …, and tenth the socket.
    let listening: Vec<String> = sockets
        .iter()
        .flat_map(|table| table.lines())
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.len() > 9 && words[1].ends_with(&port) && words[3] == "0A")
        .map(|words| format!("socket:[{}]", words[9]))
        .collect();
    let files = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten();
    files
        .flatten()
        .filter_map(|file| std::fs::read_link(file.path()).ok())
        .any(|target| listening.iter().any(|socket| target.as_os_str() == socket.as_str()))
}
