//! The services of a Compose file that run an app's image.

use super::hidden::{has_secret_name, looks_private};
use super::{Beside, MOST, Runs, kept};
use crate::diagnostics::{FileId, looks_secret};
use crate::import::{compose, words};
use crate::name::Check;
use crate::propose::checkout::{Checkout, Place, folder, join, shown};
use crate::propose::dockerfile::request;
use crate::propose::roots::Root;
use crate::yaml::{Map, Value, read_one};

/// Names of Compose files, the first of which counts.
const COMPOSE: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// The services of a Compose file that run the app's image, and the names of the others.
#[must_use]
pub fn of_compose(checkout: &Checkout, root: &Root, app: &str) -> Option<Runs> {
    let folders = [root.folder.as_str(), ""];
    let mut places = folders.iter().flat_map(|folder| COMPOSE.map(|name| join(folder, name)));
    let path = places.find(|path| checkout.text("", path).is_some())?;
    let text = checkout.text("", &path)?;
    let whole = |why: &str| {
        let left = vec![format!("{}: {why}", Place::new(&path, 0).words())];
        Some(Runs { left, ..Runs::default() })
    };
    let Ok(node) = read_one(FileId::BUILT_IN, text) else {
        return whole("not read: not valid YAML");
    };
    let value = node.to_value();
    let Some(services) = value.get("services").and_then(Value::as_map) else {
        return whole("no services in it");
    };
    let mut own: Vec<(&str, &Value)> = Vec::new();
    let mut runs = Runs::default();
    let line = |name: &str| Place::of(&path, text, &format!("  {name}:"));
    for (name, service) in services.iter() {
        if is_of(root, folder(&path), service) {
            own.push((name, service));
        } else if let Some(image) =
            service.str_at(&["image"]).filter(|_| service.get("build").is_none())
        {
            // Said once, by the app of the checkout itself or the first.
            runs.left.push(format!(
                "{}: `{}` runs `{}`; `gen import` converts it",
                line(name).words(),
                shown(name),
                shown(image)
            ));
        }
    }
    let has_ports =
        |service: &Value| ["ports", "expose"].iter().any(|key| service.get(key).is_some());
    let main = own
        .iter()
        .position(|(_, service)| has_ports(service))
        .or_else(|| own.iter().position(|(name, _)| compose::label(name) == app));
    let Some(main) = main.or_else(|| (!own.is_empty()).then_some(0)) else {
        return Some(runs);
    };
    let (name, service) = own.remove(main);
    runs.place = Some(line(name));
    let probe = service.at(&["healthcheck", "test"]);
    runs.health = probe.and_then(|probe| request(&probe.to_string()));
    if probe.is_some() && runs.health.is_none() {
        let place = line(name).words();
        let why = "is not an HTTP request to the app; as a command: `health: {exec: […]}`";
        runs.left.push(format!("{place}: `{}`: healthcheck {why}", shown(name)));
    }
    let volumes = value.get("volumes").cloned();
    let (keys, beside) = said(app, service, volumes.as_ref());
    runs.keys = keys;
    runs.tell(app, name, &line(name), &beside);
    for (name, service) in own {
        let (mut keys, beside) = said(app, service, volumes.as_ref());
        runs.tell(app, name, &line(name), &beside);
        for key in ["port", "ports", "service", "storage"] {
            keys.remove(key);
        }
        if !keys.contains_key("env") && runs.keys.contains_key("env") {
            keys.push("env", Value::Null);
        }
        runs.add(&compose::label(name), keys);
    }
    Some(runs)
}

/// Whether a service is built from the app's Dockerfile.
fn is_of(root: &Root, at: &str, service: &Value) -> bool {
    let Some(build) = service.get("build") else { return false };
    let context = build.as_str().or_else(|| build.str_at(&["context"])).unwrap_or(".");
    let Some(context) = normal(at, context) else { return false };
    let file = build.str_at(&["dockerfile"]).unwrap_or("Dockerfile");
    let file = normal(&context, file);
    match &root.dockerfile {
        Some(path) => file.as_deref() == Some(path),
        None => context == root.folder,
    }
}

/// A path below the checkout, without `.` and `..`; none if it leads out.
fn normal(at: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['$', ':']) {
        return None;
    }
    let mut parts: Vec<&str> = at.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The keys of a service, and what of it is not among them.
fn said(app: &str, service: &Value, volumes: Option<&Value>) -> (Map, Beside) {
    let mut own = service.as_map().cloned().unwrap_or_default();
    let mut beside = Beside { keys: others(&own, volumes), ..Beside::default() };
    own.remove("build");
    own.remove("healthcheck");
    own.insert("image", format!("{}/{app}", compose::REGISTRY));
    for key in ["command", "entrypoint"] {
        // `${NAME}` is Compose's, and means nothing to the image.
        if own.get(key).is_some_and(|value| value.to_string().contains('$')) {
            own.remove(key);
            beside.unclear.push(key.to_owned());
        }
    }
    beside.unclear.extend(unset(own.get("environment")));
    let mut file = Map::default();
    file.push("services", Value::from([(app, Value::Map(own))]));
    file.push_some("volumes", volumes.cloned());
    let all = words(compose::compose(&Value::Map(file)));
    let mut keys = all.into_iter().next().map(|(_, keys)| keys).unwrap_or_default();
    let had = |keys: &Map| ["command", "args"].map(|key| keys.contains_key(key));
    let before = had(&keys);
    kept(&mut keys);
    if before != had(&keys) {
        beside.keys.push("a command that may contain a secret".to_owned());
    }
    let env = keys.remove("env");
    let mut kept = Map::default();
    for (name, value) in env.as_ref().and_then(Value::as_map).into_iter().flat_map(Map::iter) {
        let text = value.as_str();
        if Check::EnvName.test(name).is_err() {
            beside.keys.push(format!("variable `{}`", shown(name)));
        } else if text.is_none_or(|text| looks_secret(name, text) || looks_private(text))
            || has_secret_name(name)
        {
            let secret = [("secret", format!("{app}-env").into()), ("key", name.into())];
            kept.push(name.to_owned(), Value::from(secret));
            beside.secrets.push(name.to_owned());
        } else if let Some(text) = text.filter(|text| !text.contains(is_of_compose)) {
            kept.push(name.to_owned(), Value::from(text));
        } else {
            beside.unclear.push(name.to_owned());
        }
    }
    keys.push_some("env", (!kept.is_empty()).then_some(Value::Map(kept)));
    (keys, beside)
}

/// `$` begins what Compose replaces.
fn is_of_compose(c: char) -> bool {
    c == '$' || c.is_control()
}

/// Keys of a service that the spec has nothing of, and folders of the machine among its volumes.
fn others(service: &Map, volumes: Option<&Value>) -> Vec<String> {
    // Those that are converted, and those that mean nothing in Kubernetes.
    const KNOWN: [&str; 18] = [
        "build",
        "command",
        "container_name",
        "depends_on",
        "develop",
        "entrypoint",
        "environment",
        "expose",
        "healthcheck",
        "hostname",
        "image",
        "init",
        "links",
        "networks",
        "ports",
        "pull_policy",
        "restart",
        "volumes",
    ];
    let keys =
        service.keys().filter(|key| !KNOWN.contains(key)).map(|key| format!("`{}`", shown(key)));
    let is_named = |volume: &&Value| {
        let source = volume.as_str().and_then(|text| text.split(':').next());
        source.is_some_and(|source| volumes.is_some_and(|all| all.get(source).is_some()))
    };
    let mounts = service.get("volumes").and_then(Value::as_seq).unwrap_or_default();
    let mounts = mounts.iter().filter(|volume| !is_named(volume));
    let mounts = mounts.map(|volume| {
        let text = volume.as_str().map_or_else(|| volume.to_string(), str::to_owned);
        format!("volume `{}`", shown(&text))
    });
    keys.chain(mounts).take(MOST).collect()
}

/// Variables that Compose takes from its own environment.
fn unset(environment: Option<&Value>) -> Vec<String> {
    let names: Vec<&str> = match environment {
        Some(Value::Map(all)) => {
            all.iter().filter(|(_, value)| **value == Value::Null).map(|(name, _)| name).collect()
        }
        Some(Value::Seq(all)) => {
            all.iter().filter_map(Value::as_str).filter(|item| !item.contains('=')).collect()
        }
        _ => Vec::new(),
    };
    names.into_iter().map(|name| format!("`{}`", shown(name))).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_is_none() {
        assert_eq!(normal("a", "../b/./c"), Some("b/c".to_owned()));
        for path in ["../..", "/etc", "https://x", "$X"] {
            assert_eq!(normal("a", path), None, "{path}");
        }
    }
}
