//! Texts of the spec that look like Tekton's variables, in every place from which they reach a Task or a Pipeline: gen refuses them,
//! or what it renders is taken by Tekton all the same. Tekton knows no way to escape one.

use super::problems;
use crate::support::Repo;

/// The rest of an app, with `@` for the text.
const PLACES: &[&str] = &[
    "source: {url: 'https://git.example/a@.git'}",
    "source: {url: 'https://git.example/a.git', branch: 'x@'}",
    "source: {url: 'https://git.example/a.git', path: 'x@'}",
    "health: '/@'\n    pipeline: [integration-test, load-test]",
    "pipeline: [integration-test: {paths: ['/@']}]",
    "pipeline: [load-test: {paths: ['/@']}]",
    "pipeline: [fetch-source, t: {image: i, script: s, cache: ['/@']}]",
    "pipeline: [fetch-source, t: {image: i, script: s, env: {A: '@'}}]",
    "pipeline: [fetch-source, t: {image: i, script: 'echo @'}]",
    "pipeline: [fetch-source, t: {image: 'i@', script: s}]",
    "pipeline: [fetch-source, t: {image: i, script: s, services: [{name: s, image: i, env: {A: '@'}}]}]",
    "pipeline: [fetch-source, t: {image: i, script: s, services: [{name: s, image: i, args: ['@']}]}]",
    "pipeline: [fetch-source: {env: {A: '@'}}]",
    "pipeline: [fetch-source, build-image: {builder: buildkit, platforms: ['@']}]",
    "pipeline: [fetch-source, build-image: {env: {A: '@'}}]",
    "pipeline: [fetch-source, t: {ref: other, params: {a: '@'}}]",
    "pipeline: [fetch-source, t: {ref: {resolver: git, params: {a: '@'}}}]",
    "build: {target: '@'}",
    "build: {args: {A: '@'}}",
    "build: {dockerfile: '@'}",
];

fn rendered(place: &str, text: &str) -> (Repo, Option<i32>, String) {
    let repo = Repo::empty();
    repo.write("environments/dev.yaml", "deploy: kubectl\n");
    let source =
        if place.contains("source: {url") { "" } else { "    source: https://git.example/a.git\n" };
    let place = place.replace('@', &text.replace('\'', "''"));
    repo.write(
        "gen.yaml",
        format!(
            "version: 1\nrepository: https://git.example/g.git\napps:\n  a:\n    image: registry.example/a\n    port: 80\n{source}    {place}\n"
        ),
    );
    let said = repo.run(["render"]);
    (repo, said.status, said.stderr)
}

#[test]
fn no_text_of_the_spec_becomes_a_variable_that_tekton_refuses() {
    let mut refused = 0;
    for place in PLACES {
        for text in ["$$(params.x)", "$(params['x'])", "$(results.x.path)", "$(workspaces.x.path)"]
        {
            let (repo, status, stderr) = rendered(place, text);
            match status {
                Some(0) => {
                    let found = problems(&repo.objects(), &["other"]);
                    let found: Vec<&str> = found.iter().map(|p| p.what.as_str()).collect();
                    assert!(found.is_empty(), "{place} with {text}: {found:?}");
                }
                Some(3) => refused += 1,
                _ => panic!("{place} with {text}: {status:?} {stderr}"),
            }
        }
    }
    println!("{refused} of {} refused", PLACES.len() * 4);
}

/// What is no variable of Tekton's goes through, shell's own substitution above all.
#[test]
fn other_texts_pass() {
    for place in PLACES.iter().filter(|place| place.contains("env: {A") || place.contains("echo @"))
    {
        let (_, status, stderr) = rendered(place, "$(whoami) ${HOME} $x $$ (params.x)");
        assert_eq!(status, Some(0), "{place}: {stderr}");
    }
    let (_, status, stderr) = rendered(
        "pipeline: [fetch-source, t: {ref: other, params: {a: '@'}}]",
        "$(params.revision) $(tasks.fetch-source.results.commit)",
    );
    assert_eq!(status, Some(0), "{stderr}");
    let (_, status, stderr) = rendered(
        "pipeline: [fetch-source, t: {ref: other, params: {a: '@'}}]",
        "$(tasks.fetch-sauce.results.commit)",
    );
    assert_eq!(status, Some(3), "{stderr}");
    assert!(stderr.contains("GEN0338"), "{stderr}");
}
