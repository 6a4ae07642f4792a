//! The command that creates a Secret: with file names instead of values, because a value on a command line stays in the shell's
//! history and shows up in process lists.

use super::Expected;
use crate::environment::Environment;

/// The command, on one line.
#[must_use]
pub fn command(secret: &Expected) -> String {
    let namespace = format!("--namespace={}", secret.namespace);
    let name = &secret.name;
    let kubectl = format!("kubectl{}", with_context(secret.context.as_deref()));
    if secret.kind == "kubernetes.io/tls" {
        return format!(
            "{kubectl} create secret tls {name} {namespace} --cert=TLS.CRT --key=TLS.KEY"
        );
    }
    let mut words = vec![format!("{kubectl} create secret generic {name} {namespace}")];
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

/// The option of kubectl for a context, if there is one.
fn with_context(context: Option<&str>) -> String {
    context.map_or_else(String::new, |name| format!(" --context={}", quoted(name)))
}

/// The command that shows the path of a Receiver's webhook.
pub(super) fn receiver_path(environment: &Environment, name: &str) -> String {
    let context = with_context(environment.context.as_deref());
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
