//! The one place where tests sleep. A test waits for a condition, never for a time.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The shortest and the longest time between two looks at a condition.
const PAUSES: [Duration; 2] = [Duration::from_micros(100), Duration::from_millis(100)];

/// Waits until `look` returns something; nothing where `patience` passes before. What comes soon is seen soon: looks are a sixteenth
/// of the time apart that has passed.
pub fn until_some<T>(patience: Duration, look: impl FnMut() -> Option<T>) -> Option<T> {
    let [shortest, longest] = PAUSES;
    wait(patience, look, |past| (past / 16).clamp(shortest, longest))
}

/// The same with a look every so often.
pub fn until_every<T>(
    pause: Duration,
    patience: Duration,
    look: impl FnMut() -> Option<T>,
) -> Option<T> {
    wait(patience, look, |_| pause)
}

fn wait<T>(
    patience: Duration,
    mut look: impl FnMut() -> Option<T>,
    pause: impl Fn(Duration) -> Duration,
) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        let past = start.elapsed();
        if past > patience {
            return None;
        }
        std::thread::sleep(pause(past));
    }
}

/// Waits until a condition holds; whether it did within `patience`.
pub fn until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    until_some(patience, || holds().then_some(())).is_some()
}

/// Waits until what `look` returns has stayed the same for that long, and returns it; nothing where `patience` passes before. For
/// tests that nothing more comes.
pub fn quiet<T>(
    time: Duration,
    patience: Duration,
    mut look: impl FnMut() -> T,
    is_same: impl Fn(&T, &T) -> bool,
) -> Option<T> {
    let mut last = look();
    let mut since = Instant::now();
    let is_quiet = until(patience, || {
        let now = look();
        if !is_same(&last, &now) {
            since = Instant::now();
        }
        last = now;
        since.elapsed() >= time
    });
    is_quiet.then_some(last)
}

/// Waits until everything below a folder was changed at least that long ago, by the clock of the files.
#[expect(clippy::disallowed_methods, reason = "what is waited for is the clock")]
pub fn until_older(folder: &Path, age: Duration) {
    let changes = walkdir::WalkDir::new(folder).into_iter().flatten();
    let changes = changes.filter_map(|entry| {
        let status = entry.metadata().ok()?;
        let seconds = Duration::from_secs(u64::try_from(status.ctime()).ok()?);
        Some(seconds + Duration::from_nanos(u64::try_from(status.ctime_nsec()).ok()?))
    });
    let youngest = UNIX_EPOCH + changes.max().unwrap_or_default();
    let is_older = || SystemTime::now().duration_since(youngest).is_ok_and(|past| past >= age);
    assert!(until(age * 100, is_older), "the clock stands still");
}

/// Lets time pass where time is what the test puts in: a server that is slow, a kill at a random moment.
pub fn pass(time: Duration) {
    std::thread::sleep(time);
}
