//! `ConfigMap`s and Secrets.

use super::case::Case;
use super::form::Form;
use super::part::Part;
use super::rules::{DATA, NUMBER, REQUIRED};

/// The most that an object may hold (`MaxSecretSize`).
const MOST: usize = 1 << 20;

/// A ConfigMap.
pub(super) fn config_map(case: &mut Case<'_>, root: &Part<'_, '_>) {
    let (data, binary) = (root.get("data"), root.get("binaryData"));
    let mut size = 0;
    for (key, part) in data.entries() {
        size += part.text().len();
        key_of(case, &part, key);
        if binary.get(key).is_set() {
            case.say(&DATA, &part, "is in `binaryData`, too");
        }
    }
    for (key, part) in binary.entries() {
        key_of(case, &part, key);
        size += decoded(case, &part).map_or(0, |bytes| bytes.len());
    }
    if size > MOST {
        case.say(&NUMBER, &data, format!("has {size} bytes, more than {MOST}"));
    }
}

/// A Secret. What is encrypted is judged by nobody before it is decrypted.
pub(super) fn secret(case: &mut Case<'_>, root: &Part<'_, '_>) {
    if root.get("sops").is_set() {
        return;
    }
    let (data, text) = (root.get("data"), root.get("stringData"));
    let mut size = 0;
    for (key, part) in data.entries() {
        key_of(case, &part, key);
        let bytes = decoded(case, &part);
        if !text.get(key).is_set() {
            size += bytes.map_or(0, |bytes| bytes.len());
        }
    }
    for (key, part) in text.entries() {
        key_of(case, &part, key);
        size += part.text().len();
    }
    if size > MOST {
        case.say(&NUMBER, &data, format!("has {size} bytes, more than {MOST}"));
    }
    of_type(case, root);
}

/// What the type of a Secret demands.
fn of_type(case: &mut Case<'_>, root: &Part<'_, '_>) {
    let (data, text) = (root.get("data"), root.get("stringData"));
    // The text wins.
    let value = |key: &'static str| {
        let text = text.get(key);
        if text.is_set() {
            return Some(text.text().as_bytes().to_vec());
        }
        let data = data.get(key);
        data.is_set().then(|| decode(data.text()).unwrap_or_default())
    };
    let needs: &[&'static str] = match root.get("type").text() {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/basic-auth" => {
            if value("username").is_none() && value("password").is_none() {
                case.say(&REQUIRED, &data, "needs `username` or `password` for this type");
            }
            &[]
        }
        "kubernetes.io/service-account-token" => {
            let metadata = root.get("metadata");
            let annotations = metadata.get("annotations");
            let name = annotations.get("kubernetes.io/service-account.name");
            case.need(&name);
            &[]
        }
        _ => &[],
    };
    for key in needs {
        let is_config = key.starts_with('.');
        match value(key) {
            None => case.say(&REQUIRED, &data, format!("needs `{key}` for this type")),
            Some(bytes) if bytes.is_empty() && *key == "ssh-privatekey" => {
                case.say(&REQUIRED, &data, format!("needs `{key}` for this type"));
            }
            Some(bytes) if is_config && !is_json_object(&bytes) => {
                case.say(&DATA, &data, format!("`{key}` must be a JSON object"));
            }
            Some(_) => {}
        }
    }
}

fn is_json_object(bytes: &[u8]) -> bool {
    let value = serde_json::from_slice::<serde_json::Value>(bytes);
    value.is_ok_and(|value| value.is_object() || value.is_null())
}

fn key_of(case: &mut Case<'_>, part: &Part<'_, '_>, key: &str) {
    if !Form::DataKey.takes(key) {
        case.say(&DATA, part, format!("`{key}` is not {}", Form::DataKey.describe()));
    }
}

fn decoded(case: &mut Case<'_>, part: &Part<'_, '_>) -> Option<Vec<u8>> {
    let bytes = decode(part.text());
    if bytes.is_none() {
        case.say(&DATA, part, "is not base64");
    }
    bytes
}

/// Base64 as Go's decoder takes it: with line breaks, and with padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let text: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    base64::engine::general_purpose::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    )
    .decode(text)
    .ok()
}
