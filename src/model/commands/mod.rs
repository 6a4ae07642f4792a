//! Which API actions an own task's script needs, read out of its `kubectl`, `flux` and `gen` commands.
//!
//! The rule is to grant exactly what the commands ask the API server for, and never to guess: a command whose verb, kind, name
//! or namespace is only known when it runs is an error, and the task then declares its `permissions:` itself.
//!
//! What is read: `sh` and `bash` scripts with quotes, variables that are set to a literal, functions, loops over literals,
//! here-documents, `sh -c '…'`, `trap`, and wrappers such as `timeout 30`. What is not seen needs no permission as far as gen
//! knows: other files (`./deploy.sh`, `. ./lib.sh`, `make deploy`), other programs that speak to the API (`helm`, `tkn`), and
//! other machines (`ssh`). A task that calls those declares what they need.

mod flux;
mod kubectl;
mod mention;
mod need;
mod own;
mod shell;
mod walk;

#[cfg(test)]
mod tests;

use super::Rule;
use crate::yaml::Value;

/// Stands in a text for a part that is only known when the script runs, and that stays inside its word.
const UNKNOWN: char = '\u{f8ff}';
/// Likewise, but outside of quotes: it may be nothing, or several words.
const ANYTHING: char = '\u{f8fe}';

/// Longer scripts that use the API are programs; they declare what they need.
const LONGEST: usize = 100_000;

/// Names that commands may mean, and the variables of the task.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The app: `$APP_NAME`.
    pub app_name: &'a str,
    /// Where the app runs: `$NAMESPACE`.
    pub app_namespace: &'a str,
    /// Where its pipeline runs, which is where commands act that name no namespace: `$PIPELINE_NAMESPACE`.
    pub pipeline_namespace: &'a str,
    /// Where Flux runs.
    pub flux_namespace: &'a str,
    /// `<app>-<environment>`: the name of its Kustomization.
    pub instance: &'a str,
    /// API group and plural of what runs the app; none where nothing does.
    pub workload: Option<(&'a str, &'a str)>,
    /// The task's own `env`, as in a Container.
    pub env: &'a Value,
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The command as it is written, shortened.
    pub command: String,
    /// Why, as the end of a sentence.
    pub problem: String,
}

impl Unread {
    fn new(command: &str, problem: impl Into<String>) -> Self {
        Self {
            command: shell::shorten(command),
            problem: problem.into(),
        }
    }
}

/// The rules that a script's commands need: sorted, and one where rules differ only in their verbs.
///
/// # Errors
/// The first command whose needs cannot be read, or that asks for what gen grants to nobody.
pub fn permissions(script: &str, names: &Names<'_>) -> Result<Vec<Rule>, Unread> {
    let env = names.env.as_seq().unwrap_or_default();
    let in_env = env
        .iter()
        .filter_map(|variable| variable.get("value")?.as_str())
        .any(mention::loosely);
    if !in_env && !mention::loosely(script) {
        return Ok(Vec::new());
    }
    let unread = |problem: &str| match mention::line(script) {
        Some(line) => Err(Unread::new(line, problem)),
        None => Ok(Vec::new()),
    };
    if let Some(interpreter) = foreign(script) {
        return unread(&format!(
            "gen reads `sh` and `bash`, and this is a script for `{interpreter}`"
        ));
    }
    if script.len() > LONGEST {
        return unread("the script is too long to be read");
    }
    walk::walk(script, names)
}

/// The interpreter of a script's first line, where it is none that gen reads.
fn foreign(script: &str) -> Option<String> {
    let line = script
        .strip_prefix("#!")?
        .lines()
        .next()
        .unwrap_or_default();
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut words = line.split_whitespace();
    let mut name = base(words.next().unwrap_or_default());
    if matches!(name.as_str(), "env" | "busybox") {
        let word = words.find(|word| !word.starts_with('-') && !word.contains('='));
        name = word.map_or(name, base);
    }
    let known = ["sh", "bash", "dash", "ash"].contains(&name.as_str());
    (!known && !name.is_empty()).then_some(name)
}
