//! A small HTTP server on this machine, for what steps talk to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// Status line, headers, body.
pub type Answer = (String, Vec<(String, String)>, Vec<u8>);

/// What it heard, and where it listens. Its thread ends with the test program.
pub struct Server {
    pub url: String,
    heard: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request with what the function says.
    pub fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (answer, told) = (Arc::new(answer), heard.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, told) = (answer.clone(), told.clone());
                std::thread::spawn(move || {
                    // A client that goes away in the middle is no failure of the server.
                    let _ = serve(stream, answer.as_ref(), &told);
                });
            }
        });
        Self { url, heard }
    }

    /// What it heard so far.
    pub fn heard(&self) -> Vec<Request> {
        self.heard.lock().expect("not poisoned").clone()
    }
}

/// An answer of text.
pub fn answer(status: &str, body: &str) -> Answer {
    (status.to_owned(), Vec::new(), body.as_bytes().to_vec())
}

fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&Request) -> Answer + Send + Sync),
    heard: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(());
    };
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    if headers.get("expect").is_some_and(|value| value == "100-continue") {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = Vec::new();
    if headers.get("transfer-encoding").is_some_and(|value| value == "chunked") {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let size = u64::from_str_radix(size.trim(), 16).unwrap_or(0);
            (&mut reader).take(size).read_to_end(&mut body)?;
            reader.read_line(&mut String::new())?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = headers.get("content-length") {
        let length = length.parse().unwrap_or(0);
        (&mut reader).take(length).read_to_end(&mut body)?;
    }
    let request = Request { method, target, headers, body };
    heard.lock().expect("not poisoned").push(request.clone());
    let (status, headers, body) = answer(&request);
    write!(stream, "HTTP/1.1 {status}\r\n")?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "Content-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}

/// Git over HTTP, by git's own program for it (`git http-backend`, a CGI program), for whoever says this user and password.
pub fn git(root: &Path, login: &str) -> Server {
    let (root, login) = (root.to_owned(), format!("Basic {login}"));
    Server::start(move |request| {
        if request.headers.get("authorization") != Some(&login) {
            let ask = ("WWW-Authenticate".to_owned(), "Basic realm=\"git\"".to_owned());
            return ("401 Unauthorized".to_owned(), vec![ask], Vec::new());
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
        let mut backend = Command::new("git")
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", &root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            // Repositories of a test belong to whoever runs it.
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "safe.directory")
            .env("GIT_CONFIG_VALUE_0", "*")
            .env("REQUEST_METHOD", &request.method)
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .env("GIT_PROTOCOL", header("git-protocol"))
            .env("REMOTE_USER", "test")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git runs");
        let mut stdin = backend.stdin.take().expect("a pipe");
        let body = request.body.clone();
        let feeder = std::thread::spawn(move || stdin.write_all(&body));
        let output = backend.wait_with_output().expect("git ends").stdout;
        let _ = feeder.join();
        let end = output
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("a CGI answer has headers");
        let head = String::from_utf8_lossy(&output[..end]).into_owned();
        let mut status = "200 OK".to_owned();
        let mut headers = Vec::new();
        for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
            if name == "Status" {
                value.clone_into(&mut status);
            } else {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        (status, headers, output[end + 4..].to_vec())
    })
}
