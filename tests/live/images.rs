//! An image that the nodes' platforms have no variant of is told before it is committed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::cluster::{User, cluster};
use crate::support::{Repo, Said};

/// A registry with one image, for AMD's platform alone; its address. It ends with the test program.
fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let line = lines.next().unwrap_or_default();
            lines.take_while(|header| !header.is_empty()).for_each(drop);
            let index =
                json!({"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}}]});
            let body = index.to_string();
            let length = body.len();
            let body = if line.starts_with("HEAD") { "" } else { &body };
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            // The client may have gone.
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    host
}

fn node(architecture: &str) -> Value {
    // No other test's pod belongs there.
    let taint = json!({"key": "images", "effect": "NoSchedule"});
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("images-{architecture}")}, "spec": {"taints": [taint]}, "status": {
        "nodeInfo": {
            "operatingSystem": "linux", "architecture": architecture, "bootID": "", "containerRuntimeVersion": "",
            "kernelVersion": "", "kubeProxyVersion": "", "kubeletVersion": "", "machineID": "", "osImage": "", "systemUUID": "",
        },
    }})
}

#[test]
fn an_image_that_some_nodes_cannot_run() {
    let Some(cluster) = cluster() else { return };
    let admin = cluster.admin();
    let repo = Repo::empty();
    let spec = format!(
        "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  images: {{image: \"{}/team/shop:1\"}}\n",
        registry()
    );
    repo.write("gen.yaml", spec);
    repo.write("environments/dev.yaml", "run: none\n");
    let verified = |user: User| -> Said {
        let mut command = repo.command(["diff", "--summary", "--verify-images", "--read-only"]);
        command.arg("--kubeconfig").arg(cluster.kubeconfig(user));
        command.output().expect("gen runs").into()
    };
    let words = |said: &Said| said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for architecture in ["amd64", "arm64"] {
        admin.create(&node(architecture)).expect_ok();
    }
    let said = verified(User::Admin);
    let told = "is not there for linux/arm64, which nodes have";
    assert!(words(&said).contains(told), "{}{}", said.stdout, said.stderr);
    admin.delete("v1", "Node", "", "images-arm64").expect_ok();
    let said = verified(User::Admin);
    assert!(!words(&said).contains("is not there for"), "{}", said.stdout);
    admin.delete("v1", "Node", "", "images-amd64").expect_ok();
}
