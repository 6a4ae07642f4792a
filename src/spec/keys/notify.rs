//! The keys of `notify`.

use std::sync::Arc;

use super::shared::on;
use crate::name::Check;
use crate::spec::table::{Field, Object, Shape, key};

/// Who is told of deployments and runs.
pub(super) fn notify() -> Arc<Object> {
    Object::new(
        "Who is told.",
        vec![
            key(
                "slack",
                Shape::Object(slack()),
                "A Slack channel: of runs by a task at their end, of rollouts by Flux.",
            ),
            key(
                "email",
                Shape::Object(email()),
                "E-mail, by a task at the end of a run; Flux sends none.",
            ),
            key("teams", Shape::Object(hook("A Microsoft Teams channel.", vec![])), "Microsoft Teams, by Flux."),
            key("discord", Shape::Object(hook("A Discord channel.", vec![])), "Discord, by Flux."),
            key(
                "webhook",
                Shape::Object(hook(
                    "Any service that takes Flux's events as JSON.",
                    vec![
                        key(
                            "signed",
                            Shape::Bool,
                            "Sign each event with the key `token` of the Secret (header X-Signature, HMAC).",
                        )
                        .default("false"),
                    ],
                )),
                "Any service that takes Flux's events as JSON, by Flux.",
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
                "The Secret whose key `token` holds the bot's token.",
            )
            .example("slack-token")
            .required(),
            key(
                "address",
                Shape::Text(Check::HttpUrl),
                "Where messages are posted, for a service that speaks Slack's API.",
            )
            .default("https://slack.com/api/chat.postMessage"),
            key("on", Shape::Word(on()), "When.").default("always"),
        ],
    )
}

fn email() -> Arc<Object> {
    let tls = vec![
        (
            "starttls",
            "encrypt after the greeting, usually on port 587",
        ),
        (
            "implicit",
            "encrypt from the first byte, usually on port 465",
        ),
        ("none", "no encryption, and then no password either"),
    ];
    Object::new(
        "E-mail.",
        vec![
            key("to", Shape::Text(Check::NotEmpty).list(), "The addresses.")
                .example("[ops@example.test]")
                .required(),
            key("from", Shape::Text(Check::NotEmpty), "The sender.").default("the mail server's `username`"),
            key(
                "secret",
                Shape::Text(Check::Name),
                "The Secret with `host` and, where the mail server wants them, `port`, `username`, `password` and `ca.crt`.",
            )
            .example("smtp")
            .required(),
            key("tls", Shape::Word(tls), "How the connection is encrypted.").default("starttls"),
            key("on", Shape::Word(on()), "When.").default("failure"),
        ],
    )
}

fn hook(doc: &str, more: Vec<Field>) -> Arc<Object> {
    let mut fields = vec![
        key(
            "secret",
            Shape::Text(Check::Name),
            "The Secret whose key `address` holds the address to post to.",
        )
        .required(),
        key("on", Shape::Word(on()), "When.").default("always"),
    ];
    fields.extend(more);
    Object::new(doc, fields)
}
