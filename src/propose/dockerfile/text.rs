//! The text of a Dockerfile: instructions, quotes and variables.

use std::collections::BTreeMap;

/// The instructions, each on one line, with the number of its first one.
pub(super) fn instructions(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (number, mut whole) = open.take().unwrap_or((at + 1, String::new()));
        if let Some(start) = trimmed.strip_suffix('\\') {
            whole.push_str(start);
            whole.push(' ');
            open = Some((number, whole));
            continue;
        }
        whole.push_str(trimmed);
        // The lines of a here-document are no instructions.
        if let Some(word) = heredoc(&whole) {
            for (_, line) in lines.by_ref() {
                if line.trim() == word {
                    break;
                }
            }
        }
        all.push((number, whole));
    }
    all.extend(open);
    all
}

/// The word that ends the here-document which an instruction begins.
fn heredoc(instruction: &str) -> Option<String> {
    let word = instruction.split_whitespace().next()?.to_ascii_uppercase();
    if !matches!(word.as_str(), "RUN" | "COPY" | "ADD") {
        return None;
    }
    let (_, rest) = instruction.split_once("<<")?;
    let rest = rest.trim_start_matches('-').trim_start_matches(['"', '\'']);
    let word: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

/// A text without the quotes around it.
pub(super) fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// A text with the variables that are known; the others stay as they are.
pub(super) fn expanded(text: &str, variables: &BTreeMap<String, String>) -> String {
    /// A value that doubles in each line would never end.
    const LONGEST: usize = 4096;
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if out.len() > LONGEST {
            return text.to_owned();
        }
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (inner, next) = braced.unwrap_or_else(|| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len()))
        });
        let (name, default) =
            inner.split_once(":-").map_or((inner, None), |(name, default)| (name, Some(default)));
        match variables.get(name).map(String::as_str).or(default) {
            Some(value) if !name.is_empty() => out.push_str(value),
            _ => {
                out.push('$');
                rest = after;
                continue;
            }
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

/// The words of a command, as a shell splits them, without their quotes.
pub(super) fn words(command: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                // `""` is a word.
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => all.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_as_a_shell_has_them() {
        assert_eq!(words("a  \"b c\"d '' \"e"), ["a", "b cd", "", "e"]);
    }
}
