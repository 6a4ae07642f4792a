//! GEN02xx: names, paths and references that cannot be what they are meant to be.

use crate::diagnostics::catalogue::errors;

errors! {
    /// A text that is not what its place needs.
    NameError {
        /// Kubernetes names objects by DNS labels: a-z, 0-9 and `-`, at most 63 characters, beginning and ending with a letter or digit.
        201 Spec NotDnsLabel { text: String } "`{text}` is no DNS label", "use a-z, 0-9 and `-`, at most 63 characters, with a letter or digit at both ends";
        /// A path inside the repository: relative, without `..`, and with `/`.
        202 Spec NotRelativePath { text: String } "`{text}` is no path inside the repository", "write a relative path with `/` and without `..`";
        /// A container image: registry, name, tag or digest.
        203 Spec NotImage { text: String } "`{text}` is no image reference", "write REGISTRY/NAME, REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST";
        /// A git branch, tag or commit, by git's own rules (git-check-ref-format).
        204 Spec NotGitRef { text: String } "`{text}` is no git ref", "write a branch, a tag or a commit, as in `main`";
        /// Only https, http and ssh addresses are fetched, and never one with a password in it.
        205 Spec NotGitUrl { text: String } "`{text}` is no address of a git repository", "write https://…, http://…, ssh://… or user@host:path, without a password";
        /// A Kubernetes quantity, such as 100m, 0.5, 256Mi or 1Gi.
        206 Spec NotQuantity { text: String } "`{text}` is no quantity", "write a number with an optional unit, as in `100m`, `0.5`, `256Mi` or `5Gi`";
        /// A duration as Go writes it, such as 90s, 15m or 1h30m.
        207 Spec NotDuration { text: String } "`{text}` is no duration", "write numbers with units, as in `90s`, `15m` or `1h30m`";
        /// The name of an environment variable.
        208 Spec NotEnvName { text: String } "`{text}` is no name of an environment variable", "use A-Z, a-z, 0-9 and `_`, not beginning with a digit";
        /// An absolute path inside a container or of a URL.
        209 Spec NotAbsolutePath { text: String } "`{text}` is no absolute path", "begin with `/`, and leave out `..`, `:` and control characters";
        /// What is asked for behind a host and port, with its query.
        226 Spec NotRequestPath { text: String } "`{text}` is no path of a request", "begin with `/`";
        /// A host name (RFC 1123), possibly with a wildcard as its first label.
        210 Spec NotHostName { text: String } "`{text}` is no host name", "write it as in `shop.example.org`";
        /// Labels: at most 63 characters of letters, digits, `-`, `_` and `.`; keys with an optional DNS prefix.
        211 Spec NotLabel { text: String } "`{text}` cannot be a label", "keys and values hold at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; a key may have a DNS prefix and `/`";
        /// Five fields of a cron line, or a name such as @daily.
        212 Spec NotSchedule { text: String } "`{text}` is no cron schedule", "write five fields, as in `30 2 * * *`, or @daily";
        /// The name that gen derives from this one is too long for Kubernetes.
        213 Spec DerivedTooLong { derived: String, limit: usize } "the name derived from this, `{derived}`, is longer than {limit} characters", "shorten the name of the app, of the environment or of the task";
        /// An object name: DNS labels joined by dots, at most 253 characters.
        214 Spec NotDnsName { text: String } "`{text}` is no name of a Kubernetes object", "use a-z, 0-9, `-` and `.`, with a letter or digit at both ends";
        /// `sha256:` and 64 hexadecimal digits.
        215 Spec NotDigest { text: String } "`{text}` is no image with a digest", "write REGISTRY/NAME@sha256: and 64 hexadecimal digits";
        /// The key of a Secret or ConfigMap: letters, digits, `-`, `_` and `.`.
        216 Spec NotDataKey { text: String } "`{text}` is no key of a Secret or ConfigMap", "use letters, digits, `-`, `_` and `.`";
        /// The tag of an image, without its name.
        222 Spec NotTag { text: String } "`{text}` is no tag of an image", "use letters, digits, `_`, `.` and `-`, at most 128 of them";
        /// The text may not be empty.
        218 Spec NotEmptyText {} "this text may not be empty", "";
        /// A network in CIDR form.
        217 Spec NotCidr { text: String } "`{text}` is no address range", "write it as in `10.0.0.0/8`";
        /// A day of the calendar.
        220 Spec NotDate { text: String } "`{text}` is no day", "write YEAR-MONTH-DAY, as in `2027-06-30`";
        /// The address of a web page or service, without credentials in it.
        221 Spec NotHttpUrl { text: String } "`{text}` is no web address", "begin with `https://` or `http://` and a host; credentials belong in a Secret";
        /// Metrics and their labels, as Prometheus names them; a colon is for what rules record.
        225 Spec NotMetric { text: String } "`{text}` is no name of a metric or of its label", "use letters, digits and `_`, not beginning with a digit";
        /// Parameters and results of Tekton, without the dots that lead into an object.
        219 Spec NotParamName { text: String } "`{text}` is no name of a parameter or result", "use letters, digits, `-` and `_`, with a letter first and a letter or digit last";
    }
}
