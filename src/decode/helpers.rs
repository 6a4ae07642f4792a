//! Containers beside the app's own: `init`, which run before it, and `sidecars`, which run along with it.

use std::collections::BTreeSet;

use super::decoder::Decoder;
use super::volumes::Pool;
use super::{container, probes, security};
use crate::diagnostics::Span;
use crate::model::{Helper, Kind, Port, Probes};
use crate::spec::View;

/// Reads them, in the order in which they start.
///
/// Sidecars come first: an init container that needs one would otherwise wait for ever, while a sidecar that needs what an init
/// container prepares is at worst started again until it is there.
pub(super) fn read(
    d: &mut Decoder<'_>,
    kind: Kind,
    ports: &[Port],
    pool: &mut Pool,
) -> Vec<Helper> {
    let view = d.app;
    if kind == Kind::None {
        for key in ["init", "sidecars"] {
            let span = view.span_of(key);
            if view.get(key).is_some() && d.is_own(span) {
                d.excludes(span, key, "workload: none", "there are no pods");
            }
        }
        return Vec::new();
    }
    let mut names = BTreeSet::from([d.name.to_owned()]);
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (entry, sidecar) in view.mappings("sidecars") {
        let mut helper = one(d, (&entry.key, entry.key_span), &sidecar, true, (pool, &mut names));
        let of_it = |port: &&Port| port.container.as_ref() == Some(&entry.key);
        let own: Vec<Port> = ports.iter().filter(of_it).cloned().collect();
        helper.probes = probes::of_sidecar(d, &sidecar, &own);
        if sidecar.flag("afterInit") { &mut last } else { &mut first }.push(helper);
    }
    for view in view.views("init") {
        let name = d.required(&view, "init", "name").unwrap_or_default();
        let span = view.span_of("name");
        first.push(one(d, (&name, span), &view, false, (pool, &mut names)));
    }
    first.extend(last);
    first
}

fn one(
    d: &mut Decoder<'_>,
    (name, span): (&str, Span),
    view: &View<'_>,
    sidecar: bool,
    (pool, names): (&mut Pool, &mut BTreeSet<String>),
) -> Helper {
    if !names.insert(name.to_owned()) {
        let why = "the containers of a pod have different names, and the app's own has the name of its workload";
        d.excludes(span, name, "a container of the same name", why);
    }
    d.check_image(view);
    let place = if sidecar { "sidecars" } else { "init" };
    let (mut command, args) = (view.texts("command"), view.texts("args"));
    if let Some(script) = view.text("script") {
        for key in ["command", "args"] {
            if view.get(key).is_some() {
                let why = "the script is what runs";
                d.excludes(view.span_of(key), &format!("{place}.{key}"), "script", why);
            }
        }
        command = vec!["/bin/sh".to_owned(), "-ec".to_owned(), unexpanded(script)];
    }
    if command.is_empty() && args.is_empty() && view.get("image").is_none() {
        d.missing(
            view.span(),
            &format!("{place}.command"),
            "a container with the image of the app",
        );
    }
    let own = view.view("security");
    let security = security::hardening(d, &own, &format!("{place}.security"));
    let mounts = pool.container(d, view, &format!("{name}-"), &security);
    Helper {
        name: name.to_owned(),
        sidecar,
        image: view.string("image"),
        pull: container::pull(view),
        command,
        args,
        fields: container::fields(d, view),
        env: container::env(d, view),
        env_from: container::env_from(d, view),
        resources: container::resources(d, view, container::DEFAULTS),
        user: security::user(d, view),
        security,
        probes: Probes::default(),
        termination_message_policy: view.string("terminationMessagePolicy"),
        mounts,
    }
}

/// A script that Kubernetes hands on as it is: in a command, `$(NAME)` stands for a variable, and `$$` for one `$`.
fn unexpanded(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut characters = script.chars().peekable();
    let mut before = ' ';
    while let Some(c) = characters.next() {
        out.push(c);
        if c == '$' && (before == '$' || matches!(characters.peek(), Some('$' | '('))) {
            out.push('$');
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `k8s.io/kubernetes/third_party/forked/golang/expansion` reads it, where no variable is known.
    fn expanded(text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let mut out = String::new();
        let mut at = 0;
        while at < characters.len() {
            if characters[at] == '$' && characters.get(at + 1) == Some(&'$') {
                at += 1;
            } else if characters[at] == '$' && characters.get(at + 1) == Some(&'(') {
                panic!("a variable in {text}");
            }
            out.push(characters[at]);
            at += 1;
        }
        out
    }

    #[test]
    fn scripts_reach_the_shell_as_they_are() {
        for script in
            ["echo $HOME", "kill $$", "$(date)", "$$$(x)$", "a$", "$$(x) $$$ $a$$b", "${a}"]
        {
            assert_eq!(expanded(&unexpanded(script)), script);
        }
        assert_eq!(unexpanded("echo $HOME ${A} costs 5$"), "echo $HOME ${A} costs 5$");
    }
}
