//! Pins: the image and the commit of each app in an environment. Machines write them, so they are plain data and
//! nobody's comments are ever lost.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::diagnostics::{Diagnostic, FileId, NameError, Position, Span, SpecError};
use crate::name::{Check, image_parts};
use crate::yaml::{Limits, Map, Node, Style, Value, emit_document, is_ambiguous, read_documents};

/// environments/NAME.pins.yaml.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Pins, by app.
    #[serde(default)]
    pub apps: BTreeMap<String, Pin>,
}

/// Machine-written state of an app in an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The image with its digest.
    pub image: Option<String>,
    /// A tag instead of a digest. A key of its own, so that no tag is used by accident instead of a digest.
    pub tag: Option<String>,
    /// The version of its chart, if the app is one.
    pub version: Option<String>,
    /// The commit to build.
    pub revision: Option<String>,
    /// A number; incrementing it restarts the run.
    pub nonce: Option<u64>,
    /// The policy that Flux sets the image from: `NAMESPACE:NAME`, from the trailing comment.
    #[serde(skip)]
    pub policy: Option<String>,
}

/// Flux's marker after a value to update.
const MARK: &str = "$imagepolicy";

impl Pin {
    /// The pinned image, if any; `name` is the image's name in the spec.
    #[must_use]
    pub fn reference(&self, name: &str) -> Option<String> {
        let by_tag = || self.tag.as_ref().map(|tag| format!("{name}:{tag}"));
        self.image.clone().or_else(by_tag)
    }

    /// The policy to write after the image: a tag holds the app, so there is nothing to set.
    fn mark(&self) -> Option<&str> {
        self.policy.as_deref().filter(|_| self.tag.is_none())
    }

    /// As a mapping, in the order of the file.
    fn to_value(&self) -> Value {
        let mut map = Map::default();
        // Flux updates only existing values, so an image not chosen yet is an empty string.
        let awaited = self.mark().map(|_| "");
        map.push_some("image", self.image.as_deref().or(awaited));
        map.push_some("tag", self.tag.as_deref());
        map.push_some("version", self.version.as_deref());
        map.push_some("revision", self.revision.as_deref());
        map.push_some("nonce", self.nonce.map(|nonce| i64::try_from(nonce).unwrap_or(i64::MAX)));
        Value::Map(map)
    }
}

impl Pins {
    /// The text of the file: canonical, so that the same pins give the same bytes, with the apps by name.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut apps = Map::default();
        for (app, pin) in &self.apps {
            apps.push(app.as_str(), pin.to_value());
        }
        let text = emit_document(&Value::from([("apps", Value::Map(apps))]));
        if self.apps.values().any(|pin| pin.mark().is_some()) { self.marked(&text) } else { text }
    }

    /// The same text, with the policy after each image: Flux finds values to update by a comment on the line.
    fn marked(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 64 * self.apps.len());
        let mut pins = self.apps.values();
        let mut policy = None;
        for line in text.lines() {
            // Apps are indented by two spaces, keys of a pin by four; strings of several lines are not pins.
            let deep = line.len() - line.trim_start().len();
            if deep == 2 {
                policy = pins.next().and_then(Pin::mark);
            }
            out.push_str(line);
            if let (true, Some(policy)) = (line.starts_with("    image:"), policy) {
                let policy = serde_json::Value::from(policy);
                let _ = write!(out, " # {{\"{MARK}\": {policy}}}");
            }
            out.push('\n');
        }
        out
    }

    /// Reads a pins file.
    ///
    /// # Errors
    /// The error of serde_yaml for an invalid file, or the first invalid digest or ref.
    pub fn read(file: FileId, text: &str) -> Result<Self, Box<Diagnostic>> {
        Self::with_places(file, text).map(|(pins, _)| pins)
    }

    /// Reads a pins file, with the location of each app's name.
    pub(super) fn with_places(
        file: FileId,
        text: &str,
    ) -> Result<(Self, BTreeMap<String, Span>), Box<Diagnostic>> {
        if text.trim().is_empty() {
            return Ok(Default::default());
        }
        // serde_yaml accepts tags, endless aliases, and duplicate apps, as left by a merge of two branches.
        let documents = read_documents(file, text, Limits::default());
        let documents = documents.or_else(|found| match found.into_iter().next() {
            Some(first) => Err(Box::new(first)),
            None => Ok(Vec::new()),
        })?;
        let pins = match documents.as_slice() {
            [document] => as_written(document),
            _ => None,
        };
        // serde_yaml reports everything else.
        let mut pins = pins.map_or_else(|| by_serde(file, text), Ok)?;
        let entries = documents.first().and_then(|node| node.get("apps")?.entries());
        let entries = entries.unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for entry in entries {
            let image = entry.value.get("image");
            let policy = image.and_then(|image| policy_behind(&lines, image.span.start));
            if let (Some(policy), Some(pin)) = (policy, pins.apps.get_mut(&entry.key)) {
                // Nothing chosen yet.
                pin.image = pin.image.take().filter(|image| !image.is_empty());
                pin.policy = Some(policy);
            }
        }
        let written: BTreeMap<&str, Span> =
            entries.iter().map(|entry| (entry.key.as_str(), entry.key_span)).collect();
        let mut places = BTreeMap::new();
        for (app, pin) in &pins.apps {
            let place = written.get(app.as_str()).copied();
            let place = place.unwrap_or_else(|| Span::top_of(file));
            places.insert(app.clone(), place);
            let bad = |error: NameError| Box::new(Diagnostic::error(error).at(place));
            Check::Label.test(app).map_err(bad)?;
            if let Some(image) = &pin.image
                && image_parts(image).is_none_or(|parts| parts.digest.is_none())
            {
                return Err(bad(NameError::NotDigest { text: image.clone() }));
            }
            if let Some(tag) = &pin.tag {
                Check::Tag.test(tag).map_err(bad)?;
                if pin.image.is_some() {
                    return Err(bad_pins(format!("`{app}` has both an image and a tag"), place));
                }
            }
            if let Some(version) = &pin.version {
                Check::ChartVersion.test(version).map_err(bad)?;
                if pin.image.is_some() || pin.tag.is_some() {
                    let problem = format!("`{app}` has both an image and the version of a chart");
                    return Err(bad_pins(problem, place));
                }
            }
            if let Some(nonce) = pin.nonce.filter(|nonce| i64::try_from(*nonce).is_err()) {
                return Err(bad_pins(format!("the nonce {nonce} is out of range"), place));
            }
            if let Some(revision) = &pin.revision {
                Check::GitRef.test(revision).map_err(bad)?;
            }
        }
        Ok((pins, places))
    }
}

/// The policy in a trailing comment, as in `# {"$imagepolicy": "flux-system:shop-dev"}`. A suffix after the
/// second colon, such as `tag`, makes Flux set only a part, and no pin is a part.
fn policy_behind(lines: &[&str], value: Position) -> Option<String> {
    let line = lines.get((value.line as usize).checked_sub(1)?)?;
    let rest: String = line.chars().skip((value.column as usize).checked_sub(1)?).collect();
    // This character is not valid in an image name.
    let (_, comment) = rest.split_once(" #")?;
    let mark: serde_json::Value = serde_json::from_str(comment.trim()).ok()?;
    let policy = mark.get(MARK)?.as_str()?;
    let (namespace, name) = policy.split_once(':')?;
    let is_name = |text: &str| Check::Name.test(text).is_ok();
    (is_name(namespace) && is_name(name)).then(|| policy.to_owned())
}

/// The pins, if the file has the machine-written form, which all YAML parsers read alike.
fn as_written(document: &Node) -> Option<Pins> {
    let [entry] = document.entries()? else {
        return None;
    };
    if entry.key != "apps" {
        return None;
    }
    let apps = entry.value.entries()?.iter();
    let apps = apps.map(|entry| Some((entry.key.clone(), pin(&entry.value)?)));
    Some(Pins { apps: apps.collect::<Option<_>>()? })
}

fn pin(node: &Node) -> Option<Pin> {
    let mut pin = Pin::default();
    for entry in node.entries()? {
        let scalar = entry.value.scalar()?;
        let plain = scalar.style == Style::Plain;
        let text = || (!plain || !is_ambiguous(&scalar.text)).then(|| scalar.text.clone());
        match entry.key.as_str() {
            "image" => pin.image = Some(text()?),
            "tag" => pin.tag = Some(text()?),
            "version" => pin.version = Some(text()?),
            "revision" => pin.revision = Some(text()?),
            "nonce" if plain && !scalar.text.starts_with(['0', '+']) => {
                pin.nonce = Some(scalar.text.parse().ok()?);
            }
            _ => return None,
        }
    }
    Some(pin)
}

fn bad_pins(problem: String, at: Span) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(SpecError::BadPins { problem }).at(at))
}

fn by_serde(file: FileId, text: &str) -> Result<Pins, Box<Diagnostic>> {
    serde_yaml::from_str(text).map_err(|error| {
        let start = error.location().map_or(Position { line: 1, column: 1 }, |location| Position {
            line: u32::try_from(location.line()).unwrap_or(1).max(1),
            column: u32::try_from(location.column()).unwrap_or(1).max(1),
        });
        let problem = error.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default().to_owned();
        bad_pins(problem, Span { file, start, end: start })
    })
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
            "apps: {x: {nonce: 18446744073709551615}}",
            "apps: {x: {tag: 'a b'}}",
            "apps: {x: {tag: '1@sha256:0'}}",
            "apps: {x: {version: '6.9.x'}}",
            "apps: {x: {version: 6.9.2, tag: v1}}",
            &format!("apps: {{x: {{tag: v1, image: \"{digest}\"}}}}"),
        ] {
            assert!(Pins::read(FileId::BUILT_IN, bad).is_err(), "{bad}");
        }
        assert_eq!(Pins::read(FileId::BUILT_IN, "").unwrap(), Pins::default());
    }

    #[test]
    fn the_version_of_a_chart_is_a_pin() {
        let text = "apps:\n  x:\n    version: \"6.9.2\"\n    nonce: 1\n";
        let pins = Pins::read(FileId::BUILT_IN, text).unwrap();
        assert_eq!(pins.apps["x"].version.as_deref(), Some("6.9.2"));
        assert_eq!(pins.to_text(), text);
    }

    #[test]
    fn what_is_written_is_read_back_and_always_the_same() {
        let digest = format!("a/b@sha256:{}", "0".repeat(64));
        let text = format!(
            "apps: {{y: {{tag: '1.20', nonce: 3}}, on: {{revision: '0123'}}, x: {{nonce: 1, image: \"{digest}\"}}}}"
        );
        let pins = Pins::read(FileId::BUILT_IN, &text).unwrap();
        let written = pins.to_text();
        assert_eq!(
            written,
            format!(
                "apps:\n  \"on\":\n    revision: \"0123\"\n  x:\n    image: {digest}\n    nonce: 1\n  \"y\":\n    tag: \"1.20\"\n    nonce: 3\n"
            )
        );
        assert_eq!(Pins::read(FileId::BUILT_IN, &written).unwrap(), pins);
        assert_eq!(Pins::default().to_text(), "apps: {}\n");
        assert_eq!(Pins::read(FileId::BUILT_IN, "apps: {}\n").unwrap().apps.len(), 0);
    }

    #[test]
    fn what_is_plainly_written_means_the_same_to_serde() {
        let digest = format!("a/b@sha256:{}", "0".repeat(64));
        for (text, plainly) in [
            (
                format!(
                    "apps:\n  x: {{image: \"{digest}\", revision: main, nonce: 2}}\n  y: {{}}\n"
                ),
                true,
            ),
            (format!("apps: {{x: {{image: {digest}, revision: 'yes'}}}}"), true),
            ("apps: {x: {revision: yes}}".to_owned(), false),
            ("apps: {x: {revision: 1234567}}".to_owned(), false),
            ("apps: {x: {revision: null}}".to_owned(), false),
            ("apps: {x: {nonce: 0}}".to_owned(), false),
            ("apps: {x: {nonce: 0x1}}".to_owned(), false),
            ("apps: {x: null}".to_owned(), false),
            ("apps: null".to_owned(), false),
        ] {
            let documents = read_documents(FileId::BUILT_IN, &text, Limits::default()).unwrap();
            let read = as_written(&documents[0]);
            assert_eq!(read.is_some(), plainly, "{text}");
            if let Some(pins) = read {
                assert_eq!(Ok(pins), by_serde(FileId::BUILT_IN, &text), "{text}");
            }
        }
    }

    #[test]
    fn an_app_is_found_where_its_name_stands() {
        let text = "apps:\n  # app: x\n  app: {revision: app}\n  'b': {}\n";
        let (_, places) = Pins::with_places(FileId::BUILT_IN, text).unwrap();
        let place = |app: &str| (places[app].start.line, places[app].start.column);
        assert_eq!([place("app"), place("b")], [(3, 3), (4, 3)]);
    }

    #[test]
    fn the_place_where_flux_pins_is_kept() {
        let digest = "0".repeat(64);
        let mark = |policy: &str| format!(" # {{\"$imagepolicy\": \"{policy}\"}}");
        let text = format!(
            "apps:\n  a:\n    image: \"\"{}\n    nonce: 3\n  b:\n    image: r.example/b:dev-1-0@sha256:{digest}{}\n    revision: main\n  c:\n    tag: v1\n",
            mark("flux-system:a-dev"),
            mark("flux-system:b-dev"),
        );
        let pins = Pins::read(FileId::BUILT_IN, &text).unwrap();
        assert_eq!(pins.apps["a"].image, None);
        assert_eq!(pins.apps["a"].policy.as_deref(), Some("flux-system:a-dev"));
        assert_eq!(pins.apps["b"].policy.as_deref(), Some("flux-system:b-dev"));
        assert!(pins.apps["b"].image.as_ref().is_some_and(|image| image.ends_with(&digest)));
        assert_eq!(pins.apps["c"].policy, None);
        assert_eq!(pins.to_text(), text);
        // Flow style and quotes, as a person may write them, come out in the form that Flux finds.
        let flow = format!("apps: {{a: {{image: \"\"}}}}{}\n", mark("flux-system:a-dev"));
        let read = Pins::read(FileId::BUILT_IN, &flow).unwrap();
        assert_eq!(read.apps["a"].policy.as_deref(), Some("flux-system:a-dev"));
        // A tag holds the app, so there is nothing to set.
        let mut held = pins.clone();
        if let Some(pin) = held.apps.get_mut("b") {
            pin.image = None;
            pin.tag = Some("v2".to_owned());
        }
        assert!(held.to_text().contains("  b:\n    tag: v2\n    revision: main\n"));
    }

    #[test]
    fn only_a_whole_policy_marks_a_pin() {
        let digest = "0".repeat(64);
        for comment in [
            "# {\"$imagepolicy\": \"flux-system:b-dev:digest\"}",
            "# {\"$imagepolicy\": \"b-dev\"}",
            "# {\"$imagepolicy\": \"Flux:b-dev\"}",
            "# {\"imagepolicy\": \"flux-system:b-dev\"}",
            "# a person's note",
        ] {
            let text = format!("apps:\n  b:\n    image: r.example/b@sha256:{digest} {comment}\n");
            let pins = Pins::read(FileId::BUILT_IN, &text).unwrap();
            assert_eq!(pins.apps["b"].policy, None, "{comment}");
            let nothing = format!("apps: {{b: {{image: \"\"}}}} {comment}\n");
            assert!(Pins::read(FileId::BUILT_IN, &nothing).is_err(), "{comment}");
        }
    }
}
