//! GEN02xx: names, paths and references that cannot be what they are meant to be.

use crate::diagnostics::catalogue::errors;

errors! {
    /// A string in the wrong format.
    NameError {
        /// Kubernetes names objects by DNS labels: a-z, 0-9 and `-`, at most 63 characters, with a letter or digit at both ends.
        201 Spec NotDnsLabel { text: String } "`{text}` is not a valid DNS label", "use a-z, 0-9 and `-`, at most 63 characters, with a letter or digit at both ends";
        /// Git does not check out files and folders with these names, since Windows takes them for devices; and Flux clones with git.
        233 Spec ReservedFileName { text: String } "`{text}` cannot name a folder: Windows takes it for a device, and Flux would not clone it", "use another name";
        /// An app with a Service of its name. Kubernetes before 1.36 takes no Service whose name begins with a digit (RFC 1035).
        234 Spec NotServiceName { text: String } "`{text}` cannot name a Service, which must begin with a letter", "begin the name with a letter";
        /// The name of a port: a service name of IANA.
        240 Spec NotPortName { text: String } "`{text}` is not a valid port name", "use a-z, 0-9 and single `-`, at most 15 characters, with at least one letter";
        /// A port by its name or number.
        241 Spec NotPort { text: String } "`{text}` is not a valid port", "use the name of a port, or a number from 1 to 65535";
        /// A time that the kubelet counts in whole seconds.
        242 Spec NotSeconds { text: String } "`{text}` is not a valid number of seconds", "use whole seconds, at least one, as in `10s` or `1m30s`";
        /// The name of an HTTP header.
        243 Spec NotHeaderName { text: String } "`{text}` is not a valid header name", "use letters, digits and `-`";
        /// The path of a route, which controllers compare as it is written.
        244 Spec NotRoutePath { text: String } "`{text}` is not a valid path of a route", "start with `/`, without `//`, `.`, `..`, a query, and characters that a URL does not have";
        /// A path inside the repository: relative, without `..`, and with `/`.
        202 Spec NotRelativePath { text: String } "`{text}` is not a valid path inside the repository", "use a relative path with `/` and without `..`";
        /// A container image: registry, name, tag or digest.
        203 Spec NotImage { text: String } "`{text}` is not a valid image reference", "use REGISTRY/NAME, REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST";
        /// A git branch, tag or commit, by git's own rules (git-check-ref-format).
        204 Spec NotGitRef { text: String } "`{text}` is not a valid git ref", "use a branch, a tag or a commit, as in `main`";
        /// Only https, http and ssh URLs without a password are supported.
        205 Spec NotGitUrl { text: String } "`{text}` is not a valid git URL", "use https://…, http://…, ssh://… or user@host:path, without a password";
        /// An amount of memory or storage: whole bytes, such as 256Mi or 1.5Gi.
        206 Spec NotBytes { text: String } "`{text}` is not a valid amount of memory or storage", "use whole bytes, as in `256Mi`, `1.5Gi` or `5Gi`; `m` means thousandths, and a volume cannot be empty";
        /// An amount of CPU: cores, such as 0.5, or thousandths, such as 100m.
        227 Spec NotCpu { text: String } "`{text}` is not a valid amount of CPU", "use cores, as in `0.5` or `2`, or thousandths, as in `100m`";
        /// The path of a mounted file or folder.
        228 Spec NotMountPath { text: String } "`{text}` is not a valid mount path", "use an absolute path such as `/var/lib/data`, without `//`, `.`, `..`, `:` or a trailing `/`; nothing can be mounted at `/`";
        /// A field of the pod, or of its container's resources, as the value of a variable.
        230 Spec NotPodField { text: String } "`{text}` is not a valid field for a variable", "use `metadata.name`, `metadata.namespace`, `metadata.uid`, `metadata.labels['KEY']`, `metadata.annotations['KEY']`, `spec.nodeName`, `spec.serviceAccountName`, `status.podIP`, `status.hostIP`, or `limits.memory` and its like";
        /// The path of a folder mounted in a step. Tekton keeps its own files in /tekton.
        232 Spec NotStepMountPath { text: String } "`{text}` cannot be mounted in a step", "use an absolute path outside `/tekton`, such as `/go/pkg/mod`, without `//`, `.`, `..`, `:` or a trailing `/`";
        /// A name in the IANA time zone database.
        229 Spec NotTimeZone { text: String } "`{text}` is not a valid time zone", "use a name of the IANA database, as in `Europe/Paris` or `UTC`";
        /// A duration in Go's format, such as 90s, 15m or 1h30m.
        207 Spec NotDuration { text: String } "`{text}` is not a valid duration", "use numbers with units, as in `90s`, `15m` or `1h30m`";
        /// The name of an environment variable.
        208 Spec NotEnvName { text: String } "`{text}` is not a valid environment variable name", "use A-Z, a-z, 0-9 and `_`, without a leading digit";
        /// The name of a container's environment variable, which no shell has to read.
        231 Spec NotContainerEnvName { text: String } "`{text}` is not a valid environment variable name", "use letters, digits, `_`, `-` and `.`, without a leading digit";
        /// An absolute path in a container or in a URL.
        209 Spec NotAbsolutePath { text: String } "`{text}` is not a valid absolute path", "start with `/`, without `..`, `:` or control characters";
        /// The path and query of an HTTP request.
        226 Spec NotRequestPath { text: String } "`{text}` is not a valid request path", "start with `/`";
        /// A host name (RFC 1123), possibly with a wildcard as its first label.
        210 Spec NotHostName { text: String } "`{text}` is not a valid host name", "use a name such as `shop.example.org`";
        /// Labels: at most 63 characters of letters, digits, `-`, `_` and `.`; keys with an optional DNS prefix.
        211 Spec NotLabel { text: String } "`{text}` is not a valid label", "use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; a key may have a DNS prefix and `/`";
        /// Five cron fields, or a macro such as @daily.
        212 Spec NotSchedule { text: String } "`{text}` is not a valid cron schedule", "use five fields, as in `30 2 * * *`, or @daily; Sunday is 0, ranges ascend, and names are for months and weekdays only";
        /// The name derived from this one is too long for Kubernetes.
        213 Spec DerivedTooLong { derived: String, limit: usize } "the derived name `{derived}` is longer than {limit} characters", "shorten the name of the app, the environment or the task";
        /// An object name: DNS labels joined by dots, at most 253 characters.
        214 Spec NotDnsName { text: String } "`{text}` is not a valid Kubernetes object name", "use a-z, 0-9, `-` and `.`, with a letter or digit at both ends";
        /// `sha256:` and 64 hexadecimal digits.
        215 Spec NotDigest { text: String } "`{text}` is not an image with a digest", "use REGISTRY/NAME@sha256: and 64 hexadecimal digits";
        /// A key in a Secret or ConfigMap: letters, digits, `-`, `_` and `.`.
        216 Spec NotDataKey { text: String } "`{text}` is not a valid Secret or ConfigMap key", "use letters, digits, `-`, `_` and `.`";
        /// An image tag, without the image's name.
        222 Spec NotTag { text: String } "`{text}` is not a valid image tag", "use at most 128 letters, digits, `_`, `.` and `-`";
        /// The string must not be empty.
        218 Spec NotEmptyText {} "this must not be empty", "";
        /// An address range in CIDR notation.
        217 Spec NotCidr { text: String } "`{text}` is not a valid address range", "use CIDR notation, as in `10.0.0.0/8`, without host bits or leading zeros";
        /// A calendar date.
        220 Spec NotDate { text: String } "`{text}` is not a valid date", "use YEAR-MONTH-DAY, as in `2027-06-30`";
        /// The URL of a page or service, without credentials.
        221 Spec NotHttpUrl { text: String } "`{text}` is not a valid URL", "start with `https://` or `http://` and a host; credentials belong in a Secret";
        /// What is reached without a proxy: an entry of `NO_PROXY`.
        239 Spec NotNoProxy { text: String } "`{text}` is not a valid host or address", "use a host, a domain such as `.corp.example`, an address or a range such as `10.0.0.0/8`, one an entry";
        /// What is pinned does not move, so it is no range.
        245 Spec NotChartVersion { text: String } "`{text}` is not a chart version", "use one version, such as `6.9.2`; a range belongs in `helm.version` of the spec";
        /// Metric and label names as in Prometheus; colons are reserved for recording rules.
        225 Spec NotMetric { text: String } "`{text}` is not a valid metric or label name", "use letters, digits and `_`, without a leading digit";
        /// The permissions of a file, as for chmod.
        236 Spec NotFileMode { text: String } "`{text}` is not a valid file mode", "use four octal digits, as in `0644` or `0400`";
        /// An address of a host.
        237 Spec NotIp { text: String } "`{text}` is not a valid IP address", "use an address such as `192.168.1.5` or `fd00::5`, without leading zeros";
        /// A share of pods.
        238 Spec NotPercent { text: String } "`{text}` is not a valid percentage", "use a whole number from 0 to 100 with `%`, as in `25%`";
        /// A kernel setting, as `sysctl` prints it.
        235 Spec NotSysctl { text: String } "`{text}` is not a valid kernel setting", "use a name as `sysctl -a` prints it, as in `net.core.somaxconn`";
        /// Tekton parameters and results, without dots, which denote object keys.
        219 Spec NotParamName { text: String } "`{text}` is not a valid parameter or result name", "use letters, digits, `-` and `_`, with a letter first and a letter or digit last";
    }
}
