//! Whether a text speaks of kubectl, flux or gen at all. Most scripts do not, and are then not read any further.

/// Words that make `gen` a command of this program and not a word of the text.
const OWN: [&str; 14] = [
    "set",
    "commit",
    "render",
    "explain",
    "diff",
    "promote",
    "check",
    "status",
    "run",
    "init",
    "template",
    "why",
    "help",
    "--version",
];
/// The same for flux.
const FLUX: [&str; 24] = [
    "reconcile",
    "get",
    "suspend",
    "resume",
    "create",
    "delete",
    "export",
    "build",
    "diff",
    "logs",
    "events",
    "check",
    "install",
    "uninstall",
    "bootstrap",
    "push",
    "pull",
    "tag",
    "trace",
    "tree",
    "stats",
    "version",
    "list",
    "trigger",
];

/// One of the three names is a word of the text.
pub(super) fn loosely(text: &str) -> bool {
    ["kubectl", "flux", "gen"]
        .iter()
        .any(|name| words(text, name).next().is_some())
}

/// The text very probably has a command of the three in it: `flux` and `gen` are also words of other languages.
pub(super) fn strictly(text: &str) -> bool {
    place(text).is_some()
}

/// The first line that very probably has a command of the three in it. Lines that are comments do not count.
pub(super) fn line(text: &str) -> Option<&str> {
    let comment = |line: &&str| {
        let line = line.trim_start();
        line.starts_with('#') || line.starts_with("//")
    };
    text.lines()
        .filter(|line| !comment(line))
        .find(|line| strictly(line))
        .map(str::trim)
}

fn place(text: &str) -> Option<usize> {
    let followed = |end: usize, commands: &[&str]| {
        let rest = &text[end..];
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "'\",".contains(c));
        let gap = text.len() - end - rest.len();
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '-')
            .unwrap_or(rest.len());
        gap > 0 && (commands.contains(&&rest[..end]) || rest.starts_with('-'))
    };
    words(text, "kubectl")
        .next()
        .or_else(|| words(text, "flux").find(|start| followed(start + 4, &FLUX)))
        .or_else(|| words(text, "gen").find(|start| followed(start + 3, &OWN)))
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

/// Whether a word is a command of flux.
pub(super) fn is_flux_command(word: &str) -> bool {
    FLUX.contains(&word)
}
