//! Input by an attacker, or by accident: escape codes, secrets, endless and broken streams.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{as_json, as_page, found, gen_why, named, shown, support};

#[test]
fn escape_codes_do_not_reach_the_terminal() {
    let text = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}[31merror:\u{1b}[0m no space left on device \u{202e}drow\u{0}\n";
    for arguments in [
        &["-"][..],
        &["-", "-o", "json"],
        &["-", "-o", "markdown"],
        &["-", "-o", "html"],
        &["-", "--color", "always"],
    ] {
        let out = gen_why(arguments, text.as_bytes());
        let said = String::from_utf8(out.stdout).unwrap();
        assert_eq!(out.status.code(), Some(1), "{said}");
        let own = arguments.contains(&"always");
        for bad in ['\u{7}', '\u{202e}', '\u{0}'] {
            assert!(!said.contains(bad), "{bad:?} in {said}");
        }
        assert!(own || !said.contains('\u{1b}'), "{said:?}");
        assert!(!said.contains("[2J") || !said.contains("\u{1b}[2J"), "{said:?}");
    }
    // A word that codes cut in two is still read.
    assert_eq!(named(&found("no space\u{1b}[1m left on device\n")), ["C17"]);
}

/// A page for a browser says what the terminal says, and runs nothing of what it shows.
#[test]
fn a_log_is_text_on_the_page() {
    let text = "Error from server (Forbidden): deployments.apps \"shop\" is forbidden: User \"system:serviceaccount:ci:deployer\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"prod\" <script>alert(1)</script>\n";
    let page = as_page(text);
    for part in [
        "<h2><span class=\"error\">error[C1]</span> ",
        "the account <code>ci/deployer</code> is not allowed to patch deployments",
        "<span class=\"\">  resources: [&quot;deployments&quot;]</span>",
        "namespace &quot;prod&quot; &lt;script&gt;alert(1)&lt;/script&gt;",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<script"), "{page}");
}

#[test]
fn secrets_are_hidden_in_every_output() {
    let secrets = [
        "hunter2-and-more",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlc2ln",
        "AKIAIOSFODNN7EXAMPLE",
        "s3cr3t-in-url",
        "c2VjcmV0LWJhc2ljLWF1dGg",
        "MIIEvQIBADANBgkqhkiG9w0BAQ",
        "glpat-abcdefghij0123456789",
    ];
    let lines = [
        "curl -H 'Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlc2ln' connection refused",
        "curl -H 'Authorization: Basic c2VjcmV0LWJhc2ljLWF1dGg' connection refused",
        "DB_PASSWORD=hunter2-and-more connection refused",
        "password: hunter2-and-more",
        "--token ghp_0123456789abcdefghijABCDEFGHIJ012345 connection refused",
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE: no such host",
        "fatal: could not read Username for 'https://bot:s3cr3t-in-url@git.example/x': no such host",
        "error: PRIVATE-TOKEN: glpat-abcdefghij0123456789 denied, i/o timeout",
        "-----BEGIN PRIVATE KEY----- MIIEvQIBADANBgkqhkiG9w0BAQ -----END PRIVATE KEY----- no such host",
        "{\"auth\":\"c2VjcmV0LWJhc2ljLWF1dGg\"} connection refused",
    ];
    for line in lines {
        for text in [format!("{line}\n"), format!("error: something else fails: {line}\n")] {
            let all = shown(&text) + &as_json(&text) + &as_page(&text);
            for secret in secrets {
                assert!(!all.contains(secret), "{secret} in {all}");
            }
        }
    }
    // The values of a Secret among the objects are hidden wherever they stand.
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: n}\ndata: {key: cGxhaW4tdmFsdWU=}\n---\nerror: connection refused by plain-value\n";
    let all = shown(text) + &as_json(text);
    assert!(!all.contains("plain-value") && !all.contains("cGxhaW4tdmFsdWU="), "{all}");
    assert!(all.contains("<secret>"), "{all}");
}

/// What is no secret stays: a proof without its words is none.
#[test]
fn evidence_is_not_hidden_for_nothing() {
    for text in [
        "Error: secret \"shop-db\" not found",
        "failed to get secret 'flux-system/fleet-key': Secret \"fleet-key\" not found",
        "unauthorized: authentication required",
        "registry.example/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef: manifest unknown",
        "User \"system:serviceaccount:ci:deploy\" cannot get resource \"secrets\" in API group \"\" in the namespace \"shop\"",
    ] {
        let seen = shown(text);
        let words = seen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(text), "{text}\n{seen}");
    }
}

#[test]
fn names_cannot_smuggle_commands_or_yaml() {
    let text = "pods \"x\" is forbidden: User \"system:serviceaccount:ci:a; rm -rf /\" cannot get resource \"pods\" in API group \"\" in the namespace \"n\"\n";
    let said = shown(text);
    assert!(!said.contains("kind: Role"), "{said}");
    let run = "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {name: \"x; rm -rf /\", namespace: ci}\nstatus: {conditions: [{type: Succeeded, status: \"False\", reason: Failed, message: \"Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0\"}]}\n";
    let said = shown(run);
    assert!(!said.lines().any(|line| line.trim_start().starts_with('$')), "{said}");
}

#[test]
fn broken_objects_are_no_panic() {
    for text in [
        "apiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\nkind: Pod\nmetadata: 7\nstatus: [1, {a: b}]\nspec: null\n",
        "kind: PipelineRun\nmetadata: {name: x}\nstatus: {conditions: {type: Succeeded, status: false, reason: 3}}\n",
        "kind: List\nitems: [null, 1, {kind: Event}, {kind: Kustomization, spec: {dependsOn: [{name: x}]}, metadata: {name: x}}]\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n",
        "Name:   x\nNamespace:   \n",
        "Name:   x\nKind:   Pod\nStatus:\n                  deep\n\tx: y\n",
        "[pod/a/b]\n[x : y]\n---\n---\n{\n",
        "a: &a [*a, *a]\nkind: Pod\napiVersion: v1\n",
        "\u{feff}\u{0}\u{1}\n",
        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"},\"status\":{\"containerStatuses\":[{\"state\":{\"terminated\":7}}]}}",
    ] {
        let said = shown(text);
        assert!(said.ends_with('\n'), "{text}");
    }
    // A circle of dependencies ends.
    let circle = |from: &str, to: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {from}, namespace: f}}\nspec: {{dependsOn: [{{name: {to}}}]}}\nstatus: {{conditions: [{{type: Ready, status: \"False\", reason: DependencyNotReady, message: \"dependency 'f/{to}' is not ready\"}}]}}\n---\n"
        )
    };
    assert_eq!(named(&found(&(circle("a", "b") + &circle("b", "a")))).first(), Some(&"D27"));
}

/// Aliases that multiply: a billion laughs are not laughed.
#[test]
fn deep_and_multiplied_yaml_ends_soon() {
    use std::fmt::Write as _;
    let mut bomb = String::from("kind: Pod\napiVersion: v1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        let _ = writeln!(bomb, "a{level}: &a{level} [{before}]");
    }
    let deep = format!("kind: Pod\napiVersion: v1\na: {}\n", "[".repeat(100_000));
    let started = Instant::now();
    for text in [bomb, deep] {
        assert!(!shown(&text).is_empty());
    }
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}

/// A stream of any length is read within bounded memory, and its end, where causes stand, is kept.
#[test]
fn a_long_stream_takes_bounded_memory() {
    const MIB: usize = 256;
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v 700000; exec \"$0\" why - -o json", support::GEN])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sh starts");
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let block = "a line of a log that says nothing at all, again and again\n".repeat(18_000);
        for _ in 0..MIB {
            stdin.write_all(block.as_bytes())?;
        }
        stdin.write_all(b"write /x: no space left on device\n")
    });
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap().expect("everything is read");
    let value: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(value["diagnoses"][0]["signature"], "C17");
    assert!(value["leftOut"]["bytes"].as_u64().unwrap() > 200 << 20, "{}", value["leftOut"]);
}

/// One line of many megabytes, and a line that ends in the middle of a letter.
#[test]
fn very_long_lines_are_cut() {
    let text = format!(
        "error: {} no space left on device\nno space left on device\n",
        "ä".repeat(4 << 20)
    );
    let said = shown(&text);
    assert!(said.len() < 20_000, "{}", said.len());
    assert_eq!(named(&found(&text)), ["C17"]);
}
