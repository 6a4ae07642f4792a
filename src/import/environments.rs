//! Names of environments.

/// The name of a folder's environment: that of the folder, as far as a name may be so. The user's choice is for what has none.
#[must_use]
pub fn name(folder: &str, only: &str, is_free: impl Fn(&str) -> bool) -> String {
    let name = folder.rsplit('/').next().unwrap_or_default().to_lowercase();
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let name = name.trim_matches('-');
    let name = if name.is_empty() { only } else { name };
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| is_free(name)).unwrap_or_default()
}
