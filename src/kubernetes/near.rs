//! Suggestions for misspelt words.

/// The closest known word, if any: up to a third of the letters can differ.
pub(in crate::kubernetes) fn nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The hint for an unknown word: the closest known one, else all of them.
pub(in crate::kubernetes) fn hint(word: &str, known: &[&str]) -> String {
    nearest(word, known.iter().copied()).map_or_else(
        || {
            let all: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
            format!("known fields: {}", all.join(", "))
        },
        |near| format!("did you mean `{near}`?"),
    )
}
