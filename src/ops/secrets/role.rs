//! The purpose of a Secret, as known from the app and the environment.

use crate::environment::{Deploy, Environment};
use crate::model::App;

/// The requirements on a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    /// The type.
    pub(super) kind: &'static str,
    /// Its keys, each with a description.
    pub(super) keys: &'static [(&'static str, &'static str)],
    /// Keys that may be missing.
    pub(super) optional: &'static [(&'static str, &'static str)],
    /// The consequence if it is missing.
    pub(super) breaks: &'static str,
}

const fn role(
    kind: &'static str,
    keys: &'static [(&'static str, &'static str)],
    breaks: &'static str,
) -> Role {
    Role { kind, keys, optional: &[], breaks }
}

const DOCKER: &str = "kubernetes.io/dockerconfigjson";
const DOCKER_KEYS: &[(&str, &str)] = &[(".dockerconfigjson", "a docker config.json with `auths`")];
pub(super) const PULL: Role = role(DOCKER, DOCKER_KEYS, "the app's image cannot be pulled");
const PULL_TASKS: Role = role(DOCKER, DOCKER_KEYS, "the images of tasks cannot be pulled");
const PUSH: Role = role(DOCKER, DOCKER_KEYS, "the image cannot be pushed or scanned");
const LOOK: Role = role(DOCKER, DOCKER_KEYS, "Flux cannot see images of the app");
const AUTHORITY: Role = role(
    "Opaque",
    &[("ca.crt", "the certificate of the registry's CA, as PEM")],
    "the registry's certificate is not trusted",
);
pub(super) const TLS: Role = role(
    "kubernetes.io/tls",
    &[("tls.crt", "the certificate chain"), ("tls.key", "its key")],
    "the host is not served over HTTPS",
);
pub(super) const SIGNATURE: Role = role(
    "Opaque",
    &[("token", "the secret set in the git host's webhook")],
    "all webhooks are rejected, and no run starts",
);
const GIT_HTTP: Role = role(
    "kubernetes.io/basic-auth",
    &[
        ("username", "the user name; any string for a token"),
        ("password", "the password or access token"),
    ],
    "the source cannot be cloned",
);
const GIT_SSH: Role = Role {
    optional: &[(
        "known_hosts",
        "lines of ssh-keyscan for the host; without them, the first host key is trusted",
    )],
    ..role(
        "kubernetes.io/ssh-auth",
        &[("ssh-privatekey", "a key without a passphrase")],
        "the source cannot be cloned",
    )
};
/// A deploy key. Only hosts listed in the Secret are trusted.
const DEPLOY_HTTP: Role = Role { breaks: NO_DEPLOY, ..GIT_HTTP };
const DEPLOY_SSH: Role = role(
    "kubernetes.io/ssh-auth",
    &[
        ("ssh-privatekey", "a key without a passphrase, with push access to the repository"),
        ("known_hosts", "lines of ssh-keyscan for the host"),
    ],
    NO_DEPLOY,
);
const NO_DEPLOY: &str = "the deploy task does not start";
const FLUX_HTTP: Role =
    Role { kind: "Opaque", breaks: "Flux cannot read the repository", ..GIT_HTTP };
const FLUX_SSH: Role = role(
    "Opaque",
    &[
        ("identity", "a key without a passphrase"),
        ("known_hosts", "lines of ssh-keyscan for the host"),
    ],
    "Flux cannot read the repository",
);
const RECEIVER: Role = role(
    "Opaque",
    &[("token", "a long random string, also set in the git host's webhook")],
    "Flux is not notified of pushes, and polls the repository",
);
const SOPS: Role = role(
    "Opaque",
    &[("age.agekey", "an age key; or a PGP key in a key ending in .asc")],
    "Flux cannot decrypt, and applies nothing of the app",
);
const SLACK: Role = role("Opaque", &[("token", "the bot token")], "Slack gets no messages");
const MAIL: Role = Role {
    optional: &[
        ("username", "the user name"),
        ("password", "the password"),
        ("port", "the port"),
        ("ca.crt", "the CA of the mail server's certificate, if it is not a system CA"),
    ],
    ..role("Opaque", &[("host", "the mail server")], "no e-mail is sent")
};
const HOOK: Role =
    role("Opaque", &[("address", "the webhook URL")], "the channel gets no messages");
const SIGNED_HOOK: Role = role(
    "Opaque",
    &[("address", "the webhook URL"), ("token", "a long random string for signing")],
    "the channel gets no messages",
);

/// The app's purposes for a Secret with that name; there can be several.
pub(super) fn of_app(
    app: &App,
    environment: &Environment,
    namespace: &str,
    name: &str,
) -> Vec<Role> {
    let is = |secret: &Option<String>| secret.as_deref() == Some(name);
    let pulls =
        is(&app.registry.secret) || app.container.pull_secrets.iter().any(|secret| secret == name);
    let slacks = app.notify.slack.as_ref().is_some_and(|slack| slack.secret == name);
    let mut roles = Vec::new();
    if namespace == app.pipeline_namespace {
        if is(&app.source.secret) {
            roles.push(if is_http(&app.source.url) { GIT_HTTP } else { GIT_SSH });
        }
        if pulls {
            roles.push(PUSH);
        }
        let mut of_tasks = app.pipeline.iter().flat_map(|pipeline| &pipeline.pull_secrets);
        if of_tasks.any(|secret| secret == name) {
            roles.push(PULL_TASKS);
        }
        if is(&app.registry.ca) {
            roles.push(AUTHORITY);
        }
        if app.deploy == Deploy::Git && environment.repository.secret == name {
            roles.push(if is_http(&environment.repository.url) { DEPLOY_HTTP } else { DEPLOY_SSH });
        }
        if slacks {
            roles.push(SLACK);
        }
        if app.notify.email.as_ref().is_some_and(|email| email.secret == name) {
            roles.push(MAIL);
        }
    }
    if namespace == environment.flux.namespace {
        if slacks {
            roles.push(SLACK);
        }
        let hooks = app.notify.hooks.iter().filter(|hook| hook.secret == name);
        let is_signed = |provider: &str| provider == "generic-hmac";
        roles.extend(hooks.map(|hook| if is_signed(&hook.provider) { SIGNED_HOOK } else { HOOK }));
        if app.deploy == Deploy::ImageAutomation && pulls {
            roles.push(LOOK);
        }
        if app.deploy == Deploy::ImageAutomation && is(&app.registry.ca) {
            roles.push(AUTHORITY);
        }
    }
    roles
}

/// The purposes of the environment's own Flux objects.
pub(super) fn of_flux(
    environment: &Environment,
    namespace: &str,
    name: &str,
    repository: &str,
) -> Option<Role> {
    if namespace != environment.flux.namespace {
        return None;
    }
    let receiver = environment.flux.receiver.as_ref();
    if receiver.is_some_and(|receiver| receiver.secret == name) {
        return Some(RECEIVER);
    }
    if environment.flux.source.secret.as_deref() == Some(name) {
        return Some(if is_http(repository) { FLUX_HTTP } else { FLUX_SSH });
    }
    let decryption = environment.flux.decryption.as_ref();
    let is_key = decryption.is_some_and(|decryption| decryption.secret.as_deref() == Some(name));
    is_key.then_some(SOPS)
}

fn is_http(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
