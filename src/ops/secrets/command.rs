//! The command that creates a Secret: with file names instead of values, because a value on a command line stays in the shell's
//! history and shows up in process lists.

use super::Expected;
use crate::environment::Environment;

/// The command, on one line.
#[must_use]
pub fn command(secret: &Expected) -> String {
    let mut words = vec!["kubectl".to_owned()];
    if let Some(context) = &secret.context {
        words.push(format!("--context={}", quoted(context)));
    }
    let place = format!("--namespace={}", secret.namespace);
    if secret.kind == "kubernetes.io/tls" {
        words.extend(
            ["create", "secret", "tls", &secret.name, &place, "--cert=TLS.CRT", "--key=TLS.KEY"]
                .map(str::to_owned),
        );
        return words.join(" ");
    }
    words.extend(["create", "secret", "generic", &secret.name, &place].map(str::to_owned));
    if secret.kind != "Opaque" {
        words.push(format!("--type={}", secret.kind));
    }
    if secret.keys.is_empty() {
        words.push("--from-file=KEY=FILE".to_owned());
    }
    for key in secret.keys.keys().chain(secret.optional.keys()) {
        let file = key.trim_start_matches('.').to_uppercase();
        words.push(format!("--from-file={key}={file}"));
    }
    words.join(" ")
}

/// The command that shows the path of a Receiver's webhook.
pub(super) fn receiver_path(environment: &Environment, name: &str) -> String {
    let context = environment.context.as_deref();
    let context = context.map_or_else(String::new, |name| format!(" --context={}", quoted(name)));
    format!(
        "kubectl{context} --namespace={} get receiver {name} --output='jsonpath={{.status.webhookPath}}'",
        environment.flux.namespace
    )
}

/// A word, quoted for a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_context_is_one_word() {
        assert_eq!(quoted("kind-homelab"), "kind-homelab");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("$(x)'y"), r"'$(x)'\''y'");
    }
}
