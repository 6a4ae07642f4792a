//! The keys of triggers.

use std::sync::Arc;

use super::shared::webhook_tls;
use crate::name::Check;
use crate::spec::table::{Object, Shape, key};

/// The events that start runs, and the listener's address.
pub(super) fn trigger() -> Arc<Object> {
    Object::new(
        "Webhooks that start runs.",
        vec![
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret with the webhooks' signing key in its key `token`.",
            )
            .default("APP-webhook"),
            key(
                "branches",
                Shape::Text(Check::GitRef).list(),
                "Branches that start a run on push.",
            )
            .default("the source's branch")
            .example("[main]"),
            key(
                "tags",
                Shape::Text(Check::NotEmpty).list(),
                "Tags that start a run on push; `*` matches anything.",
            )
            .default("none")
            .example("[\"v*\"]"),
            key(
                "pullRequests",
                Shape::Bool,
                "Start runs for pull requests to these branches, without deploying: deploying tasks and all after them are skipped.",
            )
            .default("false"),
            key(
                "forks",
                Shape::Bool,
                "Include pull requests from forks. Anyone who can fork the source can then run code next to the pipeline's credentials.",
            )
            .default("false"),
            key(
                "paths",
                Shape::Text(Check::NotEmpty).list(),
                "Paths, one of which a push must touch: relative to the app's folder, or to the repository's root with a leading `/`. Not applied to pull requests and tags.",
            )
            .example("[\"src/**\", go.mod]"),
            webhook_tls("APP-listener-tls"),
            key(
                "host",
                Shape::Text(Check::Pattern),
                "The listener's external host name; if not set, no Ingress is rendered.",
            ),
        ],
    )
}
