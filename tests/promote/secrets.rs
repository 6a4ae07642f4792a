//! `gen secrets --live`.

use crate::server::Server;
use crate::support::Repo;

/// The commands are for the cluster that was asked, not for that of the environment's file.
#[test]
fn commands_are_for_the_cluster_that_was_asked() {
    let server = Server::start();
    let spec = "version: 1\nrepository: https://git.example/team/gitops.git\napps:\n  shop:\n    source: https://git.example/team/shop.git\n    image: registry.example/team/shop\n    env: {TOKEN: {secret: shop, key: token}}\n";
    let repo = Repo::new()
        .file("gen.yaml", spec)
        .file("environments/dev.yaml", "context: theirs\n")
        .file(
            "environments/dev.pins.yaml",
            "apps:\n  shop:\n    image: registry.example/team/shop@sha256:1111111111111111111111111111111111111111111111111111111111111111\n",
        );
    std::fs::write(repo.outside().join("kubeconfig"), server.kubeconfig()).expect("a file");
    let file = repo.outside().join("kubeconfig");
    let file = file.to_str().expect("UTF-8");
    let commands = |more: &[&str]| {
        let said = repo.run(["secrets", "--env", "dev"].iter().chain(more));
        let lines = said.stdout.lines().filter(|line| line.contains("kubectl"));
        let lines: Vec<String> = lines.map(|line| line.trim().replace(file, "FILE")).collect();
        (said.status, lines.join("\n"))
    };
    let (status, said) = commands(&[]);
    assert_eq!(status, 0);
    insta::assert_snapshot!(said, @"kubectl --context=theirs create secret generic shop --namespace=shop-dev --from-file=token=TOKEN");
    let (status, said) = commands(&["--live", "--context", "other", "--kubeconfig", file]);
    assert_eq!(status, 1);
    insta::assert_snapshot!(said, @"kubectl --kubeconfig=FILE --context=other create secret generic shop --namespace=shop-dev --from-file=token=TOKEN");
}
