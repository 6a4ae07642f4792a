//! Reads objects: one `git cat-file` serves many requests.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::{Mutex, PoisonError};

use super::program::{Program, failed};
use crate::diagnostics::Diagnostics;

/// A requested blob.
#[derive(Debug)]
pub(super) enum Blob {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// It is larger than the limit: its size.
    Large(u64),
}

impl Blob {
    /// The bytes; none if it is too large.
    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Large(_) => None,
        }
    }

    /// The text; none if it is too large or not UTF-8.
    pub fn text(self) -> Option<String> {
        String::from_utf8(self.bytes()?).ok()
    }
}

/// The objects of a repository, read one at a time by one process.
#[derive(Debug)]
pub(super) struct Objects {
    program: Program,
    talk: Mutex<Option<Talk>>,
}

/// An open `git cat-file --batch-command`.
#[derive(Debug)]
struct Talk {
    child: Child,
    ask: Option<ChildStdin>,
    answer: BufReader<ChildStdout>,
}

impl Drop for Talk {
    fn drop(&mut self) {
        // It exits at the end of its input.
        drop(self.ask.take());
        let _ = self.child.wait();
    }
}

impl Objects {
    pub fn new(program: &Program) -> Self {
        Self { program: program.clone(), talk: Mutex::default() }
    }

    /// Reads a blob of at most `limit` bytes.
    pub fn read(&self, object: &str, limit: u64) -> Result<Blob, Diagnostics> {
        let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        if talk.is_none() {
            *talk = Some(self.begin(&["--batch-command"])?);
        }
        let open = talk.as_mut().expect("it was just opened");
        let read = open.ask_for(object, limit);
        if read.is_err() {
            // Its further output would be out of sync.
            *talk = None;
        }
        read.map_err(|error| broken(object, &error))
    }

    /// Reads many blobs in the given order, each of at most `limit` bytes.
    pub fn read_all<'a>(
        &self,
        objects: impl Iterator<Item = &'a str>,
        limit: u64,
        mut each: impl FnMut(usize, Blob) -> Result<(), Diagnostics>,
    ) -> Result<(), Diagnostics> {
        let names: Vec<&str> = objects.collect();
        if names.is_empty() {
            return Ok(());
        }
        let mut talk = self.begin(&["--batch", "--buffer"])?;
        let mut ask = talk.ask.take().expect("its input is a pipe");
        let question: String = names.iter().flat_map(|name| [*name, "\n"]).collect();
        std::thread::scope(|scope| {
            // In parallel with the reading: neither pipe can hold everything.
            scope.spawn(move || {
                let _ = ask.write_all(question.as_bytes());
            });
            for (number, name) in names.iter().enumerate() {
                let blob = talk.take(limit).map_err(|error| broken(name, &error));
                let result = blob.and_then(|blob| each(number, blob));
                if result.is_err() {
                    // The writer must not wait for a reader that has exited.
                    let _ = talk.child.kill();
                    return result;
                }
            }
            Ok(())
        })
    }

    fn begin(&self, arguments: &[&str]) -> Result<Talk, Diagnostics> {
        let mut call = self.program.call("cat-file").args(arguments).stdin(Vec::new());
        let mut child = call.spawn()?;
        // Errors show in its output.
        drop(child.stderr.take());
        let ask = child.stdin.take();
        let answer = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Ok(Talk { child, ask, answer })
    }
}

impl Talk {
    fn ask_for(&mut self, object: &str, limit: u64) -> io::Result<Blob> {
        self.say(&format!("info {object}\n"))?;
        let size = self.size()?;
        if size > limit {
            return Ok(Blob::Large(size));
        }
        self.say(&format!("contents {object}\n"))?;
        self.take(limit)
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        let ask = self.ask.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        ask.write_all(text.as_bytes())?;
        ask.flush()
    }

    /// The line `OBJECT TYPE SIZE`.
    fn size(&mut self) -> io::Result<u64> {
        let mut line = String::new();
        self.answer.by_ref().take(1024).read_line(&mut line)?;
        let mut words = line.split_whitespace().skip(1);
        match (words.next(), words.next().map(str::parse)) {
            (Some("blob"), Some(Ok(size))) => Ok(size),
            (Some(what), _) => Err(io::Error::other(format!("it is {what}"))),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// The line, the bytes, and the line break behind them.
    fn take(&mut self, limit: u64) -> io::Result<Blob> {
        let size = self.size()?;
        if size > limit {
            io::copy(&mut self.answer.by_ref().take(size + 1), &mut io::sink())?;
            return Ok(Blob::Large(size));
        }
        let mut bytes = vec![0; usize::try_from(size).map_err(io::Error::other)? + 1];
        self.answer.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(Blob::Bytes(bytes))
    }
}

fn broken(object: &str, error: &io::Error) -> Diagnostics {
    failed("cat-file", format!("{object}: {error}"))
}
