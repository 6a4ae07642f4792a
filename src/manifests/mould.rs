//! The files of a unit with places for an app's words, to be cast for one app after another.
//!
//! It is made of the objects that were rendered of an app with tokens for words (`likeness`): every text with a token in it is a
//! place. The same emitter writes all of it, so a cast is what its app's own objects would be written as.

use std::collections::{BTreeMap, HashMap};

use super::facts::Facts;
use super::files::{File, Placed, SEPARATOR, header};
use super::likeness::number;
use crate::diagnostics::{Diagnostic, Diagnostics, Kind, Span, SpecError};
use crate::yaml::{Form, Map, Value, Written, is_place, place};

/// See the module.
#[derive(Debug)]
pub(super) struct Mould {
    /// Each text with words in it, once.
    texts: Vec<Text>,
    /// Files of objects, by path.
    objects: Vec<(&'static str, Vec<Form>)>,
    /// Files without words.
    others: Vec<(String, String)>,
    /// Namespaces and names among which no two may be the same: those of objects of one kind.
    identities: Vec<Vec<Identity>>,
    kinds: BTreeMap<String, usize>,
    secrets: Vec<(Part, Part, Option<String>)>,
    /// What was left out, and why.
    unmet: Vec<(Part, Part)>,
    /// About how long each file is.
    size: usize,
}

/// What is cast.
#[derive(Debug, PartialEq)]
pub(super) struct Cast {
    pub(super) files: BTreeMap<String, String>,
    pub(super) facts: Facts,
    pub(super) warnings: Diagnostics,
}

/// A text of the result: as it is, or the one of a number.
#[derive(Debug)]
enum Part {
    Fixed(String),
    Text(usize),
}

/// Where an object of a kind is.
#[derive(Debug)]
struct Identity {
    namespace: Option<Part>,
    name: Part,
}

impl Identity {
    fn of<'a>(&'a self, texts: &'a [Written]) -> (Option<&'a str>, &'a str) {
        let namespace = self.namespace.as_ref().map(|part| part.of(texts));
        (namespace, self.name.of(texts))
    }
}

/// Whether two objects of a kind would be the same one.
fn holds_twins(all: &[Identity], texts: &[Written]) -> bool {
    let mut rest = all;
    while let [first, behind @ ..] = rest {
        let first = first.of(texts);
        if behind.iter().any(|other| other.of(texts) == first) {
            return true;
        }
        rest = behind;
    }
    false
}

/// A text with words in it.
#[derive(Debug)]
struct Text {
    /// What stands before each word, and the word's number.
    words: Vec<(String, usize)>,
    end: String,
}

impl Text {
    /// None where there is no word in it.
    fn read(text: &str) -> Option<Self> {
        let mut words = Vec::new();
        let mut before = String::new();
        for character in text.chars() {
            match number(character) {
                Some(number) => words.push((std::mem::take(&mut before), number)),
                None => before.push(character),
            }
        }
        (!words.is_empty()).then_some(Self { words, end: before })
    }

    /// Nothing where a word is not among these: then what looked like a token is what the app says.
    fn join(&self, words: &[String]) -> Option<String> {
        let mut out = String::with_capacity(128);
        for (before, number) in &self.words {
            out.push_str(before);
            out.push_str(words.get(*number)?);
        }
        out.push_str(&self.end);
        Some(out)
    }
}

impl Mould {
    /// The mould of a unit that was rendered with tokens: `files` are its files, `own` the namespaces that its objects may be in. Nothing
    /// where a word stands in a key, or an object elsewhere: then it could count what the word is.
    pub(super) fn new(
        own: [&str; 2],
        placed: &[Placed],
        files: BTreeMap<String, String>,
        facts: &Facts,
        warnings: &Diagnostics,
    ) -> Option<Self> {
        let mut texts = Texts::default();
        let mut unmet = Vec::new();
        for warning in warnings {
            let Kind::Spec(SpecError::Unmet { what, why }) = &warning.kind else {
                return None;
            };
            unmet.push((texts.part(what), texts.part(why)));
        }
        let mut objects: BTreeMap<File, Vec<Form>> = BTreeMap::new();
        let mut identities: BTreeMap<(String, String), Vec<Identity>> = BTreeMap::new();
        for Placed { file, object } in placed {
            let namespace = object.namespace();
            let is_own = namespace.is_some_and(|it| own.contains(&it));
            if file.is_applied_by_app() && !is_own {
                return None;
            }
            let document = texts.with_places(object.value())?;
            let form = Form::new(document.as_map()?);
            objects.entry(*file).or_default().push(form);
            let of_a_kind = (object.group().to_owned(), object.kind().to_owned());
            let identity = Identity {
                namespace: namespace.map(|it| texts.part(it)),
                name: texts.part(object.name()),
            };
            identities.entry(of_a_kind).or_default().push(identity);
        }
        let mut others = files;
        let size = others.values().map(String::len).max().unwrap_or_default();
        others.retain(|path, _| !objects.keys().any(|file| file.path() == path));
        if others
            .values()
            .any(|text| text.chars().any(|c| number(c).is_some()))
        {
            return None;
        }
        let secrets = facts
            .secrets
            .iter()
            .map(|(namespace, name, key)| (texts.part(namespace), texts.part(name), key.clone()));
        let secrets = secrets.collect();
        Some(Self {
            texts: texts.all,
            objects: objects
                .into_iter()
                .map(|(file, forms)| (file.path(), forms))
                .collect(),
            others: others.into_iter().collect(),
            identities: identities
                .into_values()
                .filter(|all| all.len() > 1)
                .collect(),
            kinds: facts.kinds.clone(),
            secrets,
            unmet,
            size,
        })
    }

    /// The files of an app with these words, what is known of them, and what was left out. Nothing where two of its objects would be
    /// the same one, or where there are not as many words.
    pub(super) fn cast(&self, environment: &str, span: Span, words: &[String]) -> Option<Cast> {
        let texts: Vec<Written> = self
            .texts
            .iter()
            .map(|text| text.join(words).map(Written::new))
            .collect::<Option<_>>()?;
        if self.identities.iter().any(|all| holds_twins(all, &texts)) {
            return None;
        }
        let mut files: BTreeMap<String, String> = self.others.iter().cloned().collect();
        for (path, forms) in &self.objects {
            let mut out = String::with_capacity(self.size + self.size / 8);
            out.push_str(&header(environment));
            for (index, form) in forms.iter().enumerate() {
                if index > 0 {
                    out.push_str(SEPARATOR);
                }
                form.write_into(&mut out, &texts);
            }
            files.insert((*path).to_owned(), out);
        }
        let text = |part: &Part| part.of(&texts).to_owned();
        let secrets = self
            .secrets
            .iter()
            .map(|(namespace, name, key)| (text(namespace), text(name), key.clone()));
        let facts = Facts {
            kinds: self.kinds.clone(),
            secrets: secrets.collect(),
            ..Facts::default()
        };
        let unmet = self.unmet.iter().map(|(what, why)| {
            let (what, why) = (text(what), text(why));
            Diagnostic::warning(SpecError::Unmet { what, why }).at(span)
        });
        let mut warnings = Diagnostics::default();
        unmet.for_each(|warning| warnings.push(warning));
        Some(Cast {
            files,
            facts,
            warnings,
        })
    }
}

impl Part {
    fn of<'a>(&'a self, texts: &'a [Written]) -> &'a str {
        match self {
            Self::Fixed(text) => text,
            Self::Text(number) => texts[*number].as_str(),
        }
    }
}

/// Texts with words in them, by number.
#[derive(Default)]
struct Texts {
    all: Vec<Text>,
    known: HashMap<String, usize>,
}

impl Texts {
    fn part(&mut self, text: &str) -> Part {
        match self.number(text) {
            Some(number) => Part::Text(number),
            None => Part::Fixed(text.to_owned()),
        }
    }

    fn number(&mut self, text: &str) -> Option<usize> {
        if let Some(known) = self.known.get(text) {
            return Some(*known);
        }
        self.all.push(Text::read(text)?);
        self.known.insert(text.to_owned(), self.all.len() - 1);
        Some(self.all.len() - 1)
    }

    /// A document with places for these texts.
    fn with_places(&mut self, value: &Value) -> Option<Value> {
        Some(match value {
            Value::Str(text) => match self.number(text) {
                Some(number) => place(number),
                None if is_place(value) => return None,
                None => value.clone(),
            },
            Value::Seq(items) => {
                let items = items.iter().map(|item| self.with_places(item));
                Value::Seq(items.collect::<Option<_>>()?)
            }
            Value::Map(map) => {
                let mut document = Map::with_capacity(map.len());
                for (key, value) in map.iter() {
                    if key.chars().any(|c| number(c).is_some()) {
                        return None;
                    }
                    document.push(key, self.with_places(value)?);
                }
                Value::Map(document)
            }
            _ => value.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::FileId;
    use crate::kubernetes::Object;
    use crate::yaml::emit_document;

    /// What stands for the first word.
    const TOKEN: &str = "\u{E100}";

    fn placed(name: &str, data: Value) -> Placed {
        let value = Value::from([
            ("apiVersion", "v1".into()),
            ("kind", "ConfigMap".into()),
            (
                "metadata",
                Value::from([("name", name.into()), ("namespace", TOKEN.into())]),
            ),
            ("data", data),
        ]);
        Placed {
            file: File::Workload,
            object: Object::new(value).unwrap(),
        }
    }

    fn mould(placed: &[Placed]) -> Option<Mould> {
        let files = BTreeMap::new();
        Mould::new(
            [TOKEN, TOKEN],
            placed,
            files,
            &Facts::default(),
            &Diagnostics::default(),
        )
    }

    fn cast(mould: &Mould, word: &str) -> Option<Cast> {
        mould.cast("dev", Span::top_of(FileId::BUILT_IN), &[word.to_owned()])
    }

    #[test]
    fn a_cast_is_what_the_object_of_that_word_is_written_as() {
        let data = |word: &str| {
            Value::from([
                ("plain", format!("{word}-x").into()),
                ("alone", word.into()),
                ("lines", format!("a\n  {word}\n").into()),
            ])
        };
        let mould = mould(&[placed("a", data(TOKEN))]).unwrap();
        for word in ["shop", "yes", "0123", "1e3", "null"] {
            let files = cast(&mould, word).unwrap().files;
            let mut object = placed("a", data(word)).object;
            object.metadata_mut().insert("namespace", word);
            let written = header("dev") + &emit_document(object.value());
            assert_eq!(files["app/workload.yaml"], written, "{word}");
        }
    }

    #[test]
    fn where_it_could_count_what_a_word_is_there_is_no_mould() {
        let in_a_key = Value::from([(
            "a",
            Value::Map([(TOKEN, Value::Null)].into_iter().collect()),
        )]);
        assert!(mould(&[placed("a", in_a_key)]).is_none());
        let mut elsewhere = placed("a", Value::Null);
        elsewhere.object.metadata_mut().insert("namespace", "other");
        assert!(mould(&[elsewhere]).is_none());
        assert!(mould(&[placed("a", Value::Null)]).is_some());
    }

    #[test]
    fn what_only_looks_like_a_token_is_not_cast() {
        let mould = mould(&[placed("\u{E101}", Value::Null)]).unwrap();
        assert!(cast(&mould, "word").is_none());
    }

    #[test]
    fn two_objects_that_a_word_makes_one_are_not_cast() {
        let mould = mould(&[placed(TOKEN, Value::Null), placed("taken", Value::Null)]).unwrap();
        assert!(cast(&mould, "taken").is_none());
        assert!(cast(&mould, "free").is_some());
    }
}
