//! Removes credentials from git's output.

/// The text with user and password of every URL replaced by `…`, and without lines that have an `Authorization` header.
#[must_use]
pub fn redact(text: &str) -> String {
    let lines = text.split_inclusive('\n').filter(|line| {
        let lower = line.to_ascii_lowercase();
        !lower.contains("authorization:") && !lower.contains("private-token:")
    });
    lines.map(without_users).collect()
}

fn without_users(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        // The user can contain an `@` too, so the last one before the path counts.
        let end = after
            .find(|c: char| c == '/' || c.is_whitespace() || matches!(c, '\'' | '"' | '`' | '<'))
            .unwrap_or(after.len());
        let host = after[..end].rfind('@').unwrap_or(0);
        if host > 0 {
            out.push('…');
        }
        rest = &after[host..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_repeated() {
        for (text, wanted) in [
            (
                "fatal: unable to access 'https://me:t0ken@host/x.git/': 403\n",
                "fatal: unable to access 'https://…@host/x.git/': 403\n",
            ),
            ("https://t0ken@host", "https://…@host"),
            (
                "https://a@b:t0ken@host/p and ssh://git:t0ken@h/p",
                "https://…@host/p and ssh://…@h/p",
            ),
            ("https://host/a@b", "https://host/a@b"),
            ("git@host:path", "git@host:path"),
            ("> Authorization: Basic t0ken\nfine\n", "fine\n"),
            ("://@", "://@"),
            ("", ""),
        ] {
            assert_eq!(redact(text), wanted);
            assert!(!redact(text).contains("t0ken"));
        }
    }
}
