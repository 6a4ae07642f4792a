//! JSON pointers (RFC 6901): a path in a value, such as `/spec/ports/0`.

use std::fmt;

use crate::kubernetes::near::nearest;
use crate::yaml::Value;

/// A parsed pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    tokens: Vec<String>,
}

/// The problem with a pointer, as the rest of a sentence that starts with it.
pub(super) type Problem = String;

impl Pointer {
    /// Reads a pointer.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let mut tokens = Vec::new();
        if !text.is_empty() {
            let Some(rest) = text.strip_prefix('/') else {
                return Err("does not start with `/`".to_owned());
            };
            for token in rest.split('/') {
                tokens.push(unescape(token).ok_or("contains a `~` that is neither `~0` nor `~1`")?);
            }
        }
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// The keys and indices from the top.
    pub(super) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Whether it is below another.
    pub(super) fn is_below(&self, other: &Self) -> bool {
        self.tokens.len() > other.tokens.len() && self.tokens.starts_with(&other.tokens)
    }

    /// The value at the pointer.
    pub(super) fn get<'v>(&self, root: &'v Value) -> Result<&'v Value, Problem> {
        self.get_to(self.tokens.len(), root)
    }

    /// The value at the first tokens.
    fn get_to<'v>(&self, depth: usize, root: &'v Value) -> Result<&'v Value, Problem> {
        self.tokens[..depth].iter().enumerate().try_fold(root, |value, (depth, token)| {
            let found = match value {
                Value::Map(map) => map.get(token),
                Value::Seq(items) => items.get(index(token)?),
                _ => None,
            };
            found.ok_or_else(|| self.leads_nowhere(depth, value))
        })
    }

    /// Inserts a value: into a mapping, or before the item of a list.
    pub(super) fn add(&self, root: &mut Value, value: Value) -> Result<(), Problem> {
        let Some((last, parent)) = self.last(root)? else {
            *root = value;
            return Ok(());
        };
        match parent {
            Value::Map(map) => {
                map.insert(last, value);
            }
            Value::Seq(items) if last == "-" => items.push(value),
            Value::Seq(items) => {
                let index = index(last)?;
                if index > items.len() {
                    return Err(too_far(items.len()));
                }
                items.insert(index, value);
            }
            other => return Err(self.at_scalar(self.tokens.len() - 1, other)),
        }
        Ok(())
    }

    /// Removes the value.
    pub(super) fn remove(&self, root: &mut Value) -> Result<Value, Problem> {
        self.get(root)?;
        let Some((last, parent)) = self.last(root)? else {
            return Err("is the whole object, which cannot be removed".to_owned());
        };
        match parent {
            Value::Map(map) => map.remove(last).ok_or_else(String::new),
            Value::Seq(items) => Ok(items.remove(index(last)?)),
            other => Err(self.at_scalar(self.tokens.len() - 1, other)),
        }
    }

    /// Replaces the value.
    pub(super) fn replace(&self, root: &mut Value, value: Value) -> Result<(), Problem> {
        self.get(root)?;
        *self.descend(root, self.tokens.len())? = value;
        Ok(())
    }

    /// The last token and its parent value; nothing for the pointer to the root.
    fn last<'v>(&self, root: &'v mut Value) -> Result<Option<(&str, &'v mut Value)>, Problem> {
        let Some((last, parents)) = self.tokens.split_last() else {
            return Ok(None);
        };
        Ok(Some((last, self.descend(root, parents.len())?)))
    }

    fn descend<'v>(&self, root: &'v mut Value, depth: usize) -> Result<&'v mut Value, Problem> {
        self.get_to(depth, root)?;
        self.tokens[..depth].iter().try_fold(root, |value, token| match value {
            Value::Map(map) => map.get_mut(token).ok_or_else(String::new),
            Value::Seq(items) => Ok(&mut items[index(token)?]),
            other => Err(self.at_scalar(depth, other)),
        })
    }

    fn leads_nowhere(&self, depth: usize, at: &Value) -> Problem {
        let (token, place) = (&self.tokens[depth], self.prefix(depth));
        match at {
            Value::Map(map) => {
                let near = nearest(token, map.keys())
                    .map(|near| format!("; did you mean `{near}`?"))
                    .unwrap_or_default();
                format!("not found: {place} has no `{token}`{near}")
            }
            Value::Seq(items) => too_far(items.len()),
            other => self.at_scalar(depth, other),
        }
    }

    fn at_scalar(&self, depth: usize, at: &Value) -> Problem {
        let (place, what) = (self.prefix(depth), at.describe());
        format!("not found: {place} is {what}")
    }

    fn prefix(&self, depth: usize) -> String {
        if depth == 0 {
            return "the object".to_owned();
        }
        let tokens: Vec<String> = self.tokens[..depth].iter().map(|t| escape(t)).collect();
        format!("`/{}`", tokens.join("/"))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn too_far(len: usize) -> Problem {
    let items = if len == 1 { "item" } else { "items" };
    format!("not found: the list has {len} {items}, counted from 0")
}

fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn unescape(token: &str) -> Option<String> {
    let is_escape = |part: &str| part.starts_with(['0', '1']);
    let all = token.split('~').skip(1).all(is_escape);
    all.then(|| token.replace("~1", "/").replace("~0", "~"))
}

/// An index: `0`, or digits without a leading 0.
fn index(token: &str) -> Result<usize, Problem> {
    if token == "-" {
        return Err("is after the last item of the list".to_owned());
    }
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    if digits
        && (token == "0" || !token.starts_with('0'))
        && let Ok(index) = token.parse()
    {
        return Ok(index);
    }
    Err(format!("not found: `{token}` is not a list index"))
}
