//! The keys of `notify`.

use std::sync::Arc;

use super::shared::on;
use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, key};

/// Notification channels for deployments and runs.
pub(super) fn notify() -> Arc<Object> {
    Object::new(
        "Notification channels.",
        vec![
            key(
                "slack",
                Shape::Object(slack()),
                "A Slack channel: runs are reported by a task at their end, rollouts by Flux.",
            ),
            key(
                "email",
                Shape::Object(email()),
                "E-mail, sent by a task at the end of a run; Flux sends none.",
            ),
            key("teams", Shape::Object(hook("A Microsoft Teams channel.", vec![])), "Microsoft Teams, by Flux."),
            key("discord", Shape::Object(hook("A Discord channel.", vec![])), "Discord, by Flux."),
            key(
                "webhook",
                Shape::Object(hook(
                    "Any service that accepts Flux events as JSON.",
                    vec![
                        key(
                            "signed",
                            Shape::Bool,
                            "Sign each event with the Secret's key `token` (header X-Signature, HMAC).",
                        )
                        .default("false"),
                    ],
                )),
                "Any service that accepts Flux events as JSON, by Flux.",
            ),
        ],
    )
}

fn slack() -> Arc<Object> {
    Object::new(
        "A Slack channel.",
        vec![
            key("channel", Shape::Text(Check::NotEmpty), "The channel.")
                .example("\"#deploys\"")
                .required(),
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret with the bot token in its key `token`.",
            )
            .example("slack-token")
            .required(),
            key(
                "address",
                Shape::Text(Check::HttpUrl),
                "The URL to post to, for a service with Slack's API.",
            )
            .default("https://slack.com/api/chat.postMessage"),
            key("on", Shape::Word(on()), "When.").default("always"),
        ],
    )
}

fn email() -> Arc<Object> {
    let tls = vec![
        ("starttls", "STARTTLS, usually on port 587"),
        ("implicit", "TLS, usually on port 465"),
        ("none", "no encryption, and so no password"),
    ];
    Object::new(
        "E-mail.",
        vec![
            key("to", Shape::Text(Check::NotEmpty).list(), "The recipients.")
                .example("[ops@example.test]")
                .required(),
            key("from", Shape::Text(Check::NotEmpty), "The sender.").default("the mail server's `username`"),
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret with `host` and, if the mail server needs them, `port`, `username`, `password` and `ca.crt`.",
            )
            .example("smtp")
            .required(),
            key("tls", Shape::Word(tls), "Encryption of the connection.").default("starttls"),
            key("on", Shape::Word(on()), "When.").default("failure"),
        ],
    )
}

fn hook(doc: &str, more: Vec<Field>) -> Arc<Object> {
    let mut fields = vec![
        key(
            "secret",
            Shape::Text(Check::Name),
            "The Secret with the webhook URL in its key `address`.",
        )
        .required(),
        key("on", Shape::Word(on()), "When.").default("always"),
    ];
    fields.extend(more);
    Object::new(doc, fields)
}
