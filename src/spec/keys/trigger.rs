//! The keys of what webhooks start.

use std::sync::Arc;

use super::shared::webhook_tls;
use crate::name::Check;
use crate::spec::table::{Object, Shape, key};

/// What a git host's events start, and where it reaches the listener.
pub(super) fn trigger() -> Arc<Object> {
    Object::new(
        "Webhooks that start runs.",
        vec![
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret whose key `token` signs the webhooks.",
            )
            .default("APP-webhook"),
            key(
                "branches",
                Shape::Text(Check::GitRef).list(),
                "Branches whose pushes start a run.",
            )
            .default("the source's branch")
            .example("[main]"),
            key(
                "tags",
                Shape::Text(Check::NotEmpty).list(),
                "Tags whose pushes start a run; `*` stands for anything.",
            )
            .default("none")
            .example("[\"v*\"]"),
            key(
                "pullRequests",
                Shape::Bool,
                "Whether pull requests to these branches start a run, which then deploys nothing: deploying tasks and all after them are skipped.",
            )
            .default("false"),
            key(
                "forks",
                Shape::Bool,
                "Also pull requests from forks. Whoever can fork the source then runs what they like beside the credentials of the pipeline.",
            )
            .default("false"),
            key(
                "paths",
                Shape::Text(Check::NotEmpty).list(),
                "Paths of which a push must touch one, in the app's folder, or from the repository's root with a leading `/`. Pull requests and tags do not tell theirs.",
            )
            .example("[\"src/**\", go.mod]"),
            webhook_tls("APP-listener-tls"),
            key(
                "host",
                Shape::Text(Check::Pattern),
                "The host name under which the listener is reached; without it, no Ingress is rendered.",
            ),
        ],
    )
}
