//! The credentials of this machine: those that `docker login`, `podman login` and their like keep.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::reference::HUB;

/// A name and a password. Never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Login {
    #[serde(rename = "Username")]
    pub name: String,
    #[serde(rename = "Secret")]
    pub password: String,
}

/// Where credentials are, by registry.
#[derive(Default)]
pub struct Credentials {
    file: File,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    auths: BTreeMap<String, Auth>,
    #[serde(rename = "credHelpers")]
    helpers: BTreeMap<String, String>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Auth {
    auth: String,
}

impl Credentials {
    /// Of the first file that there is: `$REGISTRY_AUTH_FILE`, Docker's `config.json`, Podman's `auth.json`.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn of_machine() -> Result<Self, String> {
        let var = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let home = || var("HOME");
        let files = [
            var("REGISTRY_AUTH_FILE"),
            var("DOCKER_CONFIG")
                .or_else(|| Some(home()?.join(".docker")))
                .map(|at| at.join("config.json")),
            var("XDG_RUNTIME_DIR").map(|at| at.join("containers/auth.json")),
        ];
        for path in files.into_iter().flatten() {
            match std::fs::read(&path) {
                Ok(text) => {
                    let wrong = || format!("{} is not a file of credentials", path.display());
                    return Self::read(&text).ok_or_else(wrong);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{}: {error}", path.display())),
            }
        }
        Ok(Self::default())
    }

    /// Those of a file; none if it is not one. An error's own text could quote it.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok().map(|file| Self { file })
    }

    /// Those for a registry; none if there are none.
    ///
    /// # Errors
    /// Why they could not be had.
    pub(super) fn of(&self, host: &str) -> Result<Option<Login>, String> {
        let keys = keys(host);
        let find = |key: &String| self.file.helpers.get(key);
        if let Some(helper) = keys.iter().find_map(find) {
            return ask(helper, &keys);
        }
        for auth in keys.iter().filter_map(|key| self.file.auths.get(key)) {
            if !auth.auth.is_empty() {
                let login = decoded(&auth.auth);
                return login.map(Some).ok_or_else(|| "its credentials cannot be read".to_owned());
            }
        }
        self.file.store.as_ref().map_or(Ok(None), |store| ask(store, &keys))
    }
}

/// What a registry may be called in the file (docker/cli, `registry.go`).
fn keys(host: &str) -> Vec<String> {
    if host == HUB {
        return ["https://index.docker.io/v1/", "index.docker.io", HUB].map(str::to_owned).into();
    }
    ["", "/v1/", "/v2/", "/"]
        .iter()
        .flat_map(|end| [format!("{host}{end}"), format!("https://{host}{end}")])
        .collect()
}

fn decoded(auth: &str) -> Option<Login> {
    let text = String::from_utf8(STANDARD.decode(auth.trim()).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    let password = password.trim_end_matches('\0');
    Some(Login { name: name.to_owned(), password: password.to_owned() })
}

/// Asks a helper, as Docker does (docker/docker-credential-helpers): the registry on its standard input, JSON on its output.
fn ask(helper: &str, keys: &[String]) -> Result<Option<Login>, String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if helper.is_empty() || !helper.chars().all(is_name) {
        return Err("the name of its credential helper is not one".to_owned());
    }
    let program = format!("docker-credential-{helper}");
    let failed = |error: std::io::Error| format!("{program}: {error}");
    for key in keys {
        let mut child = Command::new(&program)
            .arg("get")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            // One that ends without reading says so by its status.
            let _ = input.write_all(key.as_bytes());
        }
        let output = child.wait_with_output().map_err(failed)?;
        if output.status.success() {
            let login: Login = serde_json::from_slice(&output.stdout)
                .map_err(|_| format!("{program} did not answer as a helper does"))?;
            if login.name == "<token>" {
                return Err(format!("{program} has an identity token, which gen cannot use"));
            }
            return Ok(Some(login));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, host: &str) -> Result<Option<(String, String)>, String> {
        let file = serde_json::from_str(file).expect("JSON");
        let login = Credentials { file }.of(host)?;
        Ok(login.map(|login| (login.name, login.password)))
    }

    #[test]
    fn a_registry_gets_its_own() {
        // `push:pw` and `hub:x:y`.
        let file = r#"{"auths": {"r.example:5000": {"auth": "cHVzaDpwdw=="}, "https://index.docker.io/v1/": {"auth": "aHViOng6eQ=="}, "empty.example": {}, "bad.example": {"auth": "%"}}, "currentContext": "x"}"#;
        let login = |name: &str, password: &str| Ok(Some((name.to_owned(), password.to_owned())));
        assert_eq!(of(file, "r.example:5000"), login("push", "pw"));
        assert_eq!(of(file, "docker.io"), login("hub", "x:y"));
        for host in ["r.example", "r.example:50001", "empty.example"] {
            assert_eq!(of(file, host), Ok(None), "{host}");
        }
        assert_eq!(of(file, "bad.example"), Err("its credentials cannot be read".to_owned()));
    }

    #[test]
    fn a_helper_is_a_name_and_no_path() {
        for helper in ["../evil", "a b", ""] {
            let file = serde_json::json!({"credHelpers": {"r.example": helper}}).to_string();
            assert!(of(&file, "r.example").is_err(), "{helper}");
        }
        let file = r#"{"credsStore": "of-nobody-here"}"#;
        assert!(
            of(file, "r.example").unwrap_err().starts_with("docker-credential-of-nobody-here: ")
        );
    }
}
