//! How what runs in a cluster reaches the outside: a proxy, and certificate authorities of one's own.
//!
//! Programs read both from variables, so what is here is their names and values, for tasks and for pods of apps.

use serde::Serialize;

use crate::diagnostics::{Diagnostics, SpecError};
use crate::spec::View;
use crate::yaml::Value;

/// The volume with the authorities.
const VOLUME: &str = "environment-ca";
/// Where it is mounted.
const FOLDER: &str = "/var/run/secrets/environment-ca";
/// Its only file.
const FILE: &str = "ca.crt";

/// Variables by which programs find the file of the authorities they trust: Go and OpenSSL, git, curl with another library, Python's
/// requests and pip, Node.
const TRUST: [&str; 5] = [
    "SSL_CERT_FILE",
    "GIT_SSL_CAINFO",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// What no proxy reaches: the pod itself and the cluster's Services.
const INSIDE: &str = "localhost,127.0.0.1,::1,.svc,.cluster.local";

/// An HTTP proxy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Proxy {
    /// For HTTP.
    pub http: Option<String>,
    /// For HTTPS.
    pub https: Option<String>,
    /// What is reached without it, beside the cluster.
    pub no: Vec<String>,
    /// The pods of apps use it, too.
    pub apps: bool,
}

/// A bundle of certificate authorities.
#[derive(Debug, Clone, PartialEq, Hash, Serialize)]
pub struct Authorities {
    /// The source of its volume: `configMap` or `secret`.
    kind: &'static str,
    /// The name of that object.
    name: String,
    /// The key in it.
    key: String,
    /// The pods of apps use it, too.
    pub apps: bool,
}

/// Both, for those who use them.
#[derive(Debug, Clone, Default, PartialEq, Hash)]
pub struct Outside {
    /// The proxy.
    pub proxy: Option<Proxy>,
    /// The authorities.
    pub ca: Option<Authorities>,
}

impl Outside {
    /// Reads `proxy` and `ca` of an environment.
    pub(super) fn read(view: &View<'_>, problems: &mut Diagnostics) -> Self {
        let (proxy, ca) = (view.view("proxy"), view.view("ca"));
        Self {
            proxy: proxy.is_written().then(|| Proxy::read(&proxy, problems)),
            ca: ca.is_written().then(|| Authorities::read(&ca, problems)).flatten(),
        }
    }

    /// What of it the pods of apps use.
    #[must_use]
    pub fn of_apps(&self) -> Self {
        Self {
            proxy: self.proxy.clone().filter(|proxy| proxy.apps),
            ca: self.ca.clone().filter(|ca| ca.apps),
        }
    }

    /// Adds the variables that a list, as in a Container, does not set itself: before all others, whose values can refer to them.
    pub fn add_variables(&self, env: &mut Vec<Value>) {
        let proxy =
            self.proxy.iter().flat_map(|proxy| proxy.variables("$(KUBERNETES_SERVICE_HOST)"));
        let path = format!("{FOLDER}/{FILE}");
        let trust = self.ca.iter().flat_map(|_| TRUST);
        let mut all: Vec<(String, String)> = proxy.collect();
        all.extend(trust.map(|name| (name.to_owned(), path.clone())));
        // Who sets a variable in one case means the other, too.
        let is_set = |name: &str| {
            let mut names = env.iter().filter_map(|one| one.str_at(&["name"]));
            names.any(|one| one.eq_ignore_ascii_case(name))
        };
        all.retain(|(name, _)| !is_set(name));
        let all = all
            .into_iter()
            .map(|(name, value)| Value::from([("name", name.into()), ("value", value.into())]));
        env.splice(0..0, all);
    }

    /// The volume with the authorities, and its mount, as in a Pod; nothing without authorities.
    #[must_use]
    pub fn volume(&self) -> Option<(Value, Value)> {
        let ca = self.ca.as_ref()?;
        let item = Value::from([("key", ca.key.as_str().into()), ("path", FILE.into())]);
        let name = if ca.kind == "secret" { "secretName" } else { "name" };
        let source =
            Value::from([(name, ca.name.as_str().into()), ("items", Value::Seq(vec![item]))]);
        let volume = Value::from([("name", VOLUME.into()), (ca.kind, source)]);
        let mount = Value::from([
            ("name", VOLUME.into()),
            ("mountPath", FOLDER.into()),
            ("readOnly", true.into()),
        ]);
        Some((volume, mount))
    }
}

impl Proxy {
    fn read(view: &View<'_>, problems: &mut Diagnostics) -> Self {
        let (http, https) = (view.string("http"), view.string("https"));
        if http.is_none() && https.is_none() {
            let (path, place) = ("proxy.https".to_owned(), "`proxy` (or `http`)".to_owned());
            problems.error(view.span(), SpecError::Missing { path, place });
        }
        Self { http, https, no: view.texts("no"), apps: view.flag("apps") }
    }

    /// The variables, each in both cases: curl reads `http_proxy` in lower case only, others read upper case first. `inside` is
    /// the address of the API server, which clients in the cluster use instead of a name.
    fn variables(&self, inside: &str) -> Vec<(String, String)> {
        let own = self.no.iter().map(String::as_str);
        let no: Vec<&str> =
            [INSIDE, inside].into_iter().filter(|text| !text.is_empty()).chain(own).collect();
        let no = Some(no.join(","));
        let all = [("http_proxy", &self.http), ("https_proxy", &self.https), ("no_proxy", &no)];
        let set = all.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        set.flat_map(|(name, value)| {
            [(name.to_uppercase(), value.clone()), (name.to_owned(), value.clone())]
        })
        .collect()
    }

    /// The build arguments by which a Dockerfile's commands get the proxy; all builders know them, and none keeps them in the image.
    #[must_use]
    pub fn build_args(&self) -> Vec<(String, String)> {
        self.variables("")
    }
}

impl Authorities {
    fn read(view: &View<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let (map, secret) = (view.string("configMap"), view.string("secret"));
        let (kind, name) = match (map, secret) {
            (Some(_), Some(_)) => {
                let (first, second) = ("ca.configMap".to_owned(), "ca.secret".to_owned());
                let why = "the bundle has only one source".to_owned();
                problems.error(view.span(), SpecError::Excludes { first, second, why });
                return None;
            }
            (Some(name), None) => ("configMap", name),
            (None, Some(name)) => ("secret", name),
            (None, None) => {
                let (path, place) = ("ca.configMap".to_owned(), "`ca` (or `secret`)".to_owned());
                problems.error(view.span(), SpecError::Missing { path, place });
                return None;
            }
        };
        Some(Self { kind, name, key: view.string_or_default("key"), apps: view.flag("apps") })
    }
}
