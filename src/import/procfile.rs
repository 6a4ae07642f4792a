//! Procfiles, as a start: a line is a process, and all of them run in one image.
//!
//! A process `web` listens on the port that `PORT` names; `release` runs before the others are replaced (devcenter.heroku.com, "The
//! Procfile"). An image, and the source that it is built from, are for the user to fill in.

use super::compose::{REGISTRY, label, object, offered, program, words};
use crate::kubernetes::Object;
use crate::yaml::{Map, Value};

/// The port of `web`.
const PORT: i64 = 8080;

/// Whether a file is a Procfile, by its name.
#[must_use]
pub fn is_procfile(path: &str) -> bool {
    path.rsplit('/').next() == Some("Procfile")
}

/// The processes of a Procfile as objects. The app is called as its folder.
///
/// # Errors
/// The number of a line, from 1, that names no process.
pub fn procfile(path: &str, text: &str) -> Result<Vec<Object>, usize> {
    let folder = path.rsplit('/').nth(1).map(label).filter(|name| !name.is_empty());
    let app = folder.unwrap_or_else(|| "app".to_owned());
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, command) = line.split_once(':').ok_or(number + 1)?;
        let (name, command) = (label(name), Value::from(command.trim()));
        let command = words(Some(&command));
        if name.is_empty() || command.is_empty() {
            return Err(number + 1);
        }
        let is_web = name == "web";
        let object_name = if is_web { app.clone() } else { format!("{app}-{name}") };
        let mut container = Map::default();
        container.push("name", object_name.as_str());
        container.push("image", format!("{REGISTRY}/{app}"));
        container.push("command", command);
        if is_web {
            let port = Value::from([("containerPort", PORT.into())]);
            container.push("ports", vec![port]);
            let variable = [("name", "PORT".into()), ("value", PORT.to_string().into())];
            container.push("env", vec![Value::from(variable)]);
        }
        let mut pod = Map::default();
        pod.push("containers", vec![Value::Map(container)]);
        if name == "release" {
            pod.push("restartPolicy", "Never");
            let template = Value::from([("spec", Value::Map(pod))]);
            let spec = Value::from([("template", template)]);
            all.extend(object("batch/v1", "Job", &object_name, spec));
            continue;
        }
        all.extend(program(&object_name, pod, None));
        if is_web {
            all.extend(offered(&object_name, &[(PORT, PORT, "TCP".to_owned())]));
        }
    }
    Ok(all)
}
