//! The two streams. The only place that prints.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{BufRead as _, ErrorKind, IsTerminal, Write};

use super::progress::Bar;
use super::{Format, Show, Style, unified};
use crate::diagnostics::{Diagnostics, Look, Severity, Sources, render_with};
use crate::ops::{Progress, Watch};
use crate::workspace::FileDiff;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Maximum number of errors, and of warnings, shown.
const MOST_SHOWN: usize = 100;

/// Help of more bytes is shown once.
const LONG_HELP: usize = 200;

/// The output streams and their style.
#[derive(Debug)]
pub struct Screen {
    out: Look,
    err: Look,
    quiet: bool,
    /// The number of `-v`.
    pub verbose: u8,
    /// The reason why some output could not be written.
    lost: RefCell<Option<String>>,
}

impl Screen {
    /// By the options, the terminal, and NO_COLOR (<https://no-color.org>).
    #[must_use]
    pub fn new(colour: Colour, quiet: bool, verbose: u8) -> Self {
        let look = |is_terminal: bool| {
            let wanted = match colour {
                Colour::Always => true,
                Colour::Never => false,
                Colour::Auto => {
                    let set =
                        |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                    is_terminal && !set("NO_COLOR") && !is_dumb()
                }
            };
            if wanted { Look::Coloured } else { Look::Plain }
        };
        Self {
            out: look(std::io::stdout().is_terminal()),
            err: look(std::io::stderr().is_terminal()),
            quiet,
            verbose,
            lost: RefCell::default(),
        }
    }

    /// Plain text, before the arguments are known.
    #[must_use]
    pub fn plain() -> Self {
        Self::new(Colour::Never, false, 0)
    }

    /// Whether stdout is a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Whether text can be drawn over other text: on a terminal that moves its cursor.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        self.is_terminal() && !is_dumb()
    }

    /// Number of columns of the output: of the terminal, at least 60; 80 for anything else.
    #[must_use]
    pub fn width(&self) -> usize {
        const LEAST: usize = 60;
        self.columns().max(LEAST)
    }

    /// Number of columns of the terminal, however few; 80 for anything else.
    #[must_use]
    pub fn columns(&self) -> usize {
        let size =
            terminal_size::terminal_size_of(std::io::stdout()).filter(|_| self.is_terminal());
        size.map_or(80, |(width, _)| usize::from(width.0))
    }

    /// Number of lines of the terminal; 24 for anything else.
    #[must_use]
    pub fn height(&self) -> usize {
        let size =
            terminal_size::terminal_size_of(std::io::stdout()).filter(|_| self.is_terminal());
        size.map_or(24, |(_, height)| usize::from(height.0))
    }

    /// Asks whether to go on: on the terminal, whatever standard input is. Nothing if there is none that shows the question.
    #[must_use]
    pub fn agrees(&self, question: &str) -> Option<bool> {
        if !self.is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        let terminal = std::fs::File::open("/dev/tty").ok()?;
        self.talk(&format!("{question} [y/N] "));
        let mut line = String::new();
        std::io::BufReader::new(terminal).read_line(&mut line).ok()?;
        Some(["y", "yes"].contains(&line.trim().to_ascii_lowercase().as_str()))
    }

    /// The style of reports. A summary omits the fields of objects.
    #[must_use]
    pub fn style(&self, is_summary: bool) -> Style {
        Style { look: self.out, is_verbose: self.verbose > 0, is_summary }
    }

    /// Writes a report.
    pub fn show(&self, format: Format, report: &dyn Show, style: Style, sources: &Sources) {
        match format {
            Format::Text => {
                let is_read = report.answer(style).all(|part| self.data(&part));
                if is_read && !self.quiet {
                    self.data(&report.text(style));
                }
            }
            Format::Json => {
                let value =
                    if style.is_summary { report.summary(sources) } else { report.json(sources) };
                self.data(&format!("{value:#}\n"));
            }
            Format::Markdown => drop(self.data(&report.markdown(style))),
            Format::Html => drop(self.data(&report.html())),
        }
    }

    /// Writes to stdout. Returns whether anybody still reads: a closed pipe ends the output, and is not an error.
    #[allow(clippy::must_use_candidate, reason = "most callers are at their end and do not care")]
    pub fn data(&self, text: &str) -> bool {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Err(error) = &written
            && error.kind() != ErrorKind::BrokenPipe
        {
            *self.lost.borrow_mut() = Some(error.to_string());
        }
        written.is_ok()
    }

    /// The reason why some output was lost, such as a full disk behind `>`.
    #[must_use]
    pub fn lost(&self) -> Option<String> {
        self.lost.borrow().clone()
    }

    /// Writes to stderr.
    pub fn talk(&self, text: &str) {
        // If stderr is closed, there is nowhere to report it.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Errors, and warnings unless quiet.
    pub fn diagnostics(&self, found: &Diagnostics, sources: &Sources) {
        let of = |severity: Severity| found.iter().filter(move |d| d.severity == severity);
        // A long list of what is known helps once, not forty times.
        let mut advised = HashSet::new();
        // Nobody reads more, and a file of a megabyte can contain a hundred thousand of them.
        let mut show = |severity: Severity| {
            for diagnostic in of(severity).take(MOST_SHOWN) {
                let help = diagnostic.kind.help();
                let repeated = help.len() > LONG_HELP && !advised.insert(help.clone());
                let help = if repeated { "as above" } else { &help };
                self.talk(&render_with(diagnostic, sources, self.err, help));
            }
            of(severity).count()
        };
        let errors = show(Severity::Error);
        let warnings = if self.quiet { 0 } else { show(Severity::Warning) };
        if warnings > MOST_SHOWN {
            self.talk(&format!("{} more warnings\n", warnings - MOST_SHOWN));
        }
        if errors > MOST_SHOWN {
            let at_least = if found.are_cut() { "more than " } else { "" };
            self.talk(&format!("{at_least}{errors} errors, the first {MOST_SHOWN} are shown\n"));
        } else if errors > 1 {
            self.talk(&format!("{errors} errors\n"));
        }
    }
}

impl Watch for Screen {
    fn warn(&self, found: &Diagnostics, sources: &Sources) {
        self.diagnostics(found, sources);
    }

    fn note(&self, line: &str) {
        if !self.quiet {
            self.talk(&format!("{line}\n"));
        }
    }

    /// As diffs from what gen would write to what is on disk.
    fn edited(&self, files: &[FileDiff]) {
        for file in files {
            let (before, after) = (file.after.as_deref(), file.before.as_deref());
            self.talk(&unified(&file.path, before, after, Look::Plain));
        }
    }

    fn begin(&self, what: &'static str, steps: usize) -> Box<dyn Progress> {
        let visible = !self.quiet && std::io::stderr().is_terminal();
        Box::new(Bar::new(what, steps, visible))
    }

    fn wants_details(&self) -> bool {
        self.verbose > 0
    }
}

/// A terminal that moves no cursor and has no colours.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}
