//! Whether a text speaks of a tool at all: kubectl, flux, gen, or another program that asks the API server. Most scripts do not, and are then not read any further.

use crate::permissions::names::listed;
use crate::permissions::tools::others;

/// The tools whose commands need rights.
pub(in crate::permissions) const TOOLS: [&str; 3] = ["kubectl", "flux", "gen"];

/// Words that make `gen` a command of this program and not a word of the text.
const OWN: &str = "set commit render explain diff promote check status run init template why wait help --version -C";
/// The same for flux.
const FLUX: &str = "reconcile get suspend resume create delete export build diff logs events check install uninstall bootstrap \
    push pull tag trace tree stats version list trigger -n --namespace";

/// A name of a tool is a word of the text.
pub(super) fn loosely(text: &str) -> bool {
    TOOLS.into_iter().chain(others::names()).any(|name| words(text, name).next().is_some())
}

/// The text very probably has a command of a tool in it: `flux` and `gen` are also words of other languages.
pub(super) fn strictly(text: &str) -> bool {
    let followed = |end: usize, commands: &str| {
        let behind = &text[end..];
        let rest = behind.trim_start_matches(|c: char| c.is_whitespace() || "'\",".contains(c));
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '-');
        let next = &rest[..length.unwrap_or(rest.len())];
        behind.len() > rest.len() && !next.is_empty() && listed(commands, next)
    };
    words(text, "kubectl").next().is_some()
        || words(text, "flux").any(|start| followed(start + 4, FLUX))
        || words(text, "gen").any(|start| followed(start + 3, OWN))
        || others::names().any(|name| {
            words(text, name).any(|start| followed(start + name.len(), others::online(name)))
        })
}

/// The first line that very probably has a command of a tool in it. Lines that are comments do not count.
pub(super) fn line(text: &str) -> Option<&str> {
    let comment = |line: &str| line.starts_with('#') || line.starts_with("//");
    text.lines().map(str::trim).find(|line| !comment(line) && strictly(line))
}

/// Where a name stands as a word of its own.
fn words<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(name).filter_map(move |(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + name.len()..].chars().next();
        (!before.is_some_and(part) && !after.is_some_and(part)).then_some(start)
    })
}
