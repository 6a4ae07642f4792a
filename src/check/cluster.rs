//! What a cluster has switched on, as far as a rule depends on it.

use super::objects::Objects;

/// Where Tekton's ConfigMaps are.
pub const NAMESPACE: &str = "tekton-pipelines";
/// Those that hold settings.
pub const SETTINGS: [&str; 2] = ["feature-flags", "config-defaults"];

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
    /// `coschedule`: which pods are on one node.
    pub coschedule: String,
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
            coschedule: "workspaces".to_owned(),
        }
    }
}

impl Cluster {
    /// Whether the pods of one claim are on one node, as by default, so that a task has one claim.
    #[must_use]
    pub fn coschedules(&self) -> bool {
        self.coschedule == "workspaces"
    }

    /// Tekton's defaults with these settings, by Tekton's own keys and as in its ConfigMaps. Those that no rule depends on, and values that
    /// Tekton itself would not take, change nothing.
    #[must_use]
    pub fn with<K: AsRef<str>, V: AsRef<str>>(settings: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut cluster = Self::default();
        for (key, value) in settings {
            cluster.set(key.as_ref(), value.as_ref().trim());
        }
        cluster
    }

    /// As Tekton's ConfigMaps among the objects say, if they are there.
    #[must_use]
    pub fn among(objects: &Objects) -> Self {
        let maps = objects.of("", "ConfigMap").filter(|item| {
            item.object.namespace() == Some(NAMESPACE) && SETTINGS.contains(&item.object.name())
        });
        let data = maps.filter_map(|item| item.object.at(&["data"])?.as_map());
        Self::with(
            data.flat_map(crate::yaml::Map::iter)
                .filter_map(|(key, value)| Some((key, value.as_str()?))),
        )
    }

    fn set(&mut self, key: &str, value: &str) {
        let list = || {
            let parts = value.split(',').map(|part| part.trim().to_owned());
            parts.filter(|part| !part.is_empty()).collect()
        };
        match key {
            "enable-api-fields" => match value {
                "stable" => self.fields = Fields::Stable,
                "beta" => self.fields = Fields::Beta,
                "alpha" => self.fields = Fields::Alpha,
                _ => {}
            },
            "enable-cel-in-whenexpression" => flag(&mut self.cel_in_when, value),
            "enable-artifacts" => flag(&mut self.artifacts, value),
            "enable-param-enum" => flag(&mut self.param_enum, value),
            "enable-concise-resolver-syntax" => flag(&mut self.concise_resolvers, value),
            "disable-inline-spec" => self.no_inline_spec = list(),
            "coschedule" => value.clone_into(&mut self.coschedule),
            "default-max-matrix-combinations-count" => number(&mut self.matrix, value),
            "default-timeout-minutes" => number(&mut self.timeout_minutes, value),
            "default-forbidden-env" => self.forbidden_env = list(),
            _ => {}
        }
    }

    /// Each setting with the number of its ConfigMap in [`SETTINGS`] and its value there.
    #[must_use]
    pub fn settings(&self) -> Vec<(usize, &'static str, String)> {
        let fields = match self.fields {
            Fields::Stable => "stable",
            Fields::Beta => "beta",
            Fields::Alpha => "alpha",
        };
        vec![
            (0, "enable-api-fields", fields.to_owned()),
            (0, "enable-cel-in-whenexpression", self.cel_in_when.to_string()),
            (0, "enable-artifacts", self.artifacts.to_string()),
            (0, "enable-param-enum", self.param_enum.to_string()),
            (0, "enable-concise-resolver-syntax", self.concise_resolvers.to_string()),
            (0, "disable-inline-spec", self.no_inline_spec.join(",")),
            (0, "coschedule", self.coschedule.clone()),
            (1, "default-max-matrix-combinations-count", self.matrix.to_string()),
            (1, "default-timeout-minutes", self.timeout_minutes.to_string()),
            (1, "default-forbidden-env", self.forbidden_env.join(",")),
        ]
    }
}

/// A truth value as Go's strconv.ParseBool reads it.
fn flag(flag: &mut bool, value: &str) {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => *flag = true,
        "0" | "f" | "F" | "false" | "FALSE" | "False" => *flag = false,
        _ => {}
    }
}

fn number<T: std::str::FromStr>(number: &mut T, value: &str) {
    if let Ok(read) = value.parse() {
        *number = read;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_are_written() {
        let changed = [
            ("enable-api-fields", "alpha"),
            ("enable-cel-in-whenexpression", "true"),
            ("enable-artifacts", "true"),
            ("enable-param-enum", "true"),
            ("enable-concise-resolver-syntax", "true"),
            ("disable-inline-spec", "pipelinerun,taskrun"),
            ("coschedule", "disabled"),
            ("default-max-matrix-combinations-count", "16"),
            ("default-timeout-minutes", "5"),
            ("default-forbidden-env", "HTTP_PROXY,NO_PROXY"),
        ];
        let settings = Cluster::with(changed).settings();
        let read: Vec<(&str, &str)> =
            settings.iter().map(|(_, key, value)| (*key, value.as_str())).collect();
        assert_eq!(read, changed);
        let plain = Cluster::default().settings();
        assert!(plain.iter().zip(&settings).all(|(plain, other)| plain.2 != other.2));
        // The whole of Tekton's ConfigMap is there, also what no rule depends on.
        assert_eq!(
            Cluster::with([("keep-pod-on-cancel", "true"), ("enable-artifacts", "x")]),
            Cluster::default()
        );
    }
}
