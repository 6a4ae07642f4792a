//! What programs do with their words, as far as it matters for the tools.

use crate::permissions::names::listed;

/// Programs that print, compare, fetch or move what their words name, and run none of it.
const HARMLESS: &str = ": [ apk apt apt-get brew cat chmod chown cmp command cp curl cut dnf echo egrep false fgrep grep hash head \
    install jq ln logger ls mkdir microdnf mv printf rm sha256sum sleep sort stat tail tar test touch tr true type uniq wc wget \
    which yq yum";

/// Programs that run what their words name.
const WRAPPERS: &str = "builtin busybox chronic command coproc doas dumb-init env exec find flock gosu ionice nice nohup parallel \
    runuser setsid stdbuf su su-exec sudo time timeout tini unbuffer watch xargs";

const SHELLS: &str = "ash bash dash sh";

/// Builtins that run text as if it stood in the script, or at another time.
const EVALUATES: &str = ". alias eval source trap";

/// Whether the program runs none of its words. `command -v NAME` only looks for it.
pub(super) fn is_harmless(name: &str, words: &[String]) -> bool {
    listed(HARMLESS, name) && (name != "command" || looks(words))
}

fn looks(words: &[String]) -> bool {
    matches!(words.get(1).map(String::as_str), Some("-v" | "-V"))
}

/// Whether the program runs what its words name.
pub(super) fn is_wrapper(name: &str, words: &[String]) -> bool {
    listed(SHELLS, name) || (listed(WRAPPERS, name) && !(name == "command" && looks(words)))
}

/// Whether the words are those of a shell that reads its script from standard input.
pub(super) fn reads_script(name: &str, words: &[String]) -> bool {
    listed(SHELLS, name) && words[1..].iter().all(|word| word.starts_with(['-', '+']))
}

/// Whether the shell itself runs the words as text.
pub(super) fn evaluates(name: &str) -> bool {
    listed(EVALUATES, name)
}
