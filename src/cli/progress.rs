//! A progress bar, drawn on a terminal only, and only where the work takes longer than half a second.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Progress of a number of equal steps.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar of so many steps of rendering; invisible where nobody would see it.
    #[must_use]
    pub fn new(steps: usize, visible: bool) -> Self {
        Self::named("rendering", steps, visible)
    }

    /// The same for other work, with the word for it.
    #[must_use]
    pub fn named(what: &'static str, steps: usize, visible: bool) -> Self {
        let bar = if visible {
            ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::hidden())
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        if visible {
            let late = bar.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(500));
                if !late.is_finished() {
                    late.set_draw_target(ProgressDrawTarget::stderr());
                }
            });
        }
        bar.set_message(what);
        Self { bar }
    }

    /// So many steps are done.
    pub fn advance(&self, steps: usize) {
        self.bar.inc(steps as u64);
    }

    /// One step is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
