//! Paths: in a container, in a request, in the repository.

/// A mount path or URL path: absolute, without `..` and without `:`, which Kubernetes rejects in mounts.
pub(super) fn is_absolute_path(text: &str) -> bool {
    text.starts_with('/')
        && text.len() <= 1024
        && !text
            .contains(|c: char| c.is_control() || matches!(c, ':' | '\\' | '\u{2028}' | '\u{2029}'))
        && !text.split('/').any(|part| part == "..")
}

/// The path of a mounted file or folder, in one spelling, so that two mounts at one place are found. Nothing mounts at the root.
pub(super) fn is_mount_path(text: &str) -> bool {
    is_absolute_path(text) && text[1..].split('/').all(|part| !matches!(part, "" | "."))
}

/// The path of a route, as an Ingress and an HTTPRoute take it (gateway-api, `HTTPPathMatch`).
pub(super) fn is_route_path(text: &str) -> bool {
    let is_part = |part: &str| !matches!(part, "." | "..");
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let is_byte = |code: &str| {
            code.bytes().all(|byte| byte.is_ascii_hexdigit()) && !code.eq_ignore_ascii_case("2f")
        };
        if !after.get(..2).is_some_and(is_byte) {
            return false;
        }
        rest = after;
    }
    text.starts_with('/')
        && text.len() <= 1024
        && !text.contains("//")
        && text.split('/').all(is_part)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-/._~!$&'()*+,;=:@%".contains(&byte))
}

/// Not where Tekton has its own files (pipeline v1.15, container_validation.go).
pub(super) fn is_step_mount_path(text: &str) -> bool {
    is_mount_path(text) && text != "/tekton" && !text.starts_with("/tekton/")
}

/// A path inside the repository, written with `/`.
pub(super) fn is_relative_path(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 1024
        && !text.starts_with(['/', '-', '~'])
        && !text.contains(|c: char| c.is_control() || matches!(c, '\\' | ':' | '$'))
        && !text.split('/').any(|part| part.is_empty() || part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for good in ["apps", "a/b", "jobs/nightly", "a/./b"] {
            assert!(is_relative_path(good), "{good}");
        }
        for bad in ["", "/a", "..", "a/../b", "a//b", "~/x", "-x", "a\\b", "c:x", "a\n"] {
            assert!(!is_relative_path(bad), "{bad}");
        }
        for bad in ["/", "/a/", "/a//b", "/a/./b", "a", "/a/../b"] {
            assert!(!is_mount_path(bad), "{bad}");
        }
        assert!(is_mount_path("/var/lib/data"));
        assert!(
            is_absolute_path("/var/data")
                && !is_absolute_path("/a/../b")
                && !is_absolute_path("/a:b")
        );
    }
}
