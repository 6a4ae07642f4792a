//! The output of `gen check --rbac`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diagnostics::{Sources, visible};
use crate::ops::check::{AccountReport, RbacReport};
use crate::report::{Answer, Show, Style, answer};

impl Show for RbacReport {
    fn answer(&self, _: Style) -> Answer<'_> {
        answer(words(&self.accounts))
    }

    fn json(&self, _: &Sources) -> Value {
        let pairs = |list: &[(String, String)], of: [&str; 2]| {
            list.iter().map(|(a, b)| json!({of[0]: a, of[1]: b})).collect::<Vec<_>>()
        };
        let account = |one: &AccountReport| {
            json!({
                "environment": one.environment,
                "account": one.account,
                "usedBy": one.users,
                "needs": pairs(&one.needs, ["what", "for"]),
                "has": pairs(&one.has, ["what", "by"]),
                "missing": one.missing,
                "role": one.role,
                "unneeded": one.unneeded,
                "notRead": pairs(&one.unread, ["what", "why"]),
                "hasUnknownRoles": one.has_unknown,
                "couldGet": one.reach.iter()
                    .map(|(by, accounts)| json!({"by": by, "rightsOf": accounts}))
                    .collect::<Vec<_>>(),
            })
        };
        json!({
            "schema": 1,
            "complete": true,
            "command": "check",
            "accounts": self.accounts.iter().map(account).collect::<Vec<_>>(),
        })
    }
}

fn words(accounts: &[AccountReport]) -> String {
    match accounts {
        [] => "no accounts\n".to_owned(),
        all => all.iter().map(text).collect::<Vec<_>>().join("\n"),
    }
}

fn text(one: &AccountReport) -> String {
    let mut out = String::new();
    let place = one.environment.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let _ = writeln!(out, "account {}{place}", one.account);
    let mut list = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = writeln!(out, "  {title}:");
            for line in lines {
                let _ = writeln!(out, "    {}", visible(line));
            }
        }
    };
    let pairs = |list: &[(String, String)], word: &str| -> Vec<String> {
        list.iter().map(|(a, b)| format!("{a}  {word} {b}")).collect()
    };
    list("used by", &one.users);
    list("needs", &pairs(&one.needs, "for"));
    list("has", &pairs(&one.has, "by"));
    list("lacks", &one.missing);
    list("does not need", &one.unneeded);
    let unread: Vec<String> =
        one.unread.iter().map(|(what, why)| format!("{what}: {why}")).collect();
    list("may need more", &unread);
    let reach: Vec<String> = one
        .reach
        .iter()
        .map(|(by, accounts)| match accounts.as_slice() {
            [] => by.clone(),
            accounts => format!("{by}: {}", accounts.join(", ")),
        })
        .collect();
    list("could get more, since it", &reach);
    if one.has_unknown {
        out.push_str("  has rights of roles that are not among the objects\n");
    }
    if let Some(role) = &one.role {
        let _ = write!(out, "  what it lacks, as a Role:\n{role}");
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_account_is_said_in_words() {
        assert_eq!(super::words(&[]), "no accounts\n");
    }
}
