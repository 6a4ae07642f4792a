//! A faulty proxy in front of the real API server: plain HTTP on loopback, which passes on every request but those that a rule spoils.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::support::wait::{pass, until};

/// What is done to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Another status, with a Status object as the API server sends it.
    Status(u16),
    /// Another status, with these words.
    Says(u16, &'static str),
    /// 429 or 503, with so many seconds to wait.
    Wait(u16, u64),
    /// No answer.
    Silence,
    /// The connection is closed without one.
    Reset,
    /// The connection is closed in the middle of the body.
    CutOff,
    /// Half the body, as if it were all of it.
    HalfJson,
    /// A page of somebody else's.
    Html,
    /// `{}`.
    EmptyObject,
    /// A success that is about nothing.
    Success,
    /// The right answer to another question.
    WrongKind,
    /// A byte at a time.
    Drip,
}

/// Every fault.
pub const FAULTS: [Fault; 20] = [
    Fault::Status(401),
    Fault::Status(403),
    Fault::Status(409),
    Fault::Status(410),
    Fault::Status(418),
    Fault::Status(422),
    Fault::Status(500),
    Fault::Status(502),
    Fault::Status(503),
    Fault::Status(302),
    Fault::Wait(429, 1),
    Fault::Wait(503, 1),
    Fault::Silence,
    Fault::Reset,
    Fault::CutOff,
    Fault::HalfJson,
    Fault::Html,
    Fault::EmptyObject,
    Fault::Success,
    Fault::WrongKind,
];

/// A request, as far as rules look at it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
}

/// Says what is done to the answer to a request.
pub type Rule = Box<dyn Fn(&Asked) -> Option<Fault> + Send + Sync>;

/// A running proxy. It ends with this.
pub struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    spoiled: Arc<AtomicUsize>,
    ends: Arc<AtomicBool>,
    folder: tempfile::TempDir,
}

impl Proxy {
    /// Starts one.
    pub fn start(cluster: &'static Cluster, rule: Rule) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let proxy = Self {
            port,
            asked: Arc::default(),
            spoiled: Arc::default(),
            ends: Arc::default(),
            folder: tempfile::tempdir().expect("a folder"),
        };
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: proxy\ncontexts: [{{name: proxy, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: \"http://127.0.0.1:{port}\"}}}}]\nusers: [{{name: u, user: {{}}}}]\n"
        );
        std::fs::write(proxy.kubeconfig(), kubeconfig).expect("it is written");
        let rule = Arc::new(rule);
        let (asked, spoiled, ends) =
            (Arc::clone(&proxy.asked), Arc::clone(&proxy.spoiled), Arc::clone(&proxy.ends));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (rule, asked) = (Arc::clone(&rule), Arc::clone(&asked));
                let (spoiled, ends) = (Arc::clone(&spoiled), Arc::clone(&ends));
                thread::spawn(move || {
                    let serve = Serve {
                        cluster,
                        rule: rule.as_ref(),
                        asked: &asked,
                        spoiled: &spoiled,
                        ends: &ends,
                    };
                    let _ = serve.connection(stream);
                });
            }
        });
        proxy
    }

    /// A kubeconfig that leads here.
    pub fn kubeconfig(&self) -> &Path {
        // The folder lives as long as this does.
        Box::leak(self.folder.path().join("config").into_boxed_path())
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }

    /// How many answers were spoiled.
    pub fn spoiled(&self) -> usize {
        self.spoiled.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // So that the listener looks.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

struct Serve<'a> {
    cluster: &'static Cluster,
    rule: &'a Rule,
    asked: &'a Mutex<Vec<Asked>>,
    spoiled: &'a AtomicUsize,
    ends: &'a AtomicBool,
}

impl Serve<'_> {
    /// Requests of one connection, one after the other.
    fn connection(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut stream = stream;
        while let Some((asked, media, body)) = read(&mut reader)? {
            self.asked.lock().expect("no panic").push(asked.clone());
            let fault = (self.rule)(&asked);
            if fault.is_some() {
                self.spoiled.fetch_add(1, Ordering::Relaxed);
            }
            if !self.answer(&mut stream, &asked, &media, &body, fault)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether the connection goes on.
    fn answer(
        &self,
        stream: &mut TcpStream,
        asked: &Asked,
        media: &str,
        body: &[u8],
        fault: Option<Fault>,
    ) -> std::io::Result<bool> {
        match fault {
            None => {
                let (status, text) = self.pass(asked, media, body);
                whole(stream, status, "", text.as_bytes())?;
                Ok(true)
            }
            Some(Fault::Status(status)) => {
                whole(stream, status, "", refusal(status, "spoiled by the test").as_bytes())?;
                Ok(true)
            }
            Some(Fault::Says(status, words)) => {
                whole(stream, status, "", refusal(status, words).as_bytes())?;
                Ok(true)
            }
            Some(Fault::Wait(status, seconds)) => {
                let header = format!("Retry-After: {seconds}\r\n");
                whole(stream, status, &header, refusal(status, "wait").as_bytes())?;
                Ok(true)
            }
            Some(Fault::Silence) => {
                until(Duration::MAX, || self.ends.load(Ordering::Relaxed));
                Ok(false)
            }
            Some(Fault::Reset) => Ok(false),
            Some(Fault::CutOff) => {
                let (status, text) = self.pass(asked, media, body);
                let half = text.len() / 2;
                head(stream, status, "", text.len())?;
                stream.write_all(&text.as_bytes()[..half])?;
                Ok(false)
            }
            Some(Fault::HalfJson) => {
                let (status, text) = self.pass(asked, media, body);
                whole(stream, status, "", &text.as_bytes()[..text.len() / 2])?;
                Ok(true)
            }
            Some(Fault::Html) => {
                whole(stream, 200, "", b"<html><body>Please log in</body></html>")?;
                Ok(true)
            }
            Some(Fault::EmptyObject) => {
                whole(stream, 200, "", b"{}")?;
                Ok(true)
            }
            Some(Fault::Success) => {
                let text = json!({"apiVersion": "v1", "kind": "Status", "status": "Success"});
                whole(stream, 200, "", text.to_string().as_bytes())?;
                Ok(true)
            }
            Some(Fault::WrongKind) => {
                let other =
                    Asked { method: "GET".to_owned(), path: "/api/v1/nodes?limit=500".to_owned() };
                let (status, text) = self.pass(&other, "", b"");
                whole(stream, status, "", text.as_bytes())?;
                Ok(true)
            }
            Some(Fault::Drip) => {
                let (status, text) = self.pass(asked, media, body);
                head(stream, status, "", text.len())?;
                for byte in text.as_bytes() {
                    stream.write_all(&[*byte])?;
                    stream.flush()?;
                    pass(Duration::from_millis(20));
                }
                Ok(true)
            }
        }
    }

    /// What the real server says.
    fn pass(&self, asked: &Asked, media: &str, body: &[u8]) -> (u16, String) {
        let method = Method::from_bytes(asked.method.as_bytes()).expect("a method");
        let body: Option<Value> = serde_json::from_slice(body).ok();
        let answer = self.cluster.admin().request(method, &asked.path, media, body.as_ref());
        (answer.status, answer.body.to_string())
    }
}

/// A request with its media type and its body; none where the connection has ended.
fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(Asked, String, Vec<u8>)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let asked = Asked {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
    };
    let (mut length, mut media) = (0, "application/json".to_owned());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or_default(),
            "content-type" => value.trim().clone_into(&mut media),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((asked, media, body)))
}

fn refusal(status: u16, words: &str) -> String {
    json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": status, "message": words})
        .to_string()
}

fn head(stream: &mut TcpStream, status: u16, more: &str, length: usize) -> std::io::Result<()> {
    let mut text = String::new();
    let _ = write!(
        text,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
    );
    stream.write_all(text.as_bytes())
}

fn whole(stream: &mut TcpStream, status: u16, more: &str, body: &[u8]) -> std::io::Result<()> {
    head(stream, status, more, body.len())?;
    stream.write_all(body)?;
    stream.flush()
}
