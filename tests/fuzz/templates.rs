//! Templates that are broken or hostile, with values of every kind: what is rendered can be written, and is read back the same.

use std::sync::Arc;

use gitops_gen::diagnostics::Sources;
use gitops_gen::template::{BUILT_IN, Engine, TemplateSource};
use gitops_gen::yaml::{emit_document, read_one};
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectExt as _};

use crate::child::Target;
use crate::mutate::{self, Random};

/// What built-in templates ask for by name.
const NAMES: [&str; 12] = [
    "app",
    "task",
    "environment",
    "images",
    "pipeline",
    "access",
    "run",
    "flux",
    "selector",
    "manifest",
    "a",
    "x",
];

#[derive(Default)]
pub struct Templates {
    text: String,
    seed: usize,
}

impl Templates {
    pub fn new() -> Self {
        assert!(BUILT_IN.len() > 20, "the built-in templates moved");
        Self::default()
    }
}

impl Target for Templates {
    fn next(&mut self, random: &mut Random) -> String {
        let donors: Vec<&str> = BUILT_IN.iter().map(|(_, text)| *text).collect();
        let base = random.pick(&donors).to_owned();
        self.text = mutate::text(random, base, &donors);
        self.seed = random.below(1 << 16);
        format!("seed {}\n{}", self.seed, self.text)
    }

    fn run(&mut self) {
        let mut sources = Sources::default();
        let mut source = |name: &str, text: &str| TemplateSource {
            name: name.to_owned(),
            text: Arc::from(text),
            file: sources.add(name, text),
        };
        let shared = BUILT_IN.iter().filter(|(name, _)| name.starts_with("shared/"));
        let mut all: Vec<TemplateSource> = shared.map(|(name, text)| source(name, text)).collect();
        all.push(source("tried.yaml", &self.text));
        let Ok(engine) = Engine::new(all) else {
            return;
        };
        let anything = |(at, name): (usize, &&'static str)| {
            (*name, Value::from_object(Anything { seed: self.seed + at, depth: 0 }))
        };
        let context: Value = NAMES.iter().enumerate().map(anything).collect();
        let Ok(documents) = engine.render("tried.yaml", &context) else {
            return;
        };
        for document in documents {
            let text = emit_document(&document);
            let file = sources.add("emitted", text.as_str());
            let read = read_one(file, &text).expect("what is emitted can be read").to_value();
            assert_eq!(read, document, "read back from\n{text}");
        }
    }
}

/// A mapping that has whatever it is asked for: texts, numbers, lists, more of its kind.
#[derive(Debug)]
struct Anything {
    seed: usize,
    depth: usize,
}

impl Object for Anything {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let seed = key
            .bytes()
            .fold(self.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(usize::from(byte)));
        let deeper = || Anything { seed, depth: self.depth + 1 };
        Some(match seed % 11 {
            0 => Value::from(()),
            1 => Value::from(true),
            2 => Value::from(false),
            3 => Value::from(i64::try_from(seed % 1_000_003).expect("it fits")),
            4 => Value::from("a: b\n- \"c\" # d"),
            5 => Value::from("\u{e000}0\u{e001}{{ x }}"),
            6 => Value::from("multi\n  line\n\ttext\n\n"),
            7 => Value::from("on"),
            8 if self.depth < 5 => {
                Value::from(vec![Value::from_object(deeper()), Value::from_object(deeper())])
            }
            9 | 10 if self.depth < 5 => Value::from_object(deeper()),
            _ => Value::from("name"),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_enumerator(|_| Box::new(["name", "value"].into_iter().map(Value::from)))
    }
}
