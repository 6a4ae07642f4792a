//! The requests, and what their answers mean.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use ureq::config::RedirectAuthHeaders;
use ureq::http::{Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::answer::Answer;
use super::challenge::{self, Challenge};
use super::credentials::Credentials;
use super::reference::{HUB, Reference};
use crate::kubernetes::json::{list, text};

/// Time to connect, and for a whole request.
const CONNECT: Duration = Duration::from_secs(10);
const REQUEST: Duration = Duration::from_secs(30);

/// The longest body that is read.
const LONGEST: u64 = 4 << 20;

/// What an image can be: one for several platforms, or one.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

pub(super) struct Client<'c> {
    agent: Agent,
    credentials: &'c Credentials,
    plain: &'c BTreeSet<String>,
}

/// A request that failed before an answer came, or an answer that is none. Lower case, no full stop.
type Failed = String;

impl<'c> Client<'c> {
    pub(super) fn new(credentials: &'c Credentials, plain: &'c BTreeSet<String>) -> Self {
        // The provider that the client of the cluster uses, too.
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(REQUEST))
            .max_redirects(5)
            .redirect_auth_headers(RedirectAuthHeaders::SameHost)
            .user_agent(concat!("gen/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        Self { agent: agent.into(), credentials, plain }
    }

    /// Whether an image is there, for all of these platforms.
    pub(super) fn find(&self, image: &Reference<'_>, platforms: &BTreeSet<String>) -> Answer {
        self.found(image, platforms).unwrap_or_else(Answer::Unknown)
    }

    fn found(&self, image: &Reference<'_>, platforms: &BTreeSet<String>) -> Result<Answer, Failed> {
        let mut session = Session { client: self, image, authorization: None };
        let answer = session.request("HEAD", "manifests", image.version)?;
        match answer.status() {
            StatusCode::NOT_FOUND => return Ok(Answer::Missing),
            StatusCode::OK => {}
            status => return Err(refused(status, image.host)),
        }
        if platforms.is_empty() {
            return Ok(Answer::Found { lacks: BTreeSet::new() });
        }
        let has = session.platforms()?;
        let lacks = platforms.iter().filter(|wanted| !has.iter().any(|has| covers(has, wanted)));
        Ok(Answer::Found { lacks: lacks.cloned().collect() })
    }

    /// `http://r.example:5000`, or the same by HTTPS.
    fn base(&self, host: &str) -> String {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        // As Docker and containerd do.
        let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&name);
        let scheme = if is_here || self.plain.contains(host) { "http" } else { "https" };
        let host = if host == HUB { "registry-1.docker.io" } else { host };
        format!("{scheme}://{host}")
    }
}

/// `linux/arm64/v8` is there for `linux/arm64`.
fn covers(has: &str, wanted: &str) -> bool {
    has.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn refused(status: StatusCode, host: &str) -> Failed {
    match status.as_u16() {
        401 | 403 => {
            format!("{host} does not let this machine see it (status {})", status.as_u16())
        }
        429 => format!("{host} takes no more requests for now (status {})", status.as_u16()),
        _ => format!("{host} answered with status {}", status.as_u16()),
    }
}

/// The requests for one image: they share what lets them in.
struct Session<'s> {
    client: &'s Client<'s>,
    image: &'s Reference<'s>,
    authorization: Option<String>,
}

impl Session<'_> {
    /// A request for a part of the image; where the registry asks who it is, a second one.
    fn request(
        &mut self,
        method: &str,
        part: &str,
        version: &str,
    ) -> Result<Response<Body>, Failed> {
        let Reference { host, repository, .. } = self.image;
        let url = format!("{}/v2/{repository}/{part}/{version}", self.client.base(host));
        let answer = self.send(method, &url)?;
        if answer.status() != StatusCode::UNAUTHORIZED || self.authorization.is_some() {
            return Ok(answer);
        }
        let header = answer.headers().get("www-authenticate");
        let header = header.and_then(|header| header.to_str().ok()).unwrap_or_default();
        let Some(challenge) = challenge::read(header) else { return Ok(answer) };
        let login = self.client.credentials.of(host).map_err(|why| format!("{host}: {why}"))?;
        let basic = login.map(|login| {
            format!("Basic {}", STANDARD.encode(format!("{}:{}", login.name, login.password)))
        });
        self.authorization = match challenge {
            Challenge::Basic => basic,
            Challenge::Bearer { realm, service } => {
                Some(format!("Bearer {}", self.token(&realm, service, basic)?))
            }
        };
        if self.authorization.is_none() { Ok(answer) } else { self.send(method, &url) }
    }

    fn send(&self, method: &str, url: &str) -> Result<Response<Body>, Failed> {
        let agent = &self.client.agent;
        let mut request = if method == "HEAD" { agent.head(url) } else { agent.get(url) };
        request = request.header("accept", MANIFESTS);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        request.call().map_err(|error| self.failed(&error))
    }

    /// A token that lets pull (<https://distribution.github.io/distribution/spec/auth/token/>).
    fn token(
        &self,
        realm: &str,
        service: Option<String>,
        basic: Option<String>,
    ) -> Result<String, Failed> {
        let Reference { host, repository, .. } = self.image;
        // A password never goes where the registry's own answer did not come safely from.
        if !realm.starts_with("https://") && !self.client.base(host).starts_with("http://") {
            return Err(format!("{host} names no safe place for tokens"));
        }
        let mut request = self.client.agent.get(realm);
        if let Some(service) = service {
            request = request.query("service", service);
        }
        request = request.query("scope", format!("repository:{repository}:pull"));
        if let Some(basic) = basic {
            request = request.header("authorization", basic);
        }
        let answer = request.call().map_err(|error| self.failed(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(refused(answer.status(), host));
        }
        let body = self.json(answer)?;
        let found = [text(&body, &["token"]), text(&body, &["access_token"])];
        let token = found.into_iter().find(|token| !token.is_empty());
        token.map(str::to_owned).ok_or_else(|| format!("{host} gave no token"))
    }

    /// The platforms of the image: of each that an index names, or of the one that it is.
    fn platforms(&mut self) -> Result<Vec<String>, Failed> {
        let answer = self.request("GET", "manifests", self.image.version)?;
        if answer.status() != StatusCode::OK {
            return Err(refused(answer.status(), self.image.host));
        }
        let manifest = self.json(answer)?;
        let platform = |of: &Value| {
            let part = |key: &str| text(of, &[key]).to_owned();
            let (os, architecture, variant) = (part("os"), part("architecture"), part("variant"));
            let variant = if variant.is_empty() { variant } else { format!("/{variant}") };
            format!("{os}/{architecture}{variant}")
        };
        let images = list(&manifest, &["manifests"]);
        if !images.is_empty() {
            return Ok(images.iter().map(|image| platform(&image["platform"])).collect());
        }
        let config = text(&manifest, &["config", "digest"]).to_owned();
        let answer = self.request("GET", "blobs", &config)?;
        if answer.status() != StatusCode::OK {
            return Err(refused(answer.status(), self.image.host));
        }
        Ok(vec![platform(&self.json(answer)?)])
    }

    fn json(&self, mut answer: Response<Body>) -> Result<Value, Failed> {
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec();
        let body = body.map_err(|error| self.failed(&error))?;
        let wrong = |_| format!("{} answered with something else than JSON", self.image.host);
        serde_json::from_slice(&body).map_err(wrong)
    }

    fn failed(&self, error: &ureq::Error) -> Failed {
        let host = self.image.host;
        let text = error.to_string();
        if text.contains("CaUsedAsEndEntity") {
            // rustls wants what RFC 5280 says; `openssl req -x509` by itself makes such a certificate.
            return format!(
                "the certificate of {host} is an authority's own (CA:TRUE), and none of a server"
            );
        }
        format!("{host}: {text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_with_a_variant() {
        assert!(covers("linux/arm64/v8", "linux/arm64") && covers("linux/amd64", "linux/amd64"));
        assert!(!covers("linux/arm", "linux/arm64") && !covers("linux/arm64", "linux/arm"));
    }

    #[test]
    fn plain_http_only_where_it_is_wanted() {
        let (credentials, plain) = (Credentials::default(), ["r.example:5000".to_owned()].into());
        let client = Client::new(&credentials, &plain);
        for (host, base) in [
            ("r.example", "https://r.example"),
            ("r.example:5000", "http://r.example:5000"),
            ("localhost:5000", "http://localhost:5000"),
            ("127.0.0.1.example", "https://127.0.0.1.example"),
            ("docker.io", "https://registry-1.docker.io"),
        ] {
            assert_eq!(client.base(host), base);
        }
    }
}
