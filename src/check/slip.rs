//! Names that were meant to be another.

/// Whether one name is the other with a slip of the pen. Names that end in another number or word are not.
pub(super) fn is_slip(name: &str, other: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let shared = name.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let is_end = shared + 2 >= name.len().max(other.len());
    name.len() >= 5
        && strsim::damerau_levenshtein(name, other) <= 2
        && letters(name) != letters(other)
        && (!is_end || name.len().abs_diff(other.len()) == 1)
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn a_slip_is_not_another_name() {
        assert!(is_slip("unit-tset", "unit-test") && is_slip("git-clne", "git-clone"));
        assert!(is_slip("git-clones", "git-clone"));
        assert!(!is_slip("build-1", "build-2") && !is_slip("build-a", "build-b"));
        assert!(!is_slip("push", "pull") && !is_slip("deploy", "destroy"));
    }
}
