//! `gen` itself: what only works on the checkout needs no right in the cluster.

/// Commands that never ask a cluster.
const LOCAL: [&str; 8] = [
    "set", "commit", "render", "explain", "check", "init", "template", "help",
];

/// Reads a command of gen, without its first word. No command of gen needs rules: either it asks nothing, or as much as the
/// user that it belongs to may see, which is more than a task should.
pub(super) fn read(words: &[String]) -> Result<(), String> {
    let mut rest = words.iter().map(String::as_str);
    let command = loop {
        match rest.next() {
            None | Some("--version" | "-V" | "--help" | "-h") => return Ok(()),
            // The one flag before the command that takes a value.
            Some("-C") => {
                rest.next();
            }
            Some(word) if word.starts_with('-') => {}
            Some(word) => break word,
        }
    };
    let Some(command) = super::need::known(command) else {
        return Err("its command is only known when it runs".to_owned());
    };
    if !LOCAL.contains(&command) {
        return Err(format!(
            "`gen {command}` may ask the cluster for whatever the environment holds"
        ));
    }
    let live = |word: &str| word == "--live" || super::need::known(word).is_none();
    if command == "check" && rest.any(live) {
        return Err("`gen check --live` asks the cluster".to_owned());
    }
    Ok(())
}
