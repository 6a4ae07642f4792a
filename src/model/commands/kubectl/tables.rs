//! The flags of kubectl, by what they take.

use super::flags::Table;

/// Flags that every command of kubectl has. Those of `AS_ANOTHER` change who asks.
pub(super) const GLOBAL: Table = Table {
    values: "as as-group as-uid as-user-extra cache-dir certificate-authority client-certificate client-key \
        cluster context kubeconfig kuberc log-flush-frequency namespace password profile profile-output \
        request-timeout server tls-server-name token user username v vmodule",
    switches: "disable-compression help insecure-skip-tls-verify match-server-version warnings-as-errors",
    letters: &[
        ('n', "namespace"),
        ('s', "server"),
        ('v', "v"),
        ('h', "help"),
    ],
};

/// Flags that make kubectl ask as someone else, or another cluster.
pub(in super::super) const AS_ANOTHER: [&str; 14] = [
    "as",
    "as-group",
    "as-uid",
    "as-user-extra",
    "client-certificate",
    "client-key",
    "cluster",
    "context",
    "kubeconfig",
    "kuberc",
    "server",
    "token",
    "user",
    "username",
];

/// Flags of the commands that gen reads. Where two commands mean different things by one, a table of the command comes first.
pub(super) const COMMON: Table = Table {
    values: "annotation annotations chunk-size class cluster-ip clusterip concurrency container containers \
        cpu cpu-percent current-replicas memory default-backend docker-email docker-password docker-server \
        docker-username env external-ip external-name field-manager field-selector filename for from \
        from-env-file from-file from-literal grace-period hard image image-pull-policy keys kustomize \
        label-columns labels limit-bytes limits load-balancer-ip max max-log-requests max-unavailable min \
        min-available name node-port output override-type overrides patch patch-file pod-running-timeout \
        port prefix protocol prune-allowlist raw replicas requests resource-version restart revision rule \
        schedule scopes selector role clusterrole group serviceaccount resource resource-name verb session-affinity since since-time sort-by subresource tail target-port tcp \
        template timeout to-revision type types api-group verbs categories",
    switches: "all all-containers all-namespaces all-pods allow-missing-template-keys append-hash attach cached \
        cascade client command dry-run edit expose follow force force-conflicts ignore-errors \
        ignore-not-found insecure-skip-tls-verify-backend interactive leave-stdin-open list local namespaced \
        no-headers now openapi-patch output-watch-events overwrite previous privileged prune quiet record \
        recursive resolve rm save-config server-print server-side show-capacity show-events show-kind \
        show-labels show-managed-fields stdin sum timestamps tty use-protocol-buffers validate wait watch \
        watch-only windows-line-endings",
    letters: &[
        ('A', "all-namespaces"),
        ('L', "label-columns"),
        ('R', "recursive"),
        ('c', "container"),
        ('e', "env"),
        ('f', "filename"),
        ('i', "stdin"),
        ('k', "kustomize"),
        ('l', "selector"),
        ('o', "output"),
        ('p', "patch"),
        ('q', "quiet"),
        ('r', "replicas"),
        ('t', "tty"),
        ('w', "watch"),
    ],
};

/// `kubectl logs` has letters and a `--prefix` of its own.
pub(super) const LOGS: Table = Table {
    values: "",
    switches: "prefix",
    letters: &[('f', "follow"), ('p', "previous")],
};
/// `kubectl top pod --containers` takes no value.
pub(super) const TOP: Table = Table {
    values: "",
    switches: "containers",
    letters: &[],
};
