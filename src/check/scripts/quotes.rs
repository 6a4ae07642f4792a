//! Parameters that stand where the shell reads them as a part of the script.

/// The first parameter or result outside quotes: its line in the script, and its name.
pub(super) fn unquoted(text: &str) -> Option<(usize, String)> {
    let (mut quote, mut end_of_here) = (None, None::<String>);
    let mut is_escaped = false;
    for (number, row) in text.lines().enumerate() {
        let line = number + 1;
        if let Some(end) = &end_of_here {
            if row.trim() == end {
                end_of_here = None;
            }
            continue;
        }
        let mut is_comment = false;
        for (at, c) in row.char_indices() {
            if is_comment {
                break;
            }
            match (quote, c) {
                _ if is_escaped => is_escaped = false,
                (Some('"') | None, '\\') => is_escaped = true,
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if c == open => quote = None,
                (None, '#') if row[..at].chars().next_back().is_none_or(char::is_whitespace) => {
                    is_comment = true;
                }
                (None, '$') => {
                    let rest = &row[at..];
                    let is_value = ["$(params.", "$(tasks.", "$(steps."]
                        .iter()
                        .any(|start| rest.starts_with(start));
                    // A path is Tekton's own.
                    if let Some(end) = rest
                        .find(')')
                        .filter(|end| is_value && rest[..*end].rsplit('.').next() != Some("path"))
                    {
                        return Some((line, rest[2..end].to_owned()));
                    }
                }
                _ => {}
            }
        }
        is_escaped = false;
        // The text of a here-document is data.
        if quote.is_none()
            && let Some((_, after)) = row.split_once("<<")
        {
            let word = after.trim_start_matches('-').trim_start();
            let word: String =
                word.chars().take_while(|c| !c.is_whitespace() && *c != ';').collect();
            let word = word.trim_matches(['"', '\'', '\\']).to_owned();
            end_of_here = Some(word).filter(|word| !word.is_empty() && !word.starts_with('<'));
        }
    }
    None
}
