//! What is written is read as the same value by the readers that count: Go's `sigs.k8s.io/yaml`, which Kubernetes, Flux and
//! Tekton use, and PyYAML, an independent reader of YAML 1.1. They are programs of their own, named by `GEN_TEST_ORACLE`
//! and `GEN_TEST_YAML11`; `make test` builds and names them. `GEN_SOAK=1` sends a million objects in place of ten thousand.

mod hostile;
#[expect(dead_code, reason = "several test programs share it")]
#[path = "support/needs.rs"]
mod needs;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use gitops_gen::diagnostics::FileId;
use gitops_gen::yaml::{
    Data, Limits, Style, Value, emit_into, is_read_otherwise, read_documents, read_one,
    resolve_plain,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A reader of YAML that is not of this program: a stream of documents on stdin, a line of JSON each on stdout.
struct Oracle {
    variable: &'static str,
    command: Vec<String>,
}

/// What an oracle made of a stream: one value a document, up to the first that it refused.
struct Reading {
    values: Vec<serde_json::Value>,
    refusal: String,
}

impl Oracle {
    fn go() -> Option<Self> {
        Self::named("GEN_TEST_ORACLE", "oracle", &["yaml"])
    }

    fn yaml11() -> Option<Self> {
        Self::named("GEN_TEST_YAML11", "yaml11", &[])
    }

    fn named(variable: &'static str, name: &str, arguments: &[&str]) -> Option<Self> {
        let program = needs::tool(variable, name)?;
        let mut command = vec![program.to_str().expect("UTF-8").to_owned()];
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        Some(Self { variable, command })
    }

    fn read(&self, stream: &str) -> Reading {
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {:?}: {error}", self.variable, self.command));
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        let output = std::thread::scope(|scope| {
            // A reader that stops early closes the pipe; its exit status says why.
            scope.spawn(move || stdin.write_all(stream.as_bytes()).err());
            child.wait_with_output().expect("the oracle ends")
        });
        let lines = String::from_utf8(output.stdout).expect("JSON is UTF-8");
        let values =
            lines.lines().map(|line| serde_json::from_str(line).expect("one JSON document a line"));
        let refusal = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() != (output.status.code() == Some(1)), "{refusal}");
        Reading { values: values.collect(), refusal }
    }

    /// The documents that the oracle read as something else than what was meant, with what it made of them.
    fn mismatches(&self, documents: &[(&Value, String)]) -> Vec<String> {
        let stream: String = documents.iter().flat_map(|(_, text)| ["---\n", text]).collect();
        let reading = self.read(&stream);
        let mut wrong = Vec::new();
        for (index, (model, text)) in documents.iter().enumerate() {
            match reading.values.get(index) {
                Some(read) if agree(model, read) => {}
                Some(read) => wrong.push(format!("{model}\nwritten\n{text}read {read}")),
                None => {
                    wrong.push(format!("{model}\nwritten\n{text}refused: {}", reading.refusal));
                    break;
                }
            }
        }
        if reading.values.len() > documents.len() {
            wrong.push(format!("{} documents out of {}", reading.values.len(), documents.len()));
        }
        wrong
    }
}

/// JSON has one kind of number: a float without a fraction comes back as a whole number. All else is the same exactly.
fn agree(model: &Value, read: &serde_json::Value) -> bool {
    match (model, read) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
        (Value::Int(a), serde_json::Value::Number(b)) => b.as_i64() == Some(*a),
        (Value::Float(a), serde_json::Value::Number(b)) => {
            b.as_f64().is_some_and(|b| a.to_bits() == b.to_bits())
        }
        (Value::Str(a), serde_json::Value::String(b)) => a == b,
        (Value::Seq(a), serde_json::Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b))
        }
        (Value::Map(a), serde_json::Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| agree(a, b)))
        }
        _ => false,
    }
}

/// Past the capture of the test runner, so that a log says how much was compared.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "yaml oracle: {line}");
}

fn emitted(value: &Value) -> String {
    let mut text = String::new();
    emit_into(&mut text, value);
    text
}

/// The same objects in every run: batch by batch, each from its own seed.
fn batch(number: usize, size: usize) -> Vec<Value> {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(number as u64).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = hostile::object();
    let mut object = || strategy.new_tree(&mut runner).expect("nothing is filtered").current();
    (0..size).map(|_| object()).collect()
}

const BATCH: usize = 1_000;

fn soak(oracle: Option<&Oracle>) {
    let Some(oracle) = oracle else { return };
    let batches = if std::env::var_os("GEN_SOAK").is_some_and(|v| v == "1") { 1_000 } else { 10 };
    let (next, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= batches {
            return;
        }
        let objects = batch(number, BATCH);
        let documents: Vec<_> = objects.iter().map(|object| (object, emitted(object))).collect();
        bytes.fetch_add(documents.iter().map(|(_, text)| text.len()).sum(), Ordering::Relaxed);
        let wrong = oracle.mismatches(&documents);
        assert!(wrong.is_empty(), "{} in batch {number}, first: {}", wrong.len(), wrong[0]);
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let (count, bytes) = (batches * BATCH, bytes.into_inner());
    say(&format!("{}: {count} objects, {bytes} bytes, 0 mismatches", oracle.variable));
}

#[test]
fn go_reads_what_was_written() {
    soak(Oracle::go().as_ref());
}

#[test]
fn a_reader_of_yaml_1_1_reads_what_was_written() {
    soak(Oracle::yaml11().as_ref());
}

/// Every ambiguous text and every single character where readers differ most: as value, key, item, and in a block.
#[test]
fn every_ambiguous_text_and_every_low_character_is_read_as_itself() {
    let mut texts: Vec<String> = hostile::AMBIGUOUS.iter().map(|text| (*text).to_owned()).collect();
    texts.extend(
        (0..=0x2FF).chain(0x2000..=0x20FF).filter_map(char::from_u32).map(|c| format!("a{c}")),
    );
    texts.extend((0..0x100).filter_map(char::from_u32).map(|c| format!("{c}a")));
    texts.extend((0..0x80).filter_map(char::from_u32).map(String::from));
    let ends =
        (0..=0x10).flat_map(|plane| [0xFFFD, 0xFFFE, 0xFFFF].map(|last| plane * 0x1_0000 + last));
    let edges = [0xD7FF, 0xE000, 0xF8FF, 0xFDCF, 0xFDD0, 0xFDEF, 0xFEFF, 0x1_0000, 0xF_0000];
    texts.extend(ends.chain(edges).filter_map(char::from_u32).map(|c| format!("a{c}b")));
    let objects: Vec<Value> = texts
        .iter()
        .map(|text| {
            let plain = || Value::from(text.as_str());
            let lines = Value::Str(format!("x\n{text}\ny\n"));
            let entry = Value::from([(text.as_str(), plain())]);
            Value::from([("k", plain()), ("list", Value::from(vec![plain(), entry, lines]))])
        })
        .collect();
    let documents: Vec<_> = objects.iter().map(|object| (object, emitted(object))).collect();
    for oracle in [Oracle::go(), Oracle::yaml11()].into_iter().flatten() {
        let wrong = oracle.mismatches(&documents);
        assert!(wrong.is_empty(), "{}: {}: {}", oracle.variable, wrong.len(), wrong[0]);
        say(&format!("{}: {} texts in 5 places, 0 mismatches", oracle.variable, objects.len()));
    }
}

/// What `gen check` makes of the YAML of others is what Kubernetes makes of it.
#[test]
fn plain_scalars_of_others_are_read_as_kubernetes_reads_them() {
    let Some(oracle) = Oracle::go() else { return };
    let words = hostile::AMBIGUOUS.iter().map(|text| (*text).to_owned());
    let heads = ["", "-", "+", "0", "0o", "0x", "0b", "0X", "-0", "1_", "."];
    let tails =
        ["0", "1", "7", "8", "17", "644", "0644", "1_000", "9e3", "1.5", "1.50", "ff", "-1", "_"];
    let numbers =
        heads.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}")));
    let more =
        ["yes", "No", "ON", "off", "y", "N", "12:30:45", "1e3", "2026-01-02", "0777", "08", "true"];
    let texts: Vec<String> =
        words.chain(numbers).chain(more.iter().map(|text| (*text).to_owned())).collect();
    let is_plain = |text: &&String| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || "+-._:".contains(c)) && !text.is_empty()
    };
    // It refuses what JSON cannot say.
    let is_taken = |text: &&String| {
        let body = text.trim_start_matches(['-', '+']).to_ascii_lowercase();
        ![".inf", ".nan"].contains(&body.as_str()) && !text.ends_with(':') && **text != "-"
    };
    let documents: Vec<(Value, String)> = texts
        .iter()
        .filter(is_plain)
        .filter(is_taken)
        .map(|text| {
            let text = format!("a: {text}\n");
            let nodes = read_documents(FileId::BUILT_IN, &text, Limits::default());
            (nodes.expect("it is YAML")[0].to_value_as_kubernetes(), text)
        })
        .collect();
    let pairs: Vec<_> = documents.iter().map(|(value, text)| (value, text.clone())).collect();
    let wrong = oracle.mismatches(&pairs);
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), pairs.len());
    say(&format!("{}: {} plain scalars, 0 mismatches", oracle.variable, pairs.len()));
}

/// The positive control: an emitter of YAML 1.2 leaves such texts without quotes, and the same comparison must see it.
#[test]
fn an_emitter_that_knows_only_yaml_1_2_is_caught() {
    let by_go = ["y", "N", "off", "1_000", "-__1"];
    let by_yaml11 = ["yes", "off", "1_000", "12:30:45", "2026-01-01", "="];
    for (oracle, texts) in [(Oracle::go(), &by_go[..]), (Oracle::yaml11(), &by_yaml11[..])] {
        let Some(oracle) = oracle else { continue };
        for text in texts {
            let value = Value::from([("k", Value::from(*text))]);
            let bare = serde_yaml::to_string(&value).expect("it can be written");
            let right = || (&value, emitted(&value));
            let caught = oracle.mismatches(&[right(), (&value, bare.clone()), right()]);
            assert_eq!(caught.len(), 1, "{} took {bare} for the text", oracle.variable);
            assert!(caught[0].contains(&bare), "{}", caught[0]);
            assert!(oracle.mismatches(&[right(), right()]).is_empty());
        }
        say(&format!("{}: {} wrong documents, all caught", oracle.variable, texts.len()));
    }
}

/// What a person writes without quotes: gen and Go read the same, or gen knows that they do not.
#[test]
fn plain_scalars_are_read_as_go_reads_them_or_known_not_to_be() {
    let Some(oracle) = Oracle::go() else { return };
    let more = [
        "0400",
        "08",
        "007",
        "-012",
        "+012",
        "0o17",
        "0b11",
        "0X1F",
        "-0x1f",
        "1_000",
        "1__0",
        "_1",
        "-__1",
        "1e3",
        "1e+3",
        "1.",
        "-0",
        "+1",
        "99999999999999999999",
        "1e400",
        "0b12",
        "0o8",
        "685_230.15",
        "0_7",
        "0_400",
        "00",
        "0",
        "0x_1",
        "-.5",
        ".",
        "-",
        "+",
        "..",
    ];
    let mut texts: Vec<String> =
        hostile::AMBIGUOUS.iter().chain(&more).map(|t| (*t).to_owned()).collect();
    let mut seed: u64 = 1;
    for _ in 0..2_000 {
        let mut text = String::new();
        for _ in 0..=seed % 5 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let letters = b"0011234578xob_eE.+-yn";
            text.push(char::from(
                letters[usize::try_from(seed >> 33).expect("small") % letters.len()],
            ));
        }
        texts.push(text);
    }
    let is_plain = |text: &String| {
        let read = read_one(FileId::BUILT_IN, &format!("k: {text}\n"));
        let value = read.ok().and_then(|node| node.get("k").cloned());
        value.is_some_and(|node| matches!(&node.data, Data::Scalar(s) if s.style == Style::Plain && s.text == *text))
    };
    texts.retain(is_plain);
    assert!(texts.len() > 1_500, "{} texts", texts.len());
    let mut told = 0;
    for text in &texts {
        let read = oracle.read(&format!("k: {text}\n")).values;
        let is_same = read.first().is_some_and(|read| agree(&resolve_plain(text), &read["k"]));
        assert_eq!(
            is_same,
            !is_read_otherwise(text),
            "`{text}` is {read:?} to Go, {:?} to gen",
            resolve_plain(text)
        );
        told += usize::from(!is_same);
    }
    assert!(told > 100, "only {told} differ");
}
