//! Simple commands: assignments, words, redirections, here-documents.

use super::parser::{Parsed, Parser};
use super::syntax::{Command, Piece, Word, Writes};
use super::unread::shorten;

impl Parser<'_> {
    /// A simple command that gets this text; the result is the text that it passes on.
    pub(super) fn simple(&mut self, stdin: Option<Word>) -> Parsed<Option<Word>> {
        let start = self.at;
        let mut command = Command { stdin, in_function: self.in_function, ..Command::default() };
        let mut assigns = Vec::new();
        let mut exports = false;
        loop {
            self.blanks();
            if self.redirect(&mut command)? {
                continue;
            }
            match self.peek() {
                None | Some(b'\n' | b';' | b'|' | b'&' | b')' | b'#') => break,
                Some(_) => {}
            }
            if (command.words.is_empty() || exports)
                && let Some(assign) = self.assignment()?
            {
                assigns.push(assign);
                continue;
            }
            let word = self.word()?;
            if command.words.is_empty() {
                exports = matches!(word.literal().as_deref(), Some("export" | "readonly"));
            }
            command.words.push(word);
        }
        if self.at == start {
            return self.fail("a command is missing");
        }
        command.text = shorten(&self.text[start..self.at]);
        let lasts = command.words.is_empty() || exports;
        for (name, value) in assigns {
            self.data(vec![value.clone()], &command.text);
            let value = Some(value).filter(|_| lasts && !self.in_function);
            if value.is_some() {
                self.latest.insert(name.clone(), self.out.bindings.len());
            }
            self.out.assign(&name, value);
        }
        self.note_writes(&command.words);
        let cat = command.words.len() == 1 && command.words[0].literal().as_deref() == Some("cat");
        let passed = command.stdin.clone().filter(|_| cat);
        self.out.commands.push(command);
        Ok(passed)
    }

    /// Builtins that set the variables that their words name.
    fn note_writes(&mut self, words: &[Word]) {
        let Some((first, rest)) = words.split_first() else {
            return;
        };
        let is = |word: &Word, text: &str| word.literal().as_deref() == Some(text);
        let name = first.literal().unwrap_or_default();
        let flagged = |flag: &str| rest.iter().any(|word| is(word, flag));
        match name.as_str() {
            "printf" => self.out.writes_any |= flagged("-v"),
            "wait" => self.out.writes_any |= flagged("-p"),
            "let" | "builtin" => self.out.writes_any = true,
            "command" => self.out.writes_any |= !flagged("-v") && !flagged("-V"),
            "export" | "readonly" | "local" | "declare" | "typeset" | "read" | "unset"
            | "getopts" | "mapfile" | "readarray" => {
                for word in rest {
                    let text = match word.0.first() {
                        Some(Piece::Text { text, .. }) => text.as_str(),
                        _ => "",
                    };
                    let end = text.find(['=', '[', '+']);
                    if text.is_empty() || (end.is_none() && word.0.len() > 1) {
                        self.out.writes_any = true;
                    } else if end.is_some() || !matches!(name.as_str(), "export" | "readonly") {
                        self.out.assign(&text[..end.unwrap_or(text.len())], None);
                    }
                }
            }
            _ => {}
        }
    }

    /// `NAME=…`, if one stands here: the variable and its value.
    fn assignment(&mut self) -> Parsed<Option<(String, Word)>> {
        let rest = &self.text[self.at..];
        let name = self.variable_name();
        let Some(sign) = rest[name.len()..].chars().next() else {
            return Ok(None);
        };
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let adds = rest[name.len()..].starts_with("+=");
        if sign == '[' || (sign == '=' && rest[name.len() + 1..].starts_with('(')) {
            return self.fail("an array");
        }
        if sign != '=' && !adds {
            return Ok(None);
        }
        self.at += name.len() + if adds { 2 } else { 1 };
        let ends = |byte: u8| b" \t\n;&|)<>".contains(&byte);
        let value = if self.peek().is_none_or(ends) { Word::default() } else { self.word()? };
        if adds {
            self.out.writes.insert(name.to_owned(), Writes::Unclear);
        }
        Ok(Some((name.to_owned(), value)))
    }

    /// A redirection, if one stands here.
    pub(super) fn redirect(&mut self, command: &mut Command) -> Parsed<bool> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let signs = ["<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">", "&>>", "&>"];
        let Some(sign) = signs.into_iter().find(|sign| self.take(sign)) else {
            self.at = start;
            return Ok(false);
        };
        if self.sees("(") {
            return self.fail("`<(` and `>(`");
        }
        self.blanks();
        if matches!(sign, "<<" | "<<-") {
            command.stdin = Some(self.here(sign == "<<-")?);
            return Ok(true);
        }
        let word = self.word()?;
        match sign {
            "<<<" => command.stdin = Some(word),
            "<" | "<&" => command.stdin = None,
            _ => {
                let into = word.literal().unwrap_or_else(|| "a file".to_owned());
                let stream = sign == ">&" && into.bytes().all(|b| b.is_ascii_digit() || b == b'-');
                command.hands_on |= !stream && !into.starts_with("/dev/");
            }
        }
        Ok(true)
    }

    /// Reads the body of a here-document, which begins behind this line, or behind the body of the one before.
    fn here(&mut self, tabs: bool) -> Parsed<Word> {
        let start = self.at;
        let Some(end) = self.word()?.literal() else {
            return self.fail("a here-document whose end is not literal");
        };
        let quoted = self.text[start..self.at].contains(['\'', '"', '\\']);
        let rest = &self.text[self.at..];
        let here = self.at + rest.find('\n').unwrap_or(rest.len());
        let (line, mut at) = self.body.unwrap_or((here, here + 1));
        let mut body = String::new();
        while at < self.text.len() {
            let rest = &self.text[at..];
            let length = rest.find('\n').map_or(rest.len(), |index| index + 1);
            at += length;
            let text = &rest[..length];
            let text = if tabs { text.trim_start_matches('\t') } else { text };
            if text.trim_end_matches('\n') == end {
                break;
            }
            body.push_str(text);
        }
        self.body = Some((line, at.min(self.text.len())));
        if quoted {
            let mut word = Word::default();
            word.push(&body, true);
            return Ok(word);
        }
        self.within(&body)
    }

    /// Reads a text of its own, as if it stood in double quotes.
    fn within(&mut self, text: &str) -> Parsed<Word> {
        let mut inner = Parser {
            depth: self.depth,
            in_function: self.in_function,
            latest: std::mem::take(&mut self.latest),
            out: std::mem::take(&mut self.out),
            ..Parser::new(text)
        };
        let mut word = Word::default();
        while inner.peek().is_some() {
            inner.quoted_piece(&mut word)?;
        }
        self.latest = inner.latest;
        self.out = inner.out;
        Ok(word)
    }
}
