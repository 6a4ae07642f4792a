//! `notify-slack` and `notify-email`: what arrives, that no secret is in it, and that a message which is not sent fails no run.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::server::{Server, answer};
use crate::support::play::{Play, Played, has};
use crate::support::wait::until;
use crate::support::{list, project, text};
use crate::{rendered, task};

const TOKEN: &str = "xoxb-c4nary-token";
const PASSWORD: &str = "s3cret-pw";

/// An authority of this test's own, that signed for 127.0.0.1: certificate and key.
static CERTIFICATE: LazyLock<(tempfile::TempDir, PathBuf, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (certificate, key) = (folder.path().join("ca.crt"), folder.path().join("key"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args([
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=test",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (folder, certificate, key)
});

/// A server of servers.py; ends with the test.
struct Stand {
    child: Child,
    port: String,
    heard: Arc<Mutex<Vec<Value>>>,
}

impl Drop for Stand {
    fn drop(&mut self) {
        // It has nothing to finish.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Stand {
    fn start(mode: &str) -> Option<Self> {
        if !has("openssl") || !has("python3") {
            return None;
        }
        let (_, certificate, key) = &*CERTIFICATE;
        let mut child = Command::new("python3")
            .arg(project().join("tests/stages/servers.py"))
            .arg(mode)
            .args([certificate, key])
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let port = lines.next().expect("a line").expect("UTF-8");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let told = heard.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let value = serde_json::from_str(&line).expect("JSON");
                told.lock().expect("not poisoned").push(value);
            }
        });
        Some(Self { child, port, heard })
    }

    /// What it heard, once that is so much.
    fn heard(&self, count: usize) -> Vec<Value> {
        let heard = || self.heard.lock().expect("not poisoned").clone();
        until(Duration::from_secs(20), || heard().len() >= count);
        heard()
    }
}

const STATES: &str = "fetch-source=Succeeded unit-test=Failed build-image=None";

fn play(name: &str, notify: &str) -> Play {
    let objects = rendered("[fetch-source, build-image]", &format!("    notify: {notify}\n"));
    Play::new(task(&objects, name))
        .param("revision", "0f1b7a5")
        .param("run", "shop-x7k2p")
        .param("status", "Failed")
        .param("states", STATES)
}

fn slack(address: &str) -> Play {
    let notify =
        format!("{{slack: {{channel: \"#shop\", secret: slack, address: \"{address}\"}}}}");
    play("shop-notify-slack", &notify).file("/var/run/secrets/slack/token", format!("{TOKEN}\n"))
}

fn email(stand: &Stand, tls: &str) -> Play {
    let notify = format!(
        "{{email: {{to: [ops@example.test, \"Dev <dev@example.test>\"], from: ci@example.test, secret: smtp, tls: {tls}}}}}"
    );
    let (_, certificate, _) = &*CERTIFICATE;
    let certificate = std::fs::read(certificate).expect("it is there");
    play("shop-notify-email", &notify)
        .file("/var/run/secrets/smtp/host", "127.0.0.1\n")
        .file("/var/run/secrets/smtp/port", stand.port.as_str())
        .file("/var/run/secrets/smtp/username", "gen")
        .file("/var/run/secrets/smtp/password", format!("{PASSWORD}\n"))
        .file("/var/run/secrets/smtp/ca.crt", certificate)
}

fn without(play: Play, path: &str) -> Play {
    std::fs::remove_file(play.place(path)).expect("it was there");
    play
}

#[track_caller]
fn says_no_secret(played: &Played) {
    let all = format!("{played:?}");
    assert!(!all.contains(TOKEN) && !all.contains(PASSWORD), "{all}");
}

fn body(server: &Server) -> Value {
    let heard = server.heard();
    serde_json::from_slice(&heard.last().expect("a request").body).expect("JSON")
}

#[test]
fn slack_hears_what_failed_and_for_how_long() {
    if !has("python3") {
        return;
    }
    let server = Server::start(|_| answer("200 OK", r#"{"ok": true}"#));
    let play = slack(&format!("{}/api/chat.postMessage", server.url));
    let played = play.run().succeeds();
    says_no_secret(&played);
    let heard = server.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(heard[0].headers["content-type"], "application/json; charset=utf-8");
    let body = body(&server);
    assert_eq!(body["channel"], "#shop");
    assert_eq!(body["text"], "shop in dev: failed at unit-test");
    assert_eq!(body["attachments"][0]["color"], "danger");
    let details = text(&body, "/attachments/0/text");
    for line in [
        "revision: 0f1b7a5",
        "run: shop-x7k2p",
        "logs: tkn pipelinerun logs shop-x7k2p --namespace shop-dev-ci",
    ] {
        assert!(details.contains(line), "{details}");
    }
    assert!(!String::from_utf8_lossy(&heard[0].body).contains(TOKEN));

    // With the API server, and a dashboard.
    let Some(api) = Stand::start("api") else {
        return;
    };
    let (_, certificate, _) = &*CERTIFICATE;
    let account = "/var/run/secrets/kubernetes.io/serviceaccount";
    let with_api = |token: &str| {
        slack(&server.url)
            .param("status", "Succeeded")
            .param("states", "fetch-source=Succeeded")
            .variable("DASHBOARD", "https://tekton.example/")
            .variable("KUBERNETES_SERVICE_HOST", "127.0.0.1")
            .variable("KUBERNETES_SERVICE_PORT", api.port.as_str())
            .file(&format!("{account}/token"), token)
            .file(&format!("{account}/ca.crt"), std::fs::read(certificate).expect("it is there"))
            .run()
            .succeeds()
    };
    with_api("t0ken");
    let said = self::body(&server);
    let title = text(&said, "/text");
    assert!(title.starts_with("shop in dev: succeeded after 3m2"), "{title}");
    assert_eq!(said["attachments"][0]["color"], "good");
    let details = text(&said, "/attachments/0/text");
    let link = "<https://tekton.example/#/namespaces/shop-dev-ci/pipelineruns/shop-x7k2p|the run>";
    assert!(details.contains(link), "{details}");
    let asked = &api.heard(1)[0];
    assert_eq!(
        asked["request"],
        "/apis/tekton.dev/v1/namespaces/shop-dev-ci/pipelineruns/shop-x7k2p"
    );

    // Where the API server says no, the message comes all the same.
    let refused = with_api("wr0ng");
    assert_eq!(self::body(&server)["text"], "shop in dev: succeeded");
    assert!(refused.steps[0].stderr.contains("how long the run took is not known"));
}

#[test]
fn texts_are_no_markup_for_slack() {
    if !has("python3") {
        return;
    }
    let server = Server::start(|_| answer("200 OK", r#"{"ok": true}"#));
    let odd = "<!channel> & <https://evil.example|click>\nsecond line";
    slack(&server.url).param("revision", odd).run().succeeds();
    let details = body(&server);
    let details = text(&details, "/attachments/0/text");
    assert!(
        details.contains(
            "revision: &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; second line\n"
        ),
        "{details}"
    );
}

#[test]
fn what_slack_refuses_fails_no_run_and_tells_no_token() {
    if !has("python3") {
        return;
    }
    let refuses =
        Server::start(|_| answer("200 OK", r#"{"ok": false, "error": "channel_not_found"}"#));
    let played = slack(&refuses.url).run();
    let step = played.step("post");
    assert_eq!(step.status, Some(1));
    assert!(step.stderr.contains("not sent: Slack refused it: channel_not_found"), "{step:?}");
    assert_eq!(refuses.heard().len(), 3);
    says_no_secret(&played);

    // An answer that points elsewhere is not followed: the token would go there.
    let elsewhere = Server::start(|_| answer("200 OK", r#"{"ok": true}"#));
    let to = elsewhere.url.clone();
    let redirects = Server::start(move |_| {
        ("302 Found".to_owned(), vec![("Location".to_owned(), to.clone())], Vec::new())
    });
    let played = slack(&redirects.url).run();
    assert_eq!(played.step("post").status, Some(1));
    assert!(elsewhere.heard().is_empty());

    // The step alone fails; the Task, and so the run, does not.
    let objects = rendered(
        "[fetch-source]",
        "    notify: {slack: {channel: a, secret: b}, email: {to: [a@b.test], secret: c}}\n",
    );
    for name in ["shop-notify-slack", "shop-notify-email"] {
        assert_eq!(text(task(&objects, name), "/spec/steps/0/onError"), "continue");
    }
}

#[test]
fn mail_comes_encrypted_with_a_password() {
    for tls in ["starttls", "implicit"] {
        let Some(stand) = Stand::start(tls) else {
            return;
        };
        let played = email(&stand, tls).run().succeeds();
        says_no_secret(&played);
        let heard = stand.heard(1);
        let mail = &heard[0];
        assert_eq!(mail["encrypted"], true, "{heard:?}");
        assert_eq!(mail["user"], "gen");
        assert!(text(mail, "/sender").contains("<ci@example.test>"), "{mail}");
        assert_eq!(list(mail, "/recipients").len(), 2);
        let message = text(mail, "/text");
        for line in [
            "Subject: shop in dev: failed at unit-test\r\n",
            "From: ci@example.test\r\n",
            "To: ops@example.test, Dev <dev@example.test>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "revision: 0f1b7a5\r\n",
            "run: shop-x7k2p\r\n",
        ] {
            assert!(message.contains(line), "no {line:?} in {message}");
        }
        assert!(!message.contains(PASSWORD));
    }
}

#[test]
fn no_password_goes_over_an_open_line() {
    let Some(plain) = Stand::start("plain") else {
        return;
    };
    // The server offers no encryption.
    let played = email(&plain, "starttls").run();
    assert_eq!(played.step("send").status, Some(1), "{played:?}");
    says_no_secret(&played);
    // The spec asks for none, and the Secret holds a password.
    let played = email(&plain, "none").run();
    assert!(played.step("send").stderr.contains("in clear text"), "{played:?}");
    assert!(plain.heard(0).is_empty());
    // Without one, mail goes.
    let play = without(email(&plain, "none"), "/var/run/secrets/smtp/password");
    play.run().succeeds();
    let heard = plain.heard(1);
    assert_eq!((&heard[0]["encrypted"], text(&heard[0], "/user")), (&Value::Bool(false), ""));
}

#[test]
fn strangers_and_wrong_passwords_get_nothing() {
    let Some(stand) = Stand::start("starttls") else {
        return;
    };
    // A certificate that no known authority signed.
    let stranger = without(email(&stand, "starttls"), "/var/run/secrets/smtp/ca.crt").run();
    let step = stranger.step("send");
    assert_eq!(step.status, Some(1));
    assert!(step.stderr.contains("CERTIFICATE_VERIFY_FAILED"), "{step:?}");
    // The server repeats the password in its answer.
    let wrong = email(&stand, "starttls").file("/var/run/secrets/smtp/password", "wr0ng-pw").run();
    let step = wrong.step("send");
    assert_eq!(step.status, Some(1));
    assert!(
        step.stderr.contains("no entry for …") && !step.stderr.contains("wr0ng-pw"),
        "{step:?}"
    );
    // What is missing in the Secret is said.
    let hostless = without(email(&stand, "starttls"), "/var/run/secrets/smtp/host").run();
    assert!(hostless.step("send").stderr.contains("the Secret has no `host`"));
}

/// A header that a value could end would be a header of whoever wrote the value.
#[test]
fn no_value_becomes_a_header() {
    let Some(stand) = Stand::start("starttls") else {
        return;
    };
    let play = email(&stand, "starttls").param("states", "x\r\nBcc:evil@example.test=Failed");
    play.param("revision", "a\r\n.\r\nMAIL FROM:<x>\nBcc: evil@example.test").run().succeeds();
    let heard = stand.heard(1);
    assert_eq!(heard.len(), 1);
    assert_eq!(list(&heard[0], "/recipients").len(), 2);
    let message = text(&heard[0], "/text");
    let (top, _) = message.split_once("\r\n\r\n").expect("a head");
    assert!(!top.contains("\nBcc"), "{top}");
}

#[test]
fn on_failure_means_unless_all_is_well() {
    let objects = rendered(
        "[fetch-source]",
        "    notify: {slack: {channel: a, secret: b, on: failure}, email: {to: [a@b.test], secret: c, on: always}}\n",
    );
    let pipeline = objects.iter().find(|o| o.kind() == "Pipeline").expect("a pipeline");
    let at_end = list(&pipeline.value, "/spec/finally");
    let names: Vec<&str> = at_end.iter().map(|task| text(task, "/name")).collect();
    assert_eq!(names, ["notify-email", "notify-slack"]);
    assert!(at_end[0].get("when").is_none());
    assert_eq!(
        at_end[1]["when"],
        serde_json::json!([{"input": "$(tasks.status)", "operator": "notin", "values": ["Succeeded", "Completed"]}])
    );
}
