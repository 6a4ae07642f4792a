//! Flags of kubectl and flux: which of them take the next word, because the words that are left say what a command acts on.

use super::need::{ANYTHING, known};
use crate::permissions::names::listed;

/// Flags that take a value, of the commands that are read.
const VALUES: &str = "C annotation annotations api-group as as-group as-uid as-user-extra at-most cache-dir categories certificate-authority \
    chunk-size class client-certificate client-key cluster clusterip clusterrole color container containers context default- \
    backend docker-email docker-password docker-server docker-username env external-name field-manager field-selector filename \
    for from from-env-file from-file from-literal grace-period group hard image image-pull-policy keys kube-api-burst kube-api- \
    qps kubeconfig kuberc kustomize label-columns label-selector labels limit-bytes log-flush-frequency max-log-requests max- \
    unavailable min-available name namespace node-port output password patch patch-file pod-running-timeout port prefix profile \
    profile-output protocol prune-allowlist raw replicas request-timeout resource resource-name resource-version restart \
    revision role rule schedule scopes selector server serviceaccount since since-time sort-by status-selector subresource tail \
    tcp template timeout tls-server-name to-revision token type types user username v verb vmodule";

/// Flags that take none, or only behind a `=`.
const SWITCHES: &str = "all all-containers all-namespaces all-pods allow-missing-template-keys append-hash cached cascade client command disable- \
    compression dry-run edit follow force force-conflicts help ignore-errors ignore-not-found insecure-skip-tls-verify insecure- \
    skip-tls-verify-backend interactive list local match-server-version namespaced no-header no-headers now openapi-patch \
    output-watch-events overwrite previous privileged prune quiet record recursive reset resolve save-config server-print \
    server-side show-events show-kind show-labels show-managed-fields stdin timestamps tty use-protocol-buffers validate verbose \
    wait warnings-as-errors watch watch-only windows-line-endings with-source";

/// Letters that stand for a long name.
const LETTERS: &str = "A=all-namespaces C=C L=label-columns R=recursive V=version c=container e=env f=filename h=help i=stdin k=kustomize \
    l=selector n=namespace o=output p=patch q=quiet r=replicas s=server t=tty v=v w=watch";

/// What differs from command to command.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Own {
    /// Flags that take no value here.
    pub(super) switches: &'static str,
    /// Letters that mean something else here.
    pub(super) letters: &'static str,
}

/// Flags that make a tool ask as someone else, or another cluster.
const AS_ANOTHER: &str = "as as-group as-uid as-user-extra client-certificate client-key cluster context kubeconfig kuberc server \
    token user username";

/// Flags and words of a command.
#[derive(Debug, Default)]
pub(super) struct Flags {
    own: Own,
    set: Vec<(String, String)>,
    /// What is no flag.
    pub(super) words: Vec<String>,
    /// A word that is not quoted and not known may be a flag.
    hidden: bool,
}

impl Flags {
    /// Sorts words into flags and others. An unknown flag is an error, because it may take the next word. The value of a flag is
    /// taken for one word, also where it is an unquoted variable, as in `--timeout=$T`.
    pub(super) fn read(words: &[String], own: Own) -> Result<Self, String> {
        let mut flags = Self { own, ..Self::default() };
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                flags.words.extend(rest.cloned());
                break;
            } else if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (long, None),
                };
                let takes = flags.takes_value(name).ok_or_else(|| unknown(word))?;
                let value = match value {
                    Some(value) => value.to_owned(),
                    None if takes => rest.next().cloned().unwrap_or_default(),
                    None => "true".to_owned(),
                };
                flags.set.push((name.to_owned(), value));
            } else if word.starts_with('-') && word.len() > 1 {
                flags.letters(word, &mut rest)?;
            } else {
                flags.hidden |= word.starts_with(ANYTHING);
                flags.words.push(word.clone());
            }
        }
        Ok(flags)
    }

    fn letters(
        &mut self,
        word: &str,
        rest: &mut std::slice::Iter<'_, String>,
    ) -> Result<(), String> {
        for (index, letter) in word.char_indices().skip(1) {
            let mut all = [self.own.letters, LETTERS].into_iter();
            let name = all.find_map(|all| long_name(all, letter));
            let name = name.ok_or_else(|| unknown(word))?;
            if self.takes_value(name) != Some(true) {
                self.set.push((name.to_owned(), "true".to_owned()));
                continue;
            }
            let behind = &word[index + letter.len_utf8()..];
            let value = if behind.is_empty() {
                rest.next().cloned().unwrap_or_default()
            } else {
                behind.strip_prefix('=').unwrap_or(behind).to_owned()
            };
            self.set.push((name.to_owned(), value));
            break;
        }
        Ok(())
    }

    /// Whether a flag takes the next word; nothing if it is not known.
    fn takes_value(&self, name: &str) -> Option<bool> {
        if listed(SWITCHES, name) || listed(self.own.switches, name) {
            return Some(false);
        }
        listed(VALUES, name).then_some(true)
    }

    /// An error where an unknown word may be a flag. Commands that need to know all their words find that by themselves.
    pub(super) fn all_seen(&self) -> Result<(), String> {
        if self.hidden {
            return Err("a word of it may be a flag when it runs; put it in quotes".to_owned());
        }
        Ok(())
    }

    /// An error where the command asks as someone else, or for more than gen grants to anybody.
    pub(super) fn own_rights(&self) -> Result<(), String> {
        if let Some(flag) =
            self.set.iter().map(|(name, _)| name).find(|name| listed(AS_ANOTHER, name))
        {
            return Err(format!("with `--{flag}` it may not ask as the task's own account"));
        }
        if self.has("all-namespaces") {
            return Err(
                "it asks for all namespaces, and gen grants no cluster-wide rights".to_owned()
            );
        }
        Ok(())
    }

    /// The value of a flag; the last one counts.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let mut set = self.set.iter().rev();
        set.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a flag that may be given more than once.
    pub(super) fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let set = self.set.iter().filter(move |(known, _)| known == name);
        set.map(|(_, value)| value.as_str())
    }

    /// Whether a switch is on, or may be.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value != "false")
    }

    /// The first of the flags that is given.
    pub(super) fn any<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.has(name))
    }
}

fn unknown(word: &str) -> String {
    if known(word).is_none() {
        return "a flag of it is only known when it runs".to_owned();
    }
    format!("gen does not know its flag `{word}`")
}

/// The long name of a letter.
fn long_name(all: &'static str, letter: char) -> Option<&'static str> {
    let mut pairs = all.split_whitespace().filter_map(|pair| pair.split_once('='));
    let pair = pairs.find(|(known, _)| known.chars().eq([letter]));
    pair.map(|(_, name)| name)
}

/// The first word that is no flag. Before it stand flags of every command; `letters`: those of one letter that take a value.
pub(super) fn verb<'w>(words: &'w [String], letters: &str) -> Result<Option<&'w str>, String> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let Some(flag) = word.strip_prefix('-') else {
            let verb = known(word).ok_or("its verb is only known when it runs")?;
            return Ok(Some(verb));
        };
        let takes = match flag.strip_prefix('-') {
            Some(name) => listed(VALUES, name),
            None => listed(letters, flag),
        };
        if takes {
            rest.next();
        }
    }
    Ok(None)
}
