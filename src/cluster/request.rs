//! One request, with retries if useful, within one deadline for all.

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kube::Client;
use kube::client::Body;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::Requests;
use super::cause::{credential_problem, root_cause};
use super::kinds::{Resource, path};
use crate::change::live::{MANAGER, NOT_TYPED};
use crate::diagnostics::ClusterError;
use crate::kubernetes::Identity;
use crate::kubernetes::json::text;

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
    /// A question about rights, which changes nothing.
    Review,
}

impl Purpose {
    /// The verb that it needs a permission for.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Discovery | Self::Get => "get",
            Self::List => "list",
            Self::DryRun => "patch",
            Self::Review => "create",
        }
    }
}

/// A request to the API server.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) purpose: Purpose,
    /// With the query.
    pub(super) path: String,
    /// What is sent, a patch or a review: its media type and its bytes.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
    /// The user that is impersonated.
    pub(super) as_user: Option<String>,
    /// The wanted form of the response.
    pub(super) accept: &'static str,
    /// The resource and the namespace that it needs a permission for.
    pub(super) needs: Option<(String, Option<String>)>,
}

/// The response as it is.
pub(super) const WHOLE: &str = "application/json";
/// Only the metadata of a list's objects.
pub(super) const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
/// The API of reviews of rights.
const REVIEWS: &str = "authorization.k8s.io/v1";
/// Only an object's metadata: the rest does not leave the server.
pub(super) const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

impl Request {
    pub(super) fn get(purpose: Purpose, path: String) -> Self {
        Self { purpose, path, body: None, as_user: None, accept: WHOLE, needs: None }
    }

    /// The kinds of a version of an API.
    pub(super) fn discovery(api_version: &str) -> Self {
        Self::get(Purpose::Discovery, path(api_version, None, &[]))
    }

    /// One object.
    pub(super) fn one(resource: &Resource, identity: &Identity) -> Self {
        let needs = Some((resource.words(), identity.namespace.clone()));
        Self { needs, ..Self::get(Purpose::Get, resource.object(identity)) }
    }

    /// A page of the objects of a kind.
    pub(super) fn list(resource: &Resource, namespace: Option<&str>, query: &str) -> Self {
        let needs = Some((resource.words(), namespace.map(str::to_owned)));
        let path = format!("{}{query}", resource.collection(namespace));
        Self { needs, ..Self::get(Purpose::List, path) }
    }

    /// The dry run of a patch of an object, with its media type.
    pub(super) fn dry_run(
        resource: &Resource,
        identity: &Identity,
        query: &str,
        (media, text): (&'static str, String),
    ) -> Self {
        let one = Self::one(resource, identity);
        Self {
            purpose: Purpose::DryRun,
            path: format!("{}?dryRun=All&fieldManager={MANAGER}{query}", one.path),
            body: Some((media, text.into_bytes())),
            ..one
        }
    }

    /// A review of rights, as this user if there is one.
    pub(super) fn review(plural: &str, as_user: Option<String>, review: &Value) -> Self {
        let path = path(REVIEWS, None, &[plural]);
        let body = Some((WHOLE, review.to_string().into_bytes()));
        let needs = Some((format!("{plural}.authorization.k8s.io"), None));
        Self { body, as_user, needs, ..Self::get(Purpose::Review, path) }
    }

    fn method(&self) -> &'static str {
        match (self.purpose, &self.body) {
            (Purpose::Review, _) => "POST",
            (_, Some(_)) => "PATCH",
            (_, None) => "GET",
        }
    }

    /// A description of the request, as in `GET /api/v1/namespaces`.
    pub(super) fn words(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method())
    }

    pub(super) fn failed(self, failure: Failure) -> Failed {
        Box::new((self, failure))
    }
}

/// A request without a usable response.
pub(super) type Failed = Box<(Request, Failure)>;

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

impl Failure {
    /// Whether a permission is missing.
    pub(super) fn is_forbidden(&self) -> bool {
        matches!(self, Self::Refused { status: 403, .. })
    }

    /// Whether no other request would be answered either.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Transport(_)
                | Self::Tls(_)
                | Self::Credentials(_)
                | Self::Refused { status: 401, .. }
        )
    }

    /// The problem in words; `seconds` is the overall time limit.
    pub(super) fn words(&self, seconds: u64) -> String {
        match self {
            Self::Refused { status, answer } => match text(answer, &["message"]) {
                "" => format!("the response was {status}"),
                said => format!("{status}, {said}"),
            },
            Self::Server(problem) => format!("the response was {problem}"),
            Self::Transport(problem) => format!("the connection failed: {problem}"),
            Self::Tls(problem) | Self::Credentials(problem) | Self::BadAnswer(problem) => {
                problem.clone()
            }
            Self::Slow(limit) => format!("no complete response within {} s", limit.as_secs_f32()),
            Self::Deadline => format!("the overall time limit of {seconds} s has passed"),
            Self::GaveUp => "skipped after too many failures".to_owned(),
        }
    }

    /// The error of a request to a server. `problem` says as much as may be shown of it.
    pub(super) fn error(
        &self,
        request: &Request,
        problem: String,
        server: &str,
        seconds: u64,
    ) -> ClusterError {
        let (what, server) = (request.words(), server.to_owned());
        match self {
            Self::Transport(problem) => {
                ClusterError::Unreachable { server, problem: problem.clone() }
            }
            Self::Tls(problem) => ClusterError::Tls { server, problem: problem.clone() },
            Self::Credentials(problem) => ClusterError::Credentials { problem: problem.clone() },
            Self::Refused { status: 401, .. } => ClusterError::Unauthorized { server },
            Self::Refused { .. } => ClusterError::Refused { what, problem },
            Self::BadAnswer(_) => ClusterError::BadAnswer { what, problem },
            Self::Server(_) | Self::Slow(_) => ClusterError::ServerFailed { what, problem },
            Self::Deadline | Self::GaveUp => ClusterError::Deadline { seconds },
        }
    }
}

/// Sends requests and counts them.
pub(super) struct Caller {
    client: Client,
    deadline: Instant,
    request_timeout: Duration,
    counts: Mutex<Requests>,
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
            counts: Mutex::default(),
            failed_in_a_row: AtomicUsize::new(0),
        }
    }

    /// The requests sent so far.
    pub(super) fn requests(&self) -> Requests {
        *self.counts()
    }

    fn counts(&self) -> MutexGuard<'_, Requests> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the request and reads the response. `read` gets its bytes, and returns what is wrong with them.
    pub(super) async fn call<T>(
        &self,
        request: &Request,
        read: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let mut pause = PAUSE;
        for attempt in 1.. {
            if self.failed_in_a_row.load(Ordering::Relaxed) >= GONE {
                return Err(Failure::GaveUp);
            }
            if attempt > 1 {
                self.counts().retries += 1;
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
        read: &impl Fn(&[u8]) -> Result<T, String>,
    ) -> Attempt<T> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Attempt::Final(Failure::Deadline);
        }
        match (request.purpose, &mut *self.counts()) {
            (Purpose::Discovery, counts) => counts.discoveries += 1,
            (Purpose::List, counts) => counts.lists += 1,
            (Purpose::Get, counts) => counts.gets += 1,
            (Purpose::DryRun, counts) => counts.dry_runs += 1,
            (Purpose::Review, counts) => counts.reviews += 1,
        }
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
        let mut builder = http::Request::builder()
            .method(request.method())
            .uri(&request.path)
            .header("Accept", request.accept);
        if let Some(user) = &request.as_user {
            builder = builder.header("Impersonate-User", user);
        }
        let built = match &request.body {
            Some((media, bytes)) => {
                builder.header("Content-Type", *media).body(Body::from(bytes.clone()))
            }
            None => builder.body(Body::empty()),
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
    read: &impl Fn(&[u8]) -> Result<T, String>,
) -> Attempt<T> {
    let said = || -> Value { serde_json::from_slice(body).unwrap_or_default() };
    match status {
        200..=299 => match read(body) {
            Ok(answer) => Attempt::Done(answer),
            Err(problem) => Attempt::Again(Failure::BadAnswer(problem), DOUBTFUL_ATTEMPTS, None),
        },
        429 | 500 | 502..=504 => {
            let answer = said();
            let words = text(&answer, &["message"]);
            // An object that does not fit its kind's schema is answered with 500 (apiserver fieldmanager structuredmerge.go).
            if status == 500 && words.contains(NOT_TYPED) {
                return Attempt::Final(Failure::Refused { status, answer });
            }
            let problem =
                if words.is_empty() { status.to_string() } else { format!("{status}, {words}") };
            Attempt::Again(Failure::Server(problem), ATTEMPTS, after)
        }
        400..=499 => Attempt::Final(Failure::Refused { status, answer: said() }),
        _ => Attempt::Final(Failure::BadAnswer(format!("its status is {status}"))),
    }
}

fn transport<T>(error: &kube::Error) -> Attempt<T> {
    let mut auth = if let kube::Error::Auth(error) = error { Some(error) } else { None };
    // A plugin's failure comes wrapped by the client's layers.
    let mut source = error.source();
    while let Some(cause) = source {
        auth = auth.or(cause.downcast_ref());
        source = cause.source();
    }
    if let Some(error) = auth {
        return Attempt::Final(Failure::Credentials(credential_problem(error)));
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
