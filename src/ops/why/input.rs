//! Reads an input of any length within bounded memory: its beginning and its end, where causes stand.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};

use crate::diagnose::LeftOut;

/// Maximum number of bytes kept of the beginning, and of the end.
const HALF: usize = 8 << 20;

/// What was read.
#[derive(Debug)]
pub struct Input {
    /// The text; what is not UTF-8 is replaced.
    pub text: String,
    /// What was left out of it.
    pub left_out: Option<LeftOut>,
}

/// Reads to the end.
///
/// # Errors
/// The error of the reader.
pub fn input(from: impl Read) -> std::io::Result<Input> {
    bounded(from, HALF)
}

fn bounded(mut from: impl Read, half: usize) -> std::io::Result<Input> {
    let mut head: Vec<u8> = Vec::new();
    let mut tail: VecDeque<u8> = VecDeque::new();
    let mut buffer = vec![0; 64 << 10];
    let mut all: u64 = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        all += read as u64;
        let to_head = read.min(half - head.len());
        head.extend_from_slice(&buffer[..to_head]);
        tail.extend(&buffer[to_head..read]);
        let over = tail.len().saturating_sub(half);
        tail.drain(..over);
    }
    let tail: Vec<u8> = tail.into();
    let kept = (head.len() + tail.len()) as u64;
    if kept == all {
        head.extend(tail);
        return Ok(Input { text: text(&head), left_out: None });
    }
    // Half a line tells half the truth.
    let head =
        &head[..head.iter().rposition(|byte| *byte == b'\n').map_or(head.len(), |at| at + 1)];
    let tail = &tail[tail.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1)..];
    let kept = (head.len() + tail.len()) as u64;
    let left_out = Some(LeftOut { bytes: all - kept, of: all });
    Ok(Input { text: format!("{}\n{}", text(head), text(tail)), left_out })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        let all = (0..1000).fold(String::new(), |all, line| all + &format!("line {line}\n"));
        let read = bounded(all.as_bytes(), 100).unwrap();
        assert!(read.text.starts_with("line 0\n"), "{}", read.text);
        assert!(read.text.ends_with("line 999\n"), "{}", read.text);
        assert!(read.text.len() <= 201);
        let left_out = read.left_out.unwrap();
        assert_eq!(left_out.of, all.len() as u64);
        assert_eq!(left_out.bytes + read.text.len() as u64 - 1, left_out.of);
        assert!(read.text.lines().all(|line| line.is_empty() || line.starts_with("line ")));
    }

    #[test]
    fn what_fits_is_whole() {
        let read = bounded("a\u{1b}[1mb\n".as_bytes(), 100).unwrap();
        assert_eq!(read.text, "a\u{1b}[1mb\n");
        assert_eq!(read.left_out, None);
        assert_eq!(bounded(&b"a\xffb"[..], 3).unwrap().text, "a\u{fffd}b");
    }
}
