//! A command and its arguments, as a container has them, written as a script that does the same.

use super::script::TOOLS;

/// Shells whose `-c` is followed by a script.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// The script. `image` tells the program if there is no command: an image of a tool usually starts it. `variables` are those of the
/// container, which the kubelet puts in place of `$(NAME)`.
#[must_use]
pub fn line(command: &[String], args: &[String], image: &str, variables: &[&str]) -> String {
    let mut words: Vec<&str> = command.iter().chain(args).map(String::as_str).collect();
    if command.is_empty() {
        let name = base(image.split(['@', ':']).next().unwrap_or_default());
        let name = name.strip_suffix("-cli").unwrap_or(name);
        if TOOLS.contains(&name) || super::tools::others::names().any(|other| other == name) {
            words.insert(0, name);
        }
    }
    if let [shell, flags, script, ..] = words[..]
        && SHELLS.contains(&base(shell))
        && flags.starts_with('-')
        && flags.ends_with('c')
    {
        return expanded(script, variables, |name| format!("${{{name}}}"));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@".contains(c);
    let quoted = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(is_plain) {
            return (*word).to_owned();
        }
        let word = word.replace('\'', r"'\''");
        format!("'{}'", expanded(&word, variables, |name| format!("'\"${{{name}}}\"'")))
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The text with another reference to each of the variables.
fn expanded(text: &str, variables: &[&str], reference: impl Fn(&str) -> String) -> String {
    let replace = |text: String, name: &&str| text.replace(&format!("$({name})"), &reference(name));
    variables.iter().fold(text.to_owned(), replace)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn commands_become_scripts() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        for (command, args, image, want) in [
            (&["kubectl", "get"][..], &["pods"][..], "k", "kubectl get pods"),
            (&[], &["get", "$(KIND)"], "r/bitnami/kubectl:1", "kubectl get ''\"${KIND}\"''"),
            (&[], &["get"], "ghcr.io/fluxcd/flux-cli@sha256:0", "flux get"),
            (&[], &["--minify"], "r:5000/hugo", "--minify"),
            (&["/bin/sh", "-ec"], &["kubectl get $(KIND)"], "k", "kubectl get ${KIND}"),
            (&["echo", "it's $(date)"], &[], "k", r"echo 'it'\''s $(date)'"),
        ] {
            assert_eq!(line(&words(command), &words(args), image, &["KIND"]), want);
        }
    }
}
