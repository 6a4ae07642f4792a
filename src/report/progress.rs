//! A progress bar, drawn only on a terminal, and only if the work takes longer than half a second.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::ops::Progress;

/// Progress of a number of equal steps.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar of so many steps, with a word for the work.
    pub(super) fn new(what: &'static str, steps: usize, visible: bool) -> Self {
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
        Self(bar)
    }
}

impl Progress for Bar {
    fn advance(&self, steps: usize) {
        self.0.inc(steps as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
