//! Where an image is: the registry, the repository in it, and the tag or digest.

use crate::name::image_parts;

/// An image in a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference<'i> {
    /// The registry's host and port, as in the image's name.
    pub host: &'i str,
    /// The path in it.
    pub repository: Repository<'i>,
    /// Its digest, otherwise its tag.
    pub version: &'i str,
}

/// A path in a registry; Docker Hub's own images stand in a folder that names leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repository<'i> {
    folder: &'static str,
    path: &'i str,
}

impl std::fmt::Display for Repository<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.folder, self.path)
    }
}

/// The registry of names without one (`github.com/distribution/reference`, normalize.go).
pub(super) const HUB: &str = "docker.io";

impl<'i> Reference<'i> {
    /// By the name of an image; none if it is not one.
    pub(super) fn of(image: &'i str) -> Option<Self> {
        let parts = image_parts(image)?;
        let (host, path) = match parts.name.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
            _ => (HUB, parts.name),
        };
        let host = if host == "index.docker.io" { HUB } else { host };
        let folder = if host == HUB && !path.contains('/') { "library/" } else { "" };
        let version = parts.digest.or(parts.tag).unwrap_or("latest");
        Some(Self { host, repository: Repository { folder, path }, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_container_runtimes_read_them() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (image, host, repository, version) in [
            ("nginx", HUB, "library/nginx", "latest"),
            ("docker.io/nginx:1", HUB, "library/nginx", "1"),
            ("index.docker.io/team/shop", HUB, "team/shop", "latest"),
            ("team/shop:2", HUB, "team/shop", "2"),
            ("localhost/shop", "localhost", "shop", "latest"),
            ("r.example:5000/a/b:1", "r.example:5000", "a/b", "1"),
            (&format!("r.example/a:1@{digest}"), "r.example", "a", &digest),
        ] {
            let found = Reference::of(image).expect("an image");
            assert_eq!(
                (found.host, &*found.repository.to_string(), found.version),
                (host, repository, version)
            );
        }
        assert_eq!(Reference::of("r.example/a b"), None);
        assert_eq!(Reference::of("$(params.image)"), None);
    }
}
