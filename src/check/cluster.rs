//! What a cluster has switched on, as far as a rule depends on it.

/// Tekton's `enable-api-fields`: fields up to this level are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fields {
    /// Only stable ones.
    Stable,
    /// Beta, too: Tekton's default.
    Beta,
    /// All of them.
    Alpha,
}

/// Tekton's settings (`feature-flags` and `config-defaults`; pkg/apis/config/feature_flags.go, default.go of pipeline v1.15), with its
/// own defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are Tekton's own switches")]
pub struct Cluster {
    /// `enable-api-fields`.
    pub fields: Fields,
    /// `enable-cel-in-whenexpression`.
    pub cel_in_when: bool,
    /// `enable-artifacts`.
    pub artifacts: bool,
    /// `enable-param-enum`.
    pub param_enum: bool,
    /// `enable-concise-resolver-syntax`.
    pub concise_resolvers: bool,
    /// `disable-inline-spec`: `pipeline`, `pipelinerun`, `taskrun`.
    pub no_inline_spec: Vec<String>,
    /// `default-max-matrix-combinations-count`.
    pub matrix: usize,
    /// `default-timeout-minutes`.
    pub timeout_minutes: i64,
    /// `default-forbidden-env`.
    pub forbidden_env: Vec<String>,
    /// `coschedule` is `workspaces`, as by default: the pods of one claim are on one node, so that a task has one claim.
    pub coschedules: bool,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            fields: Fields::Beta,
            cel_in_when: false,
            artifacts: false,
            param_enum: false,
            concise_resolvers: false,
            no_inline_spec: Vec::new(),
            matrix: 256,
            timeout_minutes: 60,
            forbidden_env: Vec::new(),
            coschedules: true,
        }
    }
}
