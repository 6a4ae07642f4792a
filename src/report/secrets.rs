//! What `gen secrets` says.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// A Secret that must be in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretEntry {
    /// The environment.
    pub environment: String,
    /// The folder under clusters/.
    pub cluster: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its keys, what each holds, and whether it may be missing.
    pub keys: Vec<(String, String, bool)>,
    /// Who names it.
    pub users: Vec<String>,
    /// What does not work without it.
    pub breaks: Vec<String>,
    /// How to make it.
    pub command: String,
}

/// All Secrets that the rendered objects expect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretsReport {
    /// By environment, namespace and name.
    pub secrets: Vec<SecretEntry>,
}

impl SecretsReport {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut environment = "";
        for secret in &self.secrets {
            if secret.environment != environment {
                let gap = if environment.is_empty() { "" } else { "\n" };
                environment = &secret.environment;
                let _ = writeln!(out, "{gap}{environment}  clusters/{}", secret.cluster);
            }
            let _ = writeln!(
                out,
                "\n  {}/{}  {}",
                secret.namespace, secret.name, secret.kind
            );
            for (key, doc, optional) in &secret.keys {
                let may = if *optional { " (may be missing)" } else { "" };
                let _ = writeln!(out, "    {key}: {doc}{may}");
            }
            let _ = writeln!(out, "    used by {}", secret.users.join(", "));
            if !secret.breaks.is_empty() {
                let _ = writeln!(out, "    without it {}", secret.breaks.join("; "));
            }
            let _ = writeln!(out, "    {}", secret.command);
        }
        if self.secrets.is_empty() {
            out.push_str("no Secret is expected\n");
        }
        out
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let key = |(name, doc, optional): &(String, String, bool)| json!({"key": name, "holds": doc, "optional": optional});
        let secret = |secret: &SecretEntry| {
            json!({
                "environment": secret.environment,
                "cluster": secret.cluster,
                "namespace": secret.namespace,
                "name": secret.name,
                "type": secret.kind,
                "keys": secret.keys.iter().map(key).collect::<Vec<_>>(),
                "usedBy": secret.users,
                "without": secret.breaks,
                "command": secret.command,
            })
        };
        json!({
            "schema": "gen.secrets/1",
            "complete": true,
            "secrets": self.secrets.iter().map(secret).collect::<Vec<_>>(),
        })
    }
}
