//! What other grammars are made of.

use super::LABEL_LIMIT;

/// Whether all characters are letters, digits or among the others.
pub(super) fn is_made_of(text: &str, others: &[u8]) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || others.contains(&b))
}

/// Whether it is made of these in lower case, with a letter or digit at both ends.
pub(super) fn is_lower(text: &str, others: &[u8]) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(is_end)
        && text.ends_with(is_end)
        && !text.contains(|c: char| c.is_ascii_uppercase())
        && is_made_of(text, others)
}

/// RFC 1123 label, as `k8s.io/apimachinery/pkg/util/validation` checks it.
pub(super) fn is_dns_label(text: &str) -> bool {
    text.len() <= LABEL_LIMIT && is_lower(text, b"-")
}

/// RFC 1123 subdomain: labels joined by dots, at most 253 characters.
pub(super) fn is_dns_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_dns_label)
}
