//! Registries are asked for the images that a change brings: `gen diff --verify-images`, before anything is committed.

use crate::registry::{Access, LOGIN, Registry, can_serve, login};
use crate::support::{Repo, Said};

/// A repository with one app whose image is this, rendered and then given two more images.
fn repo(host: &str) -> Repo {
    let spec = |more: &str| {
        format!(
            "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  old: {{image: \"{host}/team/gone:1\"}}\n{more}"
        )
    };
    let repo = Repo::empty();
    repo.write("gen.yaml", spec(""));
    repo.write("environments/dev.yaml", "run: none\n");
    repo.render();
    let more = format!(
        "  shop: {{image: \"{host}/team/shop:1\"}}\n  mail: {{image: \"{host}/team/mail:1\"}}\n"
    );
    repo.write("gen.yaml", spec(&more));
    repo
}

/// Compares with the tree, as this machine is logged in.
fn verified(repo: &Repo, config: &str, certificate: &str) -> Said {
    repo.write(".docker/config.json", config);
    let mut command = repo.command(["diff", "--against", ".", "--summary", "--verify-images"]);
    command.args(["--fail-on", "danger"]);
    command.env("DOCKER_CONFIG", repo.at(".docker")).env("SSL_CERT_FILE", certificate);
    command.output().expect("gen runs").into()
}

#[test]
fn an_image_that_nobody_pushed_is_told() {
    if !can_serve() {
        return;
    }
    for access in [Access::Open, Access::Password, Access::Tls] {
        // On the machine's own address registries speak plain HTTP, as everywhere.
        let address = if access == Access::Tls { "127.0.0.2" } else { "127.0.0.1" };
        let registry = Registry::start_on(address, access);
        registry.push("team/shop:1", &["linux/amd64"]);
        let host = &registry.host;
        let repo = repo(host);
        let certificate = registry.certificate();
        let config = if access == Access::Password { login(host, LOGIN) } else { "{}".to_owned() };
        let said = verified(&repo, &config, &certificate).exits(1);
        let told = format!(
            "danger Deployment mail-dev/mail in dev: its image `{host}/team/mail:1` is not in its registry"
        );
        let words: Vec<&str> = said.stdout.split_whitespace().collect();
        let words = words.join(" ");
        let missing = words.matches("is not in its registry").count();
        assert!(words.contains(&told) && missing == 1, "{access:?}: {}", said.stdout);
        registry.push("team/mail:1", &["linux/amd64"]);
        let said = verified(&repo, &config, &certificate).exits(0);
        assert!(!said.stdout.contains("dangers"), "{access:?}: {}", said.stdout);
        if access == Access::Password {
            for wrong in ["{}".to_owned(), login(host, "push:wrong"), "no JSON".to_owned()] {
                let said = verified(&repo, &wrong, &certificate).exits(2);
                let said = said.says("GEN0916").says("does not let this machine see it");
                let all = said.stdout + &said.stderr;
                assert!(!all.contains("s3cret-pw") && !all.contains("wrong"), "{all}");
            }
        }
        if access == Access::Tls {
            verified(&repo, &config, "/dev/null").exits(2).says("GEN0916");
        }
        drop(registry);
        verified(&repo, &config, &certificate).exits(2).says("cannot tell whether image");
    }
}
