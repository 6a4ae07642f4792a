//! One target in a process of its own: it may panic, hang or grow, and the test says with which input.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::mutate::Random;
use crate::{grammar, objects, spec, support, templates};

/// More than any input may need, even unoptimized on a machine that does other things.
const PATIENCE: Duration = Duration::from_mins(1);
/// What one input may add to the memory of the process.
const MOST_MEMORY: u64 = 256 << 20;

/// Gives an input to what is tested, and the input as a text to whoever tells of a failure.
pub trait Target {
    /// Makes the next input.
    fn next(&mut self, random: &mut Random) -> String;
    /// Tries it. A law that does not hold is a panic.
    fn run(&mut self);
}

/// Tries so many inputs, and two hundred times more in a soak: above 40 million.
pub fn fuzz(target: &str, count: u64) {
    let count = if support::is_soak() { count * 200 } else { count };
    let seed = std::env::var("GEN_FUZZ_SEED").map_or(1, |text| text.parse().expect("a number"));
    match run(target, count, seed) {
        Ok(()) => println!("{target}: {count} inputs from seed {seed}, no panic, hang or growth"),
        Err(said) => panic!("{target}, seed {seed}:\n{said}"),
    }
}

/// Runs a target in a process of its own; what it said where that failed.
pub fn run(target: &str, count: u64, seed: u64) -> Result<(), String> {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["--exact", "child::target", "--ignored", "--nocapture", "--test-threads=1"])
        .env("GEN_FUZZ", format!("{target} {count} {seed}"))
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    // The child says so itself, so that a child that did nothing is none that found nothing.
    if output.status.success() && said.contains("all inputs were answered") {
        Ok(())
    } else {
        Err(said)
    }
}

/// The child's side.
#[test]
#[ignore = "the other tests of this program start it"]
fn target() {
    let Ok(what) = std::env::var("GEN_FUZZ") else {
        return;
    };
    let mut words = what.split(' ');
    let name = words.next().expect("a target");
    let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number");
    let (count, seed): (u64, u64) = (number(), number());
    let mut target: Box<dyn Target> = match name {
        "specs" => Box::new(spec::Specs::new()),
        "templates" => Box::new(templates::Templates::new()),
        "objects" => Box::new(objects::Objects::new()),
        "grammar" => Box::<grammar::Texts>::default(),
        other => Box::new(Planted(other.to_owned())),
    };
    let mut random = Random::new(seed);
    // The planted hang need not be waited for as long as a machine that does other things.
    let watch = Watch::start(if name == "hangs" { Duration::from_secs(2) } else { PATIENCE });
    for _ in 0..count {
        watch.begins(target.next(&mut random));
        let before = memory();
        let result = catch_unwind(AssertUnwindSafe(|| target.run()));
        let grown = memory().saturating_sub(before);
        if result.is_err() {
            watch.fails("it panicked");
        }
        if grown > MOST_MEMORY {
            watch.fails(&format!("it took {grown} bytes of memory"));
        }
    }
    println!("all inputs were answered");
}

/// Sees when an input gets no answer, from a thread of its own.
#[derive(Clone)]
struct Watch {
    input: Arc<Mutex<String>>,
    /// Looks at the input since it is there.
    age: Arc<AtomicU64>,
}

/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

impl Watch {
    fn start(patience: Duration) -> Self {
        let watch = Self { input: Arc::default(), age: Arc::default() };
        let of_thread = watch.clone();
        let most = u64::try_from(patience.as_millis() / LOOK.as_millis()).expect("a short time");
        std::thread::spawn(move || {
            let is_late = || of_thread.age.fetch_add(1, Ordering::Relaxed) >= most;
            let late = support::wait::until_every(LOOK, Duration::MAX, || is_late().then_some(()));
            if late.is_some() {
                of_thread.fails("no answer");
            }
        });
        watch
    }

    fn begins(&self, input: String) {
        *self.input.lock().unwrap_or_else(PoisonError::into_inner) = input;
        self.age.store(0, Ordering::Relaxed);
    }

    #[expect(clippy::disallowed_methods, reason = "a thread that hangs cannot be asked to return")]
    fn fails(&self, why: &str) -> ! {
        let input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        println!("{why}; the input was\n{input}");
        std::process::exit(1)
    }
}

/// The most memory that this process ever had, in bytes; zero where the system does not tell.
fn memory() -> u64 {
    let status = std::fs::read_to_string(PathBuf::from("/proc/self/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// A target that does what no target may.
struct Planted(String);

impl Target for Planted {
    fn next(&mut self, _: &mut Random) -> String {
        "planted".to_owned()
    }

    fn run(&mut self) {
        match self.0.as_str() {
            "panics" => panic!("planted"),
            "hangs" => loop {
                std::thread::park();
            },
            "grows" => {
                let block = vec![1_u8; 300 << 20];
                assert_eq!(block.iter().map(|byte| u64::from(*byte)).sum::<u64>(), 300 << 20);
            }
            "leaks" => objects::no_canary(&format!("it says {}", objects::CANARY)),
            other => panic!("no target `{other}`"),
        }
    }
}
