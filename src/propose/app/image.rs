//! The user that an image runs as.

use super::{Making, Sure};
use crate::propose::checkout::{Place, shown};
use crate::propose::dockerfile::{Dockerfile, Made};
use crate::propose::language::tool;
use crate::yaml::Value;

/// Users of well-known images: part of the image's name, the user, the number.
const KNOWN: [(&str, &str, u32); 16] = [
    ("node", "node", 1000),
    ("distroless", "nonroot", 65532),
    ("cgr.dev/", "nonroot", 65532),
    ("nginx", "nginx", 101),
    // `$APP_UID` is a variable of the image.
    ("dotnet/", "app", 1654),
    ("dotnet/", "$APP_UID", 1654),
    ("dotnet/", "${APP_UID}", 1654),
    ("oven/bun", "bun", 1000),
    ("denoland/deno", "deno", 1993),
    ("gradle", "gradle", 1000),
    // In Alpine, `www-data` is another number.
    ("alpine", "www-data", 82),
    ("php", "www-data", 33),
    ("httpd", "www-data", 33),
    ("python", "www-data", 33),
    ("debian", "www-data", 33),
    ("", "nobody", 65534),
];
/// Parts of the names of images that do not run as root by themselves.
const NEVER_ROOT: [&str; 4] = ["nonroot", "unprivileged", "cgr.dev/", "chiseled"];

impl Making<'_> {
    pub(super) fn user(&mut self) {
        let Some((path, file)) = &self.file else { return };
        let base = file.last.base.as_str();
        let Some((user, line)) = &file.last.user else {
            if !NEVER_ROOT.iter().any(|part| base.contains(part)) {
                let why = format!(
                    "{}: no USER, so it runs as root unless `{}` sets one; better: set USER there, and remove `security` here",
                    Place::new(path, 0).words(),
                    shown(base)
                );
                self.root(why, Sure::Guess);
            }
            return;
        };
        let place = Place::new(path, *line).words();
        let number = user.parse::<u32>();
        if user == "root" || number == Ok(0) {
            let why = format!(
                "{place}: USER {user}; better: set another one there, and remove `security` here"
            );
            self.root(why, Sure::Seen);
            return;
        }
        if number.is_ok() {
            return;
        }
        let what = format!("{place}: USER {}", shown(user));
        let (id, sure, why) = numbered(file, user).unwrap_or_else(|| {
            let why = "of unknown number: Kubernetes needs the number";
            (1000, Sure::Missing, why.to_owned())
        });
        self.say("user", id, sure, format!("{what}, {why}"));
    }

    fn root(&mut self, why: String, sure: Sure) {
        let reason = ("reason", "its image runs as root".into());
        self.say("security", Value::from([("level", "baseline".into()), reason]), sure, why);
    }
}

/// The number of a user by name: how sure that is, and why.
fn numbered(file: &Dockerfile, user: &str) -> Option<(u32, Sure, String)> {
    let base = file.last.base.as_str();
    let own = file.last.users.get(user).map(|made| (*made, base));
    let copied = || file.made.get(user).map(|(made, of)| (*made, of.as_str()));
    let made: Option<(Made, &str)> = own.or_else(|| (base == "scratch").then(copied).flatten());
    if let Some((made, of)) = made {
        if let Some(id) = made.id {
            let why = format!("created on line {}", made.line);
            return (id > 0).then_some((id, Sure::Seen, why));
        }
        let id = made.usual(tool(of), of).filter(|_| file.last.users.len() < 2)?;
        let why = format!(
            "created on line {}; the first user created in `{}` gets this number",
            made.line,
            shown(of)
        );
        return Some((id, Sure::Guess, why));
    }
    let is_known = |(image, of, _): &&(&str, &str, u32)| base.contains(image) && *of == user;
    let (.., id) = KNOWN.iter().find(is_known)?;
    Some((*id, Sure::Guess, format!("its number in images such as `{}`", shown(base))))
}
