//! GEN09xx: the live cluster.

use crate::diagnostics::catalogue::errors;

errors! {
    /// What stands between gen and the cluster.
    ClusterError {
        /// Without a kubeconfig there is no address to ask.
        901 Remote NoKubeconfig { path: String } "there is no kubeconfig at `{path}`", "`--kubeconfig FILE` or the variable KUBECONFIG names another one";
        /// The environment's `context:`, or `--context`, names none of the kubeconfig.
        902 Remote NoContext { name: String, hint: String } "the kubeconfig has no context `{name}`", "{hint}";
        /// The kubeconfig is there and cannot be used.
        903 Remote BadKubeconfig { path: String, problem: String } "the kubeconfig `{path}` cannot be used: {problem}", "`kubectl config view` shows what is in it";
        /// A program that the kubeconfig names for credentials failed, or a file with them cannot be read.
        904 Remote Credentials { problem: String } "the credentials of the kubeconfig cannot be had: {problem}", "run `kubectl get namespaces` with the same context: it asks in the same way";
        /// Nobody answers at the server's address.
        905 Remote Unreachable { server: String, problem: String } "the API server {server} cannot be reached: {problem}", "is the cluster running, and is this the right context?";
        /// The server's certificate is not trusted, or no secure connection comes about.
        906 Remote Tls { server: String, problem: String } "no secure connection to {server}: {problem}", "the kubeconfig's `certificate-authority` must be that of this cluster; one that was made anew has another";
        /// The server does not know who asks.
        907 Remote Unauthorized { server: String } "{server} does not accept the credentials", "they may have expired: log in again";
        /// The account may not ask what gen has to ask.
        908 Remote Forbidden { missing: String } "rights are missing: {missing}", "give them with the ClusterRole below, or use `--read-only`, which needs no right to patch";
        /// The time for all questions together is over.
        909 Remote Deadline { seconds: u64 } "the cluster did not answer everything within {seconds} s", "compare less at once with `--env` or `--app`";
        /// The answer is cut off, is no JSON, or is about something else.
        920 Remote BadAnswer { what: String, problem: String } "the answer to `{what}` cannot be trusted: {problem}", "is there a proxy in between?";
        /// The server failed, and did so again when it was asked again.
        921 Remote ServerFailed { what: String, problem: String } "`{what}` failed: {problem}", "";
        /// The server refused a question for another reason than rights.
        922 Remote Refused { what: String, problem: String } "`{what}` was refused: {problem}", "";
        /// The inventory of a Kustomization decides what Flux deletes.
        923 Remote BadInventory { name: String, entry: String } "the inventory of Kustomization `{name}` has an entry that cannot be read: `{entry}`", "";
        /// Kubernetes has no right to metadata alone, so whoever asks whether a Secret is there needs the right to get it.
        924 Remote SecretsForbidden { count: usize } "the account may not ask about {count} of the Secrets", "give it the Roles that are printed: they name each Secret";
    }
}
