//! Suggestions for misspelt names.

/// `did you mean …?` for the closest known name, if any.
pub(super) fn did_you_mean<'n>(
    name: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<String> {
    let near = |candidate: &str| strsim::damerau_levenshtein(name, candidate);
    let (distance, best) = known.into_iter().map(|candidate| (near(candidate), candidate)).min()?;
    (distance <= 1 + name.chars().count() / 3).then(|| format!("did you mean `{best}`?"))
}
