//! The port of an app whose files do not expose one: by its command, a call in its sources, or its base image.
//!
//! The files are searched, not understood: each port is a guess, with its file and line.

use super::checkout::{Checkout, Place, is_called, is_source};
use super::dockerfile::Image;
use super::health::{is_beside, is_comment};

/// Variables of an image from which programs take their port.
const VARIABLES: [&str; 5] =
    ["PORT", "HTTP_PORT", "SERVER_PORT", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_URLS"];
/// Base images that listen as they come: part of the name, and the port.
const BASES: [(&str, u16); 7] = [
    ("nginx-unprivileged", 8080),
    ("nginx", 80),
    ("httpd", 80),
    ("caddy", 80),
    ("apache", 80),
    ("tomcat", 8080),
    ("dotnet/aspnet", 8080),
];
/// Calls that listen on a port, and names of settings.
const CALLS: [&str; 12] = [
    "ListenAndServe(",
    ".Listen(",
    ".listen(",
    "TcpListener::bind(",
    ".bind(",
    "app.run(",
    "uvicorn.run(",
    "PORT ||",
    "PORT ??",
    "'PORT',",
    "\"PORT\",",
    "server.port",
];
/// Ports of something other than the app's requests.
const OTHER: [&str; 5] = ["inspect", "debug", "metrics", "management", "admin"];

/// The port of a variable of the image, with the variable's name.
pub fn of_variables(image: &Image) -> Option<(u16, &'static str)> {
    VARIABLES.iter().find_map(|name| {
        let value = image.variable(name)?;
        let port = number(value.rsplit(':').next()?.trim_end_matches('/'))?;
        Some((port, *name))
    })
}

/// The port of the image's command, with its line.
pub fn of_command(image: &Image) -> Option<(u16, usize)> {
    image.programs.values().find_map(|(command, line)| Some((in_command(command)?, *line)))
}

/// The port that the base image listens on.
pub fn of_base(image: &Image) -> Option<u16> {
    BASES.iter().find(|(part, _)| image.base.contains(part)).map(|(_, port)| *port)
}

/// The port of a call in the app's sources, or of a setting.
pub fn of_sources(checkout: &Checkout, folder: &str, others: &[&str]) -> Option<(u16, Place)> {
    let own = checkout.below(folder).filter(|(path, rest)| {
        (is_source(path) || is_setting(path)) && !is_beside(path, rest, others)
    });
    let mut own = own.filter_map(|(path, _)| Some((path, checkout.text("", path)?)));
    own.find_map(|(path, text)| {
        let mut before = "";
        text.lines().enumerate().find_map(|(at, line)| {
            let is_nested =
                is_setting(path) && before == "server:" && line.trim().starts_with("port:");
            before = line;
            let call = CALLS.iter().filter_map(|call| Some(line.find(call)? + call.len()));
            let nginx = line.find("listen ").filter(|_| is_called(path, "conf"));
            let from = if is_nested { Some(0) } else { call.chain(nginx).min() }?;
            let is_other = is_comment(line) || OTHER.iter().any(|other| line.contains(other));
            let port = in_call(&line[from..]).filter(|_| !is_other)?;
            Some((port, Place::new(path, at + 1)))
        })
    })
}

/// Whether a file holds settings of Spring.
fn is_setting(path: &str) -> bool {
    ["application.properties", "application.yml", "application.yaml"]
        .iter()
        .any(|name| path.rsplit('/').next() == Some(name))
}

/// The port after `--port`, `--bind` and the like, or of an address such as `0.0.0.0:8000`.
fn in_command(command: &str) -> Option<u16> {
    let is_end = |c: char| c.is_whitespace() || "\"'[],;".contains(c);
    let words = || command.split(is_end).filter(|word| !word.is_empty());
    let is_option = |word: &str| {
        let name = word.trim_start_matches('-').to_ascii_lowercase();
        let is_one = matches!(name.as_str(), "p" | "b" | "l")
            || ["port", "bind", "listen", "addr"].iter().any(|part| name.contains(part));
        word.starts_with('-') && is_one && !OTHER.iter().any(|other| name.contains(other))
    };
    let address = |word: &str| {
        let all = ["0.0.0.0:", "*:", "+:", ":"];
        all.iter().find_map(|start| number(word.strip_prefix(start)?))
    };
    let mut before = "";
    words().find_map(|word| {
        let value = match word.split_once('=') {
            Some((name, value)) if is_option(name) => Some(value),
            _ => is_option(before).then_some(word),
        };
        before = word;
        value.and_then(number).or_else(|| address(value.unwrap_or(word)))
    })
}

/// The first number after a call that is not part of an address or a name.
fn in_call(rest: &str) -> Option<u16> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    rest.split(|c: char| !is_part(c)).find_map(number).filter(|port| *port >= 80)
}

fn number(text: &str) -> Option<u16> {
    let is_plain = text.chars().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|port| is_plain && *port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_a_port_by_option_or_address() {
        for (command, port) in [
            (
                "[\"uvicorn\", \"app:app\", \"--host\", \"0.0.0.0\", \"--port\", \"8000\"]",
                Some(8000),
            ),
            ("gunicorn --bind=0.0.0.0:5000 app", Some(5000)),
            ("python manage.py runserver 0.0.0.0:8001", Some(8001)),
            ("java -Dserver.port=8081 -jar app.jar", Some(8081)),
            ("serve -l 3000", Some(3000)),
            ("node --inspect-port 9229 server.js", None),
            ("sleep 8080", None),
            ("app --port 99999", None),
        ] {
            assert_eq!(in_command(command), port, "{command}");
        }
    }

    #[test]
    fn a_source_has_a_port_in_the_call_that_listens() {
        for (line, port) in [
            ("http.ListenAndServe(\":8080\", mux)", Some(8080)),
            ("app.listen(process.env.PORT || 3000, () => {})", Some(3000)),
            ("app.run(host=\"0.0.0.0\", port=5000)", Some(5000)),
            ("TcpListener::bind(\"127.0.0.1:7000\").await", Some(7000)),
            ("port = int(os.environ.get(\"PORT\", 8000))", Some(8000)),
            ("server.port=${PORT:9000}", Some(9000)),
            ("app.listen(port)", None),
            ("app.run(timeout=5)", None),
        ] {
            let checkout = Checkout {
                paths: vec!["main.py".to_owned()],
                texts: [("main.py".to_owned(), line.into())].into(),
                ..Checkout::default()
            };
            let found = of_sources(&checkout, "", &[]).map(|(port, _)| port);
            assert_eq!(found, port, "{line}");
        }
        let checkout = Checkout {
            paths: vec!["x.conf".to_owned()],
            texts: [("x.conf".to_owned(), "server {\n  listen 8081;".into())].into(),
            ..Checkout::default()
        };
        let found = of_sources(&checkout, "", &[]);
        assert_eq!(found, Some((8081, Place::new("x.conf", 2))));
    }
}
