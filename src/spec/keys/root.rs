//! The keys of gen.yaml and of included files.

use std::sync::{Arc, LazyLock};

use super::app::app;
use super::shared::{flux, images, registry};
use crate::name::Check;
use crate::spec::table::{Object, Shape, key};

/// The keys of gen.yaml.
#[must_use]
pub fn root() -> &'static Arc<Object> {
    static ROOT: LazyLock<Arc<Object>> = LazyLock::new(|| {
        let repository = Object::new(
            "The repository that contains this file.",
            vec![
                key("url", Shape::Text(Check::GitUrl), "The URL.")
                    .example("https://git.example/homelab/gitops.git"),
                key(
                    "branch",
                    Shape::Text(Check::GitRef),
                    "The branch that Flux follows.",
                )
                .default("main"),
                key(
                    "path",
                    Shape::Text(Check::RelativePath),
                    "The folder of this file in the repository.",
                )
                .default("."),
                key(
                    "secret",
                    Shape::Text(Check::Name),
                    "The Secret with the deploy key for pipeline commits (`deploy: git`): kubernetes.io/ssh-auth with known_hosts, or kubernetes.io/basic-auth.",
                )
                .default("gitops-deploy-key"),
                key(
                    "forge",
                    Shape::Word(vec![
                        ("github", "GitHub"),
                        ("gitlab", "GitLab"),
                        ("gitea", "Gitea and Forgejo"),
                    ]),
                    "The git host's software, for links to commits and pull requests, if its name does not tell.",
                ),
            ],
        );
        Object::new(
            "gen.yaml: the apps, and defaults for all of them.",
            vec![
                key("version", Shape::Int(1, 1), "The spec's format version.")
                    .example("1")
                    .required(),
                key(
                    "repository",
                    Shape::Short(repository),
                    "The repository that contains this file.",
                )
                .required(),
                key(
                    "apps",
                    Shape::Map(Check::Label, Box::new(Shape::Object(app().clone()))),
                    "The apps, by name.",
                ),
                key(
                    "include",
                    Shape::Text(Check::RelativePath).list(),
                    "Files with more apps; `*` matches any name.",
                )
                .example("[apps/*.yaml]"),
                key("defaults", Shape::Object(app().clone()), "Defaults for all apps."),
                key("flux", Shape::Object(flux()), "How Flux reads and applies the tree."),
                key(
                    "images",
                    images(),
                    "Images of the tools used by tasks, by tool, instead of gen's defaults.",
                )
                .example("{kubectl: \"registry.example/tools/kubectl@sha256:…\"}"),
                key("registry", Shape::Object(registry()), "The registry to push images to."),
            ],
        )
    });
    &ROOT
}

/// The keys of an included file.
#[must_use]
pub fn included() -> &'static Arc<Object> {
    static INCLUDED: LazyLock<Arc<Object>> = LazyLock::new(|| {
        let apps = key(
            "apps",
            Shape::Map(Check::Label, Box::new(Shape::Object(app().clone()))),
            "The apps, by name.",
        )
        .required();
        Object::new("apps/*.yaml: more apps, included by `include`.", vec![apps])
    });
    &INCLUDED
}
