//! Compound commands: blocks, conditions, loops, cases, functions.

use std::rc::Rc;

use super::super::mention;
use super::parse::{Parsed, Parser};
use super::{Function, List, Loop, Node, Piece, Redirect, Word};

impl Parser<'_> {
    pub(super) fn command(&mut self) -> Parsed<Node> {
        self.deeper(|parser| {
            let compound = match parser.keyword() {
                "time" => {
                    parser.at += 4;
                    parser.blanks();
                    while parser.keyword().starts_with('-') {
                        parser.at += parser.keyword().len();
                        parser.blanks();
                    }
                    return parser.pipeline();
                }
                "if" => parser.condition()?,
                "while" | "until" => {
                    parser.at += 5;
                    parser.loops(None)?
                }
                "for" | "select" => parser.goes_through()?,
                "case" => parser.case()?,
                "{" => {
                    parser.at += 1;
                    let list = parser.list()?;
                    parser.expect("}")?;
                    Node::Group(list)
                }
                "function" => {
                    parser.at += 8;
                    parser.blanks();
                    let name = parser.keyword().to_owned();
                    parser.at += name.len();
                    return parser.function(name);
                }
                "[[" => Node::Simple(parser.test()?),
                "" if parser.sees("((") && parser.arithmetic_end(2).is_some() => {
                    parser.at += 2;
                    let inner = parser.arithmetic(true)?;
                    Node::Simple(Self::bare(inner))
                }
                "" if parser.take("(") => {
                    let list = parser.list()?;
                    parser.expect_sign(")")?;
                    Node::Subshell(list)
                }
                name => {
                    let name = name.to_owned();
                    let after =
                        parser.text[parser.at + name.len()..].trim_start_matches([' ', '\t']);
                    let brackets = after
                        .strip_prefix('(')
                        .is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(')'));
                    if brackets && !name.is_empty() {
                        parser.at += name.len();
                        return parser.function(name);
                    }
                    return Ok(Node::Simple(parser.simple()?));
                }
            };
            let mut redirects: Vec<Redirect> = Vec::new();
            loop {
                parser.blanks();
                match parser.redirect()? {
                    Some(redirect) => redirects.push(redirect),
                    None if redirects.is_empty() => return Ok(compound),
                    None => return Ok(Node::Redirected(Box::new(compound), redirects)),
                }
            }
        })
    }

    fn condition(&mut self) -> Parsed<Node> {
        let mut branches = Vec::new();
        let mut word = "if";
        loop {
            self.at += word.len();
            let condition = self.list()?;
            self.expect("then")?;
            branches.push((condition, self.list()?));
            word = "elif";
            if self.keyword() != word {
                break;
            }
        }
        let mut rest = List::new();
        if self.keyword() == "else" {
            self.at += 4;
            rest = self.list()?;
        }
        self.expect("fi")?;
        Ok(Node::If(branches, rest))
    }

    fn goes_through(&mut self) -> Parsed<Node> {
        self.at += self.keyword().len();
        self.blanks();
        if self.sees("((") && self.arithmetic_end(2).is_some() {
            self.at += 2;
            let inner = self.arithmetic(true)?;
            self.blanks();
            self.take(";");
            let head = Node::Simple(Self::bare(inner));
            return Ok(Node::Group(vec![
                head,
                self.loops(Some((String::new(), Vec::new())))?,
            ]));
        }
        let name = self.keyword().to_owned();
        self.at += name.len();
        if name.is_empty() {
            return self.fail("`for` names no variable");
        }
        self.lines()?;
        let mut words = Vec::new();
        if self.keyword() == "in" {
            self.at += 2;
            loop {
                self.blanks();
                match self.peek() {
                    None | Some(b';' | b'\n') => break,
                    Some(b'&' | b'|' | b'(' | b')' | b'<' | b'>') => {
                        return self.fail("the list of `for` has a sign in it");
                    }
                    Some(_) => words.push(self.word()?),
                }
            }
        } else {
            words.push(Word(vec![Piece::All {
                name: "@".to_owned(),
                quoted: true,
            }]));
        }
        for word in &words {
            self.note_data(word);
        }
        self.blanks();
        self.take(";");
        self.facts.assigned.push(name.clone());
        self.loops(Some((name, words)))
    }

    fn loops(&mut self, over: Option<(String, Vec<Word>)>) -> Parsed<Node> {
        let outer = std::mem::take(&mut self.facts);
        let condition = if over.is_some() {
            List::new()
        } else {
            self.list()?
        };
        // `for x in a b; { …; }` is an old form without `do`.
        self.lines()?;
        let (open, close) = if over.is_some() && self.keyword() == "{" {
            ("{", "}")
        } else {
            ("do", "done")
        };
        self.expect(open)?;
        let body = self.list()?;
        self.expect(close)?;
        let facts = std::mem::replace(&mut self.facts, outer);
        self.include(&facts);
        Ok(Node::Loop(Loop {
            over: over.filter(|(name, _)| !name.is_empty()),
            condition,
            body,
            facts,
        }))
    }

    fn case(&mut self) -> Parsed<Node> {
        self.at += 4;
        self.blanks();
        let word = self.word()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.lines()?;
            if self.keyword() == "esac" {
                self.at += 4;
                return Ok(Node::Case(word, arms));
            }
            self.take("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                if matches!(self.peek(), None | Some(b'\n' | b';' | b'&' | b'<' | b'>')) {
                    return self.fail("a pattern of `case` does not end");
                }
                if self.take(")") {
                    break;
                }
                if !self.take("|") {
                    patterns.push(self.word()?);
                }
            }
            let list = self.list()?;
            if self.sees(";&") || self.sees(";;&") {
                return self.fail("`;&` falls through to the next pattern");
            }
            arms.push((patterns, list));
            self.take(";;");
        }
    }

    fn function(&mut self, name: String) -> Parsed<Node> {
        self.blanks();
        if self.take("(") {
            self.blanks();
            self.expect_sign(")")?;
        }
        self.lines()?;
        let (start, outer) = (self.at, std::mem::take(&mut self.facts));
        let body = self.command()?;
        let facts = std::mem::replace(&mut self.facts, outer);
        let all = facts.assigned.iter().chain(&facts.in_functions).cloned();
        self.facts.in_functions.extend(all);
        self.facts.tool_as_data |= facts.tool_as_data;
        let uses_tools = mention::strictly(&self.text[start..self.at]);
        Ok(Node::Function(Rc::new(Function {
            name,
            body,
            facts,
            uses_tools,
        })))
    }
}
