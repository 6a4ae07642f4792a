//! The ownership record of a folder: the files that gen wrote there, and their hashes.
//!
//! It decides what gen can overwrite and delete, and anybody can edit it in a pull request: so it is treated as hostile input, and
//! applies only to its own folder. It contains no time, so that the same tree has the same record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::path::{is_label, is_record_name, path_problem, resembles_record};
use super::{Folder, Owner};
use crate::diagnostics::{Diagnostics, TreeError};

/// The version of gen that records carry.
pub const GEN_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version of the record's own format.
const FORMAT: u64 = 1;

/// What gen owns in one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    version: u64,
    /// The version of gen that wrote the folder; a pipeline refuses to commit if it differs from its own.
    #[serde(rename = "gen")]
    pub gen_version: String,
    /// The environment that the folder belongs to.
    pub environment: String,
    /// The app; none for objects shared by the environment's apps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The app was removed from the spec, and only what Flux needs to prune it stays.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// Path relative to the folder → `sha256:` and 64 hexadecimal digits.
    pub files: BTreeMap<String, String>,
}

impl Record {
    /// Maximum number of files in a record.
    pub const MOST_FILES: usize = 10_000;
    /// Maximum size of a record, in bytes.
    pub const LARGEST: u64 = 1024 * 1024;

    /// The record of a rendered folder.
    #[must_use]
    pub fn of(folder: &Folder, gen_version: &str) -> Self {
        let Owner { environment, app, retired } = folder.owner.clone();
        let hashed = |(path, text): (&String, &String)| (path.clone(), hash(text.as_bytes()));
        Self {
            version: FORMAT,
            gen_version: gen_version.to_owned(),
            environment,
            app,
            retired,
            files: folder.files.iter().map(hashed).collect(),
        }
    }

    /// The text of the file: always the same for the same record.
    ///
    /// # Panics
    /// Never: a record has only strings and numbers, which JSON supports.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a record is plain data");
        text.push('\n');
        text
    }

    /// Reads a record from an untrusted source. `path` is its location, for the error.
    ///
    /// # Errors
    /// GEN0804 with the first deviation from what gen writes.
    pub fn read(path: &str, text: &str) -> Result<Self, Diagnostics> {
        parse(text).map_err(|problem| bad(path, &problem))
    }

    /// The owner of the folder.
    #[must_use]
    pub fn owner(&self) -> Owner {
        Owner {
            environment: self.environment.clone(),
            app: self.app.clone(),
            retired: self.retired,
        }
    }
}

/// A record where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRecord {
    /// Its folder, relative to the root, with `/`.
    pub folder: String,
    /// Its file name.
    pub record_name: String,
    /// The record.
    pub record: Record,
}

impl FoundRecord {
    /// Reads the records among the files of a tree, in their order: path and text of each.
    ///
    /// # Errors
    /// GEN0804 for the first that cannot be trusted.
    pub fn among<'t>(
        files: impl Iterator<Item = (&'t String, &'t std::sync::Arc<str>)>,
    ) -> Result<Vec<Self>, Diagnostics> {
        let found = files.filter_map(|(path, text)| {
            let (folder, name) = path.rsplit_once('/').filter(|(_, name)| is_record_name(name))?;
            let (folder, record_name) = (folder.to_owned(), name.to_owned());
            Some(Record::read(path, text).map(|record| Self { folder, record_name, record }))
        });
        found.collect()
    }
}

/// The hash of a file's content, in the format of records.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    hash_text(&Sha256::digest(bytes))
}

/// A digest in the format of records.
pub(super) fn hash_text(digest: &[u8]) -> String {
    format!("sha256:{}", hex(digest))
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Whether a string has the format of [`hash`].
#[must_use]
pub fn is_hash(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix("sha256:")
        .is_some_and(|digits| digits.len() == 64 && digits.bytes().all(digit))
}

/// The error for an invalid record.
pub(crate) fn bad(path: &str, problem: &str) -> Diagnostics {
    TreeError::BadRecord { path: path.to_owned(), problem: problem.to_owned() }.into()
}

fn parse(text: &str) -> Result<Record, String> {
    if text.len() as u64 > Record::LARGEST {
        return Err(format!("it is larger than {} bytes", Record::LARGEST));
    }
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("it is not JSON ({error})"))?;
    match value.get("version") {
        Some(version) if version.as_u64() == Some(FORMAT) => {}
        Some(version) if version.is_u64() => return Err(format!("unsupported version {version}")),
        _ => return Err("the version is missing".to_owned()),
    }
    let record = Record::deserialize(value).map_err(|error| error.to_string())?;
    problem(&record).map_or(Ok(record), Err)
}

fn problem(record: &Record) -> Option<String> {
    if !is_label(&record.environment) {
        return Some("invalid environment name".to_owned());
    }
    if record.app.as_deref().is_some_and(|app| !is_label(app)) {
        return Some("invalid app name".to_owned());
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
    if record.gen_version.is_empty()
        || record.gen_version.len() > 64
        || !record.gen_version.bytes().all(plain)
    {
        return Some("invalid version of gen".to_owned());
    }
    if record.files.len() > Record::MOST_FILES {
        return Some(format!("it lists more than {} files", Record::MOST_FILES));
    }
    record.files.iter().find_map(|(path, hash)| {
        if let Some(problem) = path_problem(path) {
            let shown: String = path.chars().take(100).collect();
            return Some(format!("it lists {problem}, `{shown}`"));
        }
        if resembles_record(path) {
            return Some(format!("it lists a record, `{path}`"));
        }
        (!is_hash(hash)).then(|| format!("`{path}` has no hash"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> Folder {
        Folder {
            path: "clusters/homelab/dev/demo-app".to_owned(),
            record: "gen.lock.json".to_owned(),
            owner: Owner {
                environment: "dev".to_owned(),
                app: Some("demo-app".to_owned()),
                retired: false,
            },
            files: BTreeMap::from([
                ("b.yaml".to_owned(), "b\n".to_owned()),
                ("access/a.yaml".to_owned(), "a\n".to_owned()),
            ]),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let record = Record::of(&folder(), "0.1.0");
        insta::assert_snapshot!(record.to_text(), @r#"
        {
          "version": 1,
          "gen": "0.1.0",
          "environment": "dev",
          "app": "demo-app",
          "files": {
            "access/a.yaml": "sha256:87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7",
            "b.yaml": "sha256:0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f"
          }
        }
        "#);
        assert_eq!(Record::read("x", &record.to_text()), Ok(record.clone()));
        assert_eq!(record.owner(), folder().owner);

        let mut retired = folder();
        retired.owner.retired = true;
        retired.owner.app = None;
        let record = Record::of(&retired, "0.1.0");
        assert_eq!(Record::read("x", &record.to_text()), Ok(record));
    }

    #[test]
    fn hostile_records_are_refused() {
        let hash = hash(b"");
        let good = |path: &str, hash: &str| {
            let path = serde_json::Value::from(path);
            format!(
                r#"{{"version":1,"gen":"0.1.0","environment":"dev","files":{{{path}:"{hash}"}}}}"#
            )
        };
        assert!(Record::read("x", &good("a.yaml", &hash)).is_ok());
        let many: Vec<String> =
            (0..=Record::MOST_FILES).map(|n| format!("\"{n}\":\"{hash}\"")).collect();
        let hostile = [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{".to_owned(),
            "[".repeat(100_000),
            good("../README.md", &hash),
            good("/etc/passwd", &hash),
            good("", &hash),
            good(".", &hash),
            good("a/../..", &hash),
            good("a\\b", &hash),
            good("a\nb", &hash),
            good("a\u{1b}[2J", &hash),
            good(".git/config", &hash),
            good("gen.lock.json", &hash),
            good("x/gen-dev.lock.json", &hash),
            good("Gen.Lock.JSON", &hash),
            good("a", "sha256:0"),
            good("a", &hash.to_uppercase()),
            good("a", &hash[7..]),
            good("a", &hash).replace(":1,", ":2,"),
            good("a", &hash).replace(":1,", ":1.0,"),
            good("a", &hash).replace(":1,", ":-1,"),
            good("a", &hash).replace("\"version\":1,", ""),
            good("a", &hash).replace("\"dev\"", "\"../dev\""),
            good("a", &hash).replace("\"dev\"", "\"dev\",\"app\":\"\\u001b[2J\""),
            good("a", &hash).replace("\"0.1.0\"", "\"\\n\""),
            good("a", &hash).replace("\"dev\"", "\"dev\",\"more\":1"),
            format!(
                r#"{{"version":1,"gen":"0","environment":"dev","files":{{{}}}}}"#,
                many.join(",")
            ),
            format!("{}{}", good("a", &hash), " ".repeat(1024 * 1024)),
        ];
        let mut messages = String::new();
        for text in &hostile {
            let problems = Record::read("clusters/x/gen.lock.json", text).expect_err(text);
            assert_eq!(problems.exit(), crate::diagnostics::Exit::Spec);
            let message: String =
                problems.to_string().chars().flat_map(char::escape_debug).collect();
            messages.push_str(&message);
            messages.push('\n');
        }
        insta::assert_snapshot!(messages, @r#"
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it is not JSON (EOF while parsing a value at line 1 column 0)
        [GEN0804] invalid record `clusters/x/gen.lock.json`: the version is missing
        [GEN0804] invalid record `clusters/x/gen.lock.json`: the version is missing
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it is not JSON (EOF while parsing an object at line 1 column 1)
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it is not JSON (recursion limit exceeded at line 1 column 128)
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a path with `..`, `../README.md`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists an absolute path, `/etc/passwd`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists an empty path, ``
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a path with `.`, `.`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a path with `..`, `a/../..`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a path with a backslash, `a\\b`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a path with a control character, `a\nb`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a path with a control character, `a\u{1b}[2J`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a path into .git, `.git/config`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a record, `gen.lock.json`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a record, `x/gen-dev.lock.json`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists a record, `Gen.Lock.JSON`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: `a` has no hash
        [GEN0804] invalid record `clusters/x/gen.lock.json`: `a` has no hash
        [GEN0804] invalid record `clusters/x/gen.lock.json`: `a` has no hash
        [GEN0804] invalid record `clusters/x/gen.lock.json`: unsupported version 2
        [GEN0804] invalid record `clusters/x/gen.lock.json`: the version is missing
        [GEN0804] invalid record `clusters/x/gen.lock.json`: the version is missing
        [GEN0804] invalid record `clusters/x/gen.lock.json`: the version is missing
        [GEN0804] invalid record `clusters/x/gen.lock.json`: invalid environment name
        [GEN0804] invalid record `clusters/x/gen.lock.json`: invalid app name
        [GEN0804] invalid record `clusters/x/gen.lock.json`: invalid version of gen
        [GEN0804] invalid record `clusters/x/gen.lock.json`: unknown field `more`, expected one of `version`, `gen`, `environment`, `app`, `retired`, `files`
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it lists more than 10000 files
        [GEN0804] invalid record `clusters/x/gen.lock.json`: it is larger than 1048576 bytes
        "#);
    }
}
