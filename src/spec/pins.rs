//! Pins: which image and which commit each app has in an environment. Machines write them, so they are plain data and
//! nobody's comments are ever rewritten.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Diagnostic, SpecError};
use crate::name::{Check, image_parts};
use crate::source::{FileId, Position, Span};
use crate::yaml::{Limits, read_documents};

/// environments/NAME.pins.yaml.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Pins, by app.
    #[serde(default)]
    pub apps: BTreeMap<String, Pin>,
}

/// What machines decide for an app in an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The image with its digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The commit that a run builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// A number that starts a run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<u64>,
}

impl Pins {
    /// Reads a pins file.
    ///
    /// # Errors
    /// What serde_yaml says of a text that is no pins file, and the first pin that is no digest or ref.
    pub fn read(file: FileId, text: &str) -> Result<Self, Box<Diagnostic>> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        // What serde_yaml takes in silence: tags, aliases without end, and an app written twice, as a merge of two branches leaves it.
        let whole = read_documents(file, text, Limits::default());
        if let Some(first) = whole.err().and_then(|found| found.into_iter().next()) {
            return Err(Box::new(first));
        }
        let pins: Self = serde_yaml::from_str(text).map_err(|error| {
            let start = error
                .location()
                .map_or(Position { line: 1, column: 1 }, |location| Position {
                    line: u32::try_from(location.line()).unwrap_or(1).max(1),
                    column: u32::try_from(location.column()).unwrap_or(1).max(1),
                });
            let problem = error.to_string();
            let problem = problem
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned();
            Box::new(Diagnostic::error(SpecError::BadPins { problem }).at(Span {
                file,
                start,
                end: start,
            }))
        })?;
        for (app, pin) in &pins.apps {
            let bad = |error: crate::error::NameError| {
                Box::new(Diagnostic::error(error).at(line_of(file, text, app)))
            };
            Check::Label.test(app).map_err(bad)?;
            if let Some(image) = &pin.image
                && image_parts(image).is_none_or(|parts| parts.digest.is_none())
            {
                return Err(bad(crate::error::NameError::NotDigest {
                    text: image.clone(),
                }));
            }
            if let Some(revision) = &pin.revision {
                Check::GitRef.test(revision).map_err(bad)?;
            }
        }
        Ok(pins)
    }
}

/// Where an app's pins begin. Machines write one app a line-begun key, so looking for it is enough.
pub(super) fn line_of(file: FileId, text: &str, app: &str) -> Span {
    let found = (1..).zip(text.lines()).find_map(|(number, line)| {
        let start = line.find(app)?;
        let rest = &line[start + app.len()..];
        rest.trim_start_matches(['"', '\''])
            .starts_with(':')
            .then_some((number, start))
    });
    let Some((line, start)) = found else {
        return Span::top_of(file);
    };
    let column = |n: usize| u32::try_from(n).unwrap_or(0) + 1;
    Span {
        file,
        start: Position {
            line,
            column: column(start),
        },
        end: Position {
            line,
            column: column(start + app.len()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digests_and_refs_are_pins() {
        let digest = format!("a/b@sha256:{}", "0".repeat(64));
        let good = format!("apps:\n  x: {{image: \"{digest}\", revision: main, nonce: 2}}\n");
        let pins = Pins::read(FileId::BUILT_IN, &good).unwrap();
        assert_eq!(pins.apps["x"].image.as_deref(), Some(digest.as_str()));
        for bad in [
            "apps: {x: {image: a/b:1}}",
            "apps: {x: {revision: -x}}",
            "apps: {X: {}}",
            "apps: {x: {replicas: 1}}",
            "pins: {}",
            "[]",
            "apps: {x: {nonce: -1}}",
        ] {
            assert!(Pins::read(FileId::BUILT_IN, bad).is_err(), "{bad}");
        }
        assert_eq!(Pins::read(FileId::BUILT_IN, "").unwrap(), Pins::default());
    }
}
