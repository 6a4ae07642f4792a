//! Against a registry that says what a test wants; Debian's own is asked in tests/stages.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;

/// A request: its line, and what it says of who asks.
type Asked = (String, String);

/// What comes back: a status, headers, a body.
type Said = (u16, String, String);

struct Server {
    host: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    fn new(answer: impl Fn(&str, &str, &str) -> Said + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (noted, address) = (Arc::clone(&asked), host.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let line = lines.next().unwrap_or_default();
                let line = line.trim_end_matches(" HTTP/1.1").to_owned();
                let mut authorization = String::new();
                for header in lines.take_while(|header| !header.is_empty()) {
                    let (name, value) = header.split_once(':').expect("a header");
                    if name.eq_ignore_ascii_case("authorization") {
                        value.trim().clone_into(&mut authorization);
                    }
                }
                let (status, headers, body) = answer(&address, &line, &authorization);
                noted.lock().expect("no panic").push((line.clone(), authorization));
                let length = body.len();
                let body = if line.starts_with("HEAD") { String::new() } else { body };
                let text = format!(
                    "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                // The client may have gone.
                let _ = (&stream).write_all(text.as_bytes());
            }
        });
        Self { host, asked }
    }

    fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.host)
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn say(status: u16) -> Said {
    (status, String::new(), String::new())
}

fn ask_for(image: &str, platforms: &[&str], credentials: &Credentials) -> Answer {
    let platforms = platforms.iter().map(|&one| one.to_owned()).collect();
    let images = [(image.to_owned(), platforms)].into();
    let answers = ask(&Questions { images, plain: BTreeSet::new() }, credentials);
    answers.into_values().next().expect("an answer")
}

fn found(lacks: &[&str]) -> Answer {
    Answer::Found { lacks: lacks.iter().map(|&one| one.to_owned()).collect() }
}

fn login(host: &str) -> Credentials {
    let text = json!({"auths": {host: {"auth": STANDARD.encode("push:pw")}}});
    Credentials::read(text.to_string().as_bytes()).expect("a file")
}

#[test]
fn statuses() {
    let server = Server::new(|_, line, _| match line.rsplit('/').next() {
        Some("there") => say(200),
        Some("not") => say(404),
        Some("closed") => say(403),
        Some("much") => say(429),
        _ => say(500),
    });
    let nobody = Credentials::default();
    let ask = |tag: &str| ask_for(&server.image(&format!("shop:{tag}")), &[], &nobody);
    assert_eq!(ask("there"), found(&[]));
    assert_eq!(ask("not"), Answer::Missing);
    let host = &server.host;
    for (tag, why) in [
        ("closed", "does not let this machine see it (status 403)"),
        ("much", "takes no more requests for now (status 429)"),
        ("broken", "answered with status 500"),
    ] {
        assert_eq!(ask(tag), Answer::Unknown(format!("{host} {why}")));
    }
    assert!(server.asked().iter().all(|(line, _)| line.starts_with("HEAD /v2/shop/manifests/")));
    assert_eq!(
        ask_for("a b", &[], &nobody),
        Answer::Unknown("it is not the name of an image".to_owned())
    );
    // Nobody listens on this port any more.
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let Answer::Unknown(why) = ask_for(&format!("{gone}/shop"), &[], &nobody) else {
        panic!("{gone}")
    };
    assert!(why.starts_with(&format!("{gone}: ")), "{why}");
}

#[test]
fn a_token_for_the_name_and_password_of_the_registry() {
    let server = Server::new(|host, line, authorization| {
        if line.starts_with("GET /token") {
            return (200, String::new(), json!({"token": "t0"}).to_string());
        }
        if authorization == "Bearer t0" {
            return say(200);
        }
        let asks =
            format!("www-authenticate: Bearer realm=\"http://{host}/token\",service=\"s p\"\r\n");
        (401, asks, String::new())
    });
    let image = server.image("team/shop:1");
    assert_eq!(ask_for(&image, &[], &login(&server.host)), found(&[]));
    let basic = format!("Basic {}", STANDARD.encode("push:pw"));
    let token = "GET /token?service=s%20p&scope=repository%3Ateam%2Fshop%3Apull";
    let head = "HEAD /v2/team/shop/manifests/1".to_owned();
    let asked = server.asked();
    assert_eq!(asked[0], (head.clone(), String::new()), "no password before it is asked for");
    assert_eq!(asked[1].1, basic);
    assert_eq!(asked[1].0.replace('+', "%20").replace(':', "%3A"), token);
    assert_eq!(asked[2], (head, "Bearer t0".to_owned()));
    // Another registry's password stays here.
    assert_eq!(ask_for(&image, &[], &login("r.example")), found(&[]));
    assert_eq!(server.asked()[4].1, "");
}

#[test]
fn a_name_and_password() {
    let basic = format!("Basic {}", STANDARD.encode("push:pw"));
    let server = Server::new(move |_, _, authorization| {
        let asks = "www-authenticate: Basic realm=\"x\"\r\n".to_owned();
        if authorization == basic { say(200) } else { (401, asks, String::new()) }
    });
    let image = server.image("shop:1");
    assert_eq!(ask_for(&image, &[], &login(&server.host)), found(&[]));
    let Answer::Unknown(why) = ask_for(&image, &[], &Credentials::default()) else { panic!() };
    assert!(why.ends_with("does not let this machine see it (status 401)"), "{why}");
}

#[test]
fn platforms() {
    let server = Server::new(|_, line, _| {
        let body = match line.rsplit('/').next() {
            Some("several") => json!({"manifests": [
                {"platform": {"os": "linux", "architecture": "amd64"}},
                {"platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
                {"platform": {"os": "unknown", "architecture": "unknown"}},
            ]}),
            Some("one") => json!({"config": {"digest": "sha256:c"}}),
            Some("sha256:c") => json!({"os": "linux", "architecture": "amd64"}),
            _ => return (200, String::new(), "no JSON".to_owned()),
        };
        (200, String::new(), body.to_string())
    });
    let nobody = Credentials::default();
    let ask = |tag: &str, platforms: &[&str]| {
        ask_for(&server.image(&format!("shop:{tag}")), platforms, &nobody)
    };
    assert_eq!(ask("several", &["linux/amd64", "linux/arm64"]), found(&[]));
    assert_eq!(ask("several", &["linux/amd64", "linux/riscv64"]), found(&["linux/riscv64"]));
    assert_eq!(ask("one", &["linux/amd64", "linux/arm64"]), found(&["linux/arm64"]));
    let wrong = format!("{} answered with something else than JSON", server.host);
    assert_eq!(ask("odd", &["linux/amd64"]), Answer::Unknown(wrong));
    assert_eq!(ask("odd", &[]), found(&[]), "nobody looks into it");
}
