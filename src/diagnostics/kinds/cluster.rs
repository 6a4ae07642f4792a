//! GEN09xx: the live cluster.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors between gen and the cluster.
    ClusterError {
        /// Without a kubeconfig, the address of the API server is unknown.
        901 Remote NoKubeconfig { path: String } "no kubeconfig at `{path}`", "set `--kubeconfig FILE` or the variable KUBECONFIG";
        /// The environment's `context:`, or `--context`, is not in the kubeconfig.
        902 Remote NoContext { name: String, hint: String } "the kubeconfig has no context `{name}`", "{hint}";
        /// The kubeconfig exists but is invalid.
        903 Remote BadKubeconfig { path: String, problem: String } "invalid kubeconfig `{path}`: {problem}", "inspect it with `kubectl config view`";
        /// The kubeconfig's credential plugin failed, or a file with credentials cannot be read.
        904 Remote Credentials { problem: String } "cannot load the kubeconfig's credentials: {problem}", "run `kubectl get namespaces` with the same context to reproduce it";
        /// The server's address does not respond.
        905 Remote Unreachable { server: String, problem: String } "cannot reach the API server {server}: {problem}", "check that the cluster is running and that the context is right";
        /// The server's certificate is not trusted, or the TLS handshake failed.
        906 Remote Tls { server: String, problem: String } "TLS connection to {server} failed: {problem}", "the kubeconfig's `certificate-authority` must match this cluster; a recreated cluster has a new one";
        /// The server rejects the credentials.
        907 Remote Unauthorized { server: String } "{server} rejects the credentials", "log in again: they may have expired";
        /// The account lacks permissions that gen needs.
        908 Remote Forbidden { missing: String } "missing permissions: {missing}", "grant them with the ClusterRole below, or use `--read-only`, which does not need `patch`";
        /// The time limit for all requests together has passed.
        909 Remote Deadline { seconds: u64 } "the cluster did not answer all requests within {seconds} s", "narrow the comparison with `--env` or `--app`";
        /// The response is truncated, is not JSON, or is about another object.
        920 Remote BadAnswer { what: String, problem: String } "invalid response to `{what}`: {problem}", "check for a proxy in between";
        /// The server failed, and failed again on retry.
        921 Remote ServerFailed { what: String, problem: String } "`{what}` failed: {problem}", "";
        /// The server rejected a request for a reason other than permissions.
        922 Remote Refused { what: String, problem: String } "`{what}` was rejected: {problem}", "";
        /// The inventory of a Kustomization decides what Flux deletes.
        923 Remote BadInventory { name: String, entry: String } "invalid entry in the inventory of Kustomization `{name}`: `{entry}`", "";
        /// Kubernetes has no permission for metadata alone: checking that a Secret exists takes `get`.
        924 Remote SecretsForbidden { count: usize } "not allowed to get {count} of the Secrets", "grant the printed Roles, which name each Secret";
        /// `gen check --live` reads names, kinds and settings; of Secrets it reads metadata, for which Kubernetes has no right of its own.
        925 Remote CheckForbidden { missing: String } "missing permissions: {missing}", "grant them with the ClusterRole below; gen requests no value of a Secret";
        /// What accounts may do is asked by SubjectAccessReviews, else by impersonation, else read from Roles and bindings.
        926 Remote RightsUnasked { accounts: usize } "the rights of {accounts} accounts were not compared: not allowed to ask the API server for them", "allow gen one of: `create subjectaccessreviews.authorization.k8s.io`; `impersonate serviceaccounts`; `list roles, rolebindings, clusterroles, clusterrolebindings`";
    }
}
