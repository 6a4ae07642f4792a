use std::time::Duration;

use proptest::prelude::*;

use super::{NO_ENV, names, read};
use crate::permissions::script::permissions;

/// The processor time of this thread, which other work on the machine does not lengthen (proc_pid_schedstat, in nanoseconds).
/// Nothing where there is no such file: there it only counts that all this ends.
fn worked() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let on_processor = told.split_whitespace().next().map(str::parse);
    Duration::from_nanos(on_processor.and_then(Result::ok).unwrap_or_default())
}

/// Pieces of shell that, in any order, should end in rules or in an error.
const PIECES: &str = r#"kubectl get pods deploy/x -n $NAMESPACE -f - apply flux gen diff if then else elif fi for x in do done
while case esac ;; { } ( ) $( ${ $(( )) ` " ' $' \ ; & && || | <<EOF EOF <<-E <<< < > 2>&1 [[ ]] (( x= x=( x+= x[1]= f() f return
shift set -- "$@" $1 ${x:- ${x[@]} eval trap alias k= sh -c xargs timeout 1 local export ! time # * function select until <( := @(
kind: Pod"#;

fn scripts() -> impl Strategy<Value = String> {
    let words: Vec<&str> = PIECES.split_whitespace().collect();
    let blank = prop::sample::select(vec!["", " ", " ", "\n", "\t", "\r\n"]);
    let piece = prop_oneof![
        8 => (prop::sample::select(words), blank).prop_map(|(word, blank)| format!("{word}{blank}")),
        1 => any::<char>().prop_map(String::from),
        1 => prop::sample::select(vec!["é", "\u{f8ff}", "\u{f8fe}", "\0"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_ends_in_rules_or_an_error(text in any::<String>()) {
        let _ = permissions(&format!("kubectl get pods\n{text}"), &names(&NO_ENV));
        let _ = permissions(&text, &names(&NO_ENV));
    }

    #[test]
    fn any_shell_ends_soon(script in scripts()) {
        let start = worked();
        let _ = permissions(&format!("{script}\nkubectl get pods"), &names(&NO_ENV));
        let spent = worked().saturating_sub(start);
        prop_assert!(spent < Duration::from_secs(2), "{spent:?} for {script:?}");
    }

    #[test]
    fn what_is_read_is_never_forbidden_and_in_order(script in scripts()) {
        if let Ok(rules) = permissions(&script, &names(&NO_ENV)) {
            prop_assert!(rules.iter().all(|rule| crate::permissions::forbidden(rule).is_none()));
            prop_assert!(rules.is_sorted());
        }
    }

    #[test]
    fn a_literal_word_is_itself_however_it_is_quoted(name in "[a-z][a-z0-9-]{0,8}") {
        let want = [format!("ci: get pods \"{name}\"")];
        for word in [format!("'{name}'"), format!("\"{name}\""), format!("$'{name}'"), format!("\\{name}")] {
            prop_assert_eq!(&read(&format!("kubectl get pod {word}")), &want);
            prop_assert_eq!(&read(&format!("X={word}; kubectl get pod $X")), &want);
            prop_assert_eq!(&read(&format!("for x in {word}; do kubectl get pod \"$x\"; done")), &want);
        }
    }
}

/// Scripts that would take long if anything in reading them grew faster than they do, or without end.
#[test]
fn large_and_hostile_scripts_end_soon() {
    let numbered =
        |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
    let doubling = numbered(60, |n| format!("x{}=$x{n}$x{n}\n", n + 1));
    let calls = numbered(40, |n| format!("f{}() {{ f{n}; f{n}; }}\n", n + 1));
    let forgets = numbered(4_000, |n| format!("x{n}=1\n(. y)\n"));
    let scripts = [
        "kubectl get pods\n".repeat(5_000),
        "$(".repeat(40_000) + " kubectl",
        "$((".repeat(30_000) + " kubectl",
        "`".repeat(40_000) + " kubectl",
        "((".repeat(40_000) + " kubectl",
        "{ ".repeat(40_000) + "kubectl",
        "\"${x:-".repeat(14_000) + " kubectl",
        "kubectl get pods && ".repeat(4_000) + "true",
        "a || x=1 || ".repeat(8_000) + "kubectl",
        "if a; then x=1; fi\n".repeat(5_000) + "kubectl get pods",
        "sudo ".repeat(19_000) + "kubectl get pods",
        "foo ".to_owned() + &"kubectl ".repeat(12_000),
        "cat <<A <<B\n".repeat(8_000) + "kubectl",
        format!("x0=aaaa\n{doubling}kubectl get deploy $x60"),
        format!("f0() {{ kubectl get pods; }}\n{calls}f40"),
        "f() { kubectl get pods; }\n".repeat(1_800) + &"f\n".repeat(20_000),
        "for a in 1 2 3 4 5 6 7 8 9; do ".repeat(30) + "kubectl get pods" + &"; done".repeat(30),
        "x=1; . ./y; ".repeat(8_000) + "kubectl get pods",
        forgets + "kubectl get pods",
        "alias k='k k'; k kubectl get pods".to_owned(),
        "kubectl apply -f - <<E\n".to_owned() + &"- ".repeat(40_000) + "\nE",
        "kubectl apply -f - <<E\n".to_owned() + &"[".repeat(40_000) + "\nE",
        "[[ ( ".repeat(10_000) + "kubectl",
        "case x in ".repeat(9_000) + "kubectl",
        "x=(".repeat(20_000) + "kubectl",
        "kubectl ".repeat(1_000_000),
        numbered(6_000, |n| format!("alias a{n}=a{}\n", n + 1)) + "a0 kubectl",
        "find -exec ".repeat(9_000) + "kubectl get pods",
        numbered(300, |n| format!("g{}() {{ g{n}; }}\n", n + 1))
            + "g0() { kubectl get pods; }; g300",
        "eval ".repeat(15_000) + "kubectl get pods",
        "bash -c bash -c ".repeat(6_000) + "kubectl get pods",
        numbered(3_000, |n| format!("x{n}=1\nsh -c y\n")) + "kubectl get pods",
        "for a in ".to_owned() + &"b ".repeat(20_000) + "; do kubectl get pods $a; done",
        "for a in ".to_owned()
            + &"b ".repeat(9_000)
            + "; do kubectl apply -f - <<E\n"
            + &"a: $a\n".repeat(9_000)
            + "E\ndone",
        "echo kubectl | ".repeat(6_000) + "cat",
        "x=".to_owned() + &"a".repeat(1_000) + "\nkubectl get pods " + &"$x".repeat(30_000),
    ];
    for script in scripts {
        let start = worked();
        let _ = permissions(&script, &names(&NO_ENV));
        let spent = worked().saturating_sub(start);
        let head: String = script.chars().take(40).collect();
        assert!(spent < Duration::from_secs(10), "{head:?} took {spent:?}");
    }
}

#[test]
fn reading_is_about_linear() {
    let block = "if kubectl -n \"$NAMESPACE\" get deploy \"$X\"; then for i in 1 2; do kubectl get pods; done; fi\n";
    let time = |count: usize| {
        let script = "X=a\n".to_owned() + &block.repeat(count);
        let runs = (0..3).map(|_| {
            let start = worked();
            assert_eq!(read(&script).len(), 2);
            worked().saturating_sub(start)
        });
        runs.min().unwrap_or_default()
    };
    let (small, large) = (time(60), time(960));
    // Sixteen times the text; generous, because machines are busy.
    assert!(large < small * 100 + Duration::from_millis(200), "{small:?}, then {large:?}");
}
