//! One request, with retries if useful, within one deadline for all.

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kube::Client;
use kube::client::Body;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::Requests;
use super::cause::{credential_problem, root_cause};
use crate::change::live::NOT_TYPED;

/// Maximum number of attempts of a request.
const ATTEMPTS: u32 = 5;
/// Maximum number of attempts after failures likely to repeat: a timeout, an invalid response.
const DOUBTFUL_ATTEMPTS: u32 = 2;
/// The first delay; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// After this many requests in a row without a response, the server is considered gone.
const GONE: usize = 24;

/// The purpose of a request, for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Discovery,
    List,
    Get,
    DryRun,
}

/// A request to the API server.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) purpose: Purpose,
    /// With the query.
    pub(super) path: String,
    /// A patch: its media type and its bytes.
    pub(super) patch: Option<(&'static str, Vec<u8>)>,
    /// The wanted form of the response.
    pub(super) accept: &'static str,
}

/// The response as it is.
pub(super) const WHOLE: &str = "application/json";
/// Only an object's metadata: the rest does not leave the server.
pub(super) const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

impl Request {
    pub(super) fn get(purpose: Purpose, path: String) -> Self {
        Self { purpose, path, patch: None, accept: WHOLE }
    }

    /// A description of the request, as in `GET /api/v1/namespaces`.
    pub(super) fn words(&self) -> String {
        let method = if self.patch.is_some() { "PATCH" } else { "GET" };
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{method} {path}")
    }
}

/// The reason for a missing or unusable response.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Failure {
    /// The server rejects the request: a status from 400 to 499, or equivalent.
    Refused { status: u16, answer: Value },
    /// The server failed each time.
    Server(String),
    /// No connection, or a broken one.
    Transport(String),
    /// No secure connection.
    Tls(String),
    /// No credentials to send.
    Credentials(String),
    /// The response is invalid.
    BadAnswer(String),
    /// It timed out each time.
    Slow(Duration),
    /// The overall deadline has passed.
    Deadline,
    /// Not sent after too many failures of others.
    GaveUp,
}

/// Sends requests and counts them.
pub(super) struct Caller {
    client: Client,
    deadline: Instant,
    request_timeout: Duration,
    discoveries: AtomicUsize,
    lists: AtomicUsize,
    gets: AtomicUsize,
    dry_runs: AtomicUsize,
    retries: AtomicUsize,
    failed_in_a_row: AtomicUsize,
}

/// The outcome of one attempt.
enum Attempt<T> {
    Done(T),
    /// No retry.
    Final(Failure),
    /// Retry this many times, after at least this delay.
    Again(Failure, u32, Option<Duration>),
}

impl Caller {
    pub(super) fn new(client: Client, deadline: Duration, request_timeout: Duration) -> Self {
        Self {
            client,
            deadline: Instant::now() + deadline,
            request_timeout,
            discoveries: AtomicUsize::new(0),
            lists: AtomicUsize::new(0),
            gets: AtomicUsize::new(0),
            dry_runs: AtomicUsize::new(0),
            retries: AtomicUsize::new(0),
            failed_in_a_row: AtomicUsize::new(0),
        }
    }

    /// The requests sent so far.
    pub(super) fn requests(&self) -> Requests {
        let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        Requests {
            discoveries: read(&self.discoveries),
            lists: read(&self.lists),
            gets: read(&self.gets),
            dry_runs: read(&self.dry_runs),
            retries: read(&self.retries),
        }
    }

    /// Sends the request and reads the response. `read` gets its status and its bytes, and returns what is wrong with them.
    pub(super) async fn call<T>(
        &self,
        request: &Request,
        read: impl Fn(u16, &[u8]) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let mut pause = PAUSE;
        for attempt in 1.. {
            if self.failed_in_a_row.load(Ordering::Relaxed) >= GONE {
                return Err(Failure::GaveUp);
            }
            if attempt > 1 {
                self.retries.fetch_add(1, Ordering::Relaxed);
            }
            match self.attempt(request, &read).await {
                Attempt::Done(answer) => {
                    self.failed_in_a_row.store(0, Ordering::Relaxed);
                    return Ok(answer);
                }
                Attempt::Final(failure) => {
                    if matches!(failure, Failure::Refused { .. }) {
                        self.failed_in_a_row.store(0, Ordering::Relaxed);
                    }
                    return Err(failure);
                }
                Attempt::Again(failure, attempts, after) => {
                    let wait = after.unwrap_or(pause).max(pause);
                    let is_late = Instant::now() + wait >= self.deadline;
                    if attempt >= attempts || is_late {
                        // A server that responds at all is not gone.
                        if matches!(failure, Failure::Transport(_) | Failure::Slow(_)) {
                            self.failed_in_a_row.fetch_add(1, Ordering::Relaxed);
                        }
                        return Err(failure);
                    }
                    sleep(wait).await;
                    pause *= 2;
                }
            }
        }
        unreachable!("the loop ends by returning")
    }

    async fn attempt<T>(
        &self,
        request: &Request,
        read: &impl Fn(u16, &[u8]) -> Result<T, String>,
    ) -> Attempt<T> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Attempt::Final(Failure::Deadline);
        }
        let count = match request.purpose {
            Purpose::Discovery => &self.discoveries,
            Purpose::List => &self.lists,
            Purpose::Get => &self.gets,
            Purpose::DryRun => &self.dry_runs,
        };
        count.fetch_add(1, Ordering::Relaxed);
        let limit = left.min(self.request_timeout);
        match timeout(limit, self.send(request)).await {
            Err(_) if limit < self.request_timeout => Attempt::Final(Failure::Deadline),
            Err(_) => Attempt::Again(Failure::Slow(limit), DOUBTFUL_ATTEMPTS, None),
            Ok(Err(error)) => transport(&error),
            Ok(Ok((status, after, body))) => answer(status, after, &body, read),
        }
    }

    async fn send(
        &self,
        request: &Request,
    ) -> Result<(u16, Option<Duration>, Vec<u8>), kube::Error> {
        let builder = http::Request::builder().uri(&request.path).header("Accept", request.accept);
        let built = match &request.patch {
            Some((media, bytes)) => builder
                .method("PATCH")
                .header("Content-Type", *media)
                .body(Body::from(bytes.clone())),
            None => builder.method("GET").body(Body::empty()),
        };
        let answer = self.client.send(built.map_err(kube::Error::HttpError)?).await?;
        let status = answer.status().as_u16();
        let after = answer
            .headers()
            .get("Retry-After")
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.trim().parse().ok())
            .map(Duration::from_secs);
        let body = answer.into_body().collect_bytes().await?;
        Ok((status, after, body.into()))
    }
}

fn answer<T>(
    status: u16,
    after: Option<Duration>,
    body: &[u8],
    read: &impl Fn(u16, &[u8]) -> Result<T, String>,
) -> Attempt<T> {
    let said = || -> Value { serde_json::from_slice(body).unwrap_or_default() };
    match status {
        200..=299 => match read(status, body) {
            Ok(answer) => Attempt::Done(answer),
            Err(problem) => Attempt::Again(Failure::BadAnswer(problem), DOUBTFUL_ATTEMPTS, None),
        },
        429 | 500 | 502..=504 => {
            let answer = said();
            let words = answer.get("message").and_then(Value::as_str);
            // An object that does not fit its kind's schema is answered with 500 (apiserver fieldmanager structuredmerge.go).
            if status == 500 && words.is_some_and(|words| words.contains(NOT_TYPED)) {
                return Attempt::Final(Failure::Refused { status, answer });
            }
            let problem = match words {
                Some(words) => format!("{status}, {words}"),
                None => status.to_string(),
            };
            Attempt::Again(Failure::Server(problem), ATTEMPTS, after)
        }
        400..=499 => Attempt::Final(Failure::Refused { status, answer: said() }),
        _ => Attempt::Final(Failure::BadAnswer(format!("its status is {status}"))),
    }
}

fn transport<T>(error: &kube::Error) -> Attempt<T> {
    if let kube::Error::Auth(error) = error {
        return Attempt::Final(Failure::Credentials(credential_problem(error)));
    }
    // A plugin's failure comes wrapped by the client's layers.
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<kube::client::AuthError>() {
            return Attempt::Final(Failure::Credentials(credential_problem(error)));
        }
        source = cause.source();
    }
    let words = root_cause(error);
    let is_tls = [
        "certificate",
        "UnknownIssuer",
        "corrupt message",
        "TLS",
        "HandshakeFailure",
        "InvalidMessage",
    ]
    .iter()
    .any(|sign| words.contains(sign));
    if is_tls {
        Attempt::Final(Failure::Tls(words))
    } else {
        Attempt::Again(Failure::Transport(words), ATTEMPTS, None)
    }
}
