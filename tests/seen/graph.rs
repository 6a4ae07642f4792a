//! `gen graph`.

use crate::support::Repo;

fn shop() -> Repo {
    Repo::new()
        .file(
            "gen.yaml",
            "version: 1
repository: https://git.example/o.git
apps:
  shop:
    source: https://git.example/shop.git
    image: registry.example/shop
    port: 8080
    pipeline:
      - fetch-source
      - - unit-test: {image: \"docker.io/library/python:3.13\", script: pytest}
        - lint: {image: \"docker.io/library/python:3.13\", script: ruff check}
      - build-image
      - deploy-app
    finally: [rollback]
  job: {image: \"registry.example/job:1\", workload: none}
",
        )
        .file("environments/dev.yaml", "deploy: kubectl\nrun: webhook\n")
        .file("environments/prod.yaml", "promotesFrom: dev\n")
}

#[test]
fn a_pipeline_in_every_format() {
    let repo = shop();
    let out = |format: &str| {
        let ran = repo.run(["graph", "shop", "--env", "dev", "-o", format]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        ran.stdout
    };
    insta::assert_snapshot!(out("text"), @r"
    shop in dev
      1. fetch-source
      2. unit-test (docker.io/library/python:3.13),
         lint (docker.io/library/python:3.13)
      3. build-image
      4. deploy-app
      finally: rollback
    ");
    insta::assert_snapshot!(out("mermaid"), @r#"
    flowchart LR
      n0["fetch-source"]
      n1["unit-test<br/>docker.io/library/python:3.13"]
      n2["lint<br/>docker.io/library/python:3.13"]
      n3["build-image"]
      n4["deploy-app"]
      n0 --> n1
      n0 --> n2
      n2 --> n3
      n1 --> n3
      n3 --> n4
      subgraph finally
      n5["rollback"]
      end
    "#);
    let svg = out("svg");
    for task in ["fetch-source", "unit-test", "lint", "build-image", "deploy-app", "rollback"] {
        assert!(svg.contains(&format!(">{task}</text>")), "{task}");
    }
    assert!(out("dot").starts_with("digraph \"shop in dev\" {"));
}

#[test]
fn environments_and_what_has_no_pipeline() {
    let repo = shop();
    insta::assert_snapshot!(repo.run(["graph"]).stdout, @r"
    2 apps in 2 environments
      1. dev (job, shop on dev)
      2. prod (job, shop on prod)
    ");
    insta::assert_snapshot!(repo.run(["graph", "--env", "prod"]).stdout, @r"
    2 apps in 1 environment
      1. prod (job, shop on prod)
    ");
    let ran = repo.run(["graph", "job"]);
    assert_eq!(ran.status, 64);
    insta::assert_snapshot!(ran.stderr, @r"
    error[GEN0607]: `job` has no pipeline in `dev, prod`
      help: check `pipeline:` of the app and of the environment
    ");
    assert_eq!(repo.run(["graph", "nothing"]).status, 64);
    assert_eq!(repo.run(["graph", "shop", "--env", "prod"]).status, 64);
}
