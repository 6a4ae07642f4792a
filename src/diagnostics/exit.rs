//! The exit statuses and their precedence.

/// The exit status. The numbers are an interface: scripts and CI read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, and nothing differs.
    Done = 0,
    /// Differences (`diff`, `render --check`) and nothing else.
    Differences = 1,
    /// The cluster or a remote failed, or the result is incomplete.
    Remote = 2,
    /// The spec or a template is wrong, a file was edited by hand, a removal was rejected.
    Spec = 3,
    /// Local files, the lock, the journal.
    Local = 4,
    /// A git conflict.
    Conflict = 5,
    /// The command line is wrong (`EX_USAGE`).
    Usage = 64,
    /// A bug in gen (`EX_SOFTWARE`).
    Bug = 70,
    /// Interrupted from the keyboard.
    Interrupted = 130,
}

impl Exit {
    /// All of them, the gravest first.
    const BY_GRAVITY: [Self; 9] = [
        Self::Interrupted,
        Self::Usage,
        Self::Bug,
        Self::Spec,
        Self::Local,
        Self::Conflict,
        Self::Remote,
        Self::Differences,
        Self::Done,
    ];

    /// The graver of two outcomes.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let gravest = Self::BY_GRAVITY.into_iter().find(|exit| [self, other].contains(exit));
        gravest.unwrap_or(self)
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
