//! The command that creates a Secret: with file names instead of values, because a value on a command line stays in the shell's
//! history and shows up in process lists.

use super::Expected;
use crate::cluster::Target;
use crate::environment::Environment;

/// The command, on one line.
#[must_use]
pub fn command(secret: &Expected) -> String {
    let namespace = format!("--namespace={}", secret.namespace);
    let name = &secret.name;
    let kubectl = format!("kubectl{}", options(&secret.target));
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

/// The options of kubectl for a cluster.
fn options(target: &Target) -> String {
    let file = target.kubeconfig.as_ref().map(|path| path.to_string_lossy());
    let file = file.map(|path| format!(" --kubeconfig={}", quoted(&path)));
    let context = target.context.as_ref().map(|name| format!(" --context={}", quoted(name)));
    [file, context].into_iter().flatten().collect()
}

/// The command that shows the path of a Receiver's webhook.
pub(super) fn receiver_path(environment: &Environment, target: &Target, name: &str) -> String {
    let options = options(target);
    format!(
        "kubectl{options} --namespace={} get receiver {name} --output='jsonpath={{.status.webhookPath}}'",
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
