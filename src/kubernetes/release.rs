//! A HelmRelease of Flux.

/// API version and kind.
pub const RELEASE: (&str, &str) = ("helm.toolkit.fluxcd.io/v2", "HelmRelease");

/// Fields of its `spec` that are keys of `helm` as they are.
pub const SETTINGS: [&str; 9] = [
    "install",
    "upgrade",
    "rollback",
    "uninstall",
    "test",
    "driftDetection",
    "maxHistory",
    "suspend",
    "postRenderers",
];
