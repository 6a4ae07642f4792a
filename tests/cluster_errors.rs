//! What gen says when a cluster cannot be asked: the messages, and the causes that need no control plane. Those that need one are
//! in tests/live.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use gitops_gen::cluster::{Connection, NoProgress, Options, Scope, Target, compare};
use gitops_gen::diagnostics::{ClusterError, Diagnostic, ImportError, Kind, Look, Sources, render};
use tempfile::TempDir;

/// As a person sees it.
fn shown(error: impl Into<Kind>) -> String {
    render(&Diagnostic::error(error), &Sources::default(), Look::Plain)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A kubeconfig with one context, `there`, and what stands for its user.
fn kubeconfig(folder: &Path, server: &str, user: &str) -> Target {
    let path = folder.join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: there\ncontexts: [{{name: there, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: \"{server}\"}}}}]\nusers: [{{name: u, user: {user}}}]\n"
    );
    std::fs::write(&path, text).expect("it is written");
    Target { kubeconfig: Some(path), context: None }
}

/// What opening a connection says, with the folder's name taken out.
fn refused(folder: &Path, target: &Target) -> String {
    let error = Connection::open(target).err().expect("an error");
    shown(error).replace(&folder.display().to_string(), "HOME")
}

/// What asking says.
fn unanswered(target: &Target) -> ClusterError {
    let connection = Connection::open(target).expect("a connection");
    let desired = gitops_gen::change::Desired {
        identity: gitops_gen::kubernetes::Identity {
            group: String::new(),
            kind: "ConfigMap".to_owned(),
            namespace: Some("a".to_owned()),
            name: "b".to_owned(),
        },
        api_version: "v1".to_owned(),
        body: serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap"}),
        environment: "dev".into(),
        app: None,
        path: "x.yaml".into(),
        origin: None,
        applier: None,
    };
    compare(&connection, [desired], &Scope::default(), &Options::default(), &NoProgress)
        .expect_err("nobody answers")
}

#[test]
fn a_kubeconfig_that_is_not_there() {
    let home = folder();
    let target = Target { kubeconfig: Some(home.path().join("none")), context: None };
    insta::assert_snapshot!(refused(home.path(), &target), @r"
    error[GEN0901]: no kubeconfig at `HOME/none`
      help: set `--kubeconfig FILE` or the variable KUBECONFIG
    ");
}

#[test]
fn a_context_that_is_not_there() {
    let home = folder();
    let mut target = kubeconfig(home.path(), "https://127.0.0.1:1", "{}");
    target.context = Some("kind-homelab".to_owned());
    insta::assert_snapshot!(refused(home.path(), &target), @r"
    error[GEN0902]: the kubeconfig has no context `kind-homelab`
      help: it has there; set `context:` in the environment, or `--context`
    ");
}

#[test]
fn a_kubeconfig_that_is_none() {
    let home = folder();
    let target = kubeconfig(home.path(), "https://127.0.0.1:1", "{token: [");
    insta::assert_snapshot!(refused(home.path(), &target), @r"
    error[GEN0903]: invalid kubeconfig `HOME/config`: it cannot be parsed
      help: inspect it with `kubectl config view`
    ");
}

#[test]
fn a_credential_program_that_fails_keeps_what_it_said() {
    let home = folder();
    for (program, arguments) in
        [("sh", "[-c, \"echo canary-token; exit 3\"]"), ("gen-no-such-program", "[]")]
    {
        let user = format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {program}, args: {arguments}, interactiveMode: Never}}}}"
        );
        let target = kubeconfig(home.path(), "https://127.0.0.1:1", &user);
        let said = match Connection::open(&target) {
            Err(error) => shown(error),
            Ok(_) => shown(unanswered(&target)),
        };
        assert!(said.starts_with("error[GEN0904]: "), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn a_server_that_is_not_there() {
    let home = folder();
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let target = kubeconfig(home.path(), &format!("https://127.0.0.1:{port}"), "{}");
    let said = shown(unanswered(&target)).replace(&port.to_string(), "PORT");
    insta::assert_snapshot!(said, @r"
    error[GEN0905]: cannot reach the API server https://127.0.0.1:PORT: Connection refused (os error 111)
      help: check that the cluster is running and that the context is right
    ");
}

#[test]
fn a_server_that_speaks_no_tls() {
    let home = folder();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 256]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        }
    });
    let target = kubeconfig(home.path(), &format!("https://127.0.0.1:{port}"), "{}");
    let said = shown(unanswered(&target)).replace(&port.to_string(), "PORT");
    assert!(
        said.starts_with("error[GEN0906]: TLS connection to https://127.0.0.1:PORT failed: "),
        "{said}"
    );
}

#[test]
fn the_messages_of_what_fails_on_the_way() {
    let what = "GET /apis/apps/v1/deployments".to_owned();
    let errors = [
        ClusterError::Credentials { problem: "`login` ended with exit status: 3".to_owned() },
        ClusterError::Tls {
            server: "https://cluster.example".to_owned(),
            problem: "invalid peer certificate: UnknownIssuer".to_owned(),
        },
        ClusterError::Unauthorized { server: "https://cluster.example".to_owned() },
        ClusterError::Forbidden { missing: "patch deployments.apps in orders".to_owned() },
        ClusterError::Deadline { seconds: 300 },
        ClusterError::BadAnswer {
            what: what.clone(),
            problem: "EOF while parsing a string at line 1 column 100".to_owned(),
        },
        ClusterError::ServerFailed {
            what: what.clone(),
            problem: "the response was 503".to_owned(),
        },
        ClusterError::Refused { what, problem: "the response was 410".to_owned() },
        ClusterError::BadInventory { name: "demo-app-dev".to_owned(), entry: "x".to_owned() },
        ClusterError::SecretsForbidden { count: 3 },
        ClusterError::CheckForbidden { missing: "get secrets in orders".to_owned() },
        ClusterError::RightsUnasked { accounts: 2 },
    ];
    insta::assert_snapshot!(errors.map(shown).concat());
}

#[test]
fn a_namespace_that_may_not_be_read() {
    let error = ImportError::NamespaceUnread {
        namespace: "shop".to_owned(),
        missing: "list configmaps in shop (and 40 more)".to_owned(),
    };
    insta::assert_snapshot!(shown(error), @r"
    error[GEN1402]: nothing in namespace `shop` can be read: missing permissions: list configmaps in shop (and 40 more)
      help: grant `get` and `list` in the namespace; gen keeps only the names and keys of Secrets
    ");
}
