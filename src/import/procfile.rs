//! Procfiles, as a start: a line is a process, and all of them run in one image.
//!
//! A process `web` listens on the port that `PORT` names; `release` runs before the others are replaced (devcenter.heroku.com, "The
//! Procfile"). An image, and the source that it is built from, are for the user to fill in.

use std::collections::BTreeSet;

use super::compose::{REGISTRY, label, object, offered, program};
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
/// A line that names no process, or one that was named before.
pub fn procfile(path: &str, text: &str) -> Result<Vec<Object>, String> {
    let folder = path.rsplit('/').nth(1).map(label).filter(|name| !name.is_empty());
    let app = folder.unwrap_or_else(|| "app".to_owned());
    let (mut all, mut names) = (Vec::new(), BTreeSet::new());
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = number + 1;
        let (name, line) = line.split_once(':').unwrap_or_default();
        let (name, command) = (label(name), command(line));
        if name.is_empty() || command.is_empty() {
            return Err(format!("line {number} is no process; write NAME: COMMAND"));
        }
        if !names.insert(name.clone()) {
            return Err(format!("line {number} names the process `{name}` again"));
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

/// The words of a command, or a shell with the whole of it where only a shell understands it: a Procfile is written for one.
fn command(line: &str) -> Vec<Value> {
    let line = line.trim();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:,@%+= ".contains(c);
    let sets = line.split_whitespace().next().is_some_and(|word| word.contains('='));
    if line.is_empty() || line.chars().all(is_plain) && !sets {
        return line.split_whitespace().map(Value::from).collect();
    }
    ["/bin/sh", "-c", line].map(Value::from).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_shell_understands_is_left_to_it() {
        for line in
            ["A=1 run", "run > log", "run *.rb", "run `x`", "a && b", "run \"a b\"", "cd x; y"]
        {
            assert_eq!(command(line).len(), 3, "{line}");
            assert_eq!(command(line)[2], Value::from(line));
        }
        assert_eq!(command("run --port=80 a:b").len(), 3);
        assert_eq!(command("run --port=80 a:b")[0], Value::from("run"));
    }

    #[test]
    fn a_process_is_named_once() {
        let read = |text: &str| procfile("shop/Procfile", text).map(|all| all.len());
        assert_eq!(read("web: a\nworker: b\n"), Ok(3));
        let again = "line 2 names the process `web` again".to_owned();
        assert_eq!(read("web: a\nweb: b\n"), Err(again));
        for text in ["web\n", ": a\n", "web:\n"] {
            assert_eq!(read(text), Err("line 1 is no process; write NAME: COMMAND".to_owned()));
        }
    }
}
