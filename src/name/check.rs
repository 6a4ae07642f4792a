//! The string formats of the spec.

use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};

use super::grammar as g;
use super::network as n;
use super::parts;
use super::schedule::is_schedule;
use super::{path, quantity};
use crate::diagnostics::{Diagnostics, NameError as E, Span};

/// The value of an enum with that word.
#[must_use]
pub fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    let text: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(text).ok()
}

/// A string format. Each has a grammar, a name for the docs, and a pattern for the JSON schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Any string.
    Any,
    /// A non-empty string.
    #[serde(rename = "text")]
    NotEmpty,
    /// A DNS label.
    Label,
    /// The name of a port.
    PortName,
    /// The name or number of a port.
    Port,
    /// A duration of whole seconds, at least one.
    Seconds,
    /// The name of an HTTP header.
    HeaderName,
    /// A DNS label that names a folder of the tree.
    Folder,
    /// The name of a Kubernetes object.
    Name,
    /// A container image.
    Image,
    /// A branch, tag or commit.
    GitRef,
    /// The URL of a git repository.
    GitUrl,
    /// An amount of CPU such as `100m`.
    Cpu,
    /// An amount of memory or storage such as `256Mi`.
    Bytes,
    /// The same, and more than nothing.
    Size,
    /// A duration such as `15m`.
    Duration,
    /// An environment variable's name, which a shell can read.
    EnvName,
    /// The same for a container that may read it in other ways.
    ContainerEnvName,
    /// A name of a parameter or result of Tekton's.
    ParamName,
    /// An absolute path.
    AbsolutePath,
    /// The path of a mounted file or folder.
    MountPath,
    /// The same in a step of a task.
    StepMountPath,
    /// The path of a route.
    RoutePath,
    /// The path of a request, with its query.
    RequestPath,
    /// A path inside the repository.
    RelativePath,
    /// A host name.
    Host,
    /// A label's or annotation's key.
    LabelKey,
    /// A label's value.
    LabelValue,
    /// A cron schedule.
    Schedule,
    /// A time zone's name.
    TimeZone,
    /// A field of the pod for a variable.
    PodField,
    /// A key of a Secret or ConfigMap.
    DataKey,
    /// An address range.
    Cidr,
    /// A string that can contain `{{ app }}` and `{{ env }}`.
    Pattern,
    /// A date, as in `2027-06-30`.
    Date,
    /// The URL of a page or service.
    HttpUrl,
    /// What is reached without a proxy.
    NoProxy,
    /// The tag of an image, without its name.
    Tag,
    /// One version of a Helm chart.
    ChartVersion,
    /// The name of a metric, or of one of its labels.
    Metric,
    /// A kernel setting.
    Sysctl,
    /// An IP address.
    Ip,
    /// A share of up to 100%.
    Percent,
    /// A file's permissions in octal.
    FileMode,
}

impl Check {
    /// Checks a string.
    ///
    /// # Errors
    /// The error of the format.
    pub fn test(self, text: &str) -> Result<(), E> {
        let (holds, error): (bool, fn(String) -> E) = match self {
            Self::Any | Self::Pattern => return Ok(()),
            Self::NotEmpty => (!text.trim().is_empty(), |_| E::NotEmptyText {}),
            Self::Label => (parts::is_dns_label(text), |text| E::NotDnsLabel { text }),
            Self::Folder if g::is_device(text) => {
                return Err(E::ReservedFileName { text: text.to_owned() });
            }
            Self::Folder => (parts::is_dns_label(text), |text| E::NotDnsLabel { text }),
            Self::PortName => (n::is_port_name(text), |text| E::NotPortName { text }),
            Self::Port => (n::is_port(text), |text| E::NotPort { text }),
            Self::Seconds => (g::is_seconds(text), |text| E::NotSeconds { text }),
            Self::HeaderName => (n::is_header_name(text), |text| E::NotHeaderName { text }),
            Self::Name => (parts::is_dns_name(text), |text| E::NotDnsName { text }),
            Self::Image => (g::image_parts(text).is_some(), |text| E::NotImage { text }),
            Self::GitRef => (g::is_git_ref(text), |text| E::NotGitRef { text }),
            Self::GitUrl => (g::is_git_url(text), |text| E::NotGitUrl { text }),
            Self::Cpu => (quantity::is_cpu(text), |text| E::NotCpu { text }),
            Self::Bytes => (quantity::is_bytes(text), |text| E::NotBytes { text }),
            Self::Size => (quantity::is_size(text), |text| E::NotBytes { text }),
            Self::Duration => (g::seconds(text).is_some(), |text| E::NotDuration { text }),
            Self::EnvName => (g::is_env_name(text), |text| E::NotEnvName { text }),
            Self::ContainerEnvName => {
                (g::is_container_env_name(text), |text| E::NotContainerEnvName { text })
            }
            Self::ParamName => (g::is_param_name(text), |text| E::NotParamName { text }),
            Self::AbsolutePath => {
                (path::is_absolute_path(text), |text| E::NotAbsolutePath { text })
            }
            Self::MountPath => (path::is_mount_path(text), |text| E::NotMountPath { text }),
            Self::StepMountPath => {
                (path::is_step_mount_path(text), |text| E::NotStepMountPath { text })
            }
            Self::RoutePath => (path::is_route_path(text), |text| E::NotRoutePath { text }),
            Self::RequestPath => (text.starts_with('/'), |text| E::NotRequestPath { text }),
            Self::RelativePath => {
                (path::is_relative_path(text), |text| E::NotRelativePath { text })
            }
            Self::Host => (n::is_route_host(text), |text| E::NotHostName { text }),
            Self::LabelKey => (g::is_label_key(text), |text| E::NotLabel { text }),
            Self::LabelValue => (g::is_label_value(text), |text| E::NotLabel { text }),
            Self::Schedule => (is_schedule(text), |text| E::NotSchedule { text }),
            Self::PodField => (g::is_pod_field(text), |text| E::NotPodField { text }),
            Self::TimeZone => (g::is_time_zone(text), |text| E::NotTimeZone { text }),
            Self::DataKey => (g::is_data_key(text), |text| E::NotDataKey { text }),
            Self::Cidr => (n::is_cidr(text), |text| E::NotCidr { text }),
            Self::Date => (g::is_date(text), |text| E::NotDate { text }),
            Self::NoProxy => (n::is_no_proxy(text), |text| E::NotNoProxy { text }),
            Self::Tag => (g::is_tag(text), |text| E::NotTag { text }),
            Self::ChartVersion => (g::is_chart_version(text), |text| E::NotChartVersion { text }),
            Self::Metric => (g::is_metric(text), |text| E::NotMetric { text }),
            Self::FileMode => (g::mode(text).is_some(), |text| E::NotFileMode { text }),
            Self::Percent => (g::is_percent(text), |text| E::NotPercent { text }),
            Self::Ip => (n::is_ip(text), |text| E::NotIp { text }),
            Self::Sysctl => (g::is_sysctl(text), |text| E::NotSysctl { text }),
            Self::HttpUrl => (n::is_http_url(text), |text| E::NotHttpUrl { text }),
        };
        let is_url = matches!(self, Self::GitUrl | Self::HttpUrl);
        let shown = || if is_url { g::without_password(text) } else { text.to_owned() };
        if holds { Ok(()) } else { Err(error(shown())) }
    }

    /// Checks a string at a location.
    pub fn check(self, text: &str, span: Span, problems: &mut Diagnostics) {
        if let Err(error) = self.test(text) {
            problems.error(span, error);
        }
    }

    /// Its name in messages and docs.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Any | Self::NotEmpty => "string",
            Self::Label | Self::Folder => "DNS label",
            Self::PortName => "port name",
            Self::Port => "port name or number",
            Self::Seconds => "duration in whole seconds",
            Self::HeaderName => "header name",
            Self::Name => "object name",
            Self::Image => "image",
            Self::GitRef => "git ref",
            Self::GitUrl => "git URL",
            Self::Cpu => "amount of CPU",
            Self::Bytes | Self::Size => "amount of bytes",
            Self::Duration => "duration",
            Self::EnvName | Self::ContainerEnvName => "variable name",
            Self::ParamName => "parameter name",
            Self::AbsolutePath => "absolute path",
            Self::MountPath | Self::StepMountPath => "mount path",
            Self::RoutePath => "path of a route",
            Self::RequestPath => "request path",
            Self::RelativePath => "relative path",
            Self::Host => "host name",
            Self::LabelKey => "label key",
            Self::LabelValue => "label value",
            Self::Schedule => "cron schedule",
            Self::TimeZone => "time zone",
            Self::PodField => "field of the pod",
            Self::DataKey => "data key",
            Self::Cidr => "address range",
            Self::Pattern => "string with {{ app }} and {{ env }}",
            Self::Date => "date",
            Self::HttpUrl => "URL",
            Self::NoProxy => "host or address",
            Self::Tag => "image tag",
            Self::ChartVersion => "chart version",
            Self::Metric => "metric or label name",
            Self::Sysctl => "kernel setting",
            Self::Ip => "IP address",
            Self::Percent => "percentage",
            Self::FileMode => "file mode",
        }
    }

    /// A regular expression (ECMA 262) that all valid strings match, for editors. It can accept more than [`Check::test`].
    #[must_use]
    pub fn pattern(self) -> Option<&'static str> {
        Some(match self {
            Self::Any | Self::Pattern | Self::Schedule | Self::TimeZone | Self::PodField => {
                return None;
            }
            Self::NotEmpty => r"^[\s\S]+$",
            Self::Label | Self::Folder => "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
            Self::PortName | Self::Port => "^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$",
            Self::Seconds => "^([0-9]+(ms|s|m|h))+$",
            Self::HeaderName => "^[-A-Za-z0-9]+$",
            Self::Name => "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
            Self::Image => r"^[^\s@]+(@sha256:[0-9a-f]{64})?$",
            Self::GitRef => r"^[^-\s][^\s]*$",
            Self::GitUrl => r"^(https?://|ssh://|[^@/\s]+@[^:\s]+:)[^\s]+$",
            Self::Cpu => "^[0-9]*\\.?[0-9]+m?$",
            Self::Bytes | Self::Size => "^[0-9]*\\.?[0-9]+(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$",
            Self::Duration => "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$",
            Self::EnvName | Self::Metric => "^[A-Za-z_][A-Za-z0-9_]*$",
            Self::ContainerEnvName => "^[-._A-Za-z][-._A-Za-z0-9]*$",
            Self::ParamName => "^[A-Za-z]([-A-Za-z0-9_]{0,61}[A-Za-z0-9])?$",
            Self::AbsolutePath
            | Self::MountPath
            | Self::StepMountPath
            | Self::RequestPath
            | Self::RoutePath => "^/",
            Self::RelativePath => "^[^/]",
            Self::Host => r"^(\*\.)?[a-z0-9.-]+$",
            Self::LabelKey => "^([a-z0-9.-]+/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
            Self::LabelValue => "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$",
            Self::DataKey => "^[-._A-Za-z0-9]+$",
            Self::FileMode => "^0[0-7]{3}$",
            Self::ChartVersion => r"^v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$",
            Self::Percent => "^(100|[1-9]?[0-9])%$",
            Self::Ip => "^[0-9a-fA-F.:]+$",
            Self::Sysctl => "^[a-z0-9][-_.a-z0-9]*$",
            Self::Cidr => "^[0-9a-fA-F.:]+/[0-9]+$",
            Self::Date => "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            Self::HttpUrl => r"^https?://[^\s]+$",
            Self::NoProxy => r"^[-A-Za-z0-9.:/*\[\]]+$",
            Self::Tag => "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
        })
    }
}
